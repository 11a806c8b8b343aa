//! `audit::Sealer`, over `storage::audit_seals`: every event is sealed, once, whatever the order in which it is seen.

use std::sync::Arc;
use std::time::Duration;

use doorward::audit::verify::{Report, verify};
use doorward::audit::{self, Actor, Event, Sealed, Sealer, SealingError};
use doorward::domain::id::OrganizationId;
use doorward::domain::time::Timestamp;
use doorward::keyring::Keyring;
use doorward::storage::audit_seals::{self, StoredHead, StoredSeal, StoredSealing};
use doorward::storage::{Lane, StorageError};
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::{NOW, Store, commit};
use crate::harness::{Engine, on_both};

/// A store with its keys and sealer.
pub(super) struct Log {
    pub(super) store: Store,
    pub(super) keys: Keyring,
    pub(super) sealer: Sealer,
}

impl Log {
    pub(super) async fn open(engine: Engine) -> Self {
        let store = Store::open(engine).await;
        let keys = store.keyring().await;
        let sealer = Sealer::of(store.db.clone(), &keys);
        Self { store, keys, sealer }
    }

    /// What Alice did, somewhere and at some time.
    pub(super) fn event(&self, number: usize) -> Event {
        let event = Event::of("thing.changed", Actor::User(self.store.alice)).on(format!("prd_{number}"));
        let event = event
            .with("number", number)
            .with_personal("ip", format!("192.0.2.{number}"));
        let place: Option<OrganizationId> =
            [None, Some(self.store.acme), Some(self.store.umbrella)][number % 3];
        place.map_or(event.clone(), |place| event.clone().within(place))
    }

    /// So many events, one after the other in one transaction.
    pub(super) async fn tell(&self, how_many: usize, now: Timestamp) {
        let events: Vec<_> = (0..how_many).map(|number| self.event(number)).collect();
        let (store, keys) = (&self.store, self.keys.clone());
        commit!(store, |tx, keys, events| {
            for event in &events {
                audit::record(tx, &keys, event, now).await?;
            }
            Ok(())
        })
        .unwrap();
    }

    pub(super) async fn proof(&self) -> Report {
        let mut snapshot = self.store.snapshot().await;
        verify(&mut snapshot.tx(), self.keys.audit()).await.unwrap()
    }

    /// The same of a log in which nothing is wrong.
    pub(super) async fn whole(&self) -> Report {
        let report = self.proof().await;
        assert!(report.is_whole(), "{:?}", report.faults);
        report
    }
}

on_both! {
    async fn what_is_new_is_sealed_in_the_chain_of_its_organization(log: Log) {
        assert_eq!(log.sealer.seal(NOW).await.unwrap(), Sealed::All(0));
        assert_eq!(log.whole().await, Report::default());
        log.tell(7, NOW).await;
        assert_eq!((log.whole().await.sealed, log.whole().await.unsealed), (0, 7));
        assert_eq!(log.sealer.seal(NOW).await.unwrap(), Sealed::All(7));
        assert_eq!(log.sealer.seal(NOW).await.unwrap(), Sealed::All(0));
        log.tell(2, NOW).await;
        log.sealer.seal(NOW).await.unwrap();
        let report = log.whole().await;
        assert_eq!((report.sealed, report.unsealed, report.seals), (9, 0, 5));
        let heads: Vec<_> = report.heads.iter().map(|head| (head.chain.clone(), head.sequence)).collect();
        let (acme, umbrella) = (log.store.acme.to_string(), log.store.umbrella.to_string());
        let mut expected = vec![(String::new(), 2), (acme, 2), (umbrella, 1)];
        expected.sort();
        assert_eq!(heads, expected);
    }

    async fn a_log_of_thousands_is_sealed_in_rounds_and_whole(log: Log) {
        log.tell(5000, NOW).await;
        assert_eq!(log.sealer.seal(NOW).await.unwrap(), Sealed::All(5000));
        let report = log.whole().await;
        assert_eq!((report.sealed, report.unsealed), (5000, 0));
    }

    async fn nodes_that_seal_at_once_seal_each_event_once(log: Log) {
        let another = Sealer::of(log.store.another_node().await, &log.keys);
        let mut work = JoinSet::new();
        for sealer in [log.sealer.clone(), another.clone(), log.sealer.clone(), another] {
            work.spawn(async move {
                for _ in 0..30 {
                    sealer.seal(NOW).await.unwrap();
                }
            });
        }
        for number in 0..60 {
            let (db, keys, event) = (log.store.db.clone(), log.keys.clone(), log.event(number));
            work.spawn(async move {
                let told = db.write(Lane::Free, move |tx| {
                    let (keys, event) = (keys.clone(), event.clone());
                    Box::pin(async move { audit::record(tx, &keys, &event, NOW).await })
                });
                let told: Result<(), StorageError> = told.await;
                told.unwrap();
            });
        }
        work.join_all().await;
        log.sealer.seal(NOW).await.unwrap();
        let report = log.whole().await;
        assert_eq!((report.sealed, report.unsealed), (60, 0));
    }

    async fn lo3_over_a_changed_state_nothing_is_sealed(log: Log) {
        log.tell(3, NOW).await;
        log.sealer.seal(NOW).await.unwrap();
        log.tell(3, NOW).await;
        let mut raw = log.store.raw().await;
        for harm in [
            "UPDATE audit_sealing SET next = 1",
            "DELETE FROM audit_sealing",
            "UPDATE audit_heads SET sequence = 7",
        ] {
            raw.run("CREATE TABLE kept AS SELECT * FROM audit_sealing; CREATE TABLE kept_heads AS SELECT * FROM audit_heads").await;
            raw.run(harm).await;
            let refused = log.sealer.seal(NOW).await;
            assert!(matches!(refused, Err(SealingError::Tampered(_))), "{harm}: {refused:?}");
            raw.run("DELETE FROM audit_sealing; INSERT INTO audit_sealing SELECT * FROM kept; DROP TABLE kept; \
                     DELETE FROM audit_heads; INSERT INTO audit_heads SELECT * FROM kept_heads; DROP TABLE kept_heads").await;
        }
        log.sealer.seal(NOW).await.unwrap();
        assert_eq!(log.whole().await.sealed, 6);
    }

    async fn what_sealing_reads_and_writes_is_what_is_there(log: Log) {
        log.tell(4, NOW).await;
        let store = &log.store;
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let all = audit_seals::unsealed(tx, 1, 10).await.unwrap();
        let positions: Vec<_> = all.iter().map(|event| event.position).collect();
        assert!(positions.len() == 4 && positions.is_sorted());
        assert_eq!(audit_seals::unsealed(tx, positions[1], 2).await.unwrap(), all[1..3]);
        let ranges = [(positions[0], positions[0]), (positions[2], positions[3])];
        let some = audit_seals::within(tx, &ranges, 10).await.unwrap();
        assert_eq!(some, [&all[..1], &all[2..]].concat());
        assert_eq!(audit_seals::within(tx, &ranges, 2).await.unwrap().len(), 2);
        assert_eq!(audit_seals::within(tx, &[], 2).await.unwrap(), []);
        assert!(!audit_seals::any(tx).await.unwrap());
        assert_eq!(audit_seals::sealing(tx).await.unwrap(), None);
        let oldest = audit_seals::oldest_transaction(tx).await.unwrap();
        let moment = audit_seals::moment(tx).await.unwrap();
        assert!(oldest.is_none_or(|oldest| oldest < moment), "{oldest:?} {moment}");
        assert_eq!(oldest.is_some(), store.engine == Engine::Postgres);
        drop(snapshot);

        let state = |next| StoredSealing { next, skipped: vec![1], seals: 2, events: 3, mac: vec![u8::try_from(next).unwrap()] };
        let (first, second) = (state(5), state(9));
        let begun = commit!(store, |tx, first| { audit_seals::advance(tx, None, &first).await });
        assert!(begun.unwrap());
        let again = commit!(store, |tx, second| { audit_seals::advance(tx, None, &second).await });
        assert!(!again.unwrap(), "it has begun");
        let moved = commit!(store, |tx, first, second| { audit_seals::advance(tx, Some(&first), &second).await });
        assert!(moved.unwrap());
        let late = commit!(store, |tx, first, second| { audit_seals::advance(tx, Some(&first), &second).await });
        assert!(!late.unwrap());
        let made = |sequence| {
            let seal = StoredSeal {
                chain: "org_a".to_owned(), sequence, at: 1, leaves: vec![1], root: vec![2], previous: vec![3], signature: vec![4],
            };
            let head = StoredHead { chain: "org_a".to_owned(), sequence, digest: vec![5], mac: vec![6] };
            (vec![seal], vec![head])
        };
        for sequence in [1, 2] {
            let (seals, heads) = made(sequence);
            commit!(store, |tx, seals, heads| { audit_seals::insert(tx, &seals, &heads).await }).unwrap();
        }
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(audit_seals::sealing(tx).await.unwrap(), Some(second));
        assert_eq!(audit_seals::head(tx, "org_a").await.unwrap(), made(2).1.pop());
        assert_eq!(audit_seals::head(tx, "org_b").await.unwrap(), None);
        assert!(audit_seals::any(tx).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_postgres_an_event_that_is_seen_late_is_sealed_late() {
    let log = Log::open(Engine::Postgres).await;
    let (told, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (db, keys, event) = (log.store.db.clone(), log.keys.clone(), log.event(1));
    let (tell, wait) = (Arc::clone(&told), Arc::clone(&go_on));
    let slow = tokio::spawn(async move {
        let work = db.write(Lane::Guarded, move |tx| {
            let (keys, event) = (keys.clone(), event.clone());
            let (tell, wait) = (Arc::clone(&tell), Arc::clone(&wait));
            Box::pin(async move {
                audit::record(tx, &keys, &event, NOW).await?;
                tell.notify_one();
                wait.notified().await;
                Ok(())
            })
        });
        let done: Result<(), StorageError> = work.await;
        done.unwrap();
    });
    told.notified().await;
    log.tell(2, NOW).await;
    let refused = log.store.db.write(Lane::Free, {
        let (keys, event) = (log.keys.clone(), log.event(2));
        move |tx| {
            let (keys, event) = (keys.clone(), event.clone());
            Box::pin(async move {
                audit::record(tx, &keys, &event, NOW).await?;
                Err::<(), _>(StorageError::Contended(0))
            })
        }
    });
    assert!(refused.await.is_err(), "its position is nobody's");
    log.tell(1, NOW).await;
    assert_eq!(log.sealer.seal(NOW).await.unwrap(), Sealed::All(3));
    assert_eq!(log.whole().await.sealed, 3, "what is not seen is not missing");
    go_on.notify_one();
    slow.await.unwrap();
    let report = log.whole().await;
    assert_eq!((report.sealed, report.unsealed), (3, 1));
    assert_eq!(
        log.sealer.seal(NOW.plus(Duration::from_secs(1))).await.unwrap(),
        Sealed::All(1)
    );
    assert_eq!(log.whole().await.sealed, 4);
}

#[test]
fn the_key_that_seals_is_written_and_read() {
    use doorward::keyring::AuditPublicKey;
    let text = "A".repeat(43);
    let key: AuditPublicKey = text.parse().unwrap();
    assert_eq!(key.to_string(), text);
    assert_eq!(key.fingerprint().split(' ').count(), 8);
    assert!(!key.verifies(b"anything", &[0; 64]));
    for bad in ["", "A", &"A".repeat(44), &format!("{}!", "A".repeat(42))] {
        assert!(bad.parse::<AuditPublicKey>().is_err(), "{bad}");
    }
}
