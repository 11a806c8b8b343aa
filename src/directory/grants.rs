//! Grants: giving members, groups and applications roles and permissions, and taking them back.
//!
//! What is given is held for good by whoever gives it, on the product or products that it is limited to; and so is what
//! gets another time, as that may be a longer one. To take a grant back it is enough to hold now what it gives.

use super::{DirectoryError, Permit, alerts, holdings, members, told};
use crate::audit;
use crate::domain::access::{Gives, Grant, Holdings, Permission, Schedule};
use crate::domain::alert::{AlertKind, Given};
use crate::domain::id::{ApplicationId, GrantId, GroupId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::grant_lists::{self, Entry, Filter, Holder};
use crate::storage::grants::{self, GrantSubject};
use crate::storage::{Listed, Page, Tx, applications, groups, products, roles};

/// What becomes of a bound that a grant may have.
#[derive(Debug, Clone)]
pub enum Bound<T> {
    /// This takes its place.
    To(T),
    /// There is none any more.
    ToNone,
}

/// When a grant is in force; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct TimesChange {
    /// From when on, or always was.
    pub starts_at: Option<Bound<Timestamp>>,
    /// Until when, or for good.
    pub ends_at: Option<Bound<Timestamp>>,
    /// At which hours, or at all.
    pub schedule: Option<Bound<Schedule>>,
}

impl<T: Clone> Bound<T> {
    /// What a bound is after a change of it, if there is one.
    fn after(change: Option<&Self>, before: Option<&T>) -> Option<T> {
        match change {
            None => before.cloned(),
            Some(Self::To(value)) => Some(value.clone()),
            Some(Self::ToNone) => None,
        }
    }
}

/// Whom an id names: a member's user, a group or an application of the permit's organization, and nobody else's.
pub async fn subject_named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: &str,
) -> Result<GrantSubject, DirectoryError> {
    let organization = permit.organization();
    if id.parse::<UserId>().is_ok() {
        return Ok(GrantSubject::Member(
            members::find(tx, permit, id).await?.membership,
        ));
    }
    if let Ok(id) = id.parse::<GroupId>() {
        let group = groups::by_id(tx, organization, id).await?;
        return Ok(GrantSubject::Group(group.ok_or(DirectoryError::NotFound)?.id));
    }
    let id: ApplicationId = id.parse().map_err(|_| DirectoryError::NotFound)?;
    let found = applications::by_id(tx, organization, id).await?;
    let found = found.ok_or(DirectoryError::NotFound)?;
    Ok(GrantSubject::Application(found.application.id))
}

/// Gives a grant of no more than the giver holds for good. What a role gives is read from its row; that the subject is
/// the same organization's is the database's own rule.
pub async fn give<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    subject: GrantSubject,
    grant: &Grant,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let organization = permit.organization();
    let gives = match &grant.gives {
        Gives::Role(role) => {
            let role = roles::available(tx, organization, role.id).await?;
            Gives::Role(role.ok_or(DirectoryError::field("/role", "there is no such role here"))?)
        }
        Gives::Permissions(permissions) => Gives::Permissions(*permissions),
    };
    if let Some(product) = grant.product {
        let product = products::by_id(tx, organization, product).await?;
        product.ok_or(DirectoryError::field("/product", "there is no such product here"))?;
    }
    let grant = Grant {
        gives,
        ..grant.clone()
    };
    makes_sense(&grant)?;
    if grant.ends_at.is_some_and(|ends_at| ends_at <= now) {
        return Err(DirectoryError::field("/ends_at", "this time is over"));
    }
    holdings::may_give(permit, &Holdings::of(grant.permissions(), grant.product))?;
    grants::insert(tx, organization, subject, &grant, now).await?;
    let entry = find(tx, permit, grant.id).await?;
    let event = permit.event("grant.given").on(grant.id);
    audit::record(tx, keyring, &event.made(&told::grant(&entry)), now).await?;
    if let Holder::User(user) = entry.holder {
        let (kind, to) = match &grant.gives {
            Gives::Role(role) => (Given::Role, role.name.clone()),
            Gives::Permissions(permissions) => (Given::Permissions, permissions.to_string()),
        };
        let kind = AlertKind::RoleRaised { given: kind, to };
        alerts::raise_for_member(tx, permit, keyring, user, kind, now).await?;
    }
    Ok(())
}

/// A page of the grants of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: &Filter,
    page: &Page,
) -> Result<Listed<Entry>, DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let rows = grant_lists::list(tx, permit.organization(), filter, page).await?;
    let count = grant_lists::count(tx, permit.organization(), filter);
    Ok(page.of(rows, count).await?)
}

/// One of them.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, id: GrantId) -> Result<Entry, DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let found = grant_lists::find(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Changes when a grant is in force. It is as if it were given anew.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &Entry,
    change: &TimesChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let before = &found.grant;
    holdings::may_give(permit, &Holdings::of(before.permissions(), before.product))?;
    let after = Grant {
        starts_at: Bound::after(change.starts_at.as_ref(), before.starts_at.as_ref()),
        ends_at: Bound::after(change.ends_at.as_ref(), before.ends_at.as_ref()),
        schedule: Bound::after(change.schedule.as_ref(), before.schedule.as_ref()),
        ..before.clone()
    };
    if after == *before {
        return Ok(());
    }
    makes_sense(&after)?;
    grants::set_times(tx, permit.organization(), &after).await?;
    let after = Entry {
        grant: after,
        ..found.clone()
    };
    let event = permit.event("grant.updated").on(before.id);
    let event = event.changed(&told::grant(found), &told::grant(&after));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Takes a grant back, from the next request on.
pub async fn take_back<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    found: &Entry,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::RoleWrite)?;
    let grant = &found.grant;
    holdings::may_change(permit, &Holdings::of(grant.permissions(), grant.product))?;
    grants::delete(tx, permit.organization(), grant.id).await?;
    let event = permit.event("grant.taken_back").on(grant.id);
    audit::record(tx, keyring, &event.unmade(&told::grant(found)), now).await?;
    Ok(())
}

/// What no grant may be, whoever gives it.
fn makes_sense(grant: &Grant) -> Result<(), DirectoryError> {
    let never = |ends_at| grant.starts_at.is_some_and(|starts_at| ends_at <= starts_at);
    if grant.ends_at.is_some_and(never) {
        return Err(DirectoryError::field("/ends_at", "a grant ends after it starts"));
    }
    Ok(())
}
