//! `storage::recovery_codes`: a set, spent code by code, once each.

use std::time::Duration;

use doorward::domain::recovery_code::RecoveryCode;
use doorward::domain::secret::SecretHash;
use doorward::random;
use doorward::sign_in;
use doorward::storage::recovery_codes::{self, Set};
use doorward::storage::{Lane, audit_events};
use tokio::task::JoinSet;

use super::{NOW, Store, commit};
use crate::harness::on_both;

const MINUTE: Duration = Duration::from_mins(1);

fn hashes(first: u8, count: u8) -> Vec<SecretHash> {
    let hash = |number| SecretHash::from_stored(&[number; 32]).unwrap();
    (first..first + count).map(hash).collect()
}

on_both! {
    async fn a_code_is_spent_once_and_counted(store: Store) {
        let (alice, set) = (store.alice, random::id(NOW));
        let codes = hashes(0, 10);
        commit!(store, |tx, codes| { recovery_codes::replace(tx, alice, set, &codes, NOW).await }).unwrap();
        let code = codes[3].clone();
        let spent = commit!(store, |tx, code| {
            Ok([
                recovery_codes::spend(tx, alice, &code, NOW.plus(MINUTE)).await?,
                recovery_codes::spend(tx, alice, &code, NOW.plus(MINUTE)).await?,
                recovery_codes::spend(tx, random::id(NOW), &code, NOW.plus(MINUTE)).await?,
            ])
        });
        assert_eq!(spent.unwrap(), [Some(set), None, None]);
        let left = recovery_codes::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap();
        assert_eq!(left, Some(Set { created_at: NOW, left: 9 }));
    }

    async fn mf6_a_new_set_kills_the_old_one(store: Store) {
        let (alice, old, new) = (store.alice, hashes(0, 10), hashes(10, 10));
        let set = random::id(NOW);
        commit!(store, |tx, old, new| {
            assert_eq!(recovery_codes::of_user(tx, alice).await?, None);
            recovery_codes::replace(tx, alice, random::id(NOW), &old, NOW).await?;
            recovery_codes::spend(tx, alice, &old[0], NOW).await?;
            recovery_codes::replace(tx, alice, set, &new, NOW.plus(MINUTE)).await?;
            assert_eq!(recovery_codes::of_user(tx, alice).await?, Some(Set { created_at: NOW.plus(MINUTE), left: 10 }));
            for code in &old {
                assert_eq!(recovery_codes::spend(tx, alice, code, NOW).await?, None);
            }
            assert_eq!(recovery_codes::spend(tx, alice, &new[0], NOW).await?, Some(set));
            assert!(recovery_codes::delete_of_user(tx, alice).await?);
            assert!(!recovery_codes::delete_of_user(tx, alice).await?);
            assert_eq!(recovery_codes::spend(tx, alice, &new[1], NOW).await?, None);
            Ok(())
        })
        .unwrap();
    }

    async fn mf6_fifty_at_once_on_two_nodes_spend_a_code_once(store: Store) {
        let (alice, keyring) = (store.alice, store.keyring().await);
        let code = RecoveryCode::from_bytes(random::bytes());
        let hash = sign_in::recovery_code::hash(&keyring, alice, &code);
        assert!(hash != sign_in::recovery_code::hash(&keyring, random::id(NOW), &code), "each user has hashes of their own");
        let set = random::id(NOW);
        commit!(store, |tx, hash| { recovery_codes::replace(tx, alice, set, &[hash], NOW).await }).unwrap();
        let other = store.another_node().await;
        let mut tries = JoinSet::new();
        for number in 0..50 {
            let db = if number % 2 == 0 { store.db.clone() } else { other.clone() };
            let (keyring, typed) = (keyring.clone(), code.in_groups().to_uppercase());
            tries.spawn(async move {
                db.write(Lane::User(alice), move |tx| {
                    let (keyring, typed) = (keyring.clone(), typed.clone());
                    Box::pin(async move { sign_in::recovery_code::spend(tx, &keyring, alice, &typed, NOW).await })
                })
                .await
            });
        }
        let opened: Vec<_> = tries.join_all().await.into_iter().filter_map(Result::unwrap).collect();
        assert_eq!(opened, [set]);
        let events = audit_events::all(&mut store.snapshot().await.tx()).await.unwrap();
        assert_eq!(events.iter().filter(|event| event.action == "recovery_code.used").count(), 1);
    }
}
