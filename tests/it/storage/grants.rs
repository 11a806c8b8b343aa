//! `storage::grants` and `grant_lists`.

use std::time::Duration;

use doorward::domain::access::Gives;
use doorward::domain::access::{Grant, Permission, PermissionSet};
use doorward::domain::id::ProductId;
use doorward::domain::organization::OrganizationName;
use doorward::random;
use doorward::storage::grant_lists::{self, Filter, Holder};
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::products::{self, NewProduct};
use doorward::storage::{Page, groups};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

/// One grant for each kind of subject, the group's on a product.
struct Given {
    to_alice: Grant,
    to_group: Grant,
    to_fleet: Grant,
    subjects: [GrantSubject; 3],
    holders: [Holder; 3],
    rover: ProductId,
}

impl Store {
    async fn given(&self) -> Given {
        let (acme, group, rover) = (self.acme, samples::group("Night watch"), random::id(NOW));
        let given = PermissionSet::of(&[Permission::DeviceRead]);
        let grant = || Grant {
            gives: Gives::Permissions(given),
            ..samples::grant()
        };
        let (to_alice, to_group, to_fleet) = (
            grant(),
            Grant {
                product: Some(rover),
                ..grant()
            },
            grant(),
        );
        let subjects = [
            GrantSubject::Member(self.membership),
            GrantSubject::Group(group.id),
            GrantSubject::Application(self.fleet),
        ];
        let holders = [
            Holder::User(self.alice),
            Holder::Group(group.id),
            Holder::Application(self.fleet),
        ];
        let all = [to_alice.clone(), to_group.clone(), to_fleet.clone()];
        commit!(self, |tx, group, all| {
            let product = NewProduct {
                id: rover,
                organization: acme,
                name: OrganizationName::parse("rover").unwrap(),
                display_name: samples::name("Rover"),
            };
            products::insert(tx, &product, NOW).await?;
            groups::insert(tx, acme, &group).await?;
            for (subject, grant) in subjects.iter().zip(&all) {
                grants::insert(tx, acme, *subject, grant, NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        Given {
            to_alice,
            to_group,
            to_fleet,
            subjects,
            holders,
            rover,
        }
    }

    async fn listed(&self, filter: &Filter) -> Vec<Holder> {
        let mut snapshot = self.snapshot().await;
        let rows = grant_lists::list(&mut snapshot.tx(), self.acme, filter, &Page::first(50))
            .await
            .unwrap();
        assert!(rows.is_sorted_by_key(|row| row.grant.id.to_string()));
        let count = grant_lists::count(&mut snapshot.tx(), self.acme, filter)
            .await
            .unwrap();
        assert_eq!(usize::try_from(count).unwrap(), rows.len());
        rows.into_iter().map(|row| row.holder).collect()
    }
}

on_both! {
    async fn a_grant_is_found_with_its_holder(store: Store) {
        let given = store.given().await;
        let mut snapshot = store.snapshot().await;
        let grants = [&given.to_alice, &given.to_group, &given.to_fleet];
        for (grant, holder) in grants.iter().zip(given.holders) {
            let found = grant_lists::find(&mut snapshot.tx(), store.acme, grant.id).await.unwrap().unwrap();
            assert_eq!((found.grant.id, found.holder, found.created_at), (grant.id, holder, NOW));
            assert_eq!((found.grant.permissions(), found.grant.product), (grant.permissions(), grant.product));
            let elsewhere = grant_lists::find(&mut snapshot.tx(), store.umbrella, grant.id).await.unwrap();
            assert!(elsewhere.is_none());
        }
        let GrantSubject::Group(group) = given.subjects[1] else { panic!("the second is a group's") };
        let of_group = grants::of_group(&mut snapshot.tx(), group).await.unwrap();
        assert_eq!(of_group.iter().map(|grant| grant.id).collect::<Vec<_>>(), [given.to_group.id]);
    }

    async fn grants_are_listed_by_subject_and_product(store: Store) {
        let given = store.given().await;
        assert_eq!(store.listed(&Filter::default()).await.len(), 3);
        for (subject, holder) in given.subjects.into_iter().zip(given.holders) {
            assert_eq!(store.listed(&Filter { subject: Some(subject), product: None }).await, [holder]);
        }
        let rover = Some(given.rover);
        assert_eq!(store.listed(&Filter { subject: None, product: rover }).await, [given.holders[1]]);
        assert_eq!(store.listed(&Filter { subject: Some(given.subjects[1]), product: rover }).await, [given.holders[1]]);
        assert!(store.listed(&Filter { subject: Some(given.subjects[0]), product: rover }).await.is_empty());
        let mut snapshot = store.snapshot().await;
        let theirs = grant_lists::list(&mut snapshot.tx(), store.umbrella, &Filter::default(), &Page::first(50)).await;
        assert!(theirs.unwrap().is_empty());
        let last = [given.to_alice.id, given.to_group.id, given.to_fleet.id].map(|id| id.to_string()).into_iter().max();
        let after = Page { after: last.unwrap(), ..Page::first(50) };
        for filter in [Filter::default(), Filter { subject: Some(given.subjects[0]), product: None }] {
            assert!(grant_lists::list(&mut snapshot.tx(), store.acme, &filter, &after).await.unwrap().is_empty());
        }
    }

    async fn a_grant_gets_other_times_and_is_taken_back(store: Store) {
        let (given, acme, umbrella) = (store.given().await, store.acme, store.umbrella);
        let nights = r#"{"timezone":"UTC","windows":[{"days":["mon"],"from":"22:00","to":"06:00"}]}"#;
        let timed = Grant {
            starts_at: Some(NOW),
            ends_at: Some(NOW.plus(Duration::from_hours(1))),
            schedule: Some(serde_json::from_str(nights).unwrap()),
            ..given.to_alice.clone()
        };
        commit!(store, |tx, timed| {
            grants::set_times(tx, umbrella, &timed).await?;
            grants::delete(tx, umbrella, timed.id).await
        })
        .unwrap();
        let mut found = grants::of_membership(&mut store.snapshot().await.tx(), store.membership).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&given.to_alice), "another organization changes nothing of it");
        commit!(store, |tx, timed| { grants::set_times(tx, acme, &timed).await }).unwrap();
        found = grants::of_membership(&mut store.snapshot().await.tx(), store.membership).await.unwrap();
        assert_eq!(found, std::slice::from_ref(&timed));
        commit!(store, |tx, timed| { grants::delete(tx, acme, timed.id).await }).unwrap();
        assert!(grants::of_membership(&mut store.snapshot().await.tx(), store.membership).await.unwrap().is_empty());
        assert_eq!(store.listed(&Filter::default()).await.len(), 2);
    }
}
