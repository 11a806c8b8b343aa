//! `storage::usage`.

use std::time::Duration;

use doorward::domain::id::ProductId;
use doorward::random;
use doorward::storage::usage::{self, Reservation, Usage};
use doorward::storage::{Page, limits};

use super::{NOW, Store, commit};
use crate::harness::on_both;

on_both! {
    async fn the_last_report_is_what_is_so(store: Store) {
        let (acme, rover): (_, ProductId) = (store.acme, random::id(NOW));
        let later = NOW.plus(Duration::from_secs(5));
        commit!(store, |tx| {
            usage::report(tx, acme, Some(rover), "devices", 7, NOW).await?;
            usage::report(tx, acme, Some(rover), "active_deployments", 2, NOW).await?;
            usage::report(tx, acme, Some(rover), "devices", 4, later).await?;
            usage::report(tx, acme, None, "active_deployments", 3, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let rovers = Usage { product: Some(rover), devices: 4, active_deployments: 2, reported_at: Some(later) };
        let together = Usage { product: None, devices: 0, active_deployments: 3, reported_at: Some(NOW) };
        assert_eq!(usage::of_product(tx, acme, Some(rover)).await.unwrap(), rovers);
        assert_eq!(usage::of_product(tx, acme, None).await.unwrap(), together);
        let nothing = Usage { product: None, devices: 0, active_deployments: 0, reported_at: None };
        assert_eq!(usage::of_product(tx, store.umbrella, None).await.unwrap(), nothing);
        assert_eq!(usage::active_deployments(tx, acme).await.unwrap(), 5);
        assert_eq!(usage::active_deployments(tx, store.umbrella).await.unwrap(), 0);
        assert_eq!(usage::count(tx, acme).await.unwrap(), 2);

        let first = usage::list(tx, acme, &Page::first(1)).await.unwrap();
        assert_eq!(first, [together]);
        let after = Page { after: first[0].place(), ..Page::first(9) };
        assert_eq!(usage::list(tx, acme, &after).await.unwrap(), [rovers]);
        let after = Page { after: rovers.place(), ..Page::first(9) };
        assert!(usage::list(tx, acme, &after).await.unwrap().is_empty());
    }

    async fn a_reservation_counts_until_it_is_released_or_expires(store: Store) {
        let (acme, umbrella) = (store.acme, store.umbrella);
        let end = NOW.plus(Duration::from_secs(300));
        let one = Reservation { id: random::id(NOW), product: None, amount: 3, expires_at: end };
        let other = Reservation { id: random::id(NOW), product: Some(random::id(NOW)), amount: 4, ..one };
        commit!(store, |tx| {
            usage::reserve(tx, acme, &one, NOW).await?;
            usage::reserve(tx, acme, &other, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(usage::reservation(tx, acme, other.id, NOW).await.unwrap(), Some(other));
        assert_eq!(usage::reservation(tx, umbrella, other.id, NOW).await.unwrap(), None);
        assert_eq!(usage::reservation(tx, acme, other.id, end).await.unwrap(), None, "this point excluded");
        assert_eq!(limits::devices(tx, acme, NOW).await.unwrap(), 7);
        drop(snapshot);

        let forgotten = commit!(store, |tx| {
            usage::release(tx, umbrella, one.id).await?;
            usage::purge(tx, end.minus(Duration::from_millis(1))).await
        });
        assert_eq!(forgotten.unwrap(), 0);
        commit!(store, |tx| { usage::release(tx, acme, one.id).await }).unwrap();
        assert_eq!(limits::devices(&mut store.snapshot().await.tx(), acme, NOW).await.unwrap(), 4);
        assert_eq!(commit!(store, |tx| { usage::purge(tx, end).await }).unwrap(), 1);
        assert_eq!(store.raw().await.count("usage_reservations").await, 0);
    }

    async fn what_a_product_said_goes_with_it(store: Store) {
        let (acme, rover, torch): (_, ProductId, ProductId) = (store.acme, random::id(NOW), random::id(NOW));
        commit!(store, |tx| {
            for product in [rover, torch] {
                usage::report(tx, acme, Some(product), "devices", 1, NOW).await?;
                let end = NOW.plus(Duration::from_secs(1));
                let held = Reservation { id: random::id(NOW), product: Some(product), amount: 1, expires_at: end };
                usage::reserve(tx, acme, &held, NOW).await?;
            }
            usage::forget_product(tx, acme, rover).await
        })
        .unwrap();
        assert_eq!(limits::devices(&mut store.snapshot().await.tx(), acme, NOW).await.unwrap(), 2);
    }
}
