//! API keys: for programs, acting in one organization.

use std::time::Duration;

use super::alerts::{self, Alert};
use super::{DirectoryError, Permit, SelfPermit, Via, limits, told, usage_alerts};
use crate::audit::{self, Event};
use crate::domain::access::{Permission, PermissionSet};
use crate::domain::alert::AlertKind;
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::limit::Resource;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::api_keys::{ApiKey, NewKey};
use crate::storage::{Listed, Page, Tx, api_keys};

/// A person's key, drawn before the transaction: every permission by name, 90 days.
#[derive(Clone)]
pub struct NewPersonalKey {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// Where it acts.
    pub organization: OrganizationId,
    /// The most it can do; never more than its owner at that moment.
    pub permissions: PermissionSet,
    /// What is stored of the secret.
    pub hash: SecretHash,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

impl NewPersonalKey {
    /// 90 days.
    const LIFETIME: Duration = Duration::from_hours(90 * 24);

    /// Draws a key; its secret, `dw_…`, is shown once.
    pub fn draw(name: &str, user: UserId, organization: OrganizationId, now: Timestamp) -> (Self, Secret) {
        let secret = draw_secret();
        let key = Self {
            id: random::id(now),
            name: name.to_owned(),
            user,
            organization,
            permissions: PermissionSet::ALL,
            hash: secret.hash(Purpose::ApiKey),
            expires_at: now.plus(Self::LIFETIME),
        };
        (key, secret)
    }
}

/// A key to make.
#[derive(Clone)]
pub struct KeyToMake {
    /// Drawn before the transaction.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: DisplayName,
    /// What is stored of the secret.
    pub hash: SecretHash,
    /// What it may do.
    pub scopes: KeyScopes,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
    /// Whether it is the organization's own, and nobody's in it.
    pub of_organization: bool,
}

/// What a key may do, as its maker says it.
#[derive(Debug, Clone, Copy, Default)]
pub struct KeyScopes {
    /// What was named permission by permission: all of it, or no key.
    pub named: PermissionSet,
    /// What the words `read` and `write` stand for: as much of it as the maker holds.
    pub by_word: PermissionSet,
}

impl KeyScopes {
    /// What a key gets whose maker holds so much: never more.
    fn within(self, holds: PermissionSet) -> Result<PermissionSet, DirectoryError> {
        let beyond = self.named.difference(holds);
        if !beyond.is_empty() {
            return Err(DirectoryError::Exceeds(beyond));
        }
        let given = self.named.union(self.by_word.intersection(holds));
        if given.is_empty() {
            return Err(DirectoryError::field(
                "/scopes",
                "this names nothing that you hold",
            ));
        }
        Ok(given)
    }
}

/// Draws a key's secret, `dw_…`, which is shown once.
pub fn draw_secret() -> Secret {
    Secret::received(format!("dw_{}", random::secret().expose()))
}

/// Makes a key of the permit's organization: its own, or of whoever makes it. That takes `api_key:write`, or that the
/// person is there in their browser and makes one for themselves. A key makes a key only within its own scopes, and
/// if `api_key:write` is among them by name: no word of a scope stands for it; what it makes ends with it at the latest.
/// In the organization's lane.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &KeyToMake,
    now: Timestamp,
) -> Result<ApiKey, DirectoryError> {
    if new.of_organization || !permit.is_own() {
        permit.is_for(Permission::ApiKeyWrite)?;
    }
    let expires_at = match permit.via() {
        Some(Via::Key(_, own_end)) => new.expires_at.min(own_end),
        _ => new.expires_at,
    };
    let user = match (new.of_organization, permit.person()) {
        (true, _) => None,
        (false, Some(user)) => Some(user),
        (false, None) => {
            return Err(DirectoryError::field(
                "/owner",
                "only a person has keys of their own",
            ));
        }
    };
    // A person's key never does more than the person at that moment; the organization's own has nobody to fall with.
    let most = if new.of_organization {
        permit.hands_on()
    } else {
        permit.holds()
    };
    let permissions = new.scopes.within(most)?;
    limits::admit(tx, permit.organization(), Resource::ApiKeys, 1, now).await?;
    let stored = NewKey {
        id: new.id,
        organization: permit.organization(),
        user,
        name: new.name.as_str(),
        hash: &new.hash,
        permissions,
        expires_at,
    };
    api_keys::insert(tx, &stored, now).await?;
    let made = api_keys::by_id(tx, new.id).await?;
    let made = made.ok_or(DirectoryError::NotFound)?;
    let event = permit.event("api_key.created").on(new.id);
    audit::record(tx, keyring, &event.made(&told::api_key(&made)), now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::ApiKeys, 1, now).await?;
    if let Some(maker) = permit.person() {
        let name = new.name.as_str().to_owned();
        let alert = Alert::of(maker, AlertKind::KeyCreated { name }, permit.origin().cloned());
        alerts::raise(tx, keyring, &alert.within(permit.organization()), now).await?;
    }
    Ok(made)
}

/// A page of the keys that act in the permit's organization, personal ones too.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<ApiKey>, DirectoryError> {
    permit.is_for(Permission::ApiKeyWrite)?;
    let rows = api_keys::of_organization(tx, permit.organization(), page).await?;
    Ok(page
        .of(rows, api_keys::count_of_organization(tx, permit.organization()))
        .await?)
}

/// One of them.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, id: KeyId) -> Result<ApiKey, DirectoryError> {
    permit.is_for(Permission::ApiKeyWrite)?;
    let found = api_keys::by_id(tx, id).await?;
    found
        .filter(|key| key.organization == permit.organization())
        .ok_or(DirectoryError::NotFound)
}

/// Ends a key of the permit's organization: from this transaction on it opens nothing.
pub async fn revoke<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    key: &ApiKey,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ApiKeyWrite)?;
    end(tx, keyring, key, permit.event("api_key.revoked"), now).await
}

/// One of one's own keys, wherever it acts.
pub async fn find_own<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    id: KeyId,
) -> Result<ApiKey, DirectoryError> {
    let reaches = |key: &ApiKey| permit.confined_to().is_none_or(|own| own == key.organization);
    let found = api_keys::by_id(tx, id).await?;
    found
        .filter(|key| key.user == Some(permit.id()) && reaches(key))
        .ok_or(DirectoryError::NotFound)
}

/// Ends one of one's own keys.
pub async fn revoke_own<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    key: &ApiKey,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let event = permit.event("api_key.revoked").within(key.organization);
    end(tx, keyring, key, event, now).await
}

async fn end(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    key: &ApiKey,
    event: Event,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if !api_keys::revoke(tx, key.id, now).await? {
        return Err(DirectoryError::NotFound);
    }
    let event = event.on(key.id).unmade(&told::api_key(key));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// A page of one's own keys; by a token or key those of its organization.
pub async fn list_own<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    page: &Page,
) -> Result<Listed<ApiKey>, DirectoryError> {
    let place = permit.confined_to();
    let rows = api_keys::of_user(tx, permit.id(), place, page).await?;
    Ok(page
        .of(rows, api_keys::count_of_user(tx, permit.id(), place))
        .await?)
}
