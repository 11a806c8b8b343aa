//! The change feed: whatever is written, who kept something that depends on it knows before the write is answered.

use std::sync::Arc;
use std::time::Duration;

use doorward::domain::access::PermissionSet;
use doorward::domain::id::{ActivationId, GroupId, KeyId, OrganizationId, UserId, UserKind};
use doorward::domain::organization::OrganizationName;
use doorward::domain::secret::Purpose;
use doorward::domain::session::SessionLimits;
use doorward::domain::user::{UserState, UserStatus};
use doorward::random;
use doorward::storage::api_keys::NewKey;
use doorward::storage::grants::GrantSubject;
use doorward::storage::memberships::NewMembership;
use doorward::storage::products::NewProduct;
use doorward::storage::{
    Cache, Changes, Lane, StorageError, Topic, activations, api_keys, applications, families, grants,
    group_members, groups, memberships, organization_deletion, organizations, products, revoked_tokens,
    security, sessions, users,
};
use tokio::sync::Notify;

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

/// A write, and the topics that nobody believes any longer right after it.
macro_rules! tells {
    ($store:expr, $topics:expr, |$tx:ident $(, $held:ident)*| $work:block) => {{
        let marks = $topics.map(|topic| (topic, $store.db.changes().mark(&[topic])));
        commit!($store, |$tx $(, $held)*| $work).unwrap();
        for (topic, mark) in marks {
            assert!(!mark.is_current($store.db.changes()), "{topic:?} is still believed");
        }
    }};
}

on_both! {
    async fn who_people_are_and_where_is_told(store: Store) {
        let (alice, acme, fleet) = (store.alice, store.acme, store.fleet);
        let of_alice = [Topic::User(alice)];
        let of_acme = [Topic::Organization(acme)];
        tells!(store, of_alice, |tx| { users::signed_in(tx, alice, NOW).await });
        tells!(store, of_alice, |tx| { users::set_state(tx, alice, &UserState::Active).await });
        let bob = samples::user("bob@acme.example");
        tells!(store, [Topic::User(bob.id)], |tx, bob| { users::insert(tx, &bob, NOW).await });
        tells!(store, of_acme, |tx| {
            let settings = security::of(tx, acme).await?.unwrap();
            security::set(tx, acme, &settings, NOW).await
        });
        tells!(store, of_acme, |tx| {
            let profile = organizations::profile(tx, acme).await?.unwrap();
            organizations::set_profile(tx, &profile).await
        });
        let third = samples::organization("third");
        tells!(store, [Topic::Organization(third.id)], |tx, third| {
            organizations::insert(tx, &third, NOW).await
        });
        let of_fleet = [Topic::Application(fleet)];
        tells!(store, of_fleet, |tx| { applications::set_active(tx, fleet, true).await });
        let desk = samples::application(acme);
        tells!(store, [Topic::Application(desk.id)], |tx, desk| {
            applications::insert(tx, &desk, NOW).await
        });
    }

    async fn all_that_goes_with_an_organization_is_told(store: Store) {
        let (acme, key) = (store.acme, random::id(NOW));
        let family = samples::family(&store);
        let id = family.id;
        commit!(store, |tx, family| {
            families::insert(tx, &family, NOW).await?;
            let hash = samples::hash("a key", Purpose::ApiKey);
            let (name, permissions) = ("x", PermissionSet::EMPTY);
            let new = NewKey { id: key, organization: acme, user: None, name, hash: &hash, permissions, products: &[], ip_allowlist: &[], expires_at: NOW };
            api_keys::insert(tx, &new, NOW).await
        })
        .unwrap();
        let gone = [
            Topic::Organization(acme),
            Topic::User(store.alice),
            Topic::Application(store.fleet),
            Topic::Session(store.session),
            Topic::Activation(store.activation),
            Topic::Family(id),
            Topic::Key(key),
        ];
        tells!(store, gone, |tx| { organization_deletion::delete(tx, acme).await });
    }

    async fn whatever_decides_access_in_an_organization_is_told(store: Store) {
        let (alice, acme, membership) = (store.alice, store.acme, store.membership);
        let both = [Topic::Organization(acme), Topic::User(alice)];
        tells!(store, both, |tx| {
            memberships::set_state(tx, membership, &samples::suspended_member()).await
        });
        let bob = samples::user("bob@acme.example");
        tells!(store, [Topic::Organization(acme), Topic::User(bob.id)], |tx, bob| {
            users::insert(tx, &bob, NOW).await?;
            let new = NewMembership { id: random::id(NOW), organization: acme, user: bob.id, role: None };
            memberships::insert(tx, &new, NOW).await
        });
        let of_acme = [Topic::Organization(acme)];
        let drivers = samples::group("Drivers");
        let id: GroupId = drivers.id;
        tells!(store, of_acme, |tx, drivers| {
            groups::insert(tx, acme, &drivers).await
        });
        tells!(store, of_acme, |tx| { group_members::put(tx, acme, id, membership, true).await });
        tells!(store, of_acme, |tx| {
            let subject = GrantSubject::Member(membership);
            grants::insert(tx, acme, subject, &samples::grant(), NOW).await
        });
        let rover = NewProduct {
            id: random::id(NOW),
            organization: acme,
            name: OrganizationName::parse("rover").unwrap(),
            display_name: samples::name("Rover"),
        };
        tells!(store, of_acme, |tx, rover| { products::insert(tx, &rover, NOW).await });
    }

    async fn how_somebody_is_signed_in_is_told(store: Store) {
        let (alice, acme, umbrella) = (store.alice, store.acme, store.umbrella);
        let (session, activation) = (store.session, store.activation);
        let of_session = [Topic::Session(session)];
        let both = [Topic::Session(session), Topic::Activation(activation)];
        tells!(store, of_session, |tx| { sessions::seen(tx, session, NOW).await });
        tells!(store, of_session, |tx| {
            let known = sessions::by_id(tx, session).await?.unwrap();
            let secret = samples::hash("another", Purpose::Session);
            sessions::renew(tx, &known, &secret, &[samples::proof()], NOW, known.expires_at).await
        });
        tells!(store, both, |tx| {
            activations::activate(tx, random::id(NOW), session, acme, NOW, NOW).await
        });
        let another: ActivationId = random::id(NOW);
        tells!(store, [Topic::Activation(another), Topic::Session(session)], |tx| {
            activations::activate(tx, another, session, umbrella, NOW, NOW).await
        });
        tells!(store, [Topic::Activation(another)], |tx| {
            activations::end(tx, another, NOW).await
        });
        tells!(store, [Topic::Activation(activation)], |tx| { activations::seen(tx, activation, NOW).await });
        tells!(store, both, |tx| { activations::end_of_session(tx, session, NOW).await });
        tells!(store, of_session, |tx| { sessions::end(tx, session, NOW).await });
        tells!(store, of_session, |tx| {
            sessions::purge(tx, NOW.plus(SessionLimits::INSTANCE.max * 2)).await
        });
        let new = samples::session(alice);
        tells!(store, [Topic::Session(new.id)], |tx, new| {
            let secret = samples::hash("a third", Purpose::Session);
            sessions::insert(tx, &new, &secret, &samples::origin()).await
        });
    }

    async fn what_programs_hold_is_told(store: Store) {
        let (alice, acme, family) = (store.alice, store.acme, samples::family(&store));
        let id = family.id;
        tells!(store, [Topic::Family(id)], |tx, family| { families::insert(tx, &family, NOW).await });
        tells!(store, [Topic::Family(id)], |tx| { families::revoke(tx, id, NOW).await });
        tells!(store, [Topic::Family(id)], |tx| { families::purge(tx, NOW.plus(Duration::from_secs(1))).await });
        tells!(store, [Topic::Family(id)], |tx| {
            revoked_tokens::insert(tx, "fam.one", Topic::Family(id), NOW).await
        });
        let key: KeyId = random::id(NOW);
        tells!(store, [Topic::Key(key)], |tx| {
            let new = api_keys::NewKey {
                id: key,
                organization: acme,
                user: Some(alice),
                name: "ci",
                hash: &samples::hash("a key", Purpose::ApiKey),
                permissions: PermissionSet::EMPTY,
                products: &[], ip_allowlist: &[], expires_at: NOW,
            };
            api_keys::insert(tx, &new, NOW).await
        });
    }

    async fn others_are_not_disturbed(store: Store) {
        let (alice, umbrella) = (store.alice, store.umbrella);
        let others = [Topic::Organization(umbrella), Topic::Application(store.fleet), Topic::Session(store.session)];
        let marks = others.map(|topic| store.db.changes().mark(&[topic]));
        commit!(store, |tx| { users::signed_in(tx, alice, NOW).await }).unwrap();
        assert!(marks.iter().all(|mark| mark.is_current(store.db.changes())));
    }

    async fn a_change_that_was_rolled_back_did_not_happen(store: Store) {
        let (alice, mark) = (store.alice, store.db.changes().mark(&[Topic::User(store.alice)]));
        let refused: Result<(), StorageError> = store
            .db
            .write(Lane::Free, move |tx| {
                Box::pin(async move {
                    users::set_state(tx, alice, &samples::suspended_user()).await?;
                    Err(StorageError::Contended(0))
                })
            })
            .await;
        assert!(refused.is_err());
        assert!(mark.is_current(store.db.changes()));
    }

    async fn who_read_during_a_write_does_not_keep_what_was_before_it(store: Store) {
        let alice = store.alice;
        let (inside, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (db, told, wait) = (store.db.clone(), Arc::clone(&inside), Arc::clone(&go_on));
        let write = tokio::spawn(async move {
            db.write(Lane::Free, move |tx| {
                let (told, wait) = (Arc::clone(&told), Arc::clone(&wait));
                Box::pin(async move {
                    users::set_state(tx, alice, &samples::suspended_user()).await?;
                    told.notify_one();
                    wait.notified().await;
                    Ok::<_, StorageError>(())
                })
            })
            .await
        });
        inside.notified().await;
        let cache = Cache::new(store.db.changes().clone(), 64);
        let moment = store.db.changes().moment();
        let read = users::by_id(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!(read.status, UserStatus::Active, "it is not committed");
        let mark = moment.mark(&[Topic::User(alice)]);
        cache.put(alice, read.status, mark.clone(), NOW);
        assert_eq!(cache.get(&alice, NOW), Some(UserStatus::Active));
        go_on.notify_one();
        write.await.unwrap().unwrap();
        assert_eq!(cache.get(&alice, NOW), None);
        cache.put(alice, read.status, mark, NOW);
        assert_eq!(cache.get(&alice, NOW), None, "it came back");
    }
}

#[test]
fn an_id_of_another_kind_is_another_topic() {
    let changes = Changes::default();
    let uuid = random::id::<UserKind>(NOW).uuid();
    let topics = [
        Topic::User(UserId::from_uuid(uuid)),
        Topic::Organization(OrganizationId::from_uuid(uuid)),
    ];
    let [user, organization] = topics.map(|topic| format!("{:?}", changes.mark(&[topic])));
    assert_ne!(user, organization);
}
