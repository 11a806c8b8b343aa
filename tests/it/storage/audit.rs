//! `audit::record` and `audit::is_intact`, over `storage::audit_events`.

use doorward::audit::{self, Actor, Event, Fields, Origin, Telling};
use doorward::storage::audit_events::{self, StoredEvent};
use doorward::storage::{Lane, StorageError, users};
use serde_json::json;

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

fn full(store: &Store) -> Event {
    let origin = Origin {
        address: "2001:db8::1".parse().unwrap(),
        user_agent: "Netscape 4".to_owned(),
    };
    let fields = |role: &str, email: &str| Fields::new().with("role", role).with_personal("email", email);
    Event::of("member.added", Actor::User(store.alice))
        .by(Actor::Application(store.fleet))
        .within(store.acme)
        .on("usr_somebody")
        .with("invited", true)
        .changed(
            &fields("owner", "alice@acme.example"),
            &fields("viewer", "alice@cook.example"),
        )
        .refused()
        .from(&origin)
}

impl Store {
    async fn events(&self) -> Vec<StoredEvent> {
        audit_events::all(&mut self.snapshot().await.tx()).await.unwrap()
    }
}

on_both! {
    async fn an_event_is_read_back_in_the_words_its_mac_covers(store: Store) {
        let (keys, events) = (store.keyring().await, [Event::of("keys.seen", Actor::Host), full(&store)]);
        commit!(store, |tx, keys, events| {
            audit::record(tx, &keys, &events[0], NOW).await?;
            audit::record(tx, &keys, &events[1], NOW.plus(std::time::Duration::from_secs(1))).await
        })
        .unwrap();
        let stored = store.events().await;
        assert!(stored.iter().all(|event| audit::is_intact(&keys, event)));

        let [plain, full] = stored.try_into().unwrap();
        assert_eq!((plain.action.as_str(), plain.actor.as_str()), ("keys.seen", "host"));
        assert_eq!((plain.result.as_str(), plain.detail.as_str()), ("success", "{}"));
        assert_eq!([plain.organization_id, plain.on_behalf_of, plain.target, plain.personal], [None, None, None, None]);
        assert_eq!([plain.salt, plain.binding], [None, None]);

        let telling = Telling::of(&full);
        assert_eq!((telling.ip.as_deref(), telling.user_agent.as_deref()), (Some("2001:db8::1"), Some("Netscape 4")));
        assert!(telling.detail["invited"] == true && !telling.erased);
        assert_eq!(json!([telling.before, telling.after]), json!([
            { "role": "owner", "email": "alice@acme.example" },
            { "role": "viewer", "email": "alice@cook.example" },
        ]));
        assert_eq!(full.actor, store.fleet.to_string());
        assert_eq!(full.on_behalf_of, Some(store.alice.to_string()));
        assert_eq!(full.organization_id, Some(store.acme.to_string()));
        assert_eq!(full.target.as_deref(), Some("usr_somebody"));
        assert_eq!(full.result, "refused");
        assert_eq!(full.detail, r#"{"after":{"role":"viewer"},"before":{"role":"owner"},"invited":true}"#);
        let erased = Telling::of(&StoredEvent { personal: None, salt: None, ..full.clone() });
        assert!(erased.erased && erased.ip.is_none() && erased.before.unwrap().len() == 1);
        assert_eq!(full.at, NOW.millis() + 1000);
    }

    async fn an_event_and_what_it_tells_of_happen_together_or_not_at_all(store: Store) {
        let keys = store.keyring().await;
        let refused: Result<(), StorageError> = store
            .db
            .write(Lane::Free, move |tx| {
                let keys = keys.clone();
                Box::pin(async move {
                    users::insert(tx, &samples::user("bob@acme.example"), NOW).await?;
                    audit::record(tx, &keys, &Event::of("user.created", Actor::Host), NOW).await?;
                    Err(StorageError::Contended(0))
                })
            })
            .await;
        assert!(refused.is_err());
        assert!(store.events().await.is_empty());
        let bob = "bob@acme.example".parse().unwrap();
        assert!(users::by_email(&mut store.snapshot().await.tx(), &bob).await.unwrap().is_none());
    }

    async fn lo4_a_change_whose_event_cannot_be_written_does_not_happen(store: Store) {
        let keys = store.keyring().await;
        store.raw().await.run("DROP TABLE audit_events").await;
        let done = commit!(store, |tx, keys| {
            users::insert(tx, &samples::user("bob@acme.example"), NOW).await?;
            audit::record(tx, &keys, &Event::of("user.created", Actor::Host), NOW).await
        });
        assert!(done.is_err());
        let bob = "bob@acme.example".parse().unwrap();
        assert!(users::by_email(&mut store.snapshot().await.tx(), &bob).await.unwrap().is_none());
    }

    async fn lo3_whatever_column_is_changed_the_event_is_not_intact(store: Store) {
        let (keys, events) = (store.keyring().await, [Event::of("keys.seen", Actor::Host), full(&store)]);
        commit!(store, |tx, keys, events| {
            for event in &events {
                audit::record(tx, &keys, event, NOW).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut raw = store.raw().await;
        let columns = [
            ("id", "'evt_' || id"),
            ("organization_id", "COALESCE(organization_id, '') || 'x'"),
            ("action", "action || ' '"),
            ("actor", "'nobody'"),
            ("target", "COALESCE(target, '') || 'x'"),
            ("result", "result || 'ful'"),
            ("detail", "'{\"role\":\"owner\"}'"),
            ("on_behalf_of", "COALESCE(on_behalf_of, '') || 'x'"),
            ("personal", "COALESCE(personal, '{}') || ' '"),
            ("salt", "mac"),
            ("binding", "mac"),
            ("digest", "mac"),
            ("mac", "digest"),
            ("digest", "NULL"),
            ("at", "at + 1"),
            // Moving words from one column to the next changes neither their sum nor their order.
            ("action", "action || actor, actor = ''"),
        ];
        for (column, changed) in columns {
            raw.run(&format!("CREATE TABLE kept AS SELECT * FROM audit_events; UPDATE audit_events SET {column} = {changed}")).await;
            let stored = store.events().await;
            assert_eq!(stored.len(), 2);
            assert!(stored.iter().all(|event| !audit::is_intact(&keys, event)), "{column}");
            raw.run("DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept; DROP TABLE kept").await;
        }
        for column in ["organization_id", "on_behalf_of", "target", "personal", "salt", "binding"] {
            raw.run(&format!("CREATE TABLE kept AS SELECT * FROM audit_events; UPDATE audit_events SET {column} = NULL")).await;
            let broken = store.events().await.iter().filter(|event| !audit::is_intact(&keys, event)).count();
            assert_eq!(broken, 1, "{column} was in one of the two");
            raw.run("DELETE FROM audit_events; INSERT INTO audit_events SELECT * FROM kept; DROP TABLE kept").await;
        }
        assert!(store.events().await.iter().all(|event| audit::is_intact(&keys, event)));
    }

    async fn a_mac_of_another_event_or_of_other_keys_is_not_this_ones(store: Store) {
        let (keys, event) = (store.keyring().await, full(&store));
        commit!(store, |tx, keys, event| {
            audit::record(tx, &keys, &event, NOW).await?;
            audit::record(tx, &keys, &event, NOW).await
        })
        .unwrap();
        let mut stored = store.events().await;
        let mac = stored[1].mac.clone();
        stored[0].mac = mac;
        assert!(!audit::is_intact(&keys, &stored[0]));
        stored[1].mac.truncate(31);
        assert!(!audit::is_intact(&keys, &stored[1]));

        let others = Store::open(store.engine).await.keyring().await;
        let untouched = store.events().await;
        assert!(untouched.iter().all(|event| audit::is_intact(&keys, event) && !audit::is_intact(&others, event)));
    }

    async fn events_come_oldest_first_and_are_stored_once(store: Store) {
        let event = |at, id: &str| StoredEvent {
            id: id.to_owned(),
            organization_id: None,
            action: "a.b".to_owned(),
            category: "change".to_owned(),
            actor: "host".to_owned(),
            target: None,
            result: "success".to_owned(),
            detail: "{}".to_owned(),
            on_behalf_of: None,
            personal: None,
            salt: None,
            binding: None,
            at,
            digest: Some(vec![2; 32]),
            mac: vec![1; 32],
        };
        let stored = [event(1, "evt_b"), event(1, "evt_c"), event(2, "evt_a")];
        commit!(store, |tx, stored| {
            for event in stored.iter().rev() {
                audit_events::insert(tx, event).await?;
            }
            Ok(())
        })
        .unwrap();
        assert_eq!(store.events().await, stored);
        assert!(commit!(store, |tx, stored| { audit_events::insert(tx, &stored[0]).await }).is_err());
    }
}
