//! What a connection's rules make of somebody at each sign-in: their name, if their account is the organization's to
//! manage, their role and their groups.
//!
//! Owns that a connection gives what its rules name and nothing else (UP9), and takes back only what it gave: what an
//! administrator gave by hand stays. The last owner stays one.

use super::ArriveError;
use super::arrive::Coming;
use crate::audit::{self, Actor, Event, Fields};
use crate::domain::access::{BuiltInRole, MembershipFacts, Role};
use crate::domain::arrival::Arrival;
use crate::domain::connection::{Connection, Mapped, MappingRule};
use crate::domain::id::{GroupId, RoleId};
use crate::domain::text::DisplayName;
use crate::domain::user::User;
use crate::storage::{
    Tx, group_members, groups, managed_users, mapped_members, members, memberships, roles, users,
};

/// Somebody's membership, about to follow what a connection says of them.
struct Following<'f> {
    coming: &'f Coming,
    connection: &'f Connection,
    user: &'f User,
    membership: MembershipFacts,
    /// What they have by this connection until now.
    given: Vec<Mapped>,
}

/// Brings a member to what the connection's rules give by what came with them.
pub(super) async fn follow(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    user: &User,
) -> Result<(), ArriveError> {
    rename(tx, coming, connection, user).await?;
    let member = memberships::member(tx, user.id, connection.organization).await?;
    let Some(membership) = member.and_then(|member| member.membership) else {
        return Ok(());
    };
    let following = Following {
        given: mapped_members::of_member(tx, connection.id, membership.id).await?,
        coming,
        connection,
        user,
        membership,
    };
    let wanted: Vec<_> = rules_that_hold(connection, &coming.arrival)
        .map(|rule| rule.gives)
        .collect();
    following.take_role(tx, &wanted).await?;
    following.take_groups(tx, &wanted).await
}

/// The values that rules are about, as they came.
pub(super) fn values_of<'a>(connection: &Connection, arrival: &'a Arrival) -> &'a [String] {
    let values = arrival.attributes.get(connection.mapping.groups_attribute());
    values.map_or(&[], Vec::as_slice)
}

/// The rules whose values came, in their order.
pub(super) fn rules_that_hold<'a>(
    connection: &'a Connection,
    arrival: &'a Arrival,
) -> impl Iterator<Item = &'a MappingRule> {
    let values = values_of(connection, arrival);
    let rules = connection.mapping.rules.iter();
    rules.filter(|rule| values.contains(&rule.value))
}

/// What somebody is called is the organization's to say only where the account is.
async fn rename(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    user: &User,
) -> Result<(), ArriveError> {
    let told = coming.arrival.name.as_deref().map(DisplayName::parse);
    let Some(Ok(name)) = told.filter(|told| told.as_ref().is_ok_and(|name| *name != user.name)) else {
        return Ok(());
    };
    if managed_users::manager(tx, user.id).await? != Some(connection.organization) {
        return Ok(());
    }
    users::rename(tx, user.id, &name).await?;
    let called = |name: &DisplayName| Fields::new().with_personal("name", name.as_str());
    let event = Event::of("user.updated", Actor::Connection(connection.id));
    let event = event.within(connection.organization).on(user.id);
    let event = event.changed(&called(&user.name), &called(&name));
    audit::record(tx, &coming.keyring, &event, coming.now).await?;
    Ok(())
}

impl Following<'_> {
    /// The role of the first rule that gives one takes the place of none, or of one that the connection gave.
    async fn take_role(&self, tx: &mut Tx<'_>, wanted: &[Mapped]) -> Result<(), ArriveError> {
        let organization = self.connection.organization;
        let given = self.given.iter().find_map(|given| match given {
            Mapped::Role(id) => Some(*id),
            Mapped::Group(_) => None,
        });
        let mut to = None;
        for id in wanted.iter().filter_map(role_of) {
            if to.is_none() {
                to = roles::available(tx, organization, id).await?;
            }
        }
        let now = self.membership.role.as_ref().map(|role| role.id);
        let by_hand = now.is_some() && now != given;
        if by_hand {
            return self.keep_note(tx, given, None).await;
        }
        let becomes = to.as_ref().map(|role| role.id);
        if becomes == now {
            return self.keep_note(tx, given, becomes).await;
        }
        if self.is_last_owner(tx).await? {
            return Ok(());
        }
        memberships::set_role(tx, organization, self.membership.id, becomes).await?;
        let named = |role: Option<&Role>| Fields::new().with("role", role.map(|role| role.name.clone()));
        let event = self.event("member.role_changed").on(self.user.id);
        let event = event.changed(&named(self.membership.role.as_ref()), &named(to.as_ref()));
        audit::record(tx, &self.coming.keyring, &event, self.coming.now).await?;
        self.keep_note(tx, given, becomes).await
    }

    /// Notes which role the connection gave, in the place of which.
    async fn keep_note(
        &self,
        tx: &mut Tx<'_>,
        before: Option<RoleId>,
        after: Option<RoleId>,
    ) -> Result<(), ArriveError> {
        let (connection, member) = (self.connection.id, self.membership.id);
        if let Some(before) = before.filter(|before| Some(*before) != after) {
            mapped_members::forget(tx, connection, member, Mapped::Role(before)).await?;
        }
        if let Some(after) = after.filter(|after| Some(*after) != before) {
            mapped_members::put(tx, connection, member, Mapped::Role(after)).await?;
        }
        Ok(())
    }

    async fn is_last_owner(&self, tx: &mut Tx<'_>) -> Result<bool, ArriveError> {
        let role = self.membership.role.as_ref().map(|role| role.name.as_str());
        let owns = role == Some(BuiltInRole::Owner.name());
        let organization = self.connection.organization;
        Ok(owns && members::other_owners(tx, organization, self.user.id).await? == 0)
    }

    /// Into the groups that rules give, and out of those that they gave before.
    async fn take_groups(&self, tx: &mut Tx<'_>, wanted: &[Mapped]) -> Result<(), ArriveError> {
        let (organization, member) = (self.connection.organization, self.membership.id);
        for id in wanted.iter().filter_map(group_of) {
            let Some(group) = groups::by_id(tx, organization, id).await? else {
                continue;
            };
            if group_members::find(tx, id, member).await?.is_some() {
                continue;
            }
            group_members::put(tx, organization, id, member, false).await?;
            mapped_members::put(tx, self.connection.id, member, Mapped::Group(id)).await?;
            self.tell_of_group(tx, "group.member_added", id, group.name.as_str())
                .await?;
        }
        for id in self.given.iter().filter_map(group_of) {
            if wanted.contains(&Mapped::Group(id)) {
                continue;
            }
            mapped_members::forget(tx, self.connection.id, member, Mapped::Group(id)).await?;
            let Some(group) = groups::by_id(tx, organization, id).await? else {
                continue;
            };
            if group_members::find(tx, id, member).await?.is_some() {
                group_members::remove(tx, organization, id, member).await?;
                self.tell_of_group(tx, "group.member_removed", id, group.name.as_str())
                    .await?;
            }
        }
        Ok(())
    }

    async fn tell_of_group(
        &self,
        tx: &mut Tx<'_>,
        action: &'static str,
        id: GroupId,
        name: &str,
    ) -> Result<(), ArriveError> {
        let event = self.event(action).on(id);
        let event = event.with("user", self.user.id.to_string()).with("group", name);
        audit::record(tx, &self.coming.keyring, &event, self.coming.now).await?;
        Ok(())
    }

    fn event(&self, action: &'static str) -> Event {
        Event::of(action, Actor::Connection(self.connection.id)).within(self.connection.organization)
    }
}

fn role_of(given: &Mapped) -> Option<RoleId> {
    match given {
        Mapped::Role(id) => Some(*id),
        Mapped::Group(_) => None,
    }
}

fn group_of(given: &Mapped) -> Option<GroupId> {
    match given {
        Mapped::Group(id) => Some(*id),
        Mapped::Role(_) => None,
    }
}
