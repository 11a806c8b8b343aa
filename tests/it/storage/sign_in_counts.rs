//! `storage::sign_in_counts`.

use std::time::Duration;

use doorward::audit::{self, Actor, Event};
use doorward::domain::id::{OrganizationId, UserId};
use doorward::domain::time::Timestamp;
use doorward::storage::sign_in_counts::{self, Span};
use doorward::storage::{memberships, users};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);

/// 2026-11-22.
const TODAY: i64 = 20_779;

fn signed_in(user: UserId) -> Event {
    Event::of("user.signed_in", Actor::User(user)).with("method", "pwd")
}

fn failed(user: UserId) -> Event {
    Event::of("user.sign_in_failed", Actor::Nobody).refused().on(user)
}

fn activated(user: UserId, organization: OrganizationId) -> Event {
    let event = Event::of("session.activated", Actor::User(user)).within(organization);
    event.with("methods", vec!["pwd"])
}

impl Store {
    async fn happened_at(&self, events: Vec<(Timestamp, Event)>) {
        let keys = self.keyring().await;
        commit!(self, |tx, keys, events| {
            for (at, event) in &events {
                audit::record(tx, &keys, event, *at).await?;
            }
            Ok(())
        })
        .unwrap();
    }
}

on_both! {
    async fn an_organization_counts_who_acted_for_it_day_by_day(store: Store) {
        let (acme, alice) = (store.acme, store.alice);
        let guest = samples::user("guest@umbrella.example");
        let stranger = guest.id;
        commit!(store, |tx, guest| { users::insert(tx, &guest, NOW).await }).unwrap();
        let tomorrow = NOW.plus(DAY);
        store.happened_at(vec![
            (NOW, activated(alice, acme)),
            (NOW.plus(Duration::from_hours(1)), activated(alice, acme)),
            (NOW, activated(alice, store.umbrella)),
            (NOW, failed(alice).within(acme)),
            (NOW, failed(alice)),
            (NOW, signed_in(alice)),
            (tomorrow, activated(alice, acme)),
            (tomorrow, activated(stranger, acme)),
            (tomorrow.plus(DAY), activated(alice, acme)),
        ]).await;
        let span = Span { from: NOW, before: tomorrow.plus(DAY) };
        let mut snapshot = store.snapshot().await;
        let found = sign_in_counts::of_organization(&mut snapshot.tx(), acme, span).await.unwrap();
        let mut told: Vec<_> = found
            .iter()
            .map(|one| (one.count.day, one.user, one.member.is_some(), one.count.failed, one.count.times, one.count.detail.as_str()))
            .collect();
        told.sort_unstable();
        let mut wanted = vec![
            (TODAY, alice, true, false, 2, r#"{"methods":["pwd"]}"#),
            (TODAY, alice, true, true, 1, ""),
            (TODAY + 1, alice, true, false, 1, r#"{"methods":["pwd"]}"#),
            (TODAY + 1, stranger, false, false, 1, r#"{"methods":["pwd"]}"#),
        ];
        wanted.sort_unstable();
        assert_eq!(told, wanted);
        assert!(found.iter().any(|one| one.count.last_at == NOW.plus(Duration::from_hours(1))));
        let at_nobodys = sign_in_counts::failed_at_nobodys(&mut snapshot.tx(), span, 1).await.unwrap();
        assert!(at_nobodys <= 1, "no more than asked for");
        let alone = Span { from: tomorrow, before: tomorrow };
        assert_eq!(sign_in_counts::failed_at_nobodys(&mut snapshot.tx(), alone, 9).await.unwrap(), 0);
        assert!(sign_in_counts::of_organization(&mut snapshot.tx(), acme, alone).await.unwrap().is_empty());
        assert!(memberships::status(&mut snapshot.tx(), acme, stranger).await.unwrap().is_none());
    }

    async fn one_counts_ones_own_wherever_or_in_one_organization(store: Store) {
        let (acme, alice) = (store.acme, store.alice);
        store.happened_at(vec![
            (NOW, signed_in(alice)),
            (NOW, signed_in(alice).within(acme)),
            (NOW, failed(alice)),
            (NOW, activated(alice, acme)),
            (NOW, activated(alice, store.umbrella)),
            (NOW.plus(DAY), signed_in(alice)),
        ]).await;
        let span = Span { from: NOW, before: NOW.plus(DAY) };
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let told = |found: Vec<sign_in_counts::Count>| {
            found.into_iter().map(|one| (one.day, one.failed, one.times)).collect::<std::collections::BTreeSet<_>>()
        };
        let all = sign_in_counts::of_user(tx, alice, None, span).await.unwrap();
        assert_eq!(told(all), [(TODAY, false, 2), (TODAY, true, 1)].into());
        let here = sign_in_counts::of_user(tx, alice, Some(acme), span).await.unwrap();
        assert_eq!(told(here), [(TODAY, false, 1)].into());
    }
}
