//! `storage::outbox`.

use std::time::Duration;

use doorward::domain::id::LetterId;
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::{Lane, outbox};

use super::{NOW, Store, commit, twenty};
use crate::harness::on_both;

/// Posts a letter at a moment.
async fn posted(store: &Store, at: Timestamp) -> LetterId {
    let id = random::id(at);
    commit!(store, |tx| { outbox::insert(tx, id, b"sealed", at).await }).unwrap();
    id
}

/// Everything of it that can change.
async fn kept(store: &Store) -> Vec<String> {
    let kept = "SELECT CAST(due_at AS TEXT) || ' ' || CAST(attempts AS TEXT) || ' ' || COALESCE(last_error, '-') || ' ' \
                || COALESCE(CAST(given_up_at AS TEXT), '-') FROM outbox ORDER BY last_error";
    store.raw().await.texts(kept).await
}

on_both! {
    async fn a_letter_waits_as_it_was_sealed_and_is_due_at_once(store: Store) {
        let id = posted(&store, NOW).await;
        let kept = "SELECT id || ' ' || CAST(due_at - created_at AS TEXT) || ' ' || CAST(attempts AS TEXT) FROM outbox";
        assert_eq!(store.raw().await.texts(kept).await, [format!("{id} 0 0")]);
    }

    async fn what_is_due_is_taken_in_turn_and_by_one(store: Store) {
        let later = NOW.plus(Duration::from_secs(1));
        let (second, first) = (posted(&store, later).await, posted(&store, NOW).await);
        let lease = later.plus(Duration::from_mins(5));
        let taken = commit!(store, |tx| { outbox::take_due(tx, 1, lease, later).await }).unwrap();
        assert_eq!((taken[0].id, taken[0].created_at, taken[0].attempts), (first, NOW, 1));
        assert_eq!(taken[0].sealed_letter, b"sealed");
        let taken = commit!(store, |tx| { outbox::take_due(tx, 8, lease, later).await }).unwrap();
        assert_eq!(taken.iter().map(|letter| letter.id).collect::<Vec<_>>(), [second]);
        assert!(commit!(store, |tx| { outbox::take_due(tx, 8, lease, later).await }).unwrap().is_empty());
        let again = commit!(store, |tx| { outbox::take_due(tx, 8, lease, lease).await }).unwrap();
        assert_eq!(again.iter().map(|letter| letter.attempts).collect::<Vec<_>>(), [2, 2]);
    }

    async fn of_twenty_that_take_one_has_it(store: Store) {
        posted(&store, NOW).await;
        let lease = NOW.plus(Duration::from_mins(5));
        let taken = twenty(&store, Lane::Guarded, move |_, tx| Box::pin(async move {
            Ok(outbox::take_due(tx, 8, lease, NOW).await?.len())
        })).await;
        assert_eq!(taken.into_iter().map(Result::unwrap).sum::<usize>(), 1);
    }

    async fn it_is_forgotten_put_off_or_given_up(store: Store) {
        let [sent, late, lost] = [posted(&store, NOW).await, posted(&store, NOW).await, posted(&store, NOW).await];
        let lease = NOW.plus(Duration::from_mins(5));
        commit!(store, |tx| { outbox::take_due(tx, 8, lease, NOW).await }).unwrap();
        let (stale, again) = (NOW, lease.plus(Duration::from_secs(1)));
        commit!(store, |tx| {
            outbox::postpone(tx, late, stale, again, "another's").await?;
            outbox::give_up(tx, lost, stale, "another's", NOW).await?;
            outbox::delete(tx, sent).await?;
            outbox::postpone(tx, late, lease, again, "down").await?;
            outbox::give_up(tx, lost, lease, "no such", NOW).await
        }).unwrap();
        let millis = [again.millis(), lease.millis(), NOW.millis()];
        assert_eq!(kept(&store).await, [
            format!("{} 1 down -", millis[0]),
            format!("{} 1 no such {}", millis[1], millis[2]),
        ]);
        let mut snapshot = store.snapshot().await;
        assert_eq!(outbox::count_waiting(&mut snapshot.tx()).await.unwrap(), 1);
        let far = again.plus(Duration::from_hours(1));
        let taken = commit!(store, |tx| { outbox::take_due(tx, 8, far, again).await }).unwrap();
        assert_eq!(taken.iter().map(|letter| letter.id).collect::<Vec<_>>(), [late], "what was given up is not taken");
    }

    async fn what_was_given_up_is_forgotten_in_the_end(store: Store) {
        posted(&store, NOW).await;
        let (lost, lease) = (posted(&store, NOW).await, NOW.plus(Duration::from_mins(5)));
        commit!(store, |tx| { outbox::take_due(tx, 8, lease, NOW).await }).unwrap();
        commit!(store, |tx| { outbox::give_up(tx, lost, lease, "no such", NOW).await }).unwrap();
        commit!(store, |tx| { outbox::purge(tx, NOW).await }).unwrap();
        assert_eq!(kept(&store).await.len(), 2);
        commit!(store, |tx| { outbox::purge(tx, NOW.plus(Duration::from_millis(1))).await }).unwrap();
        assert_eq!(kept(&store).await.len(), 1, "what still waits stays");
    }
}
