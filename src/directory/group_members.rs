//! Who is in a group, and who leads it. A lead changes the members of the own group only, and makes no leads.
//!
//! Whoever lets somebody in hands on what the group grants, so it takes all of that; and as much to put somebody out.

use super::permit::GroupPermit;
use super::{DirectoryError, Permit, alerts, holdings, members};
use crate::audit::{self, Fields};
use crate::domain::access::{Holdings, Permission};
use crate::domain::alert::{AlertKind, Given};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::group_members::{self, Entry};
use crate::storage::groups::Group;
use crate::storage::{Listed, Page, Tx, groups};

/// A page of the members of a group.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    group: &Group,
    page: &Page,
) -> Result<Listed<Entry>, DirectoryError> {
    permit.is_for(Permission::GroupRead)?;
    let rows = group_members::list(tx, group.id, page).await?;
    Ok(page.of(rows, group_members::count(tx, group.id)).await?)
}

/// The group that a permit is for.
pub async fn group<'t>(tx: &mut Tx<'t>, permit: &GroupPermit<'t>) -> Result<Group, DirectoryError> {
    let found = groups::by_id(tx, permit.within().organization(), permit.group()).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Lets a member of the organization, by id or email, into a group, or changes whether they lead it. Where it is not
/// said, whoever is in the group stays what they are, and others become no lead.
pub async fn put<'t>(
    tx: &mut Tx<'t>,
    permit: &GroupPermit<'t>,
    keyring: &Keyring,
    user: &str,
    lead: Option<bool>,
    now: Timestamp,
) -> Result<Entry, DirectoryError> {
    let group = group(tx, permit).await?;
    let within = permit.within();
    let member = members::find(tx, within, user).await?;
    let before = group_members::find(tx, group.id, member.membership).await?;
    let was_lead = before.as_ref().is_some_and(|entry| entry.lead);
    let to_lead = lead.unwrap_or(was_lead);
    if to_lead != was_lead {
        permit.makes_leads()?;
    }
    holdings::may_share_group(tx, within, group.id, now).await?;
    let action = match (&before, to_lead == was_lead) {
        (None, _) => "group.member_added",
        (Some(_), false) => "group.member_changed",
        (Some(entry), true) => return Ok(entry.clone()),
    };
    group_members::put(tx, within.organization(), group.id, member.membership, to_lead).await?;
    let event = within.event(action).on(group.id);
    let event = event
        .with("user", member.user.to_string())
        .with("group", group.name.as_str());
    let seat = |lead: bool| Fields::new().with("lead", lead);
    let was = before.map_or(Fields::new(), |entry| seat(entry.lead));
    let event = event.changed(&was, &seat(to_lead));
    audit::record(tx, keyring, &event, now).await?;
    if action == "group.member_added" && holdings::of_group(tx, group.id, now).await? != Holdings::default() {
        let kind = AlertKind::RoleRaised {
            given: Given::Group,
            to: group.name.as_str().to_owned(),
        };
        alerts::raise_for_member(tx, within, keyring, member.user, kind, now).await?;
    }
    let found = group_members::find(tx, group.id, member.membership).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Puts a member out of a group.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &GroupPermit<'t>,
    keyring: &Keyring,
    user: &str,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let group = group(tx, permit).await?;
    let within = permit.within();
    let member = members::find(tx, within, user).await?;
    let found = group_members::find(tx, group.id, member.membership).await?;
    let found = found.ok_or(DirectoryError::NotFound)?;
    if found.lead {
        permit.makes_leads()?;
    }
    holdings::may_share_group(tx, within, group.id, now).await?;
    group_members::remove(tx, within.organization(), group.id, member.membership).await?;
    let event = within.event("group.member_removed").on(group.id);
    let event = event
        .with("user", member.user.to_string())
        .with("group", group.name.as_str())
        .unmade(&Fields::new().with("lead", found.lead));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
