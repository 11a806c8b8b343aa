//! `Db::write` and `Db::snapshot`: whole or absent, as if alone, and never in anybody's way afterwards.

use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use doorward::directory::DirectoryError;
use doorward::domain::user::User;
use doorward::storage::{Db, Lane, StorageError, Tx, users};
use tokio::sync::{Barrier, Notify};
use tokio::time::timeout;

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, on_both};

/// Longer than anything here takes, far shorter than a queue that nobody leaves.
const PATIENCE: Duration = Duration::from_secs(10);

async fn insert(tx: &mut Tx<'_>, email: &str) -> Result<bool, StorageError> {
    users::insert(tx, &samples::user(email), NOW).await
}

async fn exists(db: &Db, email: &str) -> bool {
    let mut snapshot = db.snapshot().await.unwrap();
    users::by_email(&mut snapshot.tx(), &email.parse().unwrap())
        .await
        .unwrap()
        .is_some()
}

/// Writes in a lane, soon.
async fn writes_at_once(db: &Db, lane: Lane, email: &'static str) {
    let work = db.write(lane, move |tx| Box::pin(insert(tx, email)));
    assert!(
        timeout(PATIENCE, work)
            .await
            .expect("somebody is in the way")
            .unwrap()
    );
    assert!(exists(db, email).await);
}

impl Store {
    fn lanes(&self) -> [Lane; 4] {
        [
            Lane::Free,
            Lane::Organization(self.acme),
            Lane::User(self.alice),
            Lane::Instance,
        ]
    }

    /// No connection of Doorward's stays inside a transaction, or holds a lock.
    async fn nobody_is_in_the_way(&self) {
        if self.engine == Engine::Postgres {
            let left = "SELECT (SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() \
                        AND state LIKE 'idle in transaction%') \
                        + (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND database = \
                        (SELECT oid FROM pg_database WHERE datname = current_database()))";
            assert_eq!(self.raw().await.number(left).await, 0);
        }
    }
}

on_both! {
    async fn a_write_that_answers_an_error_leaves_nothing_and_is_not_tried_again(store: Store) {
        for (number, lane) in store.lanes().into_iter().enumerate() {
            let tries = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&tries);
            let work = store.db.write(lane, move |tx| {
                counted.fetch_add(1, Ordering::SeqCst);
                Box::pin(async move {
                    insert(tx, "bob@acme.example").await?;
                    Err::<(), _>(DirectoryError::Invalid("mine"))
                })
            });
            assert!(matches!(work.await, Err(DirectoryError::Invalid("mine"))));
            assert_eq!(tries.load(Ordering::SeqCst), 1);
            assert!(!exists(&store.db, "bob@acme.example").await);
            let next = ["a@acme.example", "b@acme.example", "c@acme.example", "d@acme.example"][number];
            writes_at_once(&store.another_node().await, lane, next).await;
        }
        store.nobody_is_in_the_way().await;
    }

    async fn a_statement_that_fails_takes_the_whole_write_with_it(store: Store) {
        let twice = samples::user("bob@acme.example");
        let done = commit!(store, |tx, twice| {
            users::insert(tx, &twice, NOW).await?;
            let with_the_same_id = User { email: "carol@acme.example".parse().unwrap(), ..twice };
            users::insert(tx, &with_the_same_id, NOW).await
        });
        assert!(matches!(done, Err(StorageError::Database(_))), "{done:?}");
        assert!(!exists(&store.db, "bob@acme.example").await);
        writes_at_once(&store.db, Lane::Free, "bob@acme.example").await;
    }

    async fn a_panic_rolls_back_is_answered_and_leaves_its_lane(store: Store) {
        for (number, lane) in store.lanes().into_iter().enumerate() {
            let work = store.db.write(lane, |tx| {
                Box::pin(async move {
                    insert(tx, "bob@acme.example").await?;
                    resume_unwind(Box::new("a bug in a closure"))
                })
            });
            let done: Result<(), StorageError> = work.await;
            assert!(matches!(done, Err(StorageError::Panicked)), "{done:?}");
            assert!(!exists(&store.db, "bob@acme.example").await);
            let [here, there] = [
                ["a@acme.example", "b@acme.example", "c@acme.example", "d@acme.example"][number],
                ["e@acme.example", "f@acme.example", "g@acme.example", "h@acme.example"][number],
            ];
            writes_at_once(&store.db, lane, here).await;
            writes_at_once(&store.another_node().await, lane, there).await;
        }
        store.nobody_is_in_the_way().await;
    }

    async fn a_write_whose_caller_went_away_is_whole(store: Store) {
        for (number, lane) in store.lanes().into_iter().enumerate() {
            let emails = [["a@acme.example", "b@acme.example"], ["c@acme.example", "d@acme.example"],
                ["e@acme.example", "f@acme.example"], ["g@acme.example", "h@acme.example"]][number];
            let (inside, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
            let (db, told, wait) = (store.db.clone(), Arc::clone(&inside), Arc::clone(&go_on));
            let caller = tokio::spawn(async move {
                db.write(lane, move |tx| {
                    let (told, wait) = (Arc::clone(&told), Arc::clone(&wait));
                    Box::pin(async move {
                        insert(tx, emails[0]).await?;
                        told.notify_one();
                        wait.notified().await;
                        insert(tx, emails[1]).await
                    })
                })
                .await
            });
            inside.notified().await;
            caller.abort();
            assert!(caller.await.unwrap_err().is_cancelled());
            assert!(!exists(&store.db, emails[0]).await, "half a write is seen by nobody");
            go_on.notify_one();
            let after = ["i@acme.example", "j@acme.example", "k@acme.example", "l@acme.example"][number];
            writes_at_once(&store.db, lane, after).await;
            if lane != Lane::Free || store.engine == Engine::Sqlite {
                assert!(exists(&store.db, emails[0]).await && exists(&store.db, emails[1]).await);
            }
        }
    }

    async fn two_who_read_before_either_writes_end_as_if_one_after_the_other(store: Store) {
        let (both_have_read, tries) = (Arc::new(Barrier::new(2)), Arc::new(AtomicU32::new(0)));
        let one_at_a_time = store.engine == Engine::Sqlite;
        let first_owner = |email: &'static str| {
            let (db, both, tries) = (store.db.clone(), Arc::clone(&both_have_read), Arc::clone(&tries));
            tokio::spawn(async move {
                db.write(Lane::Free, move |tx| {
                    let (both, tries) = (Arc::clone(&both), Arc::clone(&tries));
                    Box::pin(async move {
                        let taken = users::any_superuser(tx).await?;
                        if tries.fetch_add(1, Ordering::SeqCst) < 2 && !one_at_a_time {
                            both.wait().await;
                        }
                        if taken {
                            return Ok(false);
                        }
                        let owner = User { superuser: true, ..samples::user(email) };
                        users::insert(tx, &owner, NOW).await
                    })
                })
                .await
            })
        };
        let (one, other) = tokio::join!(first_owner("one@acme.example"), first_owner("other@acme.example"));
        let one: Result<bool, StorageError> = one.unwrap();
        assert!(one.unwrap() ^ other.unwrap().unwrap(), "each thought to be the first");
        assert_eq!(store.raw().await.number("SELECT COUNT(*) FROM users WHERE superuser").await, 1);
        assert_eq!(tries.load(Ordering::SeqCst), if one_at_a_time { 2 } else { 3 }, "one was tried again");
    }

    async fn a_write_that_always_loses_gives_up_and_leaves_nothing_behind(store: Store) {
        // SQLite has one writer, so nothing can be lost to another.
        if store.engine == Engine::Sqlite {
            return;
        }
        let (alice, raw) = (store.alice, Arc::new(tokio::sync::Mutex::new(store.raw().await)));
        let lane = Lane::User(alice);
        let work = store.db.write(lane, move |tx| {
            let raw = Arc::clone(&raw);
            Box::pin(async move {
                users::by_id(tx, alice).await?;
                raw.lock().await.run("UPDATE users SET last_sign_in_at = COALESCE(last_sign_in_at, 0) + 1").await;
                users::signed_in(tx, alice, NOW).await
            })
        });
        let done: Result<(), StorageError> = work.await;
        assert!(matches!(done, Err(StorageError::Contended(12))), "{done:?}");
        assert_eq!(store.raw().await.number("SELECT last_sign_in_at FROM users").await, 12);
        store.nobody_is_in_the_way().await;
        writes_at_once(&store.another_node().await, lane, "bob@acme.example").await;
    }

    async fn a_snapshot_does_not_move(store: Store) {
        let mut snapshot = store.snapshot().await;
        let bob = "bob@acme.example".parse().unwrap();
        assert!(users::by_email(&mut snapshot.tx(), &bob).await.unwrap().is_none());
        writes_at_once(&store.db, Lane::Free, "bob@acme.example").await;
        assert!(users::by_email(&mut snapshot.tx(), &bob).await.unwrap().is_none());
        drop(snapshot);
        assert!(exists(&store.db, "bob@acme.example").await);
    }

    async fn a_snapshot_is_for_reading_only(store: Store) {
        let mut snapshot = store.snapshot().await;
        assert!(insert(&mut snapshot.tx(), "bob@acme.example").await.is_err());
        drop(snapshot);
        writes_at_once(&store.db, Lane::Free, "bob@acme.example").await;
    }
}
