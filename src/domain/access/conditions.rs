//! Conditions: what refuses a subject altogether, whatever it holds.

use ipnet::IpNet;

use super::context::{Address, Context, OrganizationFacts, Policy, Proved, SecondFactor, WayIn, admits};
use super::reason::Reason;
use super::role::BuiltInRole;
use super::subject::{Member, MembershipFacts, Subject};
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

/// Everything that refuses `subject` in `organization`; empty when nothing does.
///
/// A subject of another organization gets that reason alone: its other states are not this organization's
/// to know.
pub(super) fn refusals(
    subject: &Subject,
    organization: &OrganizationFacts,
    context: &Context,
) -> Vec<Reason> {
    if subject.organization().is_some_and(|own| own != organization.id) {
        return vec![Reason::OtherOrganization];
    }
    let mut refusals = of_subject(subject, context.now);
    refusals.extend(of_address(&organization.policy, context.address));
    refusals.extend(of_way_in(subject, context.proved));
    refusals.extend(of_second_factor(subject, &organization.policy, context));
    refusals
}

fn of_subject(subject: &Subject, now: Timestamp) -> Vec<Reason> {
    match subject {
        Subject::Member(member) => of_user(member.user_status)
            .into_iter()
            .chain(of_membership(member.membership.as_ref()))
            .collect(),
        Subject::Superuser(superuser) => of_user(superuser.user_status).into_iter().collect(),
        Subject::Application(application) if application.active => Vec::new(),
        Subject::Application(_) => vec![Reason::ApplicationInactive],
        Subject::OrganizationKey(key) => key_refusals(key.expires_at, key.revoked, now),
    }
}

fn of_user(status: UserStatus) -> Option<Reason> {
    match status {
        UserStatus::Active => None,
        UserStatus::Suspended => Some(Reason::UserSuspended),
        UserStatus::Deleted => Some(Reason::UserDeleted),
    }
}

fn of_membership(membership: Option<&MembershipFacts>) -> Option<Reason> {
    match membership.map(|membership| membership.status) {
        None => Some(Reason::NoMembership),
        Some(MembershipStatus::Active) => None,
        Some(MembershipStatus::Inactive) => Some(Reason::MembershipInactive),
        Some(MembershipStatus::Suspended) => Some(Reason::MembershipSuspended),
    }
}

/// All that makes an API key worth nothing at `now`, whoever it stands for: a member, or the organization.
pub fn key_refusals(expires_at: Timestamp, revoked: bool, now: Timestamp) -> Vec<Reason> {
    let revoked = revoked.then_some(Reason::KeyRevoked);
    let expired = (expires_at <= now).then_some(Reason::KeyExpired(expires_at));
    revoked.into_iter().chain(expired).collect()
}

/// What keeps an API key with an allowlist of its own from being used there, if anything does.
pub fn key_address_refusal(allowlist: &[IpNet], address: Address) -> Option<Reason> {
    match address {
        Address::Known(address) if !admits(allowlist, address) => Some(Reason::KeyAddressNotAllowed(address)),
        Address::Untold if !allowlist.is_empty() => Some(Reason::KeyAddressUntold),
        Address::Known(_) | Address::NotThePersons | Address::Untold => None,
    }
}

fn of_address(policy: &Policy, address: Address) -> Option<Reason> {
    match address {
        Address::Known(address) if !policy.admits(address) => Some(Reason::AddressNotAllowed(address)),
        Address::Untold if !policy.ip_allowlist.is_empty() => Some(Reason::AddressUntold),
        Address::Known(_) | Address::NotThePersons | Address::Untold => None,
    }
}

/// Where a connection is required, an owner still comes by credentials of their own, with a second factor: whoever can
/// mend the connection must not depend on it. So does whoever stands above.
fn of_way_in(subject: &Subject, proved: Proved) -> Option<Reason> {
    let breaks_glass = match subject {
        Subject::Member(member) => {
            let role = member
                .membership
                .as_ref()
                .and_then(|membership| membership.role.as_ref());
            role.is_some_and(|role| role.name == BuiltInRole::Owner.name())
        }
        Subject::Superuser(_) => true,
        Subject::Application(_) | Subject::OrganizationKey(_) => false,
    };
    let excused = breaks_glass && proved.second_factor == SecondFactor::Proved;
    (proved.way_in == WayIn::Wrong && !excused).then_some(Reason::ConnectionRequired)
}

fn of_second_factor(subject: &Subject, policy: &Policy, context: &Context) -> Option<Reason> {
    let missing = policy.require_mfa && context.proved.second_factor == SecondFactor::Missing;
    let excused = match subject {
        Subject::Member(Member {
            membership: Some(membership),
            ..
        }) => context.now < policy.mfa_grace.ends_for(membership.since),
        _ => false,
    };
    (missing && !excused).then_some(Reason::SecondFactorMissing)
}
