//! The cast of this room's tests: Alice owns Acme, Bob is a member of it, Mallory is a stranger.

use super::{
    Address, ApplicationSubject, BuiltInRole, Context, Gives, Grant, GrantOrigin, GroupName, Member,
    MembershipFacts, OrganizationFacts, OrganizationKeySubject, PermissionSet, Policy, Proved, Role,
    SecondFactor, Subject, Superuser,
};
use crate::domain::id::{OrganizationId, ProductId};
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use type_safe_id::{StaticType, TypeSafeId};
use uuid::Uuid;

/// 2026-11-23T12:00:00Z, a Monday.
pub(super) const NOON: Timestamp = Timestamp::from_millis(1_795_435_200_000);

/// The id of its kind with this number.
pub(super) fn id<T: StaticType>(number: u128) -> TypeSafeId<T> {
    TypeSafeId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn product(number: u128) -> ProductId {
    id(number)
}

/// Acme asks nothing of anybody.
pub(super) fn acme() -> OrganizationFacts {
    OrganizationFacts {
        id: id(1),
        policy: Policy::default(),
    }
}

/// Acme, asking people to come from these networks and perhaps for a second factor.
pub(super) fn acme_asking(ip_allowlist: &[&str], require_mfa: bool) -> OrganizationFacts {
    let ip_allowlist = ip_allowlist.iter().map(|net| net.parse().unwrap()).collect();
    OrganizationFacts {
        policy: Policy {
            ip_allowlist,
            require_mfa,
            ..Policy::default()
        },
        ..acme()
    }
}

/// An organization that is not Acme.
pub(super) fn globex() -> OrganizationId {
    id(2)
}

/// Noon, at home, with everything proved and no ceiling.
pub(super) fn noon() -> Context {
    Context {
        now: NOON,
        ceiling: None,
        only_on: None,
        address: Address::Known([192, 0, 2, 7].into()),
        proved: Proved::by_any_way(SecondFactor::Proved),
    }
}

/// Noon, with a token or key that allows no more than this.
pub(super) fn under(ceiling: PermissionSet) -> Context {
    Context {
        ceiling: Some(ceiling),
        ..noon()
    }
}

/// Noon, without a second factor.
pub(super) fn unproved() -> Context {
    Context {
        proved: Proved::by_any_way(SecondFactor::Missing),
        ..noon()
    }
}

pub(super) fn role(role: BuiltInRole) -> Role {
    role.with_id(id(100 + role as u128))
}

/// A direct grant of `permissions` on all products, for good.
pub(super) fn grant_of(permissions: PermissionSet) -> Grant {
    Grant {
        id: id(1),
        origin: GrantOrigin::Direct,
        gives: Gives::Permissions(permissions),
        product: None,
        starts_at: None,
        ends_at: None,
        schedule: None,
    }
}

/// The same by way of the field team.
pub(super) fn by_field_team(grant: Grant) -> Grant {
    let GroupName { id, name } = field_team();
    Grant {
        origin: GrantOrigin::Group { id, name },
        ..grant
    }
}

/// The same on one product only.
pub(super) fn on(number: u128, grant: Grant) -> Grant {
    Grant {
        product: Some(product(number)),
        ..grant
    }
}

/// The same, over since this very moment.
pub(super) fn ended(grant: Grant) -> Grant {
    Grant {
        ends_at: Some(NOON),
        ..grant
    }
}

pub(super) fn field_team() -> GroupName {
    GroupName {
        id: id(1),
        name: "Field Team".to_owned(),
    }
}

/// An active member of Acme with this role and nothing else.
pub(super) fn member(number: u128, role: Option<Role>) -> Member {
    Member {
        user: id(number),
        user_status: UserStatus::Active,
        membership: Some(MembershipFacts {
            id: id(number),
            organization: acme().id,
            status: MembershipStatus::Active,
            role,
            since: Timestamp::from_millis(0),
        }),
        groups: Vec::new(),
        grants: Vec::new(),
    }
}

pub(super) fn alice() -> Subject {
    Subject::Member(member(1, Some(role(BuiltInRole::Owner))))
}

/// Bob has no role of his own, only these grants.
pub(super) fn bob(grants: Vec<Grant>) -> Subject {
    Subject::Member(Member {
        grants,
        ..member(2, None)
    })
}

/// Mallory holds every permission by a grant that should not be there, and no membership.
pub(super) fn mallory() -> Subject {
    let grants = vec![grant_of(PermissionSet::ALL)];
    Subject::Member(Member {
        membership: None,
        grants,
        ..member(3, None)
    })
}

pub(super) fn superuser(user_status: UserStatus) -> Subject {
    Subject::Superuser(Superuser {
        user: id(4),
        user_status,
    })
}

pub(super) fn application(grants: Vec<Grant>) -> Subject {
    Subject::Application(ApplicationSubject {
        id: id(5),
        organization: acme().id,
        active: true,
        grants,
    })
}

pub(super) fn organization_key(permissions: PermissionSet) -> OrganizationKeySubject {
    OrganizationKeySubject {
        id: id(6),
        organization: acme().id,
        permissions,
        expires_at: Timestamp::from_millis(NOON.millis() + 1),
        revoked: false,
    }
}
