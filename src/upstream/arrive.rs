//! Who somebody is here, of whom a provider said something that was verified; and letting them in.
//!
//! Owns that a provider's word counts in its own organization: for whoever was linked to its name for them before, for
//! whom that organization manages, and for newcomers with an address in its own domains. Whatever else it says, the person
//! is asked themselves (UP1, UP2). To a provider everybody else is as if they were not there.

use super::newcomer::{self, Newcomer};
use super::outlook::{self, Outlook};
use super::provisioning;
use super::{ArriveError, Failure, note};
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::{AlertKind, OwnFactor};
use crate::domain::arrival::{Arrival, ArrivedEmail, Identity};
use crate::domain::connection::Connection;
use crate::domain::email::Email;
use crate::domain::evidence::Evidence;
use crate::domain::id::{ActivationId, AttemptId, IdentityId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::pending_link::PendingLink;
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::sign_in::{AccountPage, Onward};
use crate::domain::sign_out::UpstreamSession;
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Attempt, Reference, Stage, UpstreamPurpose, UpstreamRequest, tried};
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{Draft, Opened, Visitor, activated, let_in};
use crate::storage::{
    Db, Lane, StorageError, Tx, activations, connections, domains, identities, managed_users, memberships,
    organizations, pending_links, sessions, sso_log, upstream_sessions, users,
};

/// Where somebody has come to.
pub enum Arrived {
    /// In. What waited goes on.
    SignedIn(Opened, Onward),
    /// To the question whether an account of theirs is to be linked; it waits in this browser.
    MayLink,
    /// Nowhere: a connection was tried, and this is what came.
    Tested(Box<Tested>),
}

/// What an answer that was verified says, and what shows that it is its provider's.
#[derive(Clone)]
pub struct Said {
    /// Of whom, and what.
    pub arrival: Arrival,
    /// By whose key, and when.
    pub evidence: Evidence,
}

/// What came of a try.
pub struct Tested {
    /// What the provider said.
    pub said: Said,
    /// What a sign-in would make of it.
    pub outlook: Outlook,
}

/// Somebody on their way in, with what has to be drawn before the transaction.
#[derive(Clone)]
pub(super) struct Coming {
    pub(super) keyring: Keyring,
    pub(super) visitor: Visitor,
    pub(super) arrival: Arrival,
    pub(super) now: Timestamp,
    reference: Reference,
    is_test: bool,
    identity: IdentityId,
    draft: Draft,
    newcomer: Newcomer,
    activation: ActivationId,
    attempt: AttemptId,
}

/// Why an organization can't speak for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unvouched {
    NoEmail,
    Unverified,
    ForeignDomain,
}

impl Unvouched {
    fn told(self) -> &'static str {
        match self {
            Self::NoEmail => "The provider told no email address.",
            Self::Unverified => "The provider doesn't say that it verified the email address.",
            Self::ForeignDomain => {
                "The email address is in no domain that was verified for the organization."
            }
        }
    }
}

enum Decided {
    In(Onward),
    MayLink,
    Tested(Outlook),
}

/// Takes somebody in of whom a provider said this, in answer to that request. How it went is in the SSO log.
pub async fn arrive(
    db: &Db,
    keyring: &Keyring,
    visitor: &Visitor,
    request: UpstreamRequest,
    said: Said,
    now: Timestamp,
) -> Result<Arrived, ArriveError> {
    let arrival = &said.arrival;
    let (mut coming, opened) =
        Coming::draw(keyring, visitor, request.reference.clone(), arrival.clone(), now);
    coming.is_test = matches!(request.purpose, UpstreamPurpose::Test(_));
    let lane = Lane::Organization(request.organization);
    let (organization, connection, purpose) = (request.organization, request.connection, request.purpose);
    let decided = db.write(lane, move |tx| {
        let coming = coming.clone();
        Box::pin(async move {
            let connection = connections::find(tx, organization, connection).await?;
            let connection = connection.filter(|found| found.is_enabled() || coming.is_test);
            coming
                .decide(tx, &connection.ok_or_else(nobody_comes_by_it)?, purpose)
                .await
        })
    });
    let decided: Result<Decided, ArriveError> = decided.await;
    match decided {
        Ok(Decided::In(onward)) => Ok(Arrived::SignedIn(opened, onward)),
        Ok(Decided::MayLink) => Ok(Arrived::MayLink),
        Ok(Decided::Tested(outlook)) => Ok(Arrived::Tested(Box::new(Tested { said, outlook }))),
        Err(ArriveError::Refused(failure)) => {
            let failure = Failure {
                subject: Some(said.arrival.subject),
                evidence: Some(Box::new(said.evidence)),
                ..failure
            };
            note(db, &request, &failure, visitor.origin.address, now).await?;
            Err(ArriveError::Refused(failure))
        }
        Err(error) => Err(error),
    }
}

impl Coming {
    pub(super) fn draw(
        keyring: &Keyring,
        visitor: &Visitor,
        reference: Reference,
        arrival: Arrival,
        now: Timestamp,
    ) -> (Self, Opened) {
        let (draft, opened) = Draft::draw(visitor, now);
        let coming = Self {
            keyring: keyring.clone(),
            visitor: visitor.clone(),
            arrival,
            now,
            reference,
            is_test: false,
            identity: random::id(now),
            draft,
            newcomer: Newcomer::draw(now),
            activation: random::id(now),
            attempt: random::id(now),
        };
        (coming, opened)
    }

    async fn decide(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        purpose: UpstreamPurpose,
    ) -> Result<Decided, ArriveError> {
        let known = identities::by_subject(tx, connection.id, &self.arrival.subject).await?;
        match (purpose, known) {
            (UpstreamPurpose::Test(_), known) => {
                let outlook = outlook::of(tx, self, connection, known.as_ref()).await?;
                let told = tried(self.arrival.attributes.keys().map(String::as_str));
                let user = known.map(|known| known.user);
                self.log(tx, connection, Stage::Done, None, &told, user).await?;
                Ok(Decided::Tested(outlook))
            }
            (UpstreamPurpose::Link(user), Some(known)) if known.user != user => {
                let told = "this account there is linked to somebody else's here";
                Err(refused("identity_taken", told, None))
            }
            (UpstreamPurpose::Link(_), Some(known)) => {
                self.admit(tx, connection, &known, Onward::Account(AccountPage::Connections))
                    .await
            }
            (UpstreamPurpose::Link(user), None) => {
                let onward = Onward::Account(AccountPage::Connections);
                self.let_wait(
                    tx,
                    connection,
                    Some(user),
                    onward,
                    "Its person is asked to link it.",
                )
                .await
            }
            (UpstreamPurpose::SignIn(onward), Some(known)) => {
                self.admit(tx, connection, &known, onward).await
            }
            (UpstreamPurpose::SignIn(onward), None) => self.recognise(tx, connection, onward).await,
        }
    }

    /// Somebody whom the connection did not bring before.
    async fn recognise(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        onward: Onward,
    ) -> Result<Decided, ArriveError> {
        let organization = connection.organization;
        let email = match self.vouched_for(tx, connection).await? {
            Ok(email) => email,
            Err(why) => return self.let_wait(tx, connection, None, onward, why.told()).await,
        };
        let user = match users::by_email(tx, email).await? {
            Some(user) => {
                let manager = managed_users::manager(tx, user.id).await?;
                if manager != Some(organization) || !user.email_verified {
                    let why = "An account here has this address, and this organization doesn't manage it.";
                    return self.let_wait(tx, connection, None, onward, why).await;
                }
                user.id
            }
            None if connection.creates_members => {
                newcomer::create(tx, self, connection, &self.newcomer, email).await?;
                self.newcomer.user
            }
            None => {
                let why = "Nobody here has this address, and this connection makes nobody a member.";
                return self.let_wait(tx, connection, None, onward, why).await;
            }
        };
        let identity = self
            .link(tx, connection, user, Actor::Connection(connection.id))
            .await?;
        self.admit(tx, connection, &identity, onward).await
    }

    /// The address that the organization can speak for: verified by its provider, and in a domain of its own. Otherwise why
    /// not, which tells nothing of who is here.
    pub(super) async fn vouched_for(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
    ) -> Result<Result<&Email, Unvouched>, StorageError> {
        Ok(match &self.arrival.email {
            None => Err(Unvouched::NoEmail),
            Some(ArrivedEmail { verified: false, .. }) => Err(Unvouched::Unverified),
            Some(ArrivedEmail { email, .. })
                if domains::holds(tx, connection.organization, email).await? =>
            {
                Ok(email)
            }
            Some(_) => Err(Unvouched::ForeignDomain),
        })
    }

    /// Links the provider's name for somebody to their account, who are told of it.
    pub(super) async fn link(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        user: UserId,
        actor: Actor,
    ) -> Result<Identity, ArriveError> {
        let identity = Identity {
            id: self.identity,
            user,
            connection: connection.id,
            subject: self.arrival.subject.clone(),
            created_at: self.now,
            last_used_at: None,
        };
        if !identities::insert(tx, &identity).await? {
            let told = "this account there is linked to somebody's here already";
            return Err(refused("identity_taken", told, None));
        }
        let event = Event::of("identity.linked", actor).within(connection.organization);
        let event = event.on(user).from(&self.visitor.origin);
        let event = event
            .with("identity", identity.id.to_string())
            .with("connection", connection.id.to_string());
        audit::record(tx, &self.keyring, &event, self.now).await?;
        if user != self.newcomer.user {
            let kind = AlertKind::FactorAdded {
                factor: OwnFactor::Identity,
                name: Some(connection.name.as_str().to_owned()),
            };
            let alert = Alert::of(user, kind, Some(self.visitor.origin.clone()));
            alerts::raise(tx, &self.keyring, &alert, self.now).await?;
        }
        Ok(identity)
    }

    /// Lets somebody in who is known, if nothing keeps them out here.
    async fn admit(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        identity: &Identity,
        onward: Onward,
    ) -> Result<Decided, ArriveError> {
        let user = users::by_id(tx, identity.user).await?;
        let user = user.filter(|user| user.status == UserStatus::Active);
        let user = user.ok_or_else(|| {
            let told = "the account that this is linked to may not be used";
            refused("account_suspended", told, Some(identity.user))
        })?;
        self.open(tx, connection, &user, identity).await?;
        Ok(Decided::In(onward))
    }

    /// The session of a member, which acts for the connection's organization from now on.
    pub(super) async fn open(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        user: &User,
        identity: &Identity,
    ) -> Result<(), ArriveError> {
        let (organization, now) = (connection.organization, self.now);
        match memberships::status(tx, organization, user.id).await? {
            Some(MembershipStatus::Active) => {}
            Some(_) => {
                let told = "their membership of the organization was ended or suspended here";
                return Err(refused("member_not_active", told, Some(user.id)));
            }
            None => {
                let told = "they are no member of the organization any more";
                return Err(refused("not_a_member", told, Some(user.id)));
            }
        }
        identities::used(tx, identity.id, now).await?;
        provisioning::follow(tx, self, connection, user).await?;
        let method = if connection.trusts_mfa && self.arrival.second_factor {
            Method::FederatedMfa
        } else {
            Method::Federated
        };
        let proof = Proof {
            method,
            source: ProofSource::Connection {
                id: connection.id,
                organization,
                until: self.arrival.until,
            },
            at: self.arrival.at.min(now),
            remembered: false,
        };
        let session = let_in(tx, &self.keyring, &self.visitor, &self.draft, user.id, proof).await?;
        let there = UpstreamSession {
            connection: connection.id,
            subject: self.arrival.subject.as_str().to_owned(),
            format: self.arrival.format.clone(),
            index: self.arrival.session.clone(),
            sealed_id_token: self.arrival.sealed_id_token.clone(),
        };
        upstream_sessions::put(tx, session, &there, now).await?;
        let (session, found) = (
            sessions::by_id(tx, session).await?,
            organizations::by_id(tx, organization).await?,
        );
        // A provider may know somebody for hours: they were last seen at this moment, and not when they proved themselves.
        if let (Some(session), Some(found)) = (session, found)
            && session.acts_for(organization, found.session_limits, now, now)
            && let Some(proved) = session.authenticated_at(organization)
        {
            let new = self.activation;
            let acts = activations::activate(tx, new, session.id, organization, proved, now).await?;
            if acts == Some(new) {
                let event = activated(&session, organization, new).from(&self.visitor.origin);
                audit::record(tx, &self.keyring, &event, now).await?;
            }
        }
        self.log(tx, connection, Stage::Done, None, "They are in.", Some(user.id))
            .await?;
        Ok(())
    }

    /// Lets a link wait until its person says whose account it is.
    async fn let_wait(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        only_for: Option<UserId>,
        onward: Onward,
        why: &str,
    ) -> Result<Decided, ArriveError> {
        let pending = PendingLink {
            browser: self.visitor.browser.clone(),
            connection: connection.id,
            organization: connection.organization,
            arrival: self.arrival.clone(),
            only_for,
            onward,
            reference: self.reference.clone(),
            expires_at: self.now.plus(PendingLink::LIFETIME),
        };
        pending_links::put(tx, &pending).await?;
        self.log(tx, connection, Stage::Person, Some("not_linked"), why, only_for)
            .await?;
        Ok(Decided::MayLink)
    }

    async fn log(
        &self,
        tx: &mut Tx<'_>,
        connection: &Connection,
        stage: Stage,
        refusal: Option<&'static str>,
        detail: &str,
        user: Option<UserId>,
    ) -> Result<(), StorageError> {
        let attempt = Attempt {
            id: self.attempt,
            organization: connection.organization,
            connection: connection.id,
            at: self.now,
            reference: self.reference.clone(),
            stage,
            refusal,
            detail: detail.to_owned(),
            subject: Some(self.arrival.subject.clone().into()),
            user,
            test: self.is_test,
            address: self.visitor.origin.address,
        };
        sso_log::insert(tx, &attempt).await
    }
}

/// Nobody comes by it any more (UP8).
pub(super) fn nobody_comes_by_it() -> ArriveError {
    let told = "nobody comes by this connection, as it was disabled meanwhile";
    refused("connection_disabled", told, None)
}

pub(super) fn refused(refusal: &'static str, told: &str, user: Option<UserId>) -> ArriveError {
    ArriveError::Refused(Failure {
        user,
        ..Failure::at(Stage::Person, refusal, told)
    })
}
