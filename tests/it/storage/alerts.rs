//! `storage::alerts`, and `storage::factors_since`, `passwords::lock` and `api_keys::revoke_of_user`, by which an account is
//! locked.

use std::time::Duration;

use doorward::domain::access::PermissionSet;
use doorward::domain::alert::{AlertKind, OwnFactor};
use doorward::domain::id::{AlertId, KeyId};
use doorward::domain::secret::Purpose;
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::alerts::{self, Alert};
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::passwords::{self, StoredPassword};
use doorward::storage::{Lane, Page, factors_since};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const WEEK: Duration = Duration::from_hours(7 * 24);

fn alert(store: &Store, kind: AlertKind, at: Timestamp) -> Alert {
    Alert {
        id: random::id(at),
        user: store.alice,
        organization: None,
        kind,
        address: Some("192.0.2.7".to_owned()),
        user_agent: "Netscape 4".to_owned(),
        created_at: at,
        seen_at: None,
    }
}

/// Alice is told that there is a new device, with a link; answers what of.
async fn told(store: &Store, link: &str, at: Timestamp) -> Alert {
    let (alert, link) = (
        alert(store, AlertKind::NewDevice, at),
        samples::hash(link, Purpose::NotMe),
    );
    let until = at.plus(WEEK);
    commit!(store, |tx, alert, link| {
        alerts::insert(tx, &alert, Some((&link, until))).await
    })
    .unwrap();
    alert
}

async fn listed(store: &Store, unseen: bool, page: &Page) -> Vec<AlertId> {
    let mut snapshot = store.snapshot().await;
    let found = alerts::of_user(&mut snapshot.tx(), store.alice, None, unseen, page)
        .await
        .unwrap();
    found.iter().map(|alert| alert.id).collect()
}

on_both! {
    async fn an_alert_is_read_back_whole(store: Store) {
        let factor = AlertKind::FactorAdded { factor: OwnFactor::Passkey, name: Some("Key ring".to_owned()) };
        let full = Alert { organization: Some(store.acme), ..alert(&store, factor, NOW) };
        let bare = Alert { address: None, user_agent: String::new(), ..alert(&store, AlertKind::ManyFailures, NOW) };
        for stored in [full, bare] {
            commit!(store, |tx, stored| { alerts::insert(tx, &stored, None).await }).unwrap();
            let mut snapshot = store.snapshot().await;
            let found = alerts::find(&mut snapshot.tx(), store.alice, stored.id).await.unwrap();
            assert_eq!(found, Some(stored.clone()));
            let stranger = random::id(NOW);
            assert_eq!(alerts::find(&mut snapshot.tx(), stranger, stored.id).await.unwrap(), None);
        }
        let mut snapshot = store.snapshot().await;
        let of_acme = alerts::of_organization(&mut snapshot.tx(), store.acme, &Page::first(9)).await.unwrap();
        assert_eq!((of_acme.len(), of_acme[0].email.as_str()), (1, "alice@acme.example"));
        assert_eq!(alerts::count_of_organization(&mut snapshot.tx(), store.acme).await.unwrap(), 1);
        assert_eq!(alerts::count_of_organization(&mut snapshot.tx(), store.umbrella).await.unwrap(), 0);
        let of_acme = alerts::of_user(&mut snapshot.tx(), store.alice, Some(store.acme), false, &Page::first(9)).await;
        assert_eq!(of_acme.unwrap().len(), 1);
    }

    async fn a_person_reads_the_newest_first_and_sees_one_or_all(store: Store) {
        let first = told(&store, "first", NOW).await;
        let second = told(&store, "second", NOW.plus(Duration::from_secs(1))).await;
        assert_eq!(listed(&store, false, &Page::first(9)).await, [second.id, first.id]);
        assert_eq!(listed(&store, false, &Page::first(1)).await, [second.id]);
        let next = Page { after: second.id.to_string(), ..Page::first(9) };
        assert_eq!(listed(&store, false, &next).await, [first.id]);

        let (alice, seen) = (store.alice, second.id);
        commit!(store, |tx| { alerts::set_seen(tx, alice, seen, Some(NOW)).await }).unwrap();
        assert_eq!(listed(&store, true, &Page::first(9)).await, [first.id]);
        let count = |unseen| {
            let store = &store;
            async move { alerts::count_of_user(&mut store.snapshot().await.tx(), alice, None, unseen).await.unwrap() }
        };
        assert_eq!((count(false).await, count(true).await), (2, 1));
        commit!(store, |tx| { alerts::set_seen(tx, alice, seen, None).await }).unwrap();
        assert_eq!(count(true).await, 2);
        commit!(store, |tx| { alerts::see_all(tx, alice, None, NOW).await }).unwrap();
        assert_eq!(count(true).await, 0);
    }

    async fn what_was_raised_lately_is_known(store: Store) {
        told(&store, "link", NOW).await;
        let raised = |kind: &'static str, since| {
            let store = &store;
            async move { alerts::was_raised(&mut store.snapshot().await.tx(), store.alice, kind, since).await.unwrap() }
        };
        let before = NOW.minus(Duration::from_millis(1));
        assert!(raised("new_device", before).await);
        assert!(!raised("new_device", NOW).await && !raised("many_failures", before).await);
    }

    async fn what_was_told_of_just_this_is_known(store: Store) {
        let alert = told(&store, "link", NOW).await;
        let other = AlertKind::DomainMissing { domain: "acme.example".to_owned() };
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(alerts::was_told(tx, store.alice, &alert.kind, NOW).await.unwrap());
        let later = NOW.plus(Duration::from_millis(1));
        assert!(!alerts::was_told(tx, store.alice, &alert.kind, later).await.unwrap());
        assert!(!alerts::was_told(tx, store.alice, &other, NOW).await.unwrap());
    }

    async fn a_link_is_good_once_for_a_week(store: Store) {
        let alert = told(&store, "link", NOW).await;
        let [link, purpose] = [samples::hash("link", Purpose::NotMe), samples::hash("link", Purpose::Claim)];
        let mut snapshot = store.snapshot().await;
        let found = alerts::by_link(&mut snapshot.tx(), &link, NOW).await.unwrap();
        assert_eq!(found.map(|found| found.id), Some(alert.id));
        assert!(alerts::by_link(&mut snapshot.tx(), &link, NOW.plus(WEEK)).await.unwrap().is_none());
        assert!(alerts::by_link(&mut snapshot.tx(), &purpose, NOW).await.unwrap().is_none());
        drop(snapshot);
        let taken = twenty(&store, Lane::Free, move |_, tx| {
            let link = link.clone();
            Box::pin(async move { Ok(alerts::take_link(tx, &link, NOW).await?.is_some()) })
        })
        .await;
        assert_eq!(taken.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    }

    async fn every_link_of_a_person_ends_at_once(store: Store) {
        told(&store, "one", NOW).await;
        let alice = store.alice;
        commit!(store, |tx| { alerts::end_links_of_user(tx, alice, NOW).await }).unwrap();
        let one = samples::hash("one", Purpose::NotMe);
        assert!(alerts::by_link(&mut store.snapshot().await.tx(), &one, NOW).await.unwrap().is_none());
    }

    async fn alerts_go_with_age_and_with_their_person(store: Store) {
        told(&store, "old", NOW).await;
        let young = told(&store, "young", NOW.plus(WEEK)).await;
        assert_eq!(commit!(store, |tx| { alerts::purge(tx, NOW.plus(WEEK)).await }).unwrap(), 1);
        assert_eq!(listed(&store, false, &Page::first(9)).await, [young.id]);
        let alice = store.alice;
        commit!(store, |tx| { alerts::delete_of_user(tx, alice).await }).unwrap();
        assert!(listed(&store, false, &Page::first(9)).await.is_empty());
    }

    async fn what_came_to_prove_somebody_since_is_forgotten_and_no_more(store: Store) {
        let (alice, before) = (store.alice, NOW.minus(WEEK).millis());
        let rows = format!(
            "INSERT INTO totp_credentials (id, user_id, secret, last_step, created_at) \
             VALUES ('crd_1', '{alice}', 'x', 0, {now}); \
             INSERT INTO recovery_codes (user_id, code_hash, credential_id, created_at) VALUES ('{alice}', 'x', 'crd_2', {now}); \
             INSERT INTO phones (id, user_id, number, created_at) VALUES ('crd_3', '{alice}', '+49', {before}); \
             INSERT INTO passkeys (id, user_id, webauthn_id, credential, kind, synced, name, created_at) \
             VALUES ('crd_4', '{alice}', 'x', '{{}}', 'passkey', FALSE, 'Old', {before}), ('crd_5', '{alice}', 'y', '{{}}', 'passkey', FALSE, 'New', {now})",
            now = NOW.millis(),
        );
        let rows = match store.engine {
            crate::harness::Engine::Sqlite => rows.replace("'x'", "X'01'").replace("'y'", "X'02'"),
            crate::harness::Engine::Postgres => rows,
        };
        let mut raw = store.raw().await;
        raw.run(&rows).await;
        commit!(store, |tx| { factors_since::forget(tx, alice, NOW).await }).unwrap();
        for (table, left) in [("totp_credentials", 0), ("recovery_codes", 0), ("phones", 1), ("passkeys", 1)] {
            assert_eq!(raw.count(table).await, left, "{table}");
        }
    }

    async fn a_locked_password_and_revoked_keys_open_nothing(store: Store) {
        let (alice, acme) = (store.alice, store.acme);
        let password = StoredPassword { id: random::id(NOW), hash: "$argon2id$alices".to_owned() };
        let secret = samples::hash("dw_alices", Purpose::ApiKey);
        let key: KeyId = random::id(NOW);
        let hash = secret.clone();
        commit!(store, |tx, password, hash| {
            passwords::insert(tx, alice, &password, NOW).await?;
            let new = NewKey {
                id: key,
                organization: acme,
                user: Some(alice),
                name: "CI",
                hash: &hash,
                permissions: PermissionSet::ALL,
                products: &[], ip_allowlist: &[], expires_at: NOW.plus(WEEK),
            };
            api_keys::insert(tx, &new, NOW).await
        })
        .unwrap();
        let revoked = commit!(store, |tx| {
            passwords::lock(tx, alice, NOW).await?;
            api_keys::revoke_of_user(tx, alice, NOW).await
        });
        assert_eq!(revoked.unwrap(), 1);
        let mut snapshot = store.snapshot().await;
        let found = passwords::of_user(&mut snapshot.tx(), alice).await.unwrap().unwrap();
        assert!(found.hash != password.hash && found.id == password.id);
        assert!(api_keys::by_id(&mut snapshot.tx(), key).await.unwrap().is_none());
    }
}
