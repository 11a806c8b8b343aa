//! `storage::limits`.

use std::time::Duration;

use doorward::domain::access::PermissionSet;
use doorward::domain::id::KeyId;
use doorward::domain::limit::{Limits, Resource};
use doorward::domain::secret::Purpose;
use doorward::random;
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::limits;

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, on_both};

on_both! {
    async fn a_new_organization_has_the_limits_of_the_house(store: Store) {
        let mut snapshot = store.snapshot().await;
        assert_eq!(limits::of(&mut snapshot.tx(), store.acme).await.unwrap(), Some(Limits::default()));
        let nobodys = random::id(NOW);
        assert_eq!(limits::of(&mut snapshot.tx(), nobodys).await.unwrap(), None);
    }

    async fn limits_are_read_back_as_stored_each_in_its_place(store: Store) {
        let (acme, mut next) = (store.acme, 0);
        let stored = Limits::new(|_| {
            next += 1;
            next
        });
        commit!(store, |tx| { limits::set(tx, acme, stored).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(limits::of(&mut snapshot.tx(), acme).await.unwrap(), Some(stored));
        assert_eq!(limits::of(&mut snapshot.tx(), store.umbrella).await.unwrap(), Some(Limits::default()));
        assert_eq!(stored.of(Resource::Webhooks), 5);
    }

    async fn a_seat_is_a_membership_or_an_invitation_that_can_be_accepted(store: Store) {
        let (acme, now) = (store.acme, NOW.millis());
        let bytes = if store.engine == Engine::Sqlite { "BLOB" } else { "BYTEA" };
        let later = now + 1;
        let rows = [("a", "pending", later), ("b", "pending", now), ("c", "revoked", later), ("d", "accepted", later)];
        for (id, state, expires_at) in rows {
            let insert = format!(
                "INSERT INTO invitations (id, organization_id, email, email_comparable, message, invited_by, secret_hash, \
                 state, created_at, sent_at, expires_at) VALUES ('inv_{id}', '{acme}', '{id}@acme.example', \
                 '{id}@acme.example', '', 'x', CAST('{id}' AS {bytes}), '{state}', 0, 0, {expires_at})",
            );
            store.raw().await.run(&insert).await;
        }
        let mut snapshot = store.snapshot().await;
        assert_eq!(limits::seats(&mut snapshot.tx(), acme, NOW).await.unwrap(), 2, "Alice, and one invited");
        assert_eq!(limits::seats(&mut snapshot.tx(), store.umbrella, NOW).await.unwrap(), 0);
    }

    async fn a_key_counts_while_it_is_good(store: Store) {
        let (acme, alice, end) = (store.acme, store.alice, NOW.plus(Duration::from_mins(1)));
        let keys: [KeyId; 3] = [random::id(NOW), random::id(NOW), random::id(NOW)];
        commit!(store, |tx| {
            for (id, user) in keys.into_iter().zip([None, Some(alice), None]) {
                let hash = samples::hash(&id.to_string(), Purpose::ApiKey);
                let (organization, permissions) = (acme, PermissionSet::EMPTY);
                let new = NewKey { id, organization, user, name: "x", hash: &hash, permissions, products: &[], ip_allowlist: &[], expires_at: end };
                api_keys::insert(tx, &new, NOW).await?;
            }
            api_keys::revoke(tx, keys[2], NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(limits::good_keys(&mut snapshot.tx(), acme, NOW).await.unwrap(), 2);
        assert_eq!(limits::good_keys(&mut snapshot.tx(), acme, end).await.unwrap(), 0, "this point excluded");
        assert_eq!(limits::good_keys(&mut snapshot.tx(), store.umbrella, NOW).await.unwrap(), 0);
    }

    async fn devices_are_what_is_reported_and_what_is_reserved(store: Store) {
        let (acme, umbrella, later) = (store.acme, store.umbrella, NOW.plus(Duration::from_secs(1)));
        let (now, then) = (NOW.millis(), later.millis());
        store
            .raw()
            .await
            .run(&format!(
                "INSERT INTO resource_usage (organization_id, product_id, resource, used, reported_at) VALUES \
                 ('{acme}', '', 'devices', 3, 0), ('{acme}', 'prd_a', 'devices', 4, 0), \
                 ('{acme}', 'prd_a', 'active_deployments', 50, 0), ('{umbrella}', '', 'devices', 60, 0); \
                 INSERT INTO usage_reservations (id, organization_id, product_id, resource, amount, created_at, expires_at) \
                 VALUES ('rsv_a', '{acme}', '', 'devices', 10, 0, {then}), ('rsv_b', '{acme}', '', 'devices', 100, 0, {now})"
            ))
            .await;
        let mut snapshot = store.snapshot().await;
        assert_eq!(limits::devices(&mut snapshot.tx(), acme, NOW).await.unwrap(), 17);
        assert_eq!(limits::devices(&mut snapshot.tx(), acme, later).await.unwrap(), 7);
        assert_eq!(limits::devices(&mut snapshot.tx(), umbrella, NOW).await.unwrap(), 60);
    }
}
