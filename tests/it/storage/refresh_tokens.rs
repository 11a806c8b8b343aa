//! `storage::refresh_tokens` and `revoked_tokens`, and what ends a family: what the life of a token hangs on.

use std::time::Duration;

use doorward::domain::oauth::Family;
use doorward::domain::secret::Purpose;
use doorward::random;
use doorward::storage::consents::ConsentKey;
use doorward::storage::refresh_tokens::{self, Successor};
use doorward::storage::{Lane, Topic, families, revoked_tokens};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);
const INSTANT: Duration = Duration::from_millis(1);

/// A family with one refresh token, `first`.
async fn family(store: &Store) -> Family {
    let family = samples::family(store);
    let (stored, hash) = (family.clone(), samples::hash("first", Purpose::RefreshToken));
    commit!(store, |tx, stored, hash| {
        families::insert(tx, &stored, NOW).await?;
        refresh_tokens::insert(tx, &hash, stored.id, NOW.plus(DAY), NOW).await
    })
    .unwrap();
    family
}

fn successor(secret: &str) -> Successor {
    Successor {
        hash: samples::hash(secret, Purpose::RefreshToken),
        sealed: vec![1, 2, 3],
    }
}

on_both! {
    async fn a_refresh_token_is_read_back_as_stored_and_spent_once(store: Store) {
        let family = family(&store).await;
        let hash = samples::hash("first", Purpose::RefreshToken);
        let found = refresh_tokens::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().unwrap();
        assert_eq!((found.family, found.expires_at), (family.id, NOW.plus(DAY)));
        assert!(found.spent.is_none());

        let (second, third) = (successor("second"), successor("third"));
        let spent = commit!(store, |tx, hash, second, third| {
            let first_try = refresh_tokens::spend(tx, &hash, &second, NOW).await?;
            Ok((first_try, refresh_tokens::spend(tx, &hash, &third, NOW).await?))
        });
        assert_eq!(spent.unwrap(), (true, false));
        let found = refresh_tokens::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().unwrap();
        let spent = found.spent.unwrap();
        assert!(spent.successor == second.hash, "the first successor counts");
        assert_eq!((spent.at, spent.sealed_successor), (NOW, Some(vec![1, 2, 3])));
        let nobodys = samples::hash("guess", Purpose::RefreshToken);
        assert!(refresh_tokens::find(&mut store.snapshot().await.tx(), &nobodys).await.unwrap().is_none());
        assert!(!commit!(store, |tx, nobodys, third| { refresh_tokens::spend(tx, &nobodys, &third, NOW).await }).unwrap());
    }

    async fn tk10_of_twenty_who_spend_it_at_once_one_does(store: Store) {
        family(&store).await;
        let answers = twenty(&store, Lane::Free, move |number, tx| {
            let (hash, successor) = (samples::hash("first", Purpose::RefreshToken), successor(&format!("of {number}")));
            Box::pin(async move { refresh_tokens::spend(tx, &hash, &successor, NOW).await })
        });
        assert_eq!(answers.await.into_iter().filter(|spent| *spent.as_ref().unwrap()).count(), 1);
    }

    async fn a_sealed_successor_is_forgotten_and_its_predecessor_stays_spent(store: Store) {
        family(&store).await;
        let hash = samples::hash("first", Purpose::RefreshToken);
        let second = successor("second");
        commit!(store, |tx, hash, second| { refresh_tokens::spend(tx, &hash, &second, NOW).await }).unwrap();
        assert_eq!(commit!(store, |tx| { refresh_tokens::forget_sealed(tx, NOW).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { refresh_tokens::forget_sealed(tx, NOW.plus(INSTANT)).await }).unwrap(), 1);
        let found = refresh_tokens::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().unwrap();
        assert_eq!(found.spent.unwrap().sealed_successor, None);
    }

    async fn a_consent_that_ends_takes_its_families_and_no_others(store: Store) {
        let family = family(&store).await;
        let key = ConsentKey { user: family.user, application: family.application, organization: family.organization };
        let other = ConsentKey { application: random::id(NOW), ..key };
        assert!(commit!(store, |tx| { families::revoke_of_consent(tx, other, NOW).await }).unwrap().is_empty());
        let ended = commit!(store, |tx| { families::revoke_of_consent(tx, key, NOW).await }).unwrap();
        assert_eq!(ended, [family.id]);
        assert!(commit!(store, |tx| { families::revoke_of_consent(tx, key, NOW).await }).unwrap().is_empty());
        let found = families::by_id(&mut store.snapshot().await.tx(), family.id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, Some(NOW));
    }

    async fn a_family_that_ended_is_forgotten_with_its_refresh_tokens(store: Store) {
        let family = family(&store).await;
        let end = family.expires_at;
        assert_eq!(commit!(store, |tx| { families::purge(tx, end).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { families::purge(tx, end.plus(INSTANT)).await }).unwrap(), 1);
        let hash = samples::hash("first", Purpose::RefreshToken);
        assert!(refresh_tokens::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().is_none());
    }

    async fn a_revoked_token_is_known_until_it_would_be_dead_anyway(store: Store) {
        let (of, end) = (Topic::Application(store.fleet), NOW.plus(DAY));
        commit!(store, |tx| {
            assert!(!revoked_tokens::contains(tx, "fam.one").await?);
            assert!(revoked_tokens::insert(tx, "fam.one", of, end).await?);
            assert!(!revoked_tokens::insert(tx, "fam.one", of, end).await?, "twice is once");
            assert!(revoked_tokens::contains(tx, "fam.one").await?);
            assert!(!revoked_tokens::contains(tx, "fam.two").await?);
            assert_eq!(revoked_tokens::purge(tx, end).await?, 0);
            assert_eq!(revoked_tokens::purge(tx, end.plus(INSTANT)).await?, 1);
            Ok(())
        })
        .unwrap();
    }
}
