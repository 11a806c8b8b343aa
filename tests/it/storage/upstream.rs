//! What arrivals leave behind: links that wait for their person, and what connections gave members.

use std::collections::BTreeMap;
use std::time::Duration;

use doorward::domain::arrival::{Arrival, ArrivedEmail, Identity, Subject};
use doorward::domain::connection::{ConnectionStatus, Mapped};
use doorward::domain::pending_link::PendingLink;
use doorward::domain::secret::Purpose;
use doorward::domain::sign_in::{AccountPage, Onward};
use doorward::domain::upstream::Reference;
use doorward::random;
use doorward::storage::{
    Lane, connections, domains, factors_since, identities, mapped_members, members, memberships,
    pending_links,
};

use super::federation::connection;
use super::samples::{NOW, hash};
use super::{Store, commit, twenty};
use crate::harness::on_both;

fn arrival() -> Arrival {
    Arrival {
        subject: Subject::try_from("00u1".to_owned()).unwrap(),
        email: Some(ArrivedEmail {
            email: "bob@acme.example".parse().unwrap(),
            verified: true,
        }),
        name: Some("Bob".to_owned()),
        attributes: BTreeMap::from([("groups".to_owned(), vec!["fleet".to_owned()])]),
        at: NOW,
        second_factor: true,
        until: Some(NOW.plus(Duration::from_hours(1))),
        session: Some("_1".to_owned()),
        format: None,
        sealed_id_token: Some(b"sealed".to_vec()),
    }
}

on_both! {
    async fn a_link_waits_in_its_browser_and_is_taken_once(store: Store) {
        let kept = connection(&store);
        let browser = hash("a browser", Purpose::Browser);
        let pending = PendingLink {
            browser: browser.clone(),
            connection: kept.id,
            organization: store.acme,
            arrival: arrival(),
            only_for: Some(store.alice),
            onward: Onward::Account(AccountPage::Connections),
            reference: Reference::from_bytes([1; 8]),
            expires_at: NOW.plus(PendingLink::LIFETIME),
        };
        let earlier = PendingLink { only_for: None, reference: Reference::from_bytes([2; 8]), ..pending.clone() };
        commit!(store, |tx, kept, pending, earlier| {
            connections::insert(tx, &kept).await?;
            pending_links::put(tx, &earlier).await?;
            pending_links::put(tx, &pending).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(pending_links::find(tx, &browser, NOW).await.unwrap(), Some(pending.clone()), "the newest");
        let other = hash("another", Purpose::Browser);
        assert_eq!(pending_links::find(tx, &other, NOW).await.unwrap(), None);
        assert_eq!(pending_links::find(tx, &browser, pending.expires_at).await.unwrap(), None);
        drop(snapshot);
        let wrong = earlier.reference.clone();
        let at = browser.clone();
        assert_eq!(commit!(store, |tx, at, wrong| { pending_links::take(tx, &at, &wrong, NOW).await }).unwrap(), None);
        let won = twenty(&store, Lane::Free, move |_, tx| {
            let (browser, reference) = (browser.clone(), pending.reference.clone());
            Box::pin(async move { Ok(pending_links::take(tx, &browser, &reference, NOW).await?.is_some()) })
        });
        let won = won.await.into_iter().filter(|taken| matches!(taken, Ok(true))).count();
        assert_eq!(won, 1);
        let again = earlier.clone();
        commit!(store, |tx, again| { pending_links::put(tx, &again).await }).unwrap();
        let late = earlier.expires_at;
        assert_eq!(commit!(store, |tx| { pending_links::purge(tx, late).await }).unwrap(), 1);
    }

    async fn what_a_connection_gave_is_known_until_it_is_taken_back(store: Store) {
        let kept = connection(&store);
        let (alice, acme) = (store.alice, store.acme);
        let member = {
            let mut snapshot = store.snapshot().await;
            members::find(&mut snapshot.tx(), acme, alice).await.unwrap().unwrap().membership
        };
        let (role, group) = (Mapped::Role(random::id(NOW)), Mapped::Group(random::id(NOW)));
        let id = kept.id;
        commit!(store, |tx, kept| {
            connections::insert(tx, &kept).await?;
            for given in [role, group, role] {
                mapped_members::put(tx, kept.id, member, given).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(mapped_members::of_member(&mut snapshot.tx(), id, member).await.unwrap(), [group, role]);
        drop(snapshot);
        commit!(store, |tx| { mapped_members::forget(tx, id, member, role).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(mapped_members::of_member(&mut snapshot.tx(), id, member).await.unwrap(), [group]);
        drop(snapshot);
        commit!(store, |tx| { memberships::delete(tx, acme, alice).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert!(mapped_members::of_member(&mut snapshot.tx(), id, member).await.unwrap().is_empty());
    }

    async fn people_of_a_domain_come_by_what_is_enabled_for_it(store: Store) {
        let kept = connection(&store);
        let mut off = connection(&store);
        off.status = ConnectionStatus::Disabled;
        let (acme, known) = (store.acme, kept.clone());
        commit!(store, |tx, kept, off| {
            connections::insert(tx, &kept).await?;
            connections::insert(tx, &off).await?;
            domains::insert(tx, acme, &"acme.example".parse().unwrap(), NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(connections::of_domain(tx, "acme.example").await.unwrap(), [known]);
        for other in ["umbrella.example", "sub.acme.example", "example", ""] {
            assert!(connections::of_domain(tx, other).await.unwrap().is_empty(), "{other}");
        }
    }

    async fn an_identity_is_found_by_its_id_and_goes_with_what_was_somebody_elses(store: Store) {
        let kept = connection(&store);
        let identity = Identity {
            id: random::id(NOW),
            user: store.alice,
            connection: kept.id,
            subject: Subject::try_from("00u1".to_owned()).unwrap(),
            created_at: NOW,
            last_used_at: None,
        };
        let (alice, linked) = (store.alice, identity.clone());
        commit!(store, |tx, kept, linked| {
            connections::insert(tx, &kept).await?;
            identities::insert(tx, &linked).await
        })
        .unwrap();
        let find = async |store: &Store| {
            let mut snapshot = store.snapshot().await;
            identities::by_id(&mut snapshot.tx(), identity.id).await.unwrap()
        };
        assert_eq!(find(&store).await, Some(identity.clone()));
        let later = NOW.plus(Duration::from_millis(1));
        commit!(store, |tx| { factors_since::forget(tx, alice, later).await }).unwrap();
        assert!(find(&store).await.is_some(), "it was there before");
        commit!(store, |tx| { factors_since::forget(tx, alice, NOW).await }).unwrap();
        assert_eq!(find(&store).await, None);
    }
}
