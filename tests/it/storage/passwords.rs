//! What is stored of passwords: `storage::passwords`, `password_history`, `password_policies`, `password_resets`,
//! `reset_requests`, and what ends with a password.

use std::time::Duration;

use doorward::domain::id::CredentialId;
use doorward::domain::secret::Purpose;
use doorward::random;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::password_policies::{self, PasswordPolicy};
use doorward::storage::passwords::{self, StoredPassword};
use doorward::storage::reset_requests::{self, ResetRequest};
use doorward::storage::{Lane, families, password_history, password_resets, security, sessions};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);

fn password(hash: &str) -> StoredPassword {
    StoredPassword {
        id: random::id(NOW),
        hash: hash.to_owned(),
    }
}

/// Puts a new password in the place of one.
async fn put(store: &Store, id: CredentialId, old: &'static str) -> bool {
    let later = NOW.plus(DAY);
    commit!(store, |tx| {
        passwords::replace(tx, id, old, "$argon2id$new", later).await
    })
    .unwrap()
}

async fn newest(store: &Store, most: i64) -> Vec<String> {
    let mut snapshot = store.snapshot().await;
    password_history::newest(&mut snapshot.tx(), store.alice, most)
        .await
        .unwrap()
}

on_both! {
    async fn a_password_is_replaced_only_if_it_is_still_the_one_that_was_known(store: Store) {
        let (alice, first, later) = (store.alice, password("$argon2id$first"), NOW.plus(DAY));
        let id = first.id;
        commit!(store, |tx, first| { passwords::insert(tx, alice, &first, NOW).await }).unwrap();
        assert!(commit!(store, |tx| { passwords::force_change(tx, alice).await }).unwrap());
        assert!(passwords::must_change(&mut store.snapshot().await.tx(), alice).await.unwrap());
        assert!(!put(&store, id, "$argon2id$other").await);
        assert_eq!(passwords::changed_at(&mut store.snapshot().await.tx(), alice).await.unwrap(), Some(NOW));
        assert!(put(&store, id, "$argon2id$first").await);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let now = passwords::of_user(tx, alice).await.unwrap().unwrap();
        assert_eq!((now.id, now.hash.as_str()), (id, "$argon2id$new"));
        assert_eq!(passwords::changed_at(tx, alice).await.unwrap(), Some(later));
        assert!(!passwords::must_change(tx, alice).await.unwrap());
        let nobody = random::id(NOW);
        assert!(!commit!(store, |tx| { passwords::force_change(tx, nobody).await }).unwrap());
        assert_eq!(passwords::changed_at(tx, nobody).await.unwrap(), None);
    }

    async fn only_the_newest_earlier_passwords_are_kept(store: Store) {
        let alice = store.alice;
        commit!(store, |tx| {
            for (days, hash) in [(1, "one"), (3, "three"), (2, "two"), (3, "three")] {
                password_history::insert(tx, alice, hash, NOW.plus(DAY * days)).await?;
            }
            password_history::keep_newest(tx, alice, 2).await
        })
        .unwrap();
        assert_eq!(newest(&store, 9).await, ["three", "two"]);
        assert_eq!(newest(&store, 1).await, ["three"]);
        assert!(newest(&store, 0).await.is_empty());
    }

    async fn the_strictest_of_a_persons_organizations_counts(store: Store) {
        let (alice, acme, umbrella) = (store.alice, store.acme, store.umbrella);
        let id = random::id(NOW);
        commit!(store, |tx| {
            let mut settings = security::of(tx, acme).await?.unwrap();
            (settings.password_min_length, settings.password_history) = (20, 3);
            security::set(tx, acme, &settings, NOW).await?;
            (settings.password_min_length, settings.password_history) = (8, 5);
            security::set(tx, umbrella, &settings, NOW).await?;
            let membership = NewMembership { id, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &membership, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let both = password_policies::of_user(tx, alice).await.unwrap();
        assert_eq!((both.min_length, both.history, both.names.len()), (20, 5, 4));
        let one = password_policies::of_organization(tx, umbrella).await.unwrap();
        assert_eq!((one.min_length, one.history, one.names.len()), (8, 5, 2));
        let nobodys = password_policies::of_user(tx, random::id(NOW)).await.unwrap();
        assert_eq!(nobodys, PasswordPolicy::default());
    }

    async fn lg9_of_twenty_who_follow_a_link_one_takes_it(store: Store) {
        let (alice, link) = (store.alice, samples::hash("link", Purpose::PasswordReset));
        commit!(store, |tx, link| { password_resets::put(tx, alice, &link, NOW, NOW.plus(DAY)).await }).unwrap();
        let takers = twenty(&store, Lane::User(alice), move |_, tx| {
            let link = link.clone();
            Box::pin(async move { password_resets::take(tx, &link, NOW).await })
        })
        .await;
        let taken = takers.into_iter().filter(|taken| *taken.as_ref().unwrap() == Some(alice));
        assert_eq!(taken.count(), 1);
    }

    async fn a_user_has_one_link_and_not_for_ever(store: Store) {
        let (alice, until) = (store.alice, NOW.plus(DAY));
        let links = ["first", "second"].map(|link| samples::hash(link, Purpose::PasswordReset));
        commit!(store, |tx, links| {
            for link in &links {
                password_resets::put(tx, alice, link, NOW, until).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(password_resets::find(tx, &links[0], NOW).await.unwrap(), None, "the first is dead");
        assert_eq!(password_resets::find(tx, &links[1], NOW).await.unwrap(), Some(alice));
        assert_eq!(password_resets::find(tx, &links[1], until).await.unwrap(), None, "too late");
        let second = links[1].clone();
        assert_eq!(commit!(store, |tx, second| { password_resets::take(tx, &second, until).await }).unwrap(), None);
        assert_eq!(commit!(store, |tx| { password_resets::purge(tx, until).await }).unwrap(), 0);
        let later = until.plus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { password_resets::purge(tx, later).await }).unwrap(), 1);
        commit!(store, |tx, second| {
            password_resets::put(tx, alice, &second, NOW, until).await?;
            password_resets::end_of_user(tx, alice).await
        })
        .unwrap();
        assert_eq!(password_resets::find(&mut store.snapshot().await.tx(), &second, NOW).await.unwrap(), None);
    }

    async fn each_request_is_answered_once_the_oldest_first(store: Store) {
        let request = |millis, email: &str| ResetRequest {
            id: random::id(NOW.plus(Duration::from_millis(millis))),
            email: email.parse().unwrap(),
            address: "192.0.2.7".to_owned(),
            user_agent: "a browser".to_owned(),
        };
        let (first, second) = (request(1, "alice@acme.example"), request(2, "nobody@acme.example"));
        let both = [second.clone(), first.clone()];
        commit!(store, |tx, both| {
            for request in &both {
                reset_requests::insert(tx, request).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(reset_requests::oldest(&mut snapshot.tx(), 1).await.unwrap(), std::slice::from_ref(&first));
        assert_eq!(reset_requests::oldest(&mut snapshot.tx(), 9).await.unwrap(), [first.clone(), second]);
        let id = first.id;
        let takers = twenty(&store, Lane::Free, move |_, tx| {
            Box::pin(async move { reset_requests::take(tx, id).await })
        })
        .await;
        assert_eq!(takers.into_iter().filter(|taken| *taken.as_ref().unwrap()).count(), 1);
    }

    async fn a_session_goes_on_under_another_cookie_and_others_tokens_end(store: Store) {
        let (session, secret) = (samples::session(store.alice), samples::hash("one", Purpose::Session));
        let (id, alice, other) = (session.id, store.alice, samples::hash("two", Purpose::Session));
        let family = samples::family(&store);
        let kept = family.id;
        commit!(store, |tx, session, secret, other, family| {
            sessions::insert(tx, &session, &secret, &samples::origin()).await?;
            sessions::give_cookie(tx, id, &other).await?;
            families::insert(tx, &family, NOW).await?;
            families::revoke_of_user_but(tx, alice, id, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(sessions::by_secret(tx, &secret).await.unwrap().is_none());
        assert_eq!(sessions::by_secret(tx, &other).await.unwrap().unwrap().id, id);
        assert!(families::by_id(tx, kept).await.unwrap().unwrap().revoked_at.is_some());
    }
}
