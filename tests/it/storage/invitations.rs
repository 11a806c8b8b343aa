//! `storage::invitations`.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, GroupName};
use doorward::domain::email::Email;
use doorward::domain::id::{GroupId, InvitationId};
use doorward::domain::invitation::{Invitation, LIFETIME, Message, State};
use doorward::domain::secret::Purpose;
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::invitation_lists::{self, Filter};
use doorward::storage::invitations::{self, StoredLink};
use doorward::storage::{Lane, Page, groups, roles};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

fn link(secret: &str) -> StoredLink {
    StoredLink {
        hash: samples::hash(secret, Purpose::Invitation),
        sealed: format!("sealed {secret}").into_bytes(),
    }
}

fn to(store: &Store, email: &str, at: Timestamp) -> Invitation {
    Invitation {
        id: random::id(at),
        organization: store.acme,
        email: Email::parse(email).unwrap(),
        role: None,
        message: Message::parse("Hello\nthere").unwrap(),
        invited_by: store.alice.to_string(),
        created_at: at,
        sent_at: at,
        reminded_at: None,
        state: State::Pending {
            expires_at: at.plus(LIFETIME),
        },
    }
}

/// Invites somebody, with the email for a secret.
async fn invited(store: &Store, email: &str, at: Timestamp) -> InvitationId {
    let (new, link) = (to(store, email, at), link(email));
    let id = new.id;
    assert!(
        commit!(store, |tx, new, link| {
            invitations::insert(tx, &new, &link, &[]).await
        })
        .unwrap()
    );
    id
}

async fn found(store: &Store, id: InvitationId) -> Invitation {
    let mut snapshot = store.snapshot().await;
    invitations::by_id(&mut snapshot.tx(), store.acme, id)
        .await
        .unwrap()
        .unwrap()
}

async fn listed(store: &Store, filter: &Filter, page: &Page) -> (Vec<String>, Vec<String>) {
    let mut snapshot = store.snapshot().await;
    let rows = invitation_lists::list(&mut snapshot.tx(), store.acme, filter, page)
        .await
        .unwrap();
    let emails = rows.iter().map(|row| row.email.to_string()).collect();
    (
        emails,
        rows.iter()
            .map(|row| invitation_lists::place(filter, row))
            .collect(),
    )
}

on_both! {
    async fn an_invitation_comes_back_as_it_was_stored(store: Store) {
        let group = samples::group("Crew");
        let (acme, into) = (store.acme, group.id);
        let role = commit!(store, |tx, group| {
            groups::insert(tx, acme, &group).await?;
            roles::built_in(tx, BuiltInRole::Developer).await
        }).unwrap();
        let new = Invitation { role: Some(role), ..to(&store, "Carol@cook.example", NOW) };
        let stored = link("one");
        assert!(commit!(store, |tx, new, stored| { invitations::insert(tx, &new, &stored, &[into, into]).await }).unwrap());
        let other = Invitation { id: random::id(NOW), ..to(&store, "carol@COOK.example", NOW) };
        let another = link("two");
        assert!(!commit!(store, |tx, other, another| { invitations::insert(tx, &other, &another, &[]).await }).unwrap());

        let mut snapshot = store.snapshot().await;
        let mut tx = snapshot.tx();
        let by_secret = invitations::by_secret(&mut tx, &stored.hash).await.unwrap().unwrap();
        let pending = invitations::pending_for(&mut tx, acme, &other.email).await.unwrap().unwrap();
        assert_eq!((by_secret.id, pending.id), (new.id, new.id));
        assert_eq!(format!("{by_secret:?}"), format!("{new:?}"));
        assert!(invitations::by_secret(&mut tx, &another.hash).await.unwrap().is_none());
        assert!(invitations::by_id(&mut tx, store.umbrella, new.id).await.unwrap().is_none());
        assert_eq!(invitations::groups(&mut tx, new.id).await.unwrap(), [GroupName { id: into, name: "Crew".to_owned() }]);
        for (named, is) in [(into.to_string(), Some(into)), ("Crew".to_owned(), Some(into)), ("crew".to_owned(), None)] {
            assert_eq!(groups::id_named(&mut tx, acme, &named).await.unwrap(), is, "{named}");
        }
        let none: Option<GroupId> = groups::id_named(&mut tx, store.umbrella, &into.to_string()).await.unwrap();
        assert_eq!(none, None);
    }

    async fn of_twenty_that_accept_one_does(store: Store) {
        let id = invited(&store, "carol@cook.example", NOW).await;
        let accepted = found(&store, id).await.accept(store.alice, NOW).unwrap();
        let ends = twenty(&store, Lane::Free, move |_, tx| {
            let accepted = accepted.clone();
            Box::pin(async move { invitations::end(tx, &accepted).await })
        }).await;
        let won = ends.into_iter().filter(|end| matches!(end, Ok(true))).count();
        assert_eq!(won, 1);
        assert_eq!(found(&store, id).await.state, State::Accepted { by: store.alice, at: NOW });
        assert_eq!(store.raw().await.number("SELECT COUNT(*) FROM invitations WHERE sealed_secret IS NOT NULL").await, 0);
        let again = link("again");
        let renewed = Invitation { state: State::Pending { expires_at: NOW.plus(LIFETIME) }, ..found(&store, id).await };
        assert!(!commit!(store, |tx, renewed, again| { invitations::renew(tx, &renewed, &again).await }).unwrap());
    }

    async fn a_renewed_link_takes_the_place_of_the_first(store: Store) {
        let id = invited(&store, "carol@cook.example", NOW).await;
        let later = NOW.plus(LIFETIME);
        commit!(store, |tx| { invitations::expire(tx, later).await }).unwrap();
        assert_eq!(found(&store, id).await.state, State::Expired { at: later });
        let (renewed, second) = (found(&store, id).await.renew("host".to_owned(), later).unwrap(), link("second"));
        assert!(commit!(store, |tx, renewed, second| { invitations::renew(tx, &renewed, &second).await }).unwrap());
        assert_eq!(format!("{:?}", found(&store, id).await), format!("{renewed:?}"));
        let mut snapshot = store.snapshot().await;
        let first = link("carol@cook.example");
        assert!(invitations::by_secret(&mut snapshot.tx(), &first.hash).await.unwrap().is_none());
        assert!(invitations::by_secret(&mut snapshot.tx(), &second.hash).await.unwrap().is_some());
    }

    async fn whoever_waits_is_reminded_once(store: Store) {
        let later = NOW.plus(Duration::from_millis(1));
        let first = invited(&store, "carol@cook.example", NOW).await;
        invited(&store, "dan@cook.example", later).await;
        let mut snapshot = store.snapshot().await;
        let waiting = invitations::unreminded(&mut snapshot.tx(), NOW, 8).await.unwrap();
        assert_eq!(waiting, [(store.acme, first)]);
        assert_eq!(invitations::unreminded(&mut snapshot.tx(), later, 1).await.unwrap().len(), 1);
        drop(snapshot);
        let sealed = commit!(store, |tx| { invitations::remind(tx, first, later).await }).unwrap();
        assert_eq!(sealed.unwrap(), b"sealed carol@cook.example");
        assert_eq!(commit!(store, |tx| { invitations::remind(tx, first, later).await }).unwrap(), None);
        assert_eq!(found(&store, first).await.reminded_at, Some(later));
    }

    async fn lists_go_by_id_by_state_and_by_email(store: Store) {
        let mut ids = Vec::new();
        for (place, email) in ["b@cook.example", "ab@cook.example", "a_@cook.example", "ab@dorm.example"].iter().enumerate() {
            ids.push(invited(&store, email, NOW.plus(Duration::from_millis(place as u64))).await);
        }
        let cancelled = found(&store, ids[1]).await.cancel(NOW).unwrap();
        assert!(commit!(store, |tx, cancelled| { invitations::end(tx, &cancelled).await }).unwrap());
        let of = |state, beginning: &str| Filter { state, beginning: beginning.to_owned(), sent_before: None };
        let before = |state, beginning, place| {
            Filter { sent_before: Some(NOW.plus(Duration::from_millis(place))), ..of(state, beginning) }
        };
        for (filter, emails) in [
            (of("", ""), vec!["b@cook.example", "ab@cook.example", "a_@cook.example", "ab@dorm.example"]),
            (of("pending", ""), vec!["b@cook.example", "a_@cook.example", "ab@dorm.example"]),
            (of("", "a"), vec!["a_@cook.example", "ab@cook.example", "ab@dorm.example"]),
            (of("", "ab@"), vec!["ab@cook.example", "ab@dorm.example"]),
            (of("cancelled", "ab"), vec!["ab@cook.example"]),
            (of("accepted", ""), vec![]),
            (of("", "%"), vec![]),
            (of("", "a%"), vec![]),
            (before("", "", 2), vec!["b@cook.example", "ab@cook.example"]),
            (before("pending", "", 3), vec!["b@cook.example", "a_@cook.example"]),
            (before("", "ab", 3), vec!["ab@cook.example"]),
            (before("", "", 0), vec![]),
        ] {
            let (all, _) = listed(&store, &filter, &Page::first(10)).await;
            assert_eq!(all, emails, "{filter:?}");
            let mut snapshot = store.snapshot().await;
            let count = invitation_lists::count(&mut snapshot.tx(), store.acme, &filter).await.unwrap();
            assert_eq!(usize::try_from(count).unwrap(), emails.len(), "{filter:?}");
            drop(snapshot);
            let mut page = Page::first(1);
            for email in emails {
                let (one, places) = listed(&store, &filter, &page).await;
                assert_eq!(one, [email], "{filter:?}");
                page.after.clone_from(&places[0]);
            }
            assert!(listed(&store, &filter, &page).await.0.is_empty(), "{filter:?}");
        }
    }
}
