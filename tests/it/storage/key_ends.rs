//! `storage::api_keys`: the limits of a key, its successor, and who is warned before its end. And
//! `families::revoke_of_session`.

use std::time::Duration;

use doorward::domain::access::{Address, PermissionSet, Reason};
use doorward::domain::id::{FamilyId, KeyId, ProductId};
use doorward::domain::secret::Purpose;
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::{Lane, families};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);

/// A key of Acme that lives so many days.
async fn key(store: &Store, name: &'static str, days: u32) -> KeyId {
    let (id, acme): (KeyId, _) = (random::id(NOW), store.acme);
    let hash = samples::hash(name, Purpose::ApiKey);
    commit!(store, |tx, hash| {
        let new = NewKey {
            id,
            organization: acme,
            user: None,
            name,
            hash: &hash,
            permissions: PermissionSet::ALL,
            products: &[],
            ip_allowlist: &[],
            expires_at: NOW.plus(DAY * days),
        };
        api_keys::insert(tx, &new, NOW).await
    })
    .unwrap();
    id
}

async fn ending(store: &Store, days: i64, now: Timestamp) -> Vec<KeyId> {
    let mut snapshot = store.snapshot().await;
    api_keys::ending_within(&mut snapshot.tx(), days, now)
        .await
        .unwrap()
}

on_both! {
    async fn a_keys_limits_are_read_back_and_keep_strangers_out(store: Store) {
        let (id, acme): (KeyId, _) = (random::id(NOW), store.acme);
        let products: Vec<ProductId> = vec![random::id(NOW), random::id(NOW)];
        let hash = samples::hash("dw_limited", Purpose::ApiKey);
        let given = products.clone();
        commit!(store, |tx, hash, given| {
            let new = NewKey {
                id,
                organization: acme,
                user: None,
                name: "limited",
                hash: &hash,
                permissions: PermissionSet::ALL,
                products: &given,
                ip_allowlist: &["192.0.2.0/24".parse().unwrap()],
                expires_at: NOW.plus(DAY),
            };
            api_keys::insert(tx, &new, NOW).await
        })
        .unwrap();
        let found = api_keys::by_id(&mut store.snapshot().await.tx(), id).await.unwrap().unwrap();
        assert_eq!(found.only_on(), Some(products));
        let from = |address: &str| found.refusals(NOW, Address::Known(address.parse().unwrap()));
        assert_eq!(from("192.0.2.7"), []);
        assert_eq!(from("203.0.113.9"), [Reason::KeyAddressNotAllowed("203.0.113.9".parse().unwrap())]);
        assert_eq!(found.refusals(NOW, Address::Untold), [Reason::KeyAddressUntold]);
        assert_eq!(found.refusals(NOW, Address::NotThePersons), []);
    }

    async fn of_twenty_that_rotate_a_key_one_does(store: Store) {
        let old = key(&store, "old", 90).await;
        let done = twenty(&store, Lane::Free, move |number, tx| {
            let to = KeyId::from_uuid(uuid::Uuid::from_u128(u128::from(number) + 1));
            Box::pin(async move { api_keys::rotated(tx, old, to, NOW.plus(DAY)).await })
        })
        .await;
        assert_eq!(done.into_iter().filter(|done| *done.as_ref().unwrap()).count(), 1);
        let found = api_keys::by_id(&mut store.snapshot().await.tx(), old).await.unwrap().unwrap();
        assert!(found.rotated_to.is_some() && found.expires_at == NOW.plus(DAY));
        let short = key(&store, "short", 1).await;
        assert!(commit!(store, |tx| { api_keys::rotated(tx, short, old, NOW.plus(DAY * 7)).await }).unwrap());
        let found = api_keys::by_id(&mut store.snapshot().await.tx(), short).await.unwrap().unwrap();
        assert_eq!(found.expires_at, NOW.plus(DAY), "no key lives longer for being rotated");
    }

    async fn a_key_is_warned_of_once_before_its_end(store: Store) {
        let long = key(&store, "long", 90).await;
        key(&store, "short", 5).await;
        assert_eq!(ending(&store, 14, NOW).await, [], "one is far from its end, one was never to live that long");
        let later = NOW.plus(DAY * 77);
        assert_eq!(ending(&store, 14, later).await, [long]);
        assert_eq!(ending(&store, 7, later).await, []);
        assert!(commit!(store, |tx| { api_keys::warned(tx, long, 14).await }).unwrap());
        assert!(!commit!(store, |tx| { api_keys::warned(tx, long, 14).await }).unwrap());
        assert_eq!(ending(&store, 14, later).await, []);
        assert_eq!(ending(&store, 7, NOW.plus(DAY * 84)).await, [long]);
        assert_eq!(ending(&store, 14, NOW.plus(DAY * 90)).await, [], "it is over");
    }

    async fn an_organizations_greatest_age_is_an_end_too(store: Store) {
        let long = key(&store, "long", 90).await;
        let acme = store.acme;
        let age = format!("UPDATE organizations SET api_key_max_age_days = 30 WHERE id = '{acme}'");
        store.raw().await.run(&age).await;
        assert_eq!(ending(&store, 14, NOW.plus(DAY * 15)).await, []);
        assert_eq!(ending(&store, 14, NOW.plus(DAY * 16)).await, [long]);
        let found = api_keys::by_id(&mut store.snapshot().await.tx(), long).await.unwrap().unwrap();
        assert_eq!(found.ends_at(), NOW.plus(DAY * 30));
    }

    async fn what_a_session_began_ends_with_it_and_nothing_else(store: Store) {
        let [mine, another] = [(); 2].map(|()| samples::family(&store));
        let ids: [FamilyId; 2] = [mine.id, another.id];
        let session = store.session;
        commit!(store, |tx, mine, another| {
            families::insert(tx, &mine, NOW).await?;
            families::insert(tx, &another, NOW).await
        })
        .unwrap();
        let stranger = random::id(NOW);
        commit!(store, |tx| { families::revoke_of_session(tx, stranger, NOW).await }).unwrap();
        for id in ids {
            assert!(families::by_id(&mut store.snapshot().await.tx(), id).await.unwrap().unwrap().is_alive(NOW));
        }
        commit!(store, |tx| { families::revoke_of_session(tx, session, NOW).await }).unwrap();
        for id in ids {
            let found = families::by_id(&mut store.snapshot().await.tx(), id).await.unwrap();
            assert!(found.is_none_or(|family| !family.is_alive(NOW)));
        }
    }
}
