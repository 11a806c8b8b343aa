//! `storage::signing_keys` and `storage::instance`.

use std::time::Duration;

use doorward::domain::signing_key::{SigningAlgorithm, SigningKeyState};
use doorward::storage::instance;
use doorward::storage::signing_keys::{self, StoredSigningKey};

use super::{NOW, Store, commit};
use crate::harness::on_both;

fn key(id: &str, algorithm: SigningAlgorithm, state: SigningKeyState) -> StoredSigningKey {
    StoredSigningKey {
        id: id.to_owned(),
        algorithm,
        state,
        sealed_private: vec![0, 255, 7],
        public_jwk: "{}".to_owned(),
        created_at: NOW,
        signing_from: None,
        retired_at: None,
    }
}

on_both! {
    async fn signing_keys_are_read_back_as_stored_oldest_first(store: Store) {
        let young = key("a", SigningAlgorithm::Es256, SigningKeyState::Next);
        let old = StoredSigningKey {
            created_at: NOW.minus(Duration::from_hours(1)),
            signing_from: Some(NOW),
            retired_at: Some(NOW.plus(Duration::from_hours(1))),
            ..key("z", SigningAlgorithm::EdDsa, SigningKeyState::Retired)
        };
        let of_the_same_moment = key("b", SigningAlgorithm::Rs256, SigningKeyState::Signing);
        let stored = [old, young, of_the_same_moment];
        commit!(store, |tx, stored| {
            for key in stored.iter().rev() {
                signing_keys::insert(tx, key).await?;
            }
            Ok(())
        })
        .unwrap();
        let found = signing_keys::all(&mut store.snapshot().await.tx()).await.unwrap();
        assert_eq!(format!("{found:?}"), format!("{stored:?}"));
    }

    async fn a_promotion_moves_one_algorithm_down_its_life(store: Store) {
        use SigningAlgorithm::{Es256, Rs256};
        use SigningKeyState::{Next, Retired, Signing};
        let keys = [key("1", Es256, Retired), key("2", Es256, Signing), key("3", Es256, Next), key("4", Rs256, Next)];
        let later = NOW.plus(Duration::from_hours(1));
        commit!(store, |tx, keys| {
            for key in &keys {
                signing_keys::insert(tx, key).await?;
            }
            signing_keys::promote(tx, Es256, later).await
        })
        .unwrap();
        let found = signing_keys::all(&mut store.snapshot().await.tx()).await.unwrap();
        let told: Vec<_> =
            found.iter().map(|key| (key.id.as_str(), key.state, key.signing_from, key.retired_at)).collect();
        let expected = [
            ("1", Retired, None, None),
            ("2", Retired, None, Some(later)),
            ("3", Signing, Some(later), None),
            ("4", Next, None, None),
        ];
        assert_eq!(told, expected);
    }

    async fn a_database_is_tied_to_one_master_key_for_good(store: Store) {
        assert_eq!(instance::master_key_id(&mut store.snapshot().await.tx()).await.unwrap(), None);
        commit!(store, |tx| { instance::insert(tx, "first", NOW).await }).unwrap();
        assert!(commit!(store, |tx| { instance::insert(tx, "second", NOW).await }).is_err());
        let tied = instance::master_key_id(&mut store.snapshot().await.tx()).await.unwrap();
        assert_eq!(tied.as_deref(), Some("first"));
    }
}
