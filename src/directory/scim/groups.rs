//! Groups as a provisioning system sees them: those that it made. It decides who is in them; what they grant is an
//! administrator's to say, and nobody is let in who would then hold more than the token may hand on (OR3).

use std::collections::BTreeSet;

use super::{Answered, Asked, STRETCH};
use crate::audit::{self, Fields};
use crate::directory::groups::{self, GroupChange};
use crate::directory::permit::require_provisioner_in_group;
use crate::directory::{DirectoryError, Permit, Provisioner, group_members};
use crate::domain::access::{GroupKind, Permission};
use crate::domain::description::Description;
use crate::domain::id::{GroupId, UserId};
use crate::domain::scim::{ExternalId, Filter};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::group_members::{self as seats, Entry};
use crate::storage::groups::Group;
use crate::storage::scim_groups::{self, ScimGroup};
use crate::storage::{Page, Tx, members};

/// A group that a provisioning system made, with whoever is in it.
#[derive(Debug, Clone)]
pub struct Provisioned {
    /// The group.
    pub group: Group,
    /// What the provisioning system calls it.
    pub external_id: Option<ExternalId>,
    /// Who is in it; nobody if that was not asked.
    pub members: Vec<Entry>,
}

/// What a provisioning system wants a group to be.
#[derive(Debug, Clone)]
pub struct WantedGroup {
    /// What it is called.
    pub name: DisplayName,
    /// What the provisioning system calls it.
    pub external_id: Option<ExternalId>,
    /// Who is to be in it.
    pub members: BTreeSet<UserId>,
}

/// The groups that are asked for, by id; with their members if those are wanted.
pub async fn list<'t, S>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &Asked,
    with_members: bool,
    admits: S,
) -> Result<Answered<Provisioned>, DirectoryError>
where
    S: Fn(&Filter, &Provisioned) -> bool,
{
    permit.is_for(Permission::GroupRead)?;
    let filter = asked.filter.as_ref();
    let asks_who = filter.is_some_and(|filter| filter.mentions("members"));
    let mut answered = Answered::none();
    let mut page = Page::first(STRETCH);
    let named = named(tx, permit, filter).await?;
    loop {
        let (groups, is_last) = match &named {
            Some(group) => (group.clone().into_iter().collect(), true),
            None => (scim_groups::list(tx, permit.organization(), &page).await?, false),
        };
        let last = groups.last().map(|last: &ScimGroup| last.group.id.to_string());
        for group in groups {
            let next = answered.total + 1;
            let is_shown = next >= asked.start && !answered.is_full(asked);
            let group = whole(tx, group, asks_who || with_members && is_shown).await?;
            if filter.is_none_or(|filter| admits(filter, &group)) {
                answered.take(asked, group);
            }
        }
        match last {
            Some(last) if !is_last => page.after = last,
            _ => return Ok(answered),
        }
    }
}

/// The group that a filter names, if it names one: no other can be meant.
async fn named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: Option<&Filter>,
) -> Result<Option<Option<ScimGroup>>, DirectoryError> {
    let Some(filter) = filter else { return Ok(None) };
    let organization = permit.organization();
    let id: Option<GroupId> = if let Some(id) = filter.pinned("id", None) {
        id.parse().ok()
    } else if let Some(text) = filter.pinned("externalid", None) {
        match ExternalId::parse(text) {
            Ok(external_id) => scim_groups::by_external_id(tx, organization, &external_id).await?,
            Err(_) => None,
        }
    } else if let Some(name) = filter.pinned("displayname", None) {
        scim_groups::named(tx, organization, name).await?
    } else {
        return Ok(None);
    };
    Ok(Some(match id {
        Some(id) => scim_groups::find(tx, organization, id).await?,
        None => None,
    }))
}

/// A group that a provisioning system made. Another of the organization's is as if it were not.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: GroupId,
    with_members: bool,
) -> Result<Provisioned, DirectoryError> {
    let found = scim_groups::find(tx, permit.organization(), id).await?;
    whole(tx, found.ok_or(DirectoryError::NotFound)?, with_members).await
}

async fn whole(tx: &mut Tx<'_>, found: ScimGroup, with_members: bool) -> Result<Provisioned, DirectoryError> {
    let mut members = Vec::new();
    let mut page = Page::first(1000);
    let mut is_more = with_members;
    while is_more {
        let some = seats::list(tx, found.group.id, &page).await?;
        is_more = !some.is_empty();
        if let Some(last) = some.last() {
            page.after = last.membership.to_string();
        }
        members.extend(some);
    }
    Ok(Provisioned {
        group: found.group,
        external_id: found.external_id,
        members,
    })
}

/// Makes a group. It grants nothing. In the organization's lane.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    id: GroupId,
    wanted: &WantedGroup,
    now: Timestamp,
) -> Result<Provisioned, DirectoryError> {
    let organization = permit.organization();
    is_free(tx, permit, wanted.external_id.as_ref(), id).await?;
    let group = Group {
        id,
        name: wanted.name.clone(),
        kind: GroupKind::Group,
        description: Description::default(),
        created_at: now,
    };
    let mut seated = Vec::with_capacity(wanted.members.len());
    for user in &wanted.members {
        let member = members::find(tx, organization, *user).await?;
        seated.push(member.ok_or_else(|| nobody_here(*user))?.membership);
    }
    groups::create(tx, permit, keyring, &group, &seated, now).await?;
    scim_groups::put(tx, organization, id, wanted.external_id.as_ref()).await?;
    find(tx, permit, id, true).await
}

/// Changes a group, and who is in it, to what is wanted. In the organization's lane.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    provisioner: &Provisioner,
    before: &Provisioned,
    wanted: &WantedGroup,
) -> Result<Provisioned, DirectoryError> {
    permit.is_for(Permission::GroupWrite)?;
    let (keyring, now) = (&provisioner.keyring, provisioner.now);
    let (organization, id) = (permit.organization(), before.group.id);
    if wanted.external_id != before.external_id {
        is_free(tx, permit, wanted.external_id.as_ref(), id).await?;
        scim_groups::put(tx, organization, id, wanted.external_id.as_ref()).await?;
        let event = permit.event("group.directory_changed").on(id);
        let event = event.changed(
            &told(before.external_id.as_ref()),
            &told(wanted.external_id.as_ref()),
        );
        audit::record(tx, keyring, &event, now).await?;
    }
    if wanted.name != before.group.name {
        let change = GroupChange {
            name: Some(wanted.name.clone()),
            ..GroupChange::default()
        };
        groups::change(tx, permit, keyring, &before.group, &change, now).await?;
    }
    let seated: BTreeSet<UserId> = before.members.iter().map(|member| member.user).collect();
    let within = require_provisioner_in_group(tx, provisioner, id).await?;
    for user in seated.difference(&wanted.members) {
        group_members::remove(tx, &within, keyring, &user.to_string(), now).await?;
    }
    for user in wanted.members.difference(&seated) {
        let seat = group_members::put(tx, &within, keyring, &user.to_string(), None, now).await;
        match seat {
            Err(DirectoryError::NotFound) => return Err(nobody_here(*user)),
            seat => seat?,
        };
    }
    find(tx, permit, id, true).await
}

/// Deletes a group with what it grants; whoever was in it no longer holds that.
pub async fn delete<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    group: &Provisioned,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    groups::delete(tx, permit, keyring, &group.group, now).await
}

async fn is_free<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    external_id: Option<&ExternalId>,
    besides: GroupId,
) -> Result<(), DirectoryError> {
    let Some(external_id) = external_id else {
        return Ok(());
    };
    let owner = scim_groups::by_external_id(tx, permit.organization(), external_id).await?;
    if owner.is_some_and(|owner| owner != besides) {
        return Err(DirectoryError::Taken("this externalId"));
    }
    Ok(())
}

fn told(external_id: Option<&ExternalId>) -> Fields {
    Fields::new().with("external_id", external_id.map(ExternalId::as_str))
}

fn nobody_here(user: UserId) -> DirectoryError {
    DirectoryError::field("members", format!("{user} is no member of this organization"))
}
