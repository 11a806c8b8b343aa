//! Who asks: a credential as it was shown, and in each transaction whom it stands for.

use std::marker::PhantomData;

use super::DirectoryError;
use crate::audit::{Actor, Origin};
use crate::domain::access::{
    Address, Context, OrganizationKeySubject, Permission, PermissionSet, Proved, Reason,
};
use crate::domain::id::{ApplicationId, KeyId, OrganizationId, ProductId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::secret::SecretHash;
use crate::domain::session::{FactorRules, Session};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::keyring::Keyring;
use crate::oidc::{ApiToken, Bearer};
use crate::sign_in;
use crate::storage::{Tx, api_keys, memberships, users};

/// Whoever asks, before anybody looked whether they may.
#[derive(Clone)]
pub struct Requester {
    /// What they showed.
    pub credential: Credential,
    /// When.
    pub now: Timestamp,
    /// From where; nothing for the host itself.
    pub origin: Option<Origin>,
    /// What audit events are authenticated with.
    pub keyring: Keyring,
}

/// What was shown.
#[derive(Clone)]
pub enum Credential {
    /// The word of whoever runs commands on the host, for a person.
    Host(UserId),
    /// A session cookie.
    Session(SecretHash),
    /// An access token for the API.
    Token(ApiToken),
    /// An API key.
    Key(SecretHash),
}

/// Whom a credential stands for, as read in the transaction `'t`.
pub struct Recognised<'t> {
    pub(super) who: Who,
    /// The most that the credential can be used for; a person in their browser has no ceiling.
    pub(super) ceiling: Option<PermissionSet>,
    /// The products that a key is limited to, if it is.
    pub(super) only_on: Option<Vec<ProductId>>,
    /// The one organization that a token or key acts in.
    pub(super) confined_to: Option<OrganizationId>,
    pub(super) session: Option<Session>,
    /// What a token says of how they proved themselves, in the one organization that it acts in.
    pub(super) token_proved: Option<Proved>,
    pub(super) via: Option<Via>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Who that is.
pub(super) enum Who {
    Person(User),
    OrganizationKey(OrganizationKeySubject),
    Application(ApplicationId),
}

/// What acted in a person's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// A key, good until then.
    Key(KeyId, Timestamp),
    /// An application.
    Application(ApplicationId),
}

impl Requester {
    /// A person whom the host speaks for.
    pub fn on_the_host(user: UserId, keyring: &Keyring, now: Timestamp) -> Self {
        Self {
            credential: Credential::Host(user),
            now,
            origin: None,
            keyring: keyring.clone(),
        }
    }

    /// Reads whom the credential stands for; nobody if anything it stands on is gone.
    pub async fn recognise<'t>(&self, tx: &mut Tx<'t>) -> Result<Recognised<'t>, DirectoryError> {
        match &self.credential {
            Credential::Host(user) => Ok(Recognised::person(active(tx, *user).await?)),
            Credential::Session(secret) => {
                let signed_in = sign_in::current(tx, secret, self.now).await?;
                let signed_in = signed_in.ok_or(DirectoryError::Unauthenticated)?;
                Ok(Recognised {
                    session: Some(signed_in.session),
                    ..Recognised::person(signed_in.user)
                })
            }
            Credential::Token(token) => {
                let bearer = token.bearer(tx, self.now).await?;
                let (who, token_proved) = match bearer.ok_or(DirectoryError::Unauthenticated)? {
                    Bearer::Person(user, proved) => (Who::Person(active(tx, user).await?), Some(proved)),
                    Bearer::Application => (Who::Application(token.application), None),
                };
                Ok(Recognised {
                    who,
                    ceiling: Some(token.ceiling),
                    only_on: None,
                    confined_to: Some(token.organization),
                    session: None,
                    token_proved,
                    via: Some(Via::Application(token.application)),
                    brand: PhantomData,
                })
            }
            Credential::Key(secret) => self.key(tx, secret).await,
        }
    }

    async fn key<'t>(&self, tx: &mut Tx<'t>, secret: &SecretHash) -> Result<Recognised<'t>, DirectoryError> {
        let key = api_keys::by_secret(tx, secret).await?;
        let key = key.ok_or(DirectoryError::Unauthenticated)?;
        let refusals = key.refusals(self.now, self.address());
        if let [Reason::KeyAddressNotAllowed(_)] = refusals.as_slice() {
            return Err(DirectoryError::Refused(refusals));
        }
        if !refusals.is_empty() {
            return Err(DirectoryError::Unauthenticated);
        }
        let who = match key.user {
            Some(user) => Who::Person(member(tx, user, key.organization).await?),
            None => Who::OrganizationKey(key.of_organization()),
        };
        Ok(Recognised {
            who,
            ceiling: Some(key.permissions),
            only_on: key.only_on(),
            confined_to: Some(key.organization),
            session: None,
            token_proved: None,
            via: Some(Via::Key(key.id, key.expires_at)),
            brand: PhantomData,
        })
    }

    /// Where they ask from.
    fn address(&self) -> Address {
        let origin = self.origin.as_ref();
        origin.map_or(Address::NotThePersons, |origin| Address::Known(origin.address))
    }

    /// What access in an organization depends on besides who asks.
    pub(super) fn context(
        &self,
        recognised: &Recognised<'_>,
        organization: OrganizationId,
        factors: &FactorRules,
    ) -> Context {
        let proved = |session: &Session| session.proved(organization, factors, self.now);
        Context {
            now: self.now,
            ceiling: recognised.ceiling,
            only_on: recognised.only_on.clone(),
            address: self.address(),
            proved: match (&recognised.session, recognised.token_proved) {
                (Some(session), _) => proved(session),
                (None, Some(proved)) => proved,
                (None, None) => Proved::NOT_ASKED,
            },
        }
    }
}

impl<'t> Recognised<'t> {
    /// Somebody who acted before, as they are now. A person is whoever the account is; a key or application must still be
    /// good.
    pub(super) async fn from_memory(
        tx: &mut Tx<'t>,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Self, DirectoryError> {
        let mut only_on = None;
        let who = match actor {
            Actor::User(user) => Who::Person(active(tx, user).await?),
            Actor::Application(id) => Who::Application(id),
            Actor::Key(id) => {
                let key = api_keys::by_id(tx, id).await?;
                let key = key.filter(|key| key.refusals(now, Address::NotThePersons).is_empty());
                let key = key.ok_or(DirectoryError::Unauthenticated)?;
                only_on = key.only_on();
                Who::OrganizationKey(key.of_organization())
            }
            Actor::Connection(_) | Actor::ScimToken(_) | Actor::Host | Actor::Nobody => {
                return Err(DirectoryError::Unauthenticated);
            }
        };
        Ok(Self {
            who,
            ceiling: None,
            only_on,
            confined_to: None,
            session: None,
            token_proved: None,
            via: None,
            brand: PhantomData,
        })
    }
}

impl Recognised<'_> {
    fn person(user: User) -> Self {
        Self {
            who: Who::Person(user),
            ceiling: None,
            only_on: None,
            confined_to: None,
            session: None,
            token_proved: None,
            via: None,
            brand: PhantomData,
        }
    }

    /// Who they are to the audit log.
    pub fn actor(&self) -> Actor {
        match &self.who {
            Who::Person(user) => Actor::User(user.id),
            Who::OrganizationKey(key) => Actor::Key(key.id),
            Who::Application(id) => Actor::Application(*id),
        }
    }

    /// Whether a superuser asks: in their browser, or by a key that was made with every permission. Acts of a superuser
    /// go by its owner's flag (DESIGN §7), so such a key is not confined to one organization.
    pub(super) fn stands_above(&self) -> bool {
        let whole =
            self.ceiling.is_none_or(|ceiling| ceiling == PermissionSet::ALL) && self.only_on.is_none();
        let delegated = matches!(self.via, Some(Via::Application(_)));
        matches!(&self.who, Who::Person(user) if user.superuser) && whole && !delegated
    }

    /// Whether the credential lets its person use a permission on all products, if they hold it.
    pub(super) fn lets(&self, permission: Permission) -> bool {
        self.only_on.is_none() && self.ceiling.is_none_or(|ceiling| ceiling.contains(permission))
    }

    /// A name for the credential that stays the same from request to request, and is nobody else's.
    pub fn name(&self) -> String {
        match self.via {
            Some(Via::Key(key, _)) => key.to_string(),
            Some(Via::Application(application)) => format!("{} {application}", self.actor()),
            None => self.actor().to_string(),
        }
    }

    /// The API key that was shown, if one was.
    pub fn key_id(&self) -> Option<KeyId> {
        match self.via {
            Some(Via::Key(key, _)) => Some(key),
            _ => None,
        }
    }
}

/// A person whose account may be used.
async fn active(tx: &mut Tx<'_>, user: UserId) -> Result<User, DirectoryError> {
    let user = users::by_id(tx, user).await?;
    user.filter(|user| user.status == UserStatus::Active)
        .ok_or(DirectoryError::Unauthenticated)
}

/// The same who belongs to an organization, or stands above all: what was made in a member's name ends with the
/// membership.
async fn member(tx: &mut Tx<'_>, user: UserId, organization: OrganizationId) -> Result<User, DirectoryError> {
    let user = active(tx, user).await?;
    let status = memberships::status(tx, organization, user.id).await?;
    if status == Some(MembershipStatus::Active) || user.superuser {
        Ok(user)
    } else {
        Err(DirectoryError::Unauthenticated)
    }
}
