//! What the properties are tried on: any subject, any policy, any circumstance, from pools small enough that
//! products, networks and hours meet often.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::cast::{NOON, acme, globex, id, product, superuser};
use super::{
    Address, ApplicationSubject, Context, Gives, Grant, GrantOrigin, GroupName, Member, MembershipFacts,
    OrganizationFacts, OrganizationKeySubject, Permission, PermissionSet, Policy, Proved, Role, Schedule,
    SecondFactor, Subject, WayIn,
};
use crate::domain::id::{OrganizationId, ProductId};
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

/// All questions about products: none, three that grants may be on, one that none is on.
pub(super) fn products() -> [Option<ProductId>; 5] {
    [
        None,
        Some(product(1)),
        Some(product(2)),
        Some(product(3)),
        Some(product(9)),
    ]
}

fn any_set() -> impl Strategy<Value = PermissionSet> {
    let some = vec(prop::sample::select(Permission::ALL.to_vec()), 0..12).prop_map(PermissionSet::from_iter);
    prop_oneof![4 => some, 1 => Just(PermissionSet::ALL), 1 => Just(PermissionSet::EMPTY)]
}

/// A time within two days of noon, on the hour so that ends and starts meet now.
fn any_time() -> impl Strategy<Value = Timestamp> {
    (-48_i64..=48).prop_map(|hours| Timestamp::from_millis(NOON.millis() + hours * 3_600_000))
}

fn any_schedule() -> impl Strategy<Value = Schedule> {
    let days = prop::sample::subsequence(vec!["mon", "tue", "wed", "thu", "fri", "sat", "sun"], 1..=7);
    let zone = prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York"]);
    (zone, days, 0..24, 1..=24).prop_map(|(zone, days, from, to)| {
        let window = json!({"days": days, "from": format!("{from:02}:00"), "to": format!("{to:02}:00")});
        serde_json::from_value(json!({"timezone": zone, "windows": [window]})).unwrap()
    })
}

fn any_role() -> impl Strategy<Value = Role> {
    (1..4_u128, any_set()).prop_map(|(number, permissions)| Role {
        id: id(number),
        name: format!("role {number}"),
        permissions,
    })
}

fn any_grant_of(gives: impl Strategy<Value = Gives>) -> impl Strategy<Value = Grant> {
    let origin = prop_oneof![
        Just(GrantOrigin::Direct),
        Just(GrantOrigin::Group {
            id: id(1),
            name: "Field Team".to_owned()
        })
    ];
    let product = option::of((1..=3_u128).prop_map(product));
    let times = (
        option::weighted(0.3, any_time()),
        option::weighted(0.3, any_time()),
    );
    (
        origin,
        gives,
        product,
        times,
        option::weighted(0.3, any_schedule()),
    )
        .prop_map(|(origin, gives, product, (starts_at, ends_at), schedule)| Grant {
            id: id(1),
            origin,
            gives,
            product,
            starts_at,
            ends_at,
            schedule,
        })
}

pub(super) fn any_grant() -> impl Strategy<Value = Grant> {
    any_grant_of(prop_oneof![
        any_role().prop_map(Gives::Role),
        any_set().prop_map(Gives::Permissions)
    ])
}

fn any_user_status() -> impl Strategy<Value = UserStatus> {
    prop_oneof![
        6 => Just(UserStatus::Active),
        1 => Just(UserStatus::Suspended),
        1 => Just(UserStatus::Deleted)
    ]
}

fn any_organization_id() -> impl Strategy<Value = OrganizationId> {
    prop_oneof![8 => Just(acme().id), 1 => Just(globex())]
}

fn any_membership() -> impl Strategy<Value = MembershipFacts> {
    let status = prop_oneof![
        6 => Just(MembershipStatus::Active),
        1 => Just(MembershipStatus::Inactive),
        1 => Just(MembershipStatus::Suspended)
    ];
    (any_organization_id(), status, option::of(any_role())).prop_map(|(organization, status, role)| {
        MembershipFacts {
            id: id(1),
            organization,
            status,
            role,
            since: Timestamp::from_millis(0),
        }
    })
}

pub(super) fn any_member() -> impl Strategy<Value = Member> {
    let groups = Just(vec![GroupName {
        id: id(1),
        name: "Field Team".to_owned(),
    }]);
    (
        any_user_status(),
        option::weighted(0.9, any_membership()),
        groups,
        vec(any_grant(), 0..5),
    )
        .prop_map(|(user_status, membership, groups, grants)| Member {
            user: id(1),
            user_status,
            membership,
            groups,
            grants,
        })
}

fn any_application() -> impl Strategy<Value = ApplicationSubject> {
    (
        any_organization_id(),
        prop::bool::weighted(0.8),
        vec(any_grant(), 0..5),
    )
        .prop_map(|(organization, active, grants)| ApplicationSubject {
            id: id(1),
            organization,
            active,
            grants,
        })
}

fn any_organization_key() -> impl Strategy<Value = OrganizationKeySubject> {
    (
        any_organization_id(),
        any_set(),
        any_time(),
        prop::bool::weighted(0.2),
    )
        .prop_map(
            |(organization, permissions, expires_at, revoked)| OrganizationKeySubject {
                id: id(1),
                organization,
                permissions,
                expires_at,
                revoked,
            },
        )
}

pub(super) fn any_subject() -> impl Strategy<Value = Subject> {
    prop_oneof![
        4 => any_member().prop_map(Subject::Member),
        1 => any_user_status().prop_map(superuser),
        2 => any_application().prop_map(Subject::Application),
        1 => any_organization_key().prop_map(Subject::OrganizationKey),
    ]
}

/// Acme under any policy; half the time it asks nothing.
pub(super) fn any_policy() -> impl Strategy<Value = OrganizationFacts> {
    let nets = ["192.0.2.0/24", "198.51.100.0/24", "2001:db8::/32"].map(|net| net.parse().unwrap());
    let ip_allowlist = option::weighted(0.4, vec(prop::sample::select(nets.to_vec()), 1..3));
    (ip_allowlist, prop::bool::weighted(0.3)).prop_map(|(ip_allowlist, require_mfa)| OrganizationFacts {
        policy: Policy {
            ip_allowlist: ip_allowlist.unwrap_or_default(),
            require_mfa,
            ..Policy::default()
        },
        ..acme()
    })
}

pub(super) fn any_context() -> impl Strategy<Value = Context> {
    let addresses = ["192.0.2.7", "::ffff:198.51.100.7", "2001:db8::7", "203.0.113.7"];
    let known = addresses.map(|address| Address::Known(address.parse().unwrap()));
    let address = prop_oneof![2 => Just(Address::NotThePersons), 1 => Just(Address::Untold), 4 => prop::sample::select(known.to_vec())];
    let second_factor = prop::sample::select(vec![
        SecondFactor::Proved,
        SecondFactor::Missing,
        SecondFactor::NotAsked,
    ]);
    let way_in = prop::sample::select(vec![WayIn::Right, WayIn::Wrong, WayIn::NotAsked]);
    (
        any_time(),
        option::weighted(0.4, any_set()),
        option::weighted(0.3, vec((1..4_u128).prop_map(product), 1..3)),
        address,
        (second_factor, way_in),
    )
        .prop_map(
            |(now, ceiling, only_on, address, (second_factor, way_in))| Context {
                now,
                ceiling,
                only_on,
                address,
                proved: Proved {
                    second_factor,
                    way_in,
                },
            },
        )
}
