//! `storage::organizations` and `storage::products`.

use std::time::Duration;

use doorward::domain::access::Policy;
use doorward::domain::organization::{Organization, OrganizationName};
use doorward::domain::session::SessionLimits;
use doorward::random;
use doorward::storage::organizations;
use doorward::storage::products::{self, NewProduct};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

fn strict() -> (Policy, SessionLimits) {
    let policy = Policy {
        ip_allowlist: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        require_mfa: true,
    };
    let limits = SessionLimits {
        idle: Duration::from_secs(61),
        max: Duration::from_secs(3601),
    };
    (policy, limits)
}

on_both! {
    async fn an_organization_is_read_back_as_stored(store: Store) {
        let (policy, session_limits) = strict();
        let strict = Organization { policy, session_limits, ..samples::organization("strict") };
        for stored in [samples::organization("plain"), strict] {
            assert!(commit!(store, |tx, stored| { organizations::insert(tx, &stored, NOW).await }).unwrap());
            let mut snapshot = store.snapshot().await;
            let by_id = organizations::by_id(&mut snapshot.tx(), stored.id).await.unwrap().unwrap();
            let by_name = organizations::by_name(&mut snapshot.tx(), &stored.name).await.unwrap().unwrap();
            for found in [by_id, by_name] {
                assert_eq!(format!("{found:?}"), format!("{stored:?}"));
            }
        }
    }

    async fn a_name_is_taken_once(store: Store) {
        let twin = samples::organization("acme");
        assert!(!commit!(store, |tx, twin| { organizations::insert(tx, &twin, NOW).await }).unwrap());
        let mut snapshot = store.snapshot().await;
        let kept = organizations::by_name(&mut snapshot.tx(), &twin.name).await.unwrap().unwrap();
        assert_eq!(kept.id, store.acme);
        assert!(organizations::by_id(&mut snapshot.tx(), twin.id).await.unwrap().is_none());
        let nobodys = OrganizationName::parse("acme-2").unwrap();
        assert!(organizations::by_name(&mut snapshot.tx(), &nobodys).await.unwrap().is_none());
    }

    async fn a_policy_is_changed_for_its_organization_alone(store: Store) {
        let (acme, (policy, limits)) = (store.acme, strict());
        commit!(store, |tx, policy| { organizations::set_policy(tx, acme, &policy, limits).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let acme = organizations::by_id(&mut snapshot.tx(), acme).await.unwrap().unwrap();
        assert_eq!((acme.policy, acme.session_limits), (policy, limits));
        let umbrella = organizations::by_id(&mut snapshot.tx(), store.umbrella).await.unwrap().unwrap();
        assert!(!umbrella.policy.require_mfa);
    }

    async fn a_products_name_is_taken_once_in_its_organization(store: Store) {
        let rover = |organization| NewProduct {
            id: random::id(NOW),
            organization,
            name: OrganizationName::parse("rover").unwrap(),
            display_name: samples::name("Rover"),
        };
        let tries = [rover(store.acme), rover(store.acme), rover(store.umbrella)];
        let mut stored = Vec::new();
        for product in tries {
            stored.push(commit!(store, |tx, product| { products::insert(tx, &product, NOW).await }).unwrap());
        }
        assert_eq!(stored, [true, false, true]);
        let kept = "SELECT name || ' ' || display_name FROM products ORDER BY id";
        assert_eq!(store.raw().await.texts(kept).await, ["rover Rover", "rover Rover"]);
    }
}
