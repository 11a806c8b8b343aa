//! `Db::rehearse`, and what is read of everybody at once: `storage::access_facts` and `storage::acting_sessions`.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use doorward::directory::DirectoryError;
use doorward::domain::access::{BuiltInRole, Gives, Grant, Permission, PermissionSet};
use doorward::domain::user::User;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::{
    Lane, Page, StorageError, Topic, access_facts, acting_sessions, activations, applications, group_members,
    groups, memberships, sessions, users,
};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

fn grant(permissions: &[Permission]) -> Grant {
    Grant {
        id: random::id(NOW),
        gives: Gives::Permissions(PermissionSet::of(permissions)),
        ..samples::grant()
    }
}

on_both! {
    async fn a_rehearsal_sees_what_it_does_and_leaves_nothing(store: Store) {
        let bob = samples::user("bob@acme.example");
        let mark = store.db.changes().mark(&[Topic::User(bob.id)]);
        for lane in [Lane::Free, Lane::Organization(store.acme)] {
            let person = bob.clone();
            let rehearsed: Result<bool, StorageError> = store
                .db
                .rehearse(lane, move |tx| {
                    let person = person.clone();
                    Box::pin(async move {
                        users::insert(tx, &person, NOW).await?;
                        Ok(users::by_id(tx, person.id).await?.is_some())
                    })
                })
                .await;
            assert!(rehearsed.unwrap());
            assert!(users::by_id(&mut store.snapshot().await.tx(), bob.id).await.unwrap().is_none());
        }
        assert!(mark.is_current(store.db.changes()), "nobody heard of it");
        commit!(store, |tx, bob| { users::insert(tx, &bob, NOW).await }).unwrap();
    }

    async fn a_rehearsal_fails_as_the_write_would(store: Store) {
        let tries = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&tries);
        let refused: Result<(), DirectoryError> = store
            .db
            .rehearse(Lane::Free, move |_| {
                counted.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Err(DirectoryError::Invalid("mine")) })
            })
            .await;
        assert!(matches!(refused, Err(DirectoryError::Invalid("mine"))));
        assert_eq!(tries.load(Ordering::SeqCst), 1);
        let bob = samples::user("bob@acme.example");
        let unheeded: Result<(), StorageError> = store
            .db
            .rehearse(Lane::Free, move |tx| {
                let bob = bob.clone();
                Box::pin(async move {
                    users::insert(tx, &bob, NOW).await?;
                    let again = User { email: "carol@acme.example".parse().unwrap(), ..bob };
                    let _unheeded = users::insert(tx, &again, NOW).await;
                    Ok(())
                })
            })
            .await;
        assert!(matches!(unheeded, Err(StorageError::Unheeded)), "{unheeded:?}");
    }

    async fn members_are_read_together_as_they_are_alone(store: Store) {
        let bob = store.member("bob@acme.example", BuiltInRole::Operator).await;
        let carol = store.member("carol@acme.example", BuiltInRole::Viewer).await;
        let acme = store.acme;
        let teams = ["Zebra", "Ant"].map(samples::group);
        let given = [grant(&[Permission::DeviceWrite]), grant(&[Permission::DeviceRead]), grant(&[Permission::RoleWrite])];
        commit!(store, |tx, teams, given| {
            let seat = memberships::member(tx, bob, acme).await?.unwrap().membership.unwrap().id;
            for team in &teams {
                groups::insert(tx, acme, team).await?;
                group_members::put(tx, acme, team.id, seat, false).await?;
            }
            grants::insert(tx, acme, GrantSubject::Group(teams[0].id), &given[0], NOW).await?;
            grants::insert(tx, acme, GrantSubject::Group(teams[1].id), &given[1], NOW).await?;
            grants::insert(tx, acme, GrantSubject::Member(seat), &given[2], NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let mut page = Page::first(2);
        let mut found = access_facts::members(tx, acme, &page).await.unwrap();
        assert_eq!(found.len(), 2);
        page.after = found[1].member.user.to_string();
        found.extend(access_facts::members(tx, acme, &page).await.unwrap());
        let mut people = [store.alice, bob, carol];
        people.sort_unstable_by_key(ToString::to_string);
        assert_eq!(found.iter().map(|entry| entry.member.user).collect::<Vec<_>>(), people);
        for entry in found {
            let alone = memberships::member(tx, entry.member.user, acme).await.unwrap().unwrap();
            let person = users::by_id(tx, alone.user).await.unwrap().unwrap();
            assert_eq!((entry.email, entry.name, entry.superuser), (person.email, person.name, person.superuser));
            assert_eq!(entry.member, alone);
            assert_eq!(alone.grants.len(), if alone.user == bob { 3 } else { 0 });
        }
        assert!(access_facts::members(tx, store.umbrella, &Page::first(9)).await.unwrap().is_empty());
    }

    async fn applications_are_read_together_as_they_are_alone(store: Store) {
        let (acme, fleet) = (store.acme, store.fleet);
        let given = grant(&[Permission::DeviceWrite]);
        let other = samples::application(acme);
        commit!(store, |tx, given, other| {
            applications::insert(tx, &other, NOW).await?;
            applications::set_active(tx, other.id, false).await?;
            grants::insert(tx, acme, GrantSubject::Application(fleet), &given, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = access_facts::applications(tx, acme, &Page::first(9)).await.unwrap();
        assert_eq!(found.len(), 2);
        for entry in found {
            let subject = entry.subject;
            assert_eq!(subject.grants, grants::of_application(tx, subject.id).await.unwrap());
            assert_eq!((subject.active, subject.grants.len()), (subject.id == fleet, usize::from(subject.id == fleet)));
        }
        assert!(access_facts::applications(tx, store.umbrella, &Page::first(9)).await.unwrap().is_empty());
    }

    async fn acting_sessions_are_read_whole_until_they_end(store: Store) {
        let (acme, activation) = (store.acme, store.activation);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = acting_sessions::of_organization(tx, acme, NOW, &Page::first(9)).await.unwrap();
        assert_eq!(found.len(), 1);
        let alone = sessions::by_id(tx, store.session).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", found[0].session), format!("{alone:?}"));
        let latest = activations::latest(tx, store.session, acme).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", found[0].activation), format!("{latest:?}"));
        assert_eq!((found[0].address.as_str(), found[0].superuser), (samples::origin().address.as_str(), false));
        let after = Page { after: activation.to_string(), ..Page::first(9) };
        assert!(acting_sessions::of_organization(tx, acme, NOW, &after).await.unwrap().is_empty());
        let over = alone.expires_at;
        assert!(acting_sessions::of_organization(tx, acme, over, &Page::first(9)).await.unwrap().is_empty());
        assert!(acting_sessions::of_organization(tx, store.umbrella, NOW, &Page::first(9)).await.unwrap().is_empty());
        commit!(store, |tx| { activations::end(tx, activation, NOW).await.map(drop) }).unwrap();
        let mut snapshot = store.snapshot().await;
        let ended = acting_sessions::of_organization(&mut snapshot.tx(), acme, NOW, &Page::first(9)).await.unwrap();
        assert!(ended.is_empty());
    }
}
