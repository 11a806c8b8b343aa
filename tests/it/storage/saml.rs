//! What SAML keeps: our keys, assertions that were used, answers that wait.

use std::time::Duration;

use doorward::domain::secret::Purpose;
use doorward::storage::saml_answers::{self, WaitingAnswer};
use doorward::storage::saml_keys::{self, StoredSamlKey};
use doorward::storage::{Lane, connections, saml_assertions};

use super::federation::connection;
use super::samples::{NOW, hash, network};
use super::{Store, commit, twenty};
use crate::harness::on_both;

fn answer(store: &Store, handle: &str) -> (doorward::domain::connection::Connection, WaitingAnswer) {
    let kept = connection(store);
    let waiting = WaitingAnswer {
        handle: hash(handle, Purpose::UpstreamAnswer),
        connection: kept.id,
        message: b"<samlp:Response/>".to_vec(),
        state: Some(hash("a state", Purpose::UpstreamState)),
        expires_at: NOW.plus(saml_answers::LIFETIME),
    };
    (kept, waiting)
}

on_both! {
    async fn one_of_many_keys_is_kept(store: Store) {
        let made = twenty(&store, Lane::Instance, |number, tx| {
            Box::pin(async move {
                let key = StoredSamlKey {
                    name: "service-provider".to_owned(),
                    sealed_private: vec![u8::try_from(number).unwrap()],
                    certificate: number.to_string(),
                    created_at: NOW,
                };
                saml_keys::insert(tx, &key).await
            })
        });
        let kept: Vec<_> = made.await.into_iter().filter(|made| matches!(made, Ok(true))).collect();
        assert_eq!(kept.len(), 1);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = saml_keys::find(tx, "service-provider").await.unwrap().unwrap();
        assert_eq!(found.certificate, found.sealed_private[0].to_string());
        assert_eq!(saml_keys::find(tx, "another").await.unwrap(), None);
    }

    async fn sa24_an_assertion_is_used_once(store: Store) {
        let (kept, other) = (connection(&store), connection(&store));
        commit!(store, |tx, kept, other| {
            connections::insert(tx, &kept).await?;
            connections::insert(tx, &other).await
        }).unwrap();
        let (by, elsewhere, until) = (kept.id, other.id, NOW.plus(Duration::from_mins(5)));
        let used = twenty(&store, Lane::Guarded, move |_, tx| {
            Box::pin(async move { saml_assertions::use_once(tx, by, "_a", until).await })
        });
        let used: Vec<_> = used.await.into_iter().filter(|used| matches!(used, Ok(true))).collect();
        assert_eq!(used.len(), 1);
        let others = commit!(store, |tx| {
            Ok((
                saml_assertions::use_once(tx, by, "_b", until).await?,
                saml_assertions::use_once(tx, elsewhere, "_a", until).await?,
            ))
        });
        assert_eq!(others.unwrap(), (true, true));
        let before = until.minus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { saml_assertions::purge(tx, before).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { saml_assertions::purge(tx, until).await }).unwrap(), 3);
    }

    async fn an_answer_waits_for_one_who_comes_in_time(store: Store) {
        let (kept, waiting) = answer(&store, "handle");
        let (by, home) = (kept.id, network("192.0.2.7"));
        let stored = commit!(store, |tx, kept, waiting| {
            connections::insert(tx, &kept).await?;
            saml_answers::insert(tx, &waiting, home, NOW).await
        });
        assert!(stored.unwrap());
        let wrong = hash("guessed", Purpose::UpstreamAnswer);
        let other = connection(&store).id;
        let right = waiting.handle.clone();
        for (handle, by, now) in [
            (&wrong, by, NOW),
            (&right, other, NOW),
            (&right, by, waiting.expires_at),
        ] {
            let handle = handle.clone();
            let taken = commit!(store, |tx, handle| { saml_answers::take(tx, &handle, by, now).await });
            assert_eq!(taken.unwrap(), None);
        }
        let taken = twenty(&store, Lane::Free, move |_, tx| {
            let handle = right.clone();
            Box::pin(async move { saml_answers::take(tx, &handle, by, NOW).await })
        });
        let taken: Vec<_> = taken.await.into_iter().filter_map(Result::ok).flatten().collect();
        assert_eq!(taken, [waiting]);
    }

    async fn one_network_has_only_so_many_answers_waiting(store: Store) {
        let (kept, _) = answer(&store, "");
        let all: Vec<_> = (0..101)
            .map(|number| WaitingAnswer {
                handle: hash(&number.to_string(), Purpose::UpstreamAnswer),
                connection: kept.id,
                state: None,
                ..answer(&store, "").1
            })
            .collect();
        let home = network("192.0.2.7");
        let last = commit!(store, |tx, kept, all| {
            connections::insert(tx, &kept).await?;
            let mut last = false;
            for waiting in &all {
                last = saml_answers::insert(tx, waiting, home, NOW).await?;
            }
            Ok(last)
        });
        assert!(!last.unwrap());
        let expired = NOW.plus(saml_answers::LIFETIME);
        assert_eq!(commit!(store, |tx| { saml_answers::purge(tx, expired).await }).unwrap(), 100);
    }
}
