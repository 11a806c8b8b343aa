//! `storage::sessions` with their proofs, and `storage::known_devices`.

use std::time::Duration;

use doorward::domain::secret::Purpose;
use doorward::domain::session::{Proof, ProofSource, Session, SessionLimits};
use doorward::random;
use doorward::storage::{activations, known_devices, sessions, users};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

const HOUR: Duration = Duration::from_hours(1);

on_both! {
    async fn a_session_is_read_back_with_its_proofs_in_order(store: Store) {
        let connection = ProofSource::Connection { id: random::id(NOW), organization: store.acme, until: Some(NOW) };
        let later = Proof { source: connection, at: NOW.plus(HOUR), ..samples::proof() };
        let full = Session { proofs: vec![later, samples::proof()], ..samples::session(store.alice) };
        let none = Session { proofs: Vec::new(), ..samples::session(store.alice) };
        for (cookie, stored) in [("full", full), ("none", none)] {
            let hash = samples::hash(cookie, Purpose::Session);
            commit!(store, |tx, stored, hash| {
                sessions::insert(tx, &stored, &hash, &samples::origin()).await
            })
            .unwrap();
            let mut snapshot = store.snapshot().await;
            let by_secret = sessions::by_secret(&mut snapshot.tx(), &hash).await.unwrap().unwrap();
            let by_id = sessions::by_id(&mut snapshot.tx(), stored.id).await.unwrap().unwrap();
            for found in [by_secret, by_id] {
                assert_eq!(format!("{found:?}"), format!("{stored:?}"));
            }
        }
        let told = "SELECT DISTINCT address || ' ' || user_agent FROM sessions";
        assert_eq!(store.raw().await.texts(told).await, ["192.0.2.1 Netscape 4"]);
    }

    async fn a_cookie_of_nobody_opens_nothing(store: Store) {
        let mut snapshot = store.snapshot().await;
        for (secret, purpose) in [("guess", Purpose::Session), ("alice's cookie", Purpose::Device)] {
            let hash = samples::hash(secret, purpose);
            assert!(sessions::by_secret(&mut snapshot.tx(), &hash).await.unwrap().is_none());
        }
    }

    async fn a_renewed_session_has_a_new_cookie_one_more_proof_and_a_later_end(store: Store) {
        let [old, new] = ["alice's cookie", "her next"].map(|cookie| samples::hash(cookie, Purpose::Session));
        let before = sessions::by_secret(&mut store.snapshot().await.tx(), &old).await.unwrap().unwrap();
        let proof = Proof { at: NOW.plus(HOUR), ..samples::proof() };
        let end = NOW.plus(HOUR + SessionLimits::INSTANCE.max);
        commit!(store, |tx, before, new, proof| { sessions::renew(tx, &before, &new, &[proof], NOW.plus(HOUR), end).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert!(sessions::by_secret(&mut snapshot.tx(), &old).await.unwrap().is_none());
        let after = sessions::by_secret(&mut snapshot.tx(), &new).await.unwrap().unwrap();
        assert_eq!(after.proofs, [before.proofs[0].clone(), proof.clone()]);
        assert_eq!((after.id, after.created_at), (before.id, before.created_at));
        assert_eq!((after.last_seen_at, after.expires_at), (proof.at, end));
    }

    async fn use_is_noted_on_the_session_alone(store: Store) {
        let other = samples::session(store.alice);
        let (used, unused, hash) = (store.session, other.id, samples::hash("other", Purpose::Session));
        commit!(store, |tx, other, hash| {
            sessions::insert(tx, &other, &hash, &samples::origin()).await?;
            sessions::seen(tx, used, NOW.plus(HOUR)).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let seen = |session: Option<Session>| session.unwrap().last_seen_at;
        assert_eq!(seen(sessions::by_id(&mut snapshot.tx(), used).await.unwrap()), NOW.plus(HOUR));
        assert_eq!(seen(sessions::by_id(&mut snapshot.tx(), unused).await.unwrap()), NOW);
    }

    async fn a_session_ends_once_and_is_never_found_again(store: Store) {
        let (session, alice) = (store.session, store.alice);
        let ended = commit!(store, |tx| {
            Ok((sessions::end(tx, session, NOW).await?, sessions::end(tx, session, NOW).await?))
        });
        assert_eq!(ended.unwrap(), (Some(alice), None));
        let mut snapshot = store.snapshot().await;
        let cookie = samples::hash("alice's cookie", Purpose::Session);
        assert!(sessions::by_secret(&mut snapshot.tx(), &cookie).await.unwrap().is_none());
        assert!(sessions::by_id(&mut snapshot.tx(), session).await.unwrap().is_none());
    }

    async fn an_expired_session_is_forgotten_with_its_proofs_and_activations(store: Store) {
        let (activation, end) = (store.activation, NOW.plus(SessionLimits::INSTANCE.max));
        let purged = commit!(store, |tx| { sessions::purge(tx, end).await });
        assert_eq!(purged.unwrap(), 0, "it expires at this moment, not before it");
        let just_after = end.plus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { sessions::purge(tx, just_after).await }).unwrap(), 1);
        let mut raw = store.raw().await;
        assert_eq!((raw.count("sessions").await, raw.count("session_proofs").await), (0, 0));
        assert!(activations::by_id(&mut store.snapshot().await.tx(), activation).await.unwrap().is_none());
    }

    async fn an_ended_session_is_forgotten_before_it_would_have_expired(store: Store) {
        let session = store.session;
        commit!(store, |tx| { sessions::end(tx, session, NOW).await }).unwrap();
        assert_eq!(commit!(store, |tx| { sessions::purge(tx, NOW).await }).unwrap(), 0, "not before it ended");
        let just_after = NOW.plus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { sessions::purge(tx, just_after).await }).unwrap(), 1);
    }

    async fn a_device_is_known_to_its_account_alone(store: Store) {
        let (alice, bob) = (store.alice, samples::user("bob@acme.example"));
        let device = samples::hash("a device", Purpose::Device);
        commit!(store, |tx, bob, device| {
            users::insert(tx, &bob, NOW).await?;
            known_devices::remember(tx, alice, &device, NOW).await?;
            known_devices::remember(tx, alice, &device, NOW.plus(HOUR)).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        assert!(known_devices::is_known(&mut snapshot.tx(), alice, &device).await.unwrap());
        assert!(!known_devices::is_known(&mut snapshot.tx(), bob.id, &device).await.unwrap());
        assert_eq!(known_devices::user_of(&mut snapshot.tx(), &bob.email, &device).await.unwrap(), None);
        let another = samples::hash("another device", Purpose::Device);
        assert!(!known_devices::is_known(&mut snapshot.tx(), alice, &another).await.unwrap());
        let span = "SELECT last_seen_at - first_seen_at FROM known_devices";
        assert_eq!(store.raw().await.number(span).await, 3_600_000);
    }
}
