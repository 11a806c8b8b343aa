//! What a sign-in would make of somebody who came with a try: shown to whoever sets the connection up, and changes nothing.
//!
//! Owns that a try tells nothing of who is here: of an address it says the same whether nobody has it, or somebody whom
//! the organization doesn't manage.

use super::ArriveError;
use super::arrive::{Coming, Unvouched};
use super::provisioning::{rules_that_hold, values_of};
use crate::directory::connections::{Gift, gift};
use crate::directory::{DirectoryError, limits};
use crate::domain::arrival::Identity;
use crate::domain::connection::Connection;
use crate::domain::id::UserId;
use crate::domain::limit::Resource;
use crate::domain::membership::MembershipStatus;
use crate::domain::user::UserStatus;
use crate::storage::{StorageError, Tx, managed_users, memberships, users};

/// What a sign-in would make of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// Whether they come in, and as whom.
    pub prospect: Prospect,
    /// The attribute whose values rules are about.
    pub groups: String,
    /// What the rules give for those that came.
    pub gives: Vec<Gift>,
    /// The values that came and that no rule names: they give nothing.
    pub unnamed: Vec<String>,
}

/// Whether somebody comes in, and as whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// They do, as the account that they came by before.
    Linked,
    /// They came by an account that may not act here.
    KeptOut,
    /// They do, as the account with their address, which is the organization's.
    Managed,
    /// They do, as a new member, unless somebody has an account of their own with their address.
    Joins,
    /// They would, if the organization had room for a member more.
    NoRoom,
    /// They are asked to link an account of their own: the connection makes nobody a member.
    MakesNobody,
    /// The same: no address came.
    NoEmail,
    /// The same: the provider doesn't say that it verified the address.
    Unverified,
    /// The same: the address is in no domain of the organization's.
    ForeignDomain,
}

/// What would become of whoever came.
pub(super) async fn of(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
    known: Option<&Identity>,
) -> Result<Outlook, ArriveError> {
    let values = values_of(connection, &coming.arrival);
    let named = |value: &&String| connection.mapping.rules.iter().any(|rule| rule.value == **value);
    Ok(Outlook {
        prospect: match known {
            Some(known) => of_linked(tx, connection, known.user).await?,
            None => of_stranger(tx, coming, connection).await?,
        },
        groups: connection.mapping.groups_attribute().to_owned(),
        gives: gifts(tx, coming, connection).await?,
        unnamed: values.iter().filter(|value| !named(value)).cloned().collect(),
    })
}

async fn of_linked(tx: &mut Tx<'_>, connection: &Connection, user: UserId) -> Result<Prospect, StorageError> {
    let found = users::by_id(tx, user).await?;
    let may = found.is_some_and(|user| user.status == UserStatus::Active);
    let status = memberships::status(tx, connection.organization, user).await?;
    Ok(if may && status == Some(MembershipStatus::Active) {
        Prospect::Linked
    } else {
        Prospect::KeptOut
    })
}

async fn of_stranger(
    tx: &mut Tx<'_>,
    coming: &Coming,
    connection: &Connection,
) -> Result<Prospect, ArriveError> {
    let organization = connection.organization;
    let email = match coming.vouched_for(tx, connection).await? {
        Ok(email) => email,
        Err(Unvouched::NoEmail) => return Ok(Prospect::NoEmail),
        Err(Unvouched::Unverified) => return Ok(Prospect::Unverified),
        Err(Unvouched::ForeignDomain) => return Ok(Prospect::ForeignDomain),
    };
    if let Some(user) = users::by_email(tx, email).await?
        && user.email_verified
        && managed_users::manager(tx, user.id).await? == Some(organization)
    {
        return Ok(match of_linked(tx, connection, user.id).await? {
            Prospect::Linked => Prospect::Managed,
            other => other,
        });
    }
    if !connection.creates_members {
        return Ok(Prospect::MakesNobody);
    }
    match limits::admit(tx, organization, Resource::Users, 1, coming.now).await {
        Ok(()) => Ok(Prospect::Joins),
        Err(DirectoryError::LimitReached { .. }) => Ok(Prospect::NoRoom),
        Err(other) => Err(other.into()),
    }
}

/// The first role that a rule gives, and every group.
async fn gifts(tx: &mut Tx<'_>, coming: &Coming, connection: &Connection) -> Result<Vec<Gift>, StorageError> {
    let mut gifts: Vec<Gift> = Vec::new();
    for rule in rules_that_hold(connection, &coming.arrival) {
        let gift = gift(tx, connection.organization, rule).await?;
        gifts.extend(gift.filter(|gift| !gift.is_role || gifts.iter().all(|before| !before.is_role)));
    }
    Ok(gifts)
}
