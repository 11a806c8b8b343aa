//! `storage::organizations` and `storage::products`.

use std::time::Duration;

use doorward::domain::access::Policy;
use doorward::domain::description::Description;
use doorward::domain::organization::{Organization, OrganizationName};
use doorward::domain::session::SessionLimits;
use doorward::random;
use doorward::storage::memberships;
use doorward::storage::organizations::{self, Profile};
use doorward::storage::products::{self, NewProduct};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

fn strict() -> (Policy, SessionLimits) {
    let policy = Policy {
        ip_allowlist: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
        require_mfa: true,
        ..Policy::default()
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

    async fn a_profile_is_changed_in_all_but_its_name(store: Store) {
        let mut snapshot = store.snapshot().await;
        let old = organizations::profile(&mut snapshot.tx(), store.acme).await.unwrap().unwrap();
        assert_eq!((old.description.as_str(), &old.contact_email, old.created_at), ("", &None, NOW));
        let new = Profile {
            name: "renamed".parse().unwrap(),
            display_name: samples::name("Acme II"),
            description: Description::parse("Rovers").unwrap(),
            contact_email: Some("it@acme.example".parse().unwrap()),
            ..old.clone()
        };
        commit!(store, |tx, new| { organizations::set_profile(tx, &new).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let found = organizations::profile(&mut snapshot.tx(), store.acme).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{:?}", Profile { name: old.name, ..new }));
        let umbrella = organizations::profile(&mut snapshot.tx(), store.umbrella).await.unwrap().unwrap();
        assert_eq!(umbrella.description.as_str(), "");
        assert!(organizations::profile(&mut snapshot.tx(), random::id(NOW)).await.unwrap().is_none());
    }

    async fn an_owner_is_one_who_can_act(store: Store) {
        let (acme, membership) = (store.acme, store.membership);
        let owners = organizations::owners(&mut store.snapshot().await.tx(), acme).await.unwrap();
        assert_eq!(owners, [store.alice]);
        commit!(store, |tx| { memberships::set_state(tx, membership, &samples::suspended_member()).await }).unwrap();
        for organization in [acme, store.umbrella] {
            assert!(organizations::owners(&mut store.snapshot().await.tx(), organization).await.unwrap().is_empty());
        }
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
