//! `storage::audit_log`: the log as it is read.

use std::time::Duration;

use doorward::audit::{self, Actor, Event};
use doorward::domain::id::{EventKind, earliest};
use doorward::storage::audit_events::StoredEvent;
use doorward::storage::audit_log::{self, Filter};

use super::{NOW, Store, commit};
use crate::harness::on_both;

/// Everything of an organization's log.
fn everything(store: &Store) -> Filter {
    Filter {
        organization: Some(store.acme),
        user: None,
        from: String::new(),
        before: "evt_~".to_owned(),
        action: String::new(),
        result: String::new(),
        target: String::new(),
        limit: 100,
    }
}

impl Store {
    /// One event a second.
    async fn happened(&self, events: Vec<Event>) {
        let keys = self.keyring().await;
        commit!(self, |tx, keys, events| {
            for (second, event) in (0..).zip(&events) {
                audit::record(tx, &keys, event, NOW.plus(Duration::from_secs(second))).await?;
            }
            Ok(())
        })
        .unwrap();
    }

    async fn asked_of_the_log(&self, filter: &Filter) -> Vec<String> {
        let found = audit_log::list(&mut self.snapshot().await.tx(), filter)
            .await
            .unwrap();
        found.into_iter().map(|event| event.action).collect()
    }
}

on_both! {
    async fn each_question_finds_what_it_asks_for(store: Store) {
        let by_alice = |action| Event::of(action, Actor::User(store.alice)).within(store.acme);
        store.happened(vec![
            by_alice("role.created").on("rol_x"),
            by_alice("token.issued"),
            by_alice("product.deleted").refused(),
            Event::of("member.suspended", Actor::Host).within(store.acme).on(store.alice),
            by_alice("session.activated"),
            Event::of("user.signed_in", Actor::User(store.alice)),
        ]).await;
        let all = everything(&store);
        let ours = ["session.activated", "member.suspended", "product.deleted", "token.issued", "role.created"];
        assert_eq!(store.asked_of_the_log(&all).await, ours);
        assert_eq!(store.asked_of_the_log(&Filter { user: Some(store.alice), ..all.clone() }).await, ours);
        assert_eq!(store.asked_of_the_log(&Filter { organization: None, ..all.clone() }).await, ["user.signed_in"]);
        for (filter, found) in [
            (Filter { action: "token.issued".to_owned(), ..all.clone() }, "token.issued"),
            (Filter { action: "role.created".to_owned(), ..all.clone() }, "role.created"),
            (Filter { result: "refused".to_owned(), ..all.clone() }, "product.deleted"),
            (Filter { target: "rol_x".to_owned(), ..all.clone() }, "role.created"),
            (Filter { limit: 1, ..all.clone() }, "session.activated"),
            (Filter { from: earliest::<EventKind>(NOW.plus(Duration::from_secs(4))).to_string(), ..all.clone() }, "session.activated"),
            (Filter { before: earliest::<EventKind>(NOW.plus(Duration::from_secs(1))).to_string(), ..all.clone() }, "role.created"),
            (Filter { user: Some(store.alice), action: "token.issued".to_owned(), ..all.clone() }, "token.issued"),
            (Filter { user: Some(store.alice), result: "refused".to_owned(), ..all.clone() }, "product.deleted"),
        ] {
            assert_eq!(store.asked_of_the_log(&filter).await, [found], "{filter:?}");
        }
        let mut snapshot = store.snapshot().await;
        let mut tx = snapshot.tx();
        let names = |events: Vec<StoredEvent>| events.into_iter().map(|event| event.action).collect::<Vec<_>>();
        let changes = audit_log::permission_changes(&mut tx, &all).await.unwrap();
        assert_eq!(names(changes), ["member.suspended", "role.created"]);
        let here = audit_log::sign_ins(&mut tx, store.alice, &all).await.unwrap();
        assert_eq!(names(here), ["session.activated"]);
        let anywhere = Filter { organization: None, ..all };
        let anywhere = audit_log::sign_ins(&mut tx, store.alice, &anywhere).await.unwrap();
        assert_eq!(names(anywhere), ["user.signed_in", "session.activated"]);
    }
}
