//! `storage::roles`: what organizations make of their own beside the built-in six.

use doorward::domain::access::{BuiltInRole, Gives, Grant, Permission, PermissionSet, RoleName};
use doorward::domain::description::Description;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::roles::{self, OwnRole, Uses};
use doorward::storage::{Page, memberships};

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, on_both};

fn night_watch() -> OwnRole {
    OwnRole {
        id: random::id(NOW),
        name: RoleName::parse("night-watch").unwrap(),
        description: Description::parse("By night").unwrap(),
        permissions: PermissionSet::of(&[Permission::DeviceRead]),
    }
}

on_both! {
    async fn a_role_is_stored_once_a_name_and_read_back(store: Store) {
        let (acme, umbrella, role) = (store.acme, store.umbrella, night_watch());
        assert!(commit!(store, |tx, role| { roles::insert(tx, acme, &role, NOW).await }).unwrap());
        let again = night_watch();
        assert!(!commit!(store, |tx, again| { roles::insert(tx, acme, &again, NOW).await }).unwrap());
        assert!(commit!(store, |tx, again| { roles::insert(tx, umbrella, &again, NOW).await }).unwrap());

        let mut snapshot = store.snapshot().await;
        let found = roles::find(&mut snapshot.tx(), acme, role.id).await.unwrap().unwrap();
        assert_eq!((found.role.id, found.role.name.as_str()), (role.id, "night-watch"));
        assert_eq!((found.role.permissions, &found.description), (role.permissions, &role.description));
        assert_eq!((found.built_in, found.created_at), (false, NOW));
        assert!(roles::find(&mut snapshot.tx(), umbrella, role.id).await.unwrap().is_none(), "it is Acme's");
        let named = roles::named(&mut snapshot.tx(), acme, "night-watch").await.unwrap().unwrap();
        assert_eq!(named.id, role.id);
        assert!(roles::named(&mut snapshot.tx(), acme, "night").await.unwrap().is_none(), "no beginning of a name");
    }

    async fn a_list_has_the_six_and_ones_own_page_by_page(store: Store) {
        let (acme, umbrella, own, theirs) = (store.acme, store.umbrella, night_watch(), night_watch());
        commit!(store, |tx, own, theirs| {
            roles::insert(tx, acme, &own, NOW).await?;
            roles::insert(tx, umbrella, &theirs, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let all = roles::list(&mut snapshot.tx(), acme, &Page::first(50)).await.unwrap();
        assert_eq!(roles::count(&mut snapshot.tx(), acme).await.unwrap(), 7);
        assert_eq!(all.len(), 7);
        assert_eq!(all.iter().filter(|role| role.built_in).count(), 6);
        assert!(all.is_sorted_by_key(|role| role.role.id.to_string()));
        let after = Page { after: all[4].role.id.to_string(), ..Page::first(50) };
        assert_eq!(roles::list(&mut snapshot.tx(), acme, &after).await.unwrap(), all[5..]);
    }

    async fn a_role_changes_for_all_and_its_uses_are_counted(store: Store) {
        let (acme, member, role) = (store.acme, store.membership, night_watch());
        commit!(store, |tx, role| { roles::insert(tx, acme, &role, NOW).await }).unwrap();
        let unused = Uses { members: 0, grants: 0, invitations: 0 };
        assert_eq!(roles::uses(&mut store.snapshot().await.tx(), acme, role.id).await.unwrap(), unused);

        let more = OwnRole {
            name: RoleName::parse("day-watch").unwrap(),
            permissions: PermissionSet::of(&[Permission::DeviceWrite]),
            ..role.clone()
        };
        let grant = Grant { gives: Gives::Role(BuiltInRole::Owner.with_id(role.id)), ..samples::grant() };
        let id = role.id;
        commit!(store, |tx, more, grant| {
            memberships::set_role(tx, acme, member, Some(id)).await?;
            grants::insert(tx, acme, GrantSubject::Member(member), &grant, NOW).await?;
            roles::update(tx, acme, &more).await
        })
        .unwrap();
        let blob = if store.engine == Engine::Sqlite { "X'" } else { "'\\x" };
        for (number, state) in [("01", "pending"), ("02", "accepted")] {
            let invitation = format!(
                "INSERT INTO invitations (id, organization_id, email, email_comparable, role_id, message, invited_by, \
                 secret_hash, state, created_at, sent_at, expires_at) VALUES ('inv_{number}', '{acme}', 'a@b.example', \
                 'a@b.example', '{id}', '', 'host', {blob}{number}', '{state}', 1, 1, 1)"
            );
            store.raw().await.run(&invitation).await;
        }
        let mut snapshot = store.snapshot().await;
        let used = Uses { members: 1, grants: 1, invitations: 1 };
        assert_eq!(roles::uses(&mut snapshot.tx(), acme, id).await.unwrap(), used);
        let alice = memberships::member(&mut snapshot.tx(), store.alice, acme).await.unwrap().unwrap();
        assert_eq!(alice.membership.unwrap().role.unwrap().permissions, more.permissions);
        assert_eq!(alice.grants[0].permissions(), more.permissions, "the row counts, not what was said of it");
        drop(snapshot);

        store.raw().await.run("DELETE FROM invitations WHERE state = 'pending'").await;
        commit!(store, |tx| {
            memberships::set_role(tx, acme, member, None).await?;
            grants::delete(tx, acme, grant.id).await?;
            roles::delete(tx, acme, id).await
        })
        .unwrap();
        assert!(roles::find(&mut store.snapshot().await.tx(), acme, id).await.unwrap().is_none());
        assert_eq!(store.raw().await.count("invitations").await, 1, "what is over stays, without the role");
    }

    async fn no_built_in_role_is_changed_by_anybody(store: Store) {
        let (acme, viewer) = (store.acme, roles::built_in(&mut store.snapshot().await.tx(), BuiltInRole::Viewer).await.unwrap());
        let other = OwnRole { id: viewer.id, permissions: PermissionSet::ALL, ..night_watch() };
        commit!(store, |tx, other| {
            roles::update(tx, acme, &other).await?;
            roles::delete(tx, acme, other.id).await
        })
        .unwrap();
        assert_eq!(roles::built_in(&mut store.snapshot().await.tx(), BuiltInRole::Viewer).await.unwrap(), viewer);
    }
}
