//! What is next for a request: decided afresh from the facts each time the browser comes by, so no step can be
//! skipped, replayed or taken out of order.

use std::net::IpAddr;
use std::time::Duration;

use crate::domain::access::{Address, Context, Effective, Reason, SecondFactor};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::oauth::{Answer, Application, AuthorizationRequest, OpenTo};
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::oidc::live::access;
use crate::oidc::{ErrorCode, OAuthError};
use crate::sign_in::SignedIn;
use crate::storage::consents::ConsentKey;
use crate::storage::{StorageError, Tx, activations, consents, memberships, organizations, second_factors};

/// What must happen before the application gets its answer.
pub enum Next {
    /// The person signs in.
    SignIn(SignInReason),
    /// The person says for which organization they come.
    ChooseOrganization(Vec<Organization>),
    /// The person shows a second factor that they have.
    SecondFactor(UserId),
    /// The person sets one up.
    Enrol(Enrolment),
    /// The person agrees.
    Consent(Organization),
    /// Nothing: the answer.
    Issue(Box<Ready>),
    /// This person can't use this application.
    NoAccess(Vec<Reason>),
    /// The application hears that what it asked can't be.
    Refuse(OAuthError),
}

/// Why somebody signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInReason {
    /// Nobody is signed in.
    NotSignedIn,
    /// The application asks for a fresh sign-in.
    Fresh,
    /// The session may no longer act for this organization.
    TooOld,
    /// The organization of this name wants people to come by its connection.
    Connection(OrganizationName),
}

/// A second factor that is to be set up.
pub struct Enrolment {
    /// Who asks for it.
    pub organization: Organization,
    /// Until when it can wait.
    pub can_wait_until: Option<Timestamp>,
}

/// A request that has all it needs.
pub struct Ready {
    /// For whom the person acts.
    pub organization: Organization,
    /// When they last proved themselves in a way that counts there.
    pub authenticated_at: Timestamp,
    /// What they may do there.
    pub effective: Effective,
    /// How long at least that stays so, within a day.
    pub holds_until: Timestamp,
}

/// What the person has said so far.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// When the request came: a sign-in after this is fresh.
    pub since: Timestamp,
    /// Which organization they chose.
    pub organization: Option<OrganizationId>,
    /// For which organization they agree, at this very moment.
    pub agreed: Option<OrganizationId>,
    /// From where they come.
    pub address: IpAddr,
    /// Whether they put off setting up a second factor.
    pub put_off: bool,
}

/// Decides what is next. With `prompt=none` whatever would be a page is an error instead.
pub async fn next(
    tx: &mut Tx<'_>,
    application: &Application,
    request: &AuthorizationRequest,
    signed_in: Option<&SignedIn>,
    chosen: Chosen,
    now: Timestamp,
) -> Result<Next, StorageError> {
    let next = interactive(tx, application, request, signed_in, chosen, now).await?;
    Ok(match next {
        next if !request.prompt.none => next,
        Next::SignIn(_) => Next::Refuse(ErrorCode::LoginRequired.because("the person must sign in")),
        Next::ChooseOrganization(_) => {
            Next::Refuse(ErrorCode::InteractionRequired.because("the person must choose an organization"))
        }
        Next::SecondFactor(_) => {
            Next::Refuse(ErrorCode::LoginRequired.because("the person must show a second factor"))
        }
        Next::Enrol(_) => {
            Next::Refuse(ErrorCode::InteractionRequired.because("the person must set up a second factor"))
        }
        Next::Consent(_) => Next::Refuse(ErrorCode::ConsentRequired.because("the person must agree")),
        Next::NoAccess(_) => Next::Refuse(no_access()),
        next => next,
    })
}

/// What an application hears when its person may not use it.
pub(super) fn no_access() -> OAuthError {
    ErrorCode::AccessDenied.because("this person can't use this application")
}

async fn interactive(
    tx: &mut Tx<'_>,
    application: &Application,
    request: &AuthorizationRequest,
    signed_in: Option<&SignedIn>,
    chosen: Chosen,
    now: Timestamp,
) -> Result<Next, StorageError> {
    let Some(SignedIn { session, user }) = signed_in else {
        return Ok(Next::SignIn(SignInReason::NotSignedIn));
    };
    if request.hinted_user.is_some_and(|hinted| hinted != user.id) {
        let error = ErrorCode::LoginRequired.because("somebody else than id_token_hint says is signed in");
        let asked = !session_is_older(session, chosen.since);
        return Ok(if asked {
            Next::Refuse(error)
        } else {
            Next::SignIn(SignInReason::Fresh)
        });
    }
    let organization = match choose(tx, application, request, user, chosen.organization).await? {
        Choice::One(organization) => organization,
        Choice::Several(_) if request.prompt.login && session_is_older(session, chosen.since) => {
            return Ok(Next::SignIn(SignInReason::Fresh));
        }
        Choice::Several(organizations) => return Ok(Next::ChooseOrganization(organizations)),
        Choice::None => return Ok(Next::NoAccess(vec![Reason::NoMembership])),
    };

    let Some(authenticated_at) = session.authenticated_at(organization.id) else {
        return Ok(Next::SignIn(SignInReason::TooOld));
    };
    let fresh = authenticated_at > chosen.since;
    let too_old = request
        .max_age
        .is_some_and(|max| now.since(authenticated_at) > Duration::from_secs(max.into()));
    if !fresh && (request.prompt.login || too_old) {
        return Ok(Next::SignIn(SignInReason::Fresh));
    }
    let earlier = activations::latest(tx, session.id, organization.id).await?;
    let revoked = earlier
        .as_ref()
        .and_then(|earlier| earlier.ended_at)
        .is_some_and(|at| authenticated_at <= at);
    // Before the first activation, the person was last seen here when they proved themselves.
    let seen_at = earlier.map_or(authenticated_at, |earlier| {
        earlier.last_seen_at.max(authenticated_at)
    });
    if revoked || !session.acts_for(organization.id, organization.session_limits, seen_at, now) {
        return Ok(Next::SignIn(SignInReason::TooOld));
    }

    let proved = session.proved(organization.id, &organization.factors, now);
    let context = Context {
        now,
        ceiling: request.scope.ceiling(),
        only_on: None,
        address: Address::Known(chosen.address),
        proved,
    };
    let access = access(tx, user, &organization, &context).await?;
    let factor_missing = match &access {
        Err(because) if because.contains(&Reason::ConnectionRequired) => {
            return Ok(Next::SignIn(SignInReason::Connection(organization.name)));
        }
        Err(because) => *because == [Reason::SecondFactorMissing],
        Ok(_) => false,
    };
    let access = match access {
        Err(because) if !factor_missing => return Ok(Next::NoAccess(because)),
        access => access.ok(),
    };
    let surer = request
        .acr
        .is_some_and(|asked| session.assurance(organization.id) < asked);
    let can_wait = organization.policy.require_mfa && proved.second_factor == SecondFactor::Missing;
    if factor_missing || surer || can_wait && !chosen.put_off {
        let has = second_factors::of_user(tx, user.id).await?;
        if has.any_of(&organization.factors) && (factor_missing || surer) {
            return Ok(Next::SecondFactor(user.id));
        }
        if !has.any_of(&organization.factors) {
            let wait = can_wait && !factor_missing && !surer;
            return Ok(Next::Enrol(Enrolment {
                can_wait_until: if wait {
                    grace_of(tx, user, &organization).await?
                } else {
                    None
                },
                organization,
            }));
        }
    }
    let Some((effective, holds_until)) = access else {
        return Ok(Next::NoAccess(vec![Reason::SecondFactorMissing]));
    };
    let key = ConsentKey {
        user: user.id,
        application: application.id,
        organization: organization.id,
    };
    // RFC 8252 §8.6: any program on the machine could claim to be a native application, so a person says yes.
    let native = match &request.answer {
        Answer::Code(code) => !code.redirect_uri.starts_with("https:"),
        Answer::Assertion(_) => false,
    };
    let unproven = application.is_public() && native;
    let asks = unproven || !application.first_party && needs_consent(tx, key, request).await?;
    if asks && chosen.agreed != Some(organization.id) {
        return Ok(Next::Consent(organization));
    }
    Ok(Next::Issue(Box::new(Ready {
        organization,
        authenticated_at,
        effective,
        holds_until,
    })))
}

/// When the time ends that a member has to set up a second factor.
async fn grace_of(
    tx: &mut Tx<'_>,
    user: &User,
    organization: &Organization,
) -> Result<Option<Timestamp>, StorageError> {
    let member = memberships::member(tx, user.id, organization.id).await?;
    let membership = member.and_then(|member| member.membership);
    Ok(membership.map(|membership| organization.policy.mfa_grace.ends_for(membership.since)))
}

fn session_is_older(session: &crate::domain::session::Session, since: Timestamp) -> bool {
    session.proofs.iter().all(|proof| proof.at <= since)
}

enum Choice {
    One(Organization),
    Several(Vec<Organization>),
    None,
}

/// DESIGN §5: the owner's members' own, else the one asked for, else the only one, else the default, else a question.
async fn choose(
    tx: &mut Tx<'_>,
    application: &Application,
    request: &AuthorizationRequest,
    user: &User,
    chosen: Option<OrganizationId>,
) -> Result<Choice, StorageError> {
    let candidates = match application.open_to {
        OpenTo::OwnMembers => organizations::by_id(tx, application.organization)
            .await?
            .into_iter()
            .collect(),
        OpenTo::EveryOrganization => memberships::organizations_of(tx, user.id)
            .await?
            .into_iter()
            .filter(|(_, membership)| membership.status == MembershipStatus::Active)
            .map(|(organization, _)| organization)
            .collect::<Vec<_>>(),
    };
    let pick = |wanted: &dyn Fn(&Organization) -> bool| candidates.iter().find(|one| wanted(one)).cloned();
    if let Some(asked) = &request.organization {
        let named = pick(&|one| one.name.as_str() == asked || one.id.to_string() == *asked);
        return Ok(named.map_or(Choice::None, Choice::One));
    }
    if let Some(chosen) = chosen.and_then(|id| pick(&|one| one.id == id)) {
        return Ok(Choice::One(chosen));
    }
    if let [only] = candidates.as_slice() {
        return Ok(Choice::One(only.clone()));
    }
    if let Some(default) = user.default_organization.and_then(|id| pick(&|one| one.id == id)) {
        return Ok(Choice::One(default));
    }
    Ok(if candidates.is_empty() {
        Choice::None
    } else {
        Choice::Several(candidates)
    })
}

async fn needs_consent(
    tx: &mut Tx<'_>,
    key: ConsentKey,
    request: &AuthorizationRequest,
) -> Result<bool, StorageError> {
    let agreed = consents::scope_of(tx, key).await?;
    Ok(request.prompt.consent || !agreed.is_some_and(|agreed| request.scope.is_within(&agreed)))
}
