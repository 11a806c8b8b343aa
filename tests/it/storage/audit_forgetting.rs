//! Erasure and retention of the log, over `storage::audit_erasures` and `storage::audit_cuts`.

use std::time::Duration;

use doorward::audit::{self, Actor, Event, erasure, retention};
use doorward::domain::id::{EventKind, earliest};
use doorward::storage::audit_reading::{self, StoredCut, StoredErasure};
use doorward::storage::{audit_cuts, audit_erasures};

use super::audit_sealing::Log;
use super::{NOW, commit};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);
const LEFT: &str = "SELECT COUNT(*) FROM audit_events WHERE personal IS NOT NULL OR salt IS NOT NULL";

on_both! {
    async fn what_is_of_a_person_goes_in_steps_and_the_log_stays_whole(log: Log) {
        log.tell(1300, NOW).await;
        let (store, keys, alice) = (&log.store, log.keys.clone(), log.store.alice);
        let on_her = Event::of("member.added", Actor::Host).on(alice).with_personal("email", "alice@acme.example");
        let by_a_key = log.event(1).by(Actor::Application(store.fleet));
        let of_another = Event::of("thing.changed", Actor::Application(store.fleet)).with_personal("ip", "192.0.2.1");
        let events = [on_her, by_a_key, of_another];
        commit!(store, |tx, keys, events| {
            for event in &events {
                audit::record(tx, &keys, event, NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        log.sealer.seal(NOW).await.unwrap();
        let mut raw = store.raw().await;
        assert_eq!(raw.number(LEFT).await, 1303);
        let later = NOW.plus(Duration::from_secs(1));
        commit!(store, |tx, keys| { erasure::erase(tx, &keys, alice, later).await }).unwrap();
        assert!((1..1303).contains(&raw.number(LEFT).await));
        assert!(log.whole().await.erased > 0, "half done is no fault");
        erasure::go_on(&store.db, &keys, later).await.unwrap();
        assert_eq!(raw.number(LEFT).await, 1, "another's");
        assert_eq!(log.whole().await.erased, 1302);

        // What was observed before, and is written only now.
        let late = [log.event(1)];
        commit!(store, |tx, keys, late| { audit::record(tx, &keys, &late[0], NOW).await }).unwrap();
        erasure::go_on(&store.db, &keys, later.plus(Duration::from_secs(1))).await.unwrap();
        assert_eq!(raw.number(LEFT).await, 1);
        assert_eq!(raw.count("audit_erasures WHERE finished_at IS NULL").await, 1);
        erasure::go_on(&store.db, &keys, later.plus(Duration::from_mins(2))).await.unwrap();
        assert_eq!(raw.count("audit_erasures WHERE finished_at IS NULL").await, 0);
        log.sealer.seal(later).await.unwrap();
        let report = log.whole().await;
        assert_eq!((report.erased, report.sealed), (1303, 1304));
    }

    async fn old_seals_go_with_their_events_and_the_chain_begins_later(log: Log) {
        for day in 0..50 {
            let now = NOW.plus(day * DAY);
            log.tell(3, now).await;
            log.sealer.seal(now).await.unwrap();
        }
        log.tell(3, NOW).await;
        let (db, keys) = (&log.store.db, &log.keys);
        let now = NOW.plus(50 * DAY);
        assert_eq!(retention::forget(db, keys, 60, now).await.unwrap(), 0);
        assert_eq!(retention::forget(db, keys, 30, now).await.unwrap(), 20 * 3);
        let report = log.whole().await;
        assert_eq!((report.sealed, report.unsealed), (90, 3 + 3), "and one event of each chain tells that it was cut");
        let cuts: Vec<_> = report.cuts.iter().map(|cut| (cut.sequence, cut.keep_days)).collect();
        assert_eq!(cuts, [(20, 30); 3]);
        assert_eq!(retention::forget(db, keys, 30, now.plus(DAY / 2)).await.unwrap(), 0, "a day's worth at least");
        assert_eq!(retention::forget(db, keys, 30, now.plus(3 * DAY)).await.unwrap(), 9);
        log.sealer.seal(now).await.unwrap();
        log.whole().await;
        // Everything, at last: what comes then has places of its own.
        let end = NOW.plus(400 * DAY);
        retention::forget(db, keys, 30, end).await.unwrap();
        log.tell(3, end).await;
        log.sealer.seal(end).await.unwrap();
        let report = log.whole().await;
        assert_eq!(report.unsealed, 0);
    }

    async fn lo3_a_log_that_was_changed_is_not_cut(log: Log) {
        log.tell(3, NOW).await;
        log.sealer.seal(NOW).await.unwrap();
        log.store.raw().await.run("UPDATE audit_seals SET at = at - 1").await;
        assert_eq!(retention::forget(&log.store.db, &log.keys, 30, NOW.plus(40 * DAY)).await.unwrap(), 0);
        assert_eq!(log.store.raw().await.count("audit_events").await, 3);
    }

    async fn erasures_and_cuts_are_noted_as_they_come(log: Log) {
        log.tell(4, NOW).await;
        let (store, alice) = (&log.store, log.store.alice.to_string());
        let erasure = StoredErasure { user_id: alice.clone(), at: 9, through: 1, finished_at: None, signature: vec![1] };
        let finished = StoredErasure { through: 5, finished_at: Some(6), signature: vec![2], ..erasure.clone() };
        commit!(store, |tx, erasure| { audit_erasures::put(tx, &erasure).await }).unwrap();
        {
            let mut snapshot = store.snapshot().await;
            assert_eq!(audit_erasures::unfinished(&mut snapshot.tx(), 5).await.unwrap(), [erasure]);
        }
        commit!(store, |tx, finished| { audit_erasures::put(tx, &finished).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(audit_erasures::unfinished(tx, 5).await.unwrap(), []);
        assert_eq!(audit_reading::erasure_of(tx, &alice).await.unwrap(), Some(finished));
        let bound = |at| earliest::<EventKind>(at).to_string();
        let (from, before) = (bound(NOW), bound(NOW.plus(Duration::from_millis(1))));
        let hers = audit_erasures::of_person(tx, &alice, &from, &before, 3).await.unwrap();
        assert_eq!((hers.len(), hers[0].at), (3, NOW.millis()));
        assert_eq!(audit_erasures::of_person(tx, &alice, &from, &from, 3).await.unwrap(), []);
        let one = audit_erasures::on_person(tx, "prd_2", &from, &before, 3).await.unwrap();
        assert_eq!(one.len(), 1);
        assert_eq!(audit_erasures::on_person(tx, "prd_9", &from, &before, 3).await.unwrap(), []);
        drop(snapshot);
        commit!(store, |tx, one| { audit_erasures::erase(tx, &[one[0].position]).await }).unwrap();
        commit!(store, |tx| { audit_erasures::erase(tx, &[]).await }).unwrap();
        assert_eq!(store.raw().await.number(LEFT).await, 3);

        let cut = |sequence| StoredCut {
            chain: "org_a".to_owned(), sequence, events: 1, digest: vec![1], keep_days: 30, at: 7, signature: vec![2],
        };
        for (before, after, moved) in [(None, 1, true), (None, 2, false), (Some(1), 2, true), (Some(1), 3, false)] {
            let after = cut(after);
            let done = commit!(store, |tx, after| { audit_cuts::advance(tx, before, &after).await });
            assert_eq!(done.unwrap(), moved);
        }
        log.sealer.seal(NOW).await.unwrap();
        let gone = [one[0].position];
        commit!(store, |tx| {
            audit_cuts::remove_events(tx, &gone).await?;
            audit_cuts::remove_seals(tx, "", 1).await
        })
        .unwrap();
        let mut raw = store.raw().await;
        assert_eq!((raw.count("audit_events").await, raw.count("audit_seals").await), (3, 2));
    }
}
