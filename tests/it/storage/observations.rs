//! `audit::Observations`: what is observed comes into the log, in batches, and nothing is lost on the way.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use doorward::audit::{self, Actor, Event, Observations, Telling};
use doorward::clock::Clock;
use doorward::domain::network::Network;
use doorward::jobs;
use doorward::keyring::Keyring;
use doorward::storage::audit_events::{self, StoredEvent};
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

const PATIENCE: Duration = Duration::from_secs(10);

const REFUSED: &str = "application.authentication_failed";

impl Store {
    async fn observations(&self) -> (Observations, Keyring) {
        let keyring = self.keyring().await;
        (Observations::of(self.db.clone(), keyring.clone()), keyring)
    }

    async fn log(&self) -> Vec<StoredEvent> {
        audit_events::all(&mut self.snapshot().await.tx()).await.unwrap()
    }
}

fn issued(store: &Store) -> Event {
    Event::of("token.issued", Actor::Application(store.fleet)).within(store.acme)
}

/// Whether something can't be done at once.
async fn waits(work: &mut (impl Future<Output = ()> + Unpin)) -> bool {
    poll_fn(|context| Poll::Ready(std::pin::Pin::new(&mut *work).poll(context).is_pending())).await
}

fn minutes(count: u64) -> Duration {
    Duration::from_mins(count)
}

on_both! {
    async fn what_is_observed_is_in_the_log_once_it_is_written(store: Store) {
        let (observations, keys) = store.observations().await;
        observations.observe(&issued(&store), NOW).await;
        observations.observe(&issued(&store), NOW.plus(minutes(1))).await;
        assert!(store.log().await.is_empty());
        observations.write(NOW).await.unwrap();
        let log = store.log().await;
        assert_eq!(log.len(), 2);
        assert!(log.iter().all(|event| audit::is_intact(&keys, event) && event.action == "token.issued"));
        assert_eq!(log[0].organization_id, Some(store.acme.to_string()));
        assert_eq!((log[0].at, log[1].at), (NOW.millis(), NOW.plus(minutes(1)).millis()));
        observations.flush().await.unwrap();
        assert_eq!(store.log().await.len(), 2);
    }

    async fn refusals_are_summed_by_kind_network_minute_and_organization(store: Store) {
        let (observations, keys) = store.observations().await;
        let [here, there] = ["192.0.2.1", "2001:db8::1"].map(samples::network);
        let later = NOW.plus(Duration::from_secs(7));
        for (kind, network, organization, now) in [
            (REFUSED, here, None, NOW),
            (REFUSED, here, None, later),
            (REFUSED, here, None, NOW),
            (REFUSED, there, None, NOW),
            (REFUSED, here, Some(store.acme), NOW),
            ("access.refused", here, None, NOW),
            (REFUSED, here, None, NOW.plus(minutes(1))),
        ] {
            observations.refused(kind, network, organization, now).await;
        }
        assert_eq!(observations.waiting_count(), 5);
        observations.write(later).await.unwrap();
        assert!(store.log().await.is_empty(), "the minute is not over");
        observations.write(NOW.plus(minutes(1))).await.unwrap();
        let log = store.log().await;
        assert_eq!((log.len(), observations.waiting_count()), (4, 1));
        assert!(log.iter().all(|event| audit::is_intact(&keys, event)));
        assert!(log.iter().all(|event| (event.actor.as_str(), event.result.as_str()) == ("nobody", "refused")));
        let summed: Vec<_> = log.iter().filter(|event| event.detail.contains("\"count\":3")).collect();
        let [summed] = summed.as_slice() else { panic!("{log:?}") };
        assert_eq!(summed.detail, r#"{"count":3,"since":"2026-11-22T09:30:00Z"}"#);
        assert_eq!((summed.action.as_str(), summed.at), (REFUSED, later.millis()));
        assert_eq!((Telling::of(summed).ip.as_deref(), &summed.organization_id), (Some("192.0.2.1"), &None));
        let of_acme = log.iter().filter(|event| event.organization_id == Some(store.acme.to_string()));
        assert_eq!(of_acme.count(), 1);
        observations.flush().await.unwrap();
        assert_eq!((store.log().await.len(), observations.waiting_count()), (5, 0));
    }

    async fn when_there_is_no_room_the_next_waits_and_none_is_lost(store: Store) {
        let (observations, _) = store.observations().await;
        let (event, here) = (issued(&store), samples::network("192.0.2.1"));
        for _ in 0..Observations::ROOM {
            observations.observe(&event, NOW).await;
        }
        let mut one_more = pin!(observations.observe(&event, NOW));
        let mut refusal = pin!(observations.refused(REFUSED, here, None, NOW));
        assert!(waits(&mut one_more).await && waits(&mut refusal).await);
        observations.flush().await.unwrap();
        one_more.await;
        refusal.await;
        observations.flush().await.unwrap();
        assert_eq!(store.log().await.len(), Observations::ROOM + 2);
        assert_eq!(observations.waiting_count(), 0);
    }

    async fn refusals_from_everywhere_find_room_though_their_minute_is_not_over(store: Store) {
        let (observations, _) = store.observations().await;
        for number in 0..u32::try_from(Observations::ROOM).unwrap() {
            let network = Network::of(std::net::Ipv4Addr::from_bits(number).into());
            observations.refused(REFUSED, network, None, NOW).await;
        }
        let mut one_more = pin!(observations.refused(REFUSED, samples::network("192.0.2.1"), None, NOW));
        assert!(waits(&mut one_more).await);
        observations.refused(REFUSED, samples::network("0.0.0.7"), None, NOW).await;
        observations.write(NOW).await.unwrap();
        one_more.await;
        assert!(observations.waiting_count() < Observations::ROOM / 2 + 1);
    }

    async fn a_log_that_cannot_be_written_keeps_what_waits_for_it(store: Store) {
        let (observations, _) = store.observations().await;
        store.raw().await.run("ALTER TABLE audit_events RENAME TO away").await;
        for _ in 0..3 {
            observations.observe(&issued(&store), NOW).await;
        }
        assert!(observations.flush().await.is_err());
        observations.observe(&issued(&store), NOW).await;
        assert!(observations.write(NOW).await.is_err());
        assert_eq!(observations.waiting_count(), 4);
        store.raw().await.run("ALTER TABLE away RENAME TO audit_events").await;
        observations.flush().await.unwrap();
        assert_eq!((store.log().await.len(), observations.waiting_count()), (4, 0));
    }

    async fn a_batch_that_is_stored_twice_is_there_once(store: Store) {
        let (observations, _) = store.observations().await;
        for number in 0..150 {
            observations.observe(&issued(&store).with("number", number), NOW).await;
        }
        observations.flush().await.unwrap();
        let log = store.log().await;
        assert_eq!(log.len(), 150);
        commit!(store, |tx, log| { audit_events::insert_all(tx, &log).await }).unwrap();
        commit!(store, |tx| { audit_events::insert_all(tx, &[]).await }).unwrap();
        assert_eq!(store.log().await, log);
    }

    async fn the_job_writes_by_itself_whatever_the_clock_says(store: Store) {
        let (observations, _) = store.observations().await;
        let job = tokio::spawn(jobs::write_observations(observations.clone(), Clock::standing_at(NOW)));
        for round in 1..=2 {
            observations.observe(&issued(&store), NOW).await;
            let written = async {
                while store.log().await.len() < round {
                    yield_now().await;
                }
            };
            timeout(PATIENCE, written).await.expect("nobody writes");
        }
        job.abort();
    }

    async fn many_at_once_are_all_in_the_log(store: Store) {
        let (observations, _) = store.observations().await;
        let job = tokio::spawn(jobs::write_observations(observations.clone(), Clock::standing_at(NOW)));
        let mut observers = JoinSet::new();
        for _ in 0..20 {
            let (observations, event) = (observations.clone(), issued(&store));
            observers.spawn(async move {
                for _ in 0..600 {
                    observations.observe(&event, NOW).await;
                }
            });
        }
        observers.join_all().await;
        job.abort();
        observations.flush().await.unwrap();
        assert_eq!(store.log().await.len(), 12_000);
    }

    async fn what_comes_after_the_end_is_not_answered(store: Store) {
        let (observations, _) = store.observations().await;
        observations.observe(&issued(&store), NOW).await;
        observations.close().await.unwrap();
        assert_eq!(store.log().await.len(), 1);
        let (event, here) = (issued(&store), samples::network("192.0.2.1"));
        let mut late = pin!(observations.observe(&event, NOW));
        let mut refusal = pin!(observations.refused(REFUSED, here, None, NOW));
        assert!(waits(&mut late).await && waits(&mut refusal).await);
        observations.flush().await.unwrap();
        assert_eq!(store.log().await.len(), 1);
    }
}
