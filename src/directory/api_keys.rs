//! API keys: for programs, acting in one organization.

use std::time::Duration;

use ipnet::IpNet;

use super::alerts::{self, Alert};
use super::{DirectoryError, Permit, SelfPermit, Via, limits, told, usage_alerts};
use crate::audit::{self, Actor, Event};
use crate::domain::access::{Permission, PermissionSet};
use crate::domain::alert::AlertKind;
use crate::domain::id::{KeyId, OrganizationId, ProductId, UserId};
use crate::domain::limit::Resource;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::api_keys::{ApiKey, NewKey};
use crate::storage::{Listed, Page, Tx, api_keys, products};

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
    /// The products that it is limited to; all of them if none is named.
    pub products: Vec<ProductId>,
    /// The networks it is used from; any if none is named.
    pub ip_allowlist: Vec<IpNet>,
}

/// A key that takes another's place, drawn before the transaction.
#[derive(Clone)]
pub struct Successor {
    /// Its id.
    pub id: KeyId,
    /// What is stored of its secret.
    pub hash: SecretHash,
    /// How long the other is good beside it, at most.
    pub overlap: Duration,
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
    for (at, product) in new.products.iter().enumerate() {
        let found = products::by_id(tx, permit.organization(), *product).await?;
        let none = || DirectoryError::field(format!("/products/{at}"), "there is no such product here");
        found.ok_or_else(none)?;
    }
    limits::admit(tx, permit.organization(), Resource::ApiKeys, 1, now).await?;
    let permissions = new.scopes.within(most(permit, new))?;
    let made = make(tx, permit, keyring, new, permissions, now).await?;
    usage_alerts::grew(tx, permit, keyring, Resource::ApiKeys, 1, now).await?;
    Ok(made)
}

/// The most that a key gets. A person's never does more than the person at that moment; the organization's own has nobody
/// to fall with.
fn most(permit: &Permit<'_>, new: &KeyToMake) -> PermissionSet {
    if new.of_organization {
        permit.holdings().for_good_on(&new.products)
    } else {
        permit.holdings().everywhere_on(&new.products)
    }
}

async fn make<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &KeyToMake,
    permissions: PermissionSet,
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
    let ip_allowlist = networks(tx, permit, &new.ip_allowlist).await?;
    let stored = NewKey {
        id: new.id,
        organization: permit.organization(),
        user,
        name: new.name.as_str(),
        hash: &new.hash,
        permissions,
        products: &new.products,
        ip_allowlist: &ip_allowlist,
        expires_at,
    };
    api_keys::insert(tx, &stored, now).await?;
    let made = api_keys::by_id(tx, new.id).await?;
    let made = made.ok_or(DirectoryError::NotFound)?;
    let event = permit.event("api_key.created").on(new.id);
    audit::record(tx, keyring, &event.made(&told::api_key(&made)), now).await?;
    if let Some(maker) = permit.person() {
        let name = new.name.as_str().to_owned();
        let alert = Alert::of(maker, AlertKind::KeyCreated { name }, permit.origin().cloned());
        alerts::raise(tx, keyring, &alert.within(permit.organization()), now).await?;
    }
    Ok(made)
}

/// The networks of a key to make: a key that is used from some makes none that is used from others.
async fn networks<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    wanted: &[IpNet],
) -> Result<Vec<IpNet>, DirectoryError> {
    let own = match permit.via() {
        Some(Via::Key(id, _)) => Some(id),
        _ => match permit.actor() {
            Actor::Key(id) => Some(id),
            _ => None,
        },
    };
    let own = match own {
        Some(id) => api_keys::by_id(tx, id).await?.map(|key| key.ip_allowlist),
        None => None,
    };
    let own = own.unwrap_or_default();
    let within = |net: &IpNet| own.is_empty() || own.iter().any(|own| own.contains(net));
    match (wanted.is_empty(), wanted.iter().position(|net| !within(net))) {
        (true, _) => Ok(own),
        (false, None) => Ok(wanted.to_vec()),
        (false, Some(at)) => Err(DirectoryError::field(
            format!("/ip_allowlist/{at}"),
            "a key makes no key that is used from where it isn't itself",
        )),
    }
}

/// Lets a new key take a key's place: with its name, owner, scopes and limits, and as long a life. The old one is good for
/// the overlap. A personal key is its owner's alone to rotate, as whoever does gets to know the new one. In the
/// organization's lane.
pub async fn rotate<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    key: &ApiKey,
    successor: &Successor,
    now: Timestamp,
) -> Result<ApiKey, DirectoryError> {
    if key.user.is_some() && key.user != permit.person() {
        let why = "a personal key is rotated by its owner alone; it can be revoked";
        return Err(DirectoryError::Unmet(vec![("not_the_owner", why.to_owned())]));
    }
    let ends_at = now.plus(successor.overlap);
    if !api_keys::rotated(tx, key.id, successor.id, ends_at).await? {
        let why = "another key has taken this one's place already";
        return Err(DirectoryError::Unmet(vec![("already_rotated", why.to_owned())]));
    }
    let new = KeyToMake {
        id: successor.id,
        name: key.name.clone(),
        hash: successor.hash.clone(),
        scopes: KeyScopes::default(),
        expires_at: now.plus(key.expires_at.since(key.created_at)),
        of_organization: key.user.is_none(),
        products: key.products.clone(),
        ip_allowlist: key.ip_allowlist.clone(),
    };
    let beyond = key.permissions.difference(most(permit, &new));
    // Whoever rotates their own in their browser gets no more than they may at each use; a program would get more.
    let by_the_owner = key.user.is_some() && permit.via().is_none();
    if !beyond.is_empty() && !by_the_owner {
        return Err(DirectoryError::Exceeds(beyond));
    }
    let made = make(tx, permit, keyring, &new, key.permissions, now).await?;
    let after = ApiKey {
        rotated_to: Some(made.id),
        expires_at: ends_at.min(key.expires_at),
        ..key.clone()
    };
    let event = permit.event("api_key.rotated").on(key.id);
    let event = event.changed(&told::api_key(key), &told::api_key(&after));
    audit::record(tx, keyring, &event, now).await?;
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
