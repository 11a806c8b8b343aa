//! Reasons: why a decision came out as it did, for `explain`, the audit log and problem details.
//!
//! Reasons name what was looked at, never what another organization does with the same person.

use std::fmt;
use std::net::IpAddr;

use super::grant::{Grant, GrantOrigin};
use super::role::Role;
use crate::domain::id::{KeyId, RoleId};
use crate::domain::time::Timestamp;

/// One reason for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The membership's role gives the permission.
    Role {
        /// The role's row.
        id: RoleId,
        /// The role's name.
        name: String,
    },
    /// A grant gives it.
    Grant(CitedGrant),
    /// The subject is a superuser.
    Superuser,
    /// The organization's API key was made with it.
    KeyPermission(KeyId),

    /// The user is not in the organization.
    NoMembership,
    /// The subject acts in another organization. Nothing else about it is told.
    OtherOrganization,
    /// The membership is inactive.
    MembershipInactive,
    /// The membership is suspended.
    MembershipSuspended,
    /// The user is suspended everywhere.
    UserSuspended,
    /// The user's account is deleted.
    UserDeleted,
    /// The application is switched off.
    ApplicationInactive,
    /// The key is past its end, this point.
    KeyExpired(Timestamp),
    /// The key is older than its organization lets keys become, since this point.
    KeyTooOld(Timestamp),
    /// The key was revoked.
    KeyRevoked,
    /// The address is outside the key's own allowlist.
    KeyAddressNotAllowed(IpAddr),
    /// The key has an allowlist of its own, and nobody said which address is asked about.
    KeyAddressUntold,
    /// The address is outside the organization's allowlist.
    AddressNotAllowed(IpAddr),
    /// The organization has an allowlist, and nobody said which address is asked about.
    AddressUntold,
    /// The organization asks for a second factor that was not proved.
    SecondFactorMissing,
    /// The organization requires its connection, and the person came by another way.
    ConnectionRequired,

    /// A grant would give the permission, but starts later, at this point.
    GrantNotYet(CitedGrant, Timestamp),
    /// A grant would give it, but ended, at this point.
    GrantEnded(CitedGrant, Timestamp),
    /// A grant would give it, but not at this hour of the week.
    OutsideSchedule(CitedGrant),
    /// A grant would give it, but on another product than the one asked about, or not on all when none was.
    OutsideProduct(CitedGrant),
    /// Something would give it, but the token or key in use does not reach so far.
    AboveCeiling,
    /// Nothing would give it.
    NothingGivesIt,
}

/// A grant as a reason names it: with all that it gives, to whom and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CitedGrant(pub Grant);

impl Reason {
    /// The reason's name to programs; once published it never changes.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Role { .. } => "role",
            Self::Grant(_) => "grant",
            Self::Superuser => "superuser",
            Self::KeyPermission(_) => "key_permission",
            Self::NoMembership => "no_membership",
            Self::OtherOrganization => "other_organization",
            Self::MembershipInactive => "membership_inactive",
            Self::MembershipSuspended => "membership_suspended",
            Self::UserSuspended => "user_suspended",
            Self::UserDeleted => "user_deleted",
            Self::ApplicationInactive => "application_inactive",
            Self::KeyExpired(_) => "key_expired",
            Self::KeyTooOld(_) => "key_too_old",
            Self::KeyRevoked => "key_revoked",
            Self::KeyAddressNotAllowed(_) => "key_address_not_allowed",
            Self::KeyAddressUntold => "key_address_untold",
            Self::AddressNotAllowed(_) => "address_not_allowed",
            Self::AddressUntold => "address_untold",
            Self::SecondFactorMissing => "second_factor_missing",
            Self::ConnectionRequired => "connection_required",
            Self::GrantNotYet(..) => "grant_not_yet",
            Self::GrantEnded(..) => "grant_ended",
            Self::OutsideSchedule(_) => "outside_schedule",
            Self::OutsideProduct(_) => "outside_product",
            Self::AboveCeiling => "above_ceiling",
            Self::NothingGivesIt => "nothing_gives_it",
        }
    }

    /// Whether it speaks for the permission; all others speak against it.
    pub const fn allows(&self) -> bool {
        matches!(
            self,
            Self::Role { .. } | Self::Grant(_) | Self::Superuser | Self::KeyPermission(_)
        )
    }

    /// Whether nothing else is to be told to or of somebody who is no member here.
    pub(super) const fn says_it_all(&self) -> bool {
        matches!(self, Self::NoMembership | Self::OtherOrganization)
    }
}

impl From<&Grant> for CitedGrant {
    fn from(grant: &Grant) -> Self {
        Self(grant.clone())
    }
}

/// One plain sentence, for people who know the organization.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Role { name, .. } => write!(f, "The membership's role {name} gives it."),
            Self::Grant(grant) => write!(f, "{grant} gives it."),
            Self::Superuser => f.write_str("A superuser holds every permission."),
            Self::KeyPermission(_) => f.write_str("The API key was made with it."),
            Self::NoMembership => f.write_str("The user is not a member of the organization."),
            Self::OtherOrganization => f.write_str("Whoever asks acts in another organization."),
            Self::MembershipInactive => f.write_str("The membership is inactive."),
            Self::MembershipSuspended => f.write_str("The membership is suspended."),
            Self::UserSuspended => f.write_str("The user is suspended."),
            Self::UserDeleted => f.write_str("The user's account is deleted."),
            Self::ApplicationInactive => f.write_str("The application is switched off."),
            Self::KeyExpired(at) => write!(f, "The API key expired at {at}."),
            Self::KeyTooOld(at) => write!(
                f,
                "The API key is older than the organization allows, since {at}."
            ),
            Self::KeyRevoked => f.write_str("The API key was revoked."),
            Self::KeyAddressNotAllowed(address) => {
                write!(
                    f,
                    "The address {address} is not on the API key's own IP allowlist."
                )
            }
            Self::KeyAddressUntold => f.write_str(
                "The API key is used from nowhere beyond its own IP allowlist, and no address was named.",
            ),
            Self::AddressNotAllowed(address) => {
                write!(
                    f,
                    "The address {address} is not on the organization's IP allowlist."
                )
            }
            Self::AddressUntold => f.write_str(
                "The organization lets nobody in from beyond its IP allowlist, and no address was named.",
            ),
            Self::SecondFactorMissing => {
                f.write_str("The organization asks for a second factor, and none was proved.")
            }
            Self::ConnectionRequired => {
                f.write_str("The organization lets people in by its own sign-in only, and this was another.")
            }
            Self::GrantNotYet(grant, at) => write!(f, "{grant} would give it, but starts at {at}."),
            Self::GrantEnded(grant, at) => write!(f, "{grant} would give it, but ended at {at}."),
            Self::OutsideSchedule(grant) => {
                write!(f, "{grant} would give it, but not at this time of the week.")
            }
            Self::OutsideProduct(grant) => write!(f, "{grant} would give it, but only on that product."),
            Self::AboveCeiling => f.write_str("The token or API key in use does not reach so far."),
            Self::NothingGivesIt => f.write_str("No role or grant gives it."),
        }
    }
}

/// The beginning of a sentence, e.g. `A grant of the role viewer to the group Field Team`.
impl fmt::Display for CitedGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.role() {
            Some(Role { name, .. }) => write!(f, "A grant of the role {name}")?,
            None => f.write_str("A grant of permissions")?,
        }
        if let GrantOrigin::Group { name, .. } = &self.0.origin {
            write!(f, " to the group {name}")?;
        }
        match &self.0.product {
            Some(product) => write!(f, " on the product {product}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::cast::{NOON, by_field_team, grant_of, on, product, role};
    use super::super::permission_set::PermissionSet;
    use super::super::{BuiltInRole, Gives};
    use super::*;

    #[test]
    fn a_reason_reads_as_one_plain_sentence() {
        let permissions = grant_of(PermissionSet::ALL);
        let operator = Grant {
            gives: Gives::Role(role(BuiltInRole::Operator)),
            ..permissions.clone()
        };
        let plain = CitedGrant::from(&permissions);
        let by_group = CitedGrant::from(&on(1, by_field_team(operator)));
        let sentences = [
            (
                Reason::Grant(plain.clone()),
                "A grant of permissions gives it.".to_owned(),
            ),
            (
                Reason::GrantEnded(plain, NOON),
                "A grant of permissions would give it, but ended at 2026-11-23T12:00:00Z.".to_owned(),
            ),
            (
                Reason::OutsideProduct(by_group),
                format!(
                    "A grant of the role operator to the group Field Team on the product {} would give it, \
                     but only on that product.",
                    product(1)
                ),
            ),
        ];
        for (reason, sentence) in sentences {
            assert_eq!(reason.to_string(), sentence);
        }
    }

    #[test]
    fn only_what_gives_a_permission_speaks_for_it() {
        assert!(Reason::Superuser.allows());
        assert!(!Reason::AboveCeiling.allows());
        assert!(!Reason::GrantEnded(CitedGrant::from(&grant_of(PermissionSet::ALL)), NOON).allows());
    }
}
