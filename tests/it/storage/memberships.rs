//! `storage::memberships`, `roles`, `groups` and `grants`: what access decisions are made of.

use doorward::domain::access::{
    BuiltInRole, Gives, Grant, GrantOrigin, GroupName, Member, Permission, PermissionSet,
};
use doorward::domain::id::GroupId;
use doorward::domain::membership::MembershipStatus;
use doorward::domain::organization::OrganizationName;
use doorward::domain::user::UserStatus;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::products::{self, NewProduct};
use doorward::storage::{group_members, groups, roles};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

const NIGHTS: &str =
    r#"{"timezone":"Europe/Berlin","windows":[{"days":["mon","fri"],"from":"22:00","to":"06:00"}]}"#;

impl Store {
    async fn alice_at_acme(&self) -> Member {
        let mut snapshot = self.snapshot().await;
        memberships::member(&mut snapshot.tx(), self.alice, self.acme)
            .await
            .unwrap()
            .unwrap()
    }

    async fn group(&self, name: &str) -> GroupName {
        let (acme, group) = (self.acme, samples::group(name));
        let (id, name) = (group.id, name.to_owned());
        commit!(self, |tx, group| { groups::insert(tx, acme, &group).await }).unwrap();
        GroupName { id, name }
    }
}

on_both! {
    async fn a_member_is_their_user_their_role_and_nothing_more(store: Store) {
        let member = store.alice_at_acme().await;
        assert_eq!((member.user, member.user_status), (store.alice, UserStatus::Active));
        let membership = member.membership.unwrap();
        assert_eq!((membership.id, membership.organization), (store.membership, store.acme));
        assert_eq!(membership.status, MembershipStatus::Active);
        let role = membership.role.unwrap();
        assert_eq!((role.name.as_str(), role.permissions), ("owner", BuiltInRole::Owner.permissions()));
        assert!(member.groups.is_empty() && member.grants.is_empty());
    }

    async fn a_stranger_is_a_user_without_membership_and_nobody_is_nothing(store: Store) {
        let mut snapshot = store.snapshot().await;
        let elsewhere = memberships::member(&mut snapshot.tx(), store.alice, store.umbrella).await.unwrap();
        assert!(elsewhere.unwrap().membership.is_none());
        let nobody = memberships::member(&mut snapshot.tx(), random::id(NOW), store.acme).await.unwrap();
        assert!(nobody.is_none());
    }

    async fn a_membership_may_have_no_role_and_changes_its_status(store: Store) {
        let new =
            NewMembership { id: random::id(NOW), organization: store.umbrella, user: store.alice, role: None };
        let (id, alice, umbrella) = (new.id, new.user, new.organization);
        commit!(store, |tx| {
            let new = NewMembership { id, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &new, NOW).await?;
            memberships::set_state(tx, id, &samples::suspended_member()).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let member = memberships::member(&mut snapshot.tx(), alice, umbrella).await.unwrap().unwrap();
        let membership = member.membership.unwrap();
        assert_eq!((membership.role, membership.status), (None, MembershipStatus::Suspended));
        let at_acme = store.alice_at_acme().await.membership.unwrap();
        assert_eq!(at_acme.status, MembershipStatus::Active);
    }

    async fn nobody_is_a_member_twice(store: Store) {
        let (alice, acme) = (store.alice, store.acme);
        let twice = commit!(store, |tx| {
            let again = NewMembership { id: random::id(NOW), organization: acme, user: alice, role: None };
            memberships::insert(tx, &again, NOW).await
        });
        assert!(twice.is_err());
    }

    async fn the_organizations_of_a_user_come_by_name(store: Store) {
        let before = samples::organization("aardvark");
        let (alice, id) = (store.alice, before.id);
        commit!(store, |tx, before| {
            doorward::storage::organizations::insert(tx, &before, NOW).await?;
            let new = NewMembership { id: random::id(NOW), organization: id, user: alice, role: None };
            memberships::insert(tx, &new, NOW).await?;
            memberships::set_state(tx, new.id, &samples::suspended_member()).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let found = memberships::organizations_of(&mut snapshot.tx(), alice).await.unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|(organization, facts)| {
                (organization.name.as_str(), facts.status, facts.role.as_ref().map(|role| role.name.as_str()))
            })
            .collect();
        let expected = [
            ("aardvark", MembershipStatus::Suspended, None),
            ("acme", MembershipStatus::Active, Some("owner")),
        ];
        assert_eq!(told, expected);
    }

    async fn a_built_in_role_is_read_back_as_stored_and_stored_once(store: Store) {
        for role in BuiltInRole::ALL {
            let found = roles::built_in(&mut store.snapshot().await.tx(), role).await.unwrap();
            assert_eq!((found.name.as_str(), found.permissions), (role.name(), role.permissions()));
        }
        let again = commit!(store, |tx| {
            roles::insert_built_in(tx, &BuiltInRole::Owner.with_id(random::id(NOW)), NOW).await
        });
        assert!(again.is_err());
    }

    async fn an_organization_gives_built_in_roles_and_its_own_and_no_others(store: Store) {
        let custom = BuiltInRole::Viewer.with_id(random::id(NOW));
        let id = custom.id;
        store
            .raw()
            .await
            .run(&format!(
                "INSERT INTO roles (id, organization_id, name, permissions, created_at) \
                 VALUES ('{id}', '{}', 'night-watch', 'device:read', 1)",
                store.acme
            ))
            .await;
        let mut snapshot = store.snapshot().await;
        let own = roles::available(&mut snapshot.tx(), store.acme, id).await.unwrap().unwrap();
        assert_eq!((own.name.as_str(), own.permissions), ("night-watch", PermissionSet::of(&[Permission::DeviceRead])));
        assert!(roles::available(&mut snapshot.tx(), store.umbrella, id).await.unwrap().is_none());
        let owner = roles::built_in(&mut snapshot.tx(), BuiltInRole::Owner).await.unwrap();
        for organization in [store.acme, store.umbrella] {
            let found = roles::available(&mut snapshot.tx(), organization, owner.id).await.unwrap();
            assert_eq!(found.as_ref(), Some(&owner));
        }
        assert!(roles::available(&mut snapshot.tx(), store.acme, random::id(NOW)).await.unwrap().is_none());
    }

    async fn a_members_groups_come_by_name_and_once(store: Store) {
        let (night, day) = (store.group("Night watch").await, store.group("Day watch").await);
        store.group("Others").await;
        let (acme, member, ids) = (store.acme, store.membership, [night.id, day.id, day.id]);
        commit!(store, |tx| {
            for id in ids {
                group_members::put(tx, acme, id, member, false).await?;
            }
            Ok(())
        })
        .unwrap();
        let found = groups::of_membership(&mut store.snapshot().await.tx(), member).await.unwrap();
        assert_eq!(found, [day.clone(), night.clone()]);
        assert_eq!(store.alice_at_acme().await.groups, [day, night]);
    }

    async fn a_grant_is_read_back_as_stored(store: Store) {
        let product = NewProduct {
            id: random::id(NOW),
            organization: store.acme,
            name: OrganizationName::parse("rover").unwrap(),
            display_name: samples::name("Rover"),
        };
        let full = Grant {
            gives: Gives::Permissions(PermissionSet::of(&[Permission::DeviceRead, Permission::DeviceWrite])),
            product: Some(product.id),
            starts_at: Some(NOW),
            ends_at: Some(NOW.plus(std::time::Duration::from_hours(1))),
            schedule: Some(serde_json::from_str(NIGHTS).unwrap()),
            ..samples::grant()
        };
        let operator = roles::built_in(&mut store.snapshot().await.tx(), BuiltInRole::Operator).await.unwrap();
        let of_a_role = Grant { gives: Gives::Role(operator), ..samples::grant() };
        let mut stored = vec![samples::grant(), full, of_a_role];
        let (acme, member) = (store.acme, GrantSubject::Member(store.membership));
        commit!(store, |tx, stored, product| {
            products::insert(tx, &product, NOW).await?;
            for grant in &stored {
                grants::insert(tx, acme, member, grant, NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        stored.sort_by_key(|grant| grant.id.to_string());
        assert_eq!(store.alice_at_acme().await.grants, stored);
    }

    async fn a_grant_reaches_a_member_through_their_group_alone(store: Store) {
        let (theirs, others) = (store.group("Theirs").await, store.group("Others").await);
        let (acme, member) = (store.acme, store.membership);
        let (by_group, to_others, to_fleet) = (samples::grant(), samples::grant(), samples::grant());
        let subjects = [
            (GrantSubject::Group(theirs.id), by_group.clone()),
            (GrantSubject::Group(others.id), to_others),
            (GrantSubject::Application(store.fleet), to_fleet.clone()),
        ];
        let id: GroupId = theirs.id;
        commit!(store, |tx, subjects| {
            group_members::put(tx, acme, id, member, false).await?;
            for (subject, grant) in &subjects {
                grants::insert(tx, acme, *subject, grant, NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        let found = grants::of_membership(&mut store.snapshot().await.tx(), member).await.unwrap();
        let origin = GrantOrigin::Group { id: theirs.id, name: theirs.name };
        assert_eq!(found, [Grant { origin, ..by_group }]);
        let found = grants::of_application(&mut store.snapshot().await.tx(), store.fleet).await.unwrap();
        assert_eq!(found, [to_fleet], "an application's are its own alone");
    }

    async fn nothing_of_one_organization_reaches_into_another(store: Store) {
        let (umbrella, member) = (store.umbrella, store.membership);
        let group = samples::group("Theirs");
        commit!(store, |tx, group| { groups::insert(tx, umbrella, &group).await }).unwrap();
        let id: GroupId = group.id;
        for organization in [store.acme, umbrella] {
            let joined = commit!(store, |tx| { group_members::put(tx, organization, id, member, false).await });
            assert!(joined.is_err(), "Alice is no member of Umbrella");
        }
        let (grant, fleet) = (samples::grant(), store.fleet);
        for subject in [GrantSubject::Member(member), GrantSubject::Application(fleet)] {
            let given =
                commit!(store, |tx, grant| { grants::insert(tx, umbrella, subject, &grant, NOW).await });
            assert!(given.is_err(), "{subject:?} is Acme's");
        }
        let (acme, theirs) = (store.acme, GrantSubject::Group(id));
        assert!(commit!(store, |tx, grant| { grants::insert(tx, acme, theirs, &grant, NOW).await }).is_err());
        commit!(store, |tx, grant| { grants::insert(tx, umbrella, theirs, &grant, NOW).await }).unwrap();
    }
}
