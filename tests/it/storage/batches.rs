//! Writes that share a commit: each still whole or absent by itself, and answered only once it is durable. On
//! PostgreSQL each has its own, and must look the same.

use std::panic::resume_unwind;
use std::sync::Arc;

use doorward::domain::user::User;
use doorward::storage::{Db, Lane, StorageError, Topic, users};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, JoinSet, yield_now};

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, on_both};

/// A write that is under way until it is told to go on: on SQLite all others get in line behind it.
struct Held {
    go_on: Arc<Notify>,
    write: JoinHandle<Result<(), StorageError>>,
}

impl Held {
    async fn begin(db: &Db) -> Self {
        let (inside, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (db, told, wait) = (db.clone(), Arc::clone(&inside), Arc::clone(&go_on));
        let write = tokio::spawn(async move {
            db.write(Lane::Free, move |_| {
                let (told, wait) = (Arc::clone(&told), Arc::clone(&wait));
                Box::pin(async move {
                    told.notify_one();
                    wait.notified().await;
                    Ok(())
                })
            })
            .await
        });
        inside.notified().await;
        Self { go_on, write }
    }

    /// Goes on once so many others are in line, where there is a line.
    async fn go_on_before(self, store: &Store, others: usize) {
        if store.engine == Engine::Sqlite {
            in_line(&store.db, others + 1).await;
        }
        self.go_on.notify_one();
        self.write.await.unwrap().unwrap();
    }
}

async fn in_line(db: &Db, writes: usize) {
    while db.stats().waiting < writes {
        yield_now().await;
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Does {
    Fine,
    Refuse,
    Panic,
    Fail,
    FailUnheeded,
}

/// Stores a user, and then does something else.
async fn store_and(db: Db, user: User, does: Does) -> Result<bool, StorageError> {
    db.write(Lane::Free, move |tx| {
        let user = user.clone();
        Box::pin(async move {
            let stored = users::insert(tx, &user, NOW).await?;
            let same_id = User {
                email: "somebody@else.example".parse().unwrap(),
                ..user
            };
            match does {
                Does::Fine => {}
                Does::Refuse => return Err(StorageError::Contended(0)),
                Does::Panic => resume_unwind(Box::new("a bug in a closure")),
                Does::Fail => return users::insert(tx, &same_id, NOW).await,
                Does::FailUnheeded => assert!(users::insert(tx, &same_id, NOW).await.is_err()),
            }
            Ok(stored)
        })
    })
    .await
}

on_both! {
    async fn what_goes_wrong_in_one_write_hurts_no_other(store: Store) {
        let held = Held::begin(&store.db).await;
        let plan = [Does::Fine, Does::Panic, Does::Fine, Does::Refuse, Does::Fail, Does::Fine, Does::FailUnheeded];
        let mut writes = JoinSet::new();
        for number in 0..35 {
            let (does, user) = (plan[number % 7], samples::user(&format!("user{number}@acme.example")));
            let write = store_and(store.db.clone(), user.clone(), does);
            writes.spawn(async move { (does, user, write.await) });
        }
        held.go_on_before(&store, 35).await;
        for (does, user, answer) in writes.join_all().await {
            match (does, &answer) {
                (Does::Fine, Ok(true))
                | (Does::Refuse, Err(StorageError::Contended(0)))
                | (Does::Panic, Err(StorageError::Panicked))
                | (Does::Fail, Err(StorageError::Database(_)))
                | (Does::FailUnheeded, Err(StorageError::Unheeded)) => {}
                _ => panic!("{answer:?}"),
            }
            let stored = users::by_id(&mut store.snapshot().await.tx(), user.id).await.unwrap();
            assert_eq!(stored.is_some(), does == Does::Fine);
        }
    }

    async fn the_first_in_line_fails_alone_too(store: Store) {
        for does in [Does::Refuse, Does::Panic, Does::Fail, Does::FailUnheeded] {
            let bob = samples::user("bob@acme.example");
            assert!(store_and(store.db.clone(), bob, does).await.is_err());
        }
        let bob = samples::user("bob@acme.example");
        assert!(store_and(store.db.clone(), bob, Does::Fine).await.unwrap());
        assert_eq!(store.raw().await.count("users").await, 2);
    }

    async fn many_writes_need_few_commits(store: Store) {
        let before = store.db.stats();
        let held = Held::begin(&store.db).await;
        let mut writes = JoinSet::new();
        for number in 0..100 {
            writes.spawn(store_and(store.db.clone(), samples::user(&format!("u{number}@acme.example")), Does::Fine));
        }
        held.go_on_before(&store, 100).await;
        assert!(writes.join_all().await.into_iter().all(|stored| stored.unwrap()));
        let after = store.db.stats();
        assert_eq!((after.writes - before.writes, after.waiting), (101, 0));
        let commits = after.commits - before.commits;
        match store.engine {
            // The last of them may have come a moment late.
            Engine::Sqlite => assert!(commits <= 3, "{commits} commits"),
            Engine::Postgres => assert_eq!(commits, 101),
        }
        assert!(after.connections > 0 && after.idle_connections <= after.connections);
        assert_eq!(store.raw().await.count("users").await, 101);
    }

    async fn more_than_fit_into_the_line_wait_for_a_place_in_it(store: Store) {
        if store.engine == Engine::Postgres {
            return;
        }
        let (held, before) = (Held::begin(&store.db).await, store.db.stats());
        let mut writes = JoinSet::new();
        for number in 0..1200 {
            writes.spawn(store_and(store.db.clone(), samples::user(&format!("u{number}@acme.example")), Does::Fine));
        }
        held.go_on_before(&store, 1200).await;
        assert!(writes.join_all().await.into_iter().all(|stored| stored.unwrap()));
        let commits = store.db.stats().commits - before.commits;
        assert!((10..=40).contains(&commits), "{commits} commits: nobody is to wait for too many others");
    }

    async fn a_commit_that_fails_is_an_error_for_everybody_in_it(store: Store) {
        if store.engine == Engine::Postgres {
            return;
        }
        store.raw().await.run(
            "CREATE TABLE door (id INTEGER PRIMARY KEY) STRICT; \
             CREATE TABLE key (door INTEGER REFERENCES door (id) DEFERRABLE INITIALLY DEFERRED) STRICT; \
             CREATE TRIGGER lost AFTER INSERT ON users WHEN NEW.email LIKE 'lost%' \
             BEGIN INSERT INTO key VALUES (1); END",
        )
        .await;
        let alice = store.alice;
        let mark = store.db.changes().mark(&[Topic::User(alice)]);
        let held = Held::begin(&store.db).await;
        let mut writes = JoinSet::new();
        for email in ["a@acme.example", "lost@acme.example", "b@acme.example"] {
            writes.spawn(store_and(store.db.clone(), samples::user(email), Does::Fine));
        }
        let db = store.db.clone();
        writes.spawn(async move {
            db.write(Lane::Free, move |tx| {
                Box::pin(async move { users::set_state(tx, alice, &samples::suspended_user()).await.map(|()| true) })
            })
            .await
        });
        in_line(&store.db, 5).await;
        held.go_on.notify_one();
        let mut answers = writes.join_all().await;
        answers.push(held.write.await.unwrap().map(|()| true));
        assert!(answers.iter().all(|answer| matches!(answer, Err(StorageError::Uncommitted(_)))), "{answers:?}");
        assert!(!mark.is_current(store.db.changes()), "nobody knows what came of it");
        assert_eq!(store.raw().await.count("users").await, 1);

        store.raw().await.run("DROP TRIGGER lost").await;
        assert!(store_and(store.db.clone(), samples::user("lost@acme.example"), Does::Fine).await.unwrap());
    }

    async fn who_shares_a_commit_does_not_believe_what_another_changed(store: Store) {
        if store.engine == Engine::Postgres {
            return;
        }
        let (alice, changes) = (store.alice, store.db.changes().clone());
        let mark = changes.mark(&[Topic::User(alice)]);
        let (held, db) = (Held::begin(&store.db).await, store.db.clone());
        let suspend = tokio::spawn(async move {
            db.write(Lane::Free, move |tx| Box::pin(async move { users::set_state(tx, alice, &samples::suspended_user()).await })).await
        });
        in_line(&store.db, 2).await;
        let db = store.db.clone();
        let believes = tokio::spawn(async move {
            db.write(Lane::Free, move |_| {
                let believes = mark.is_current(&changes);
                Box::pin(async move { Ok::<_, StorageError>(believes) })
            })
            .await
        });
        let before = store.db.stats();
        held.go_on_before(&store, 2).await;
        suspend.await.unwrap().unwrap();
        assert!(!believes.await.unwrap().unwrap());
        assert_eq!(store.db.stats().commits - before.commits, 1);
    }

    async fn who_is_in_line_when_it_closes_is_still_written(store: Store) {
        if store.engine == Engine::Postgres {
            return;
        }
        let held = Held::begin(&store.db).await;
        let mut writes = JoinSet::new();
        for number in 0..20 {
            writes.spawn(store_and(store.db.clone(), samples::user(&format!("u{number}@acme.example")), Does::Fine));
        }
        in_line(&store.db, 21).await;
        let abandoned = tokio::spawn(store_and(store.db.clone(), samples::user("gone@acme.example"), Does::Fine));
        in_line(&store.db, 22).await;
        abandoned.abort();
        let db = store.db.clone();
        let closing = tokio::spawn(async move { db.close().await });
        held.go_on_before(&store, 20).await;
        closing.await.unwrap();
        assert!(writes.join_all().await.into_iter().all(|stored| stored.unwrap()));
        let late = commit!(store, |tx| { users::any_superuser(tx).await });
        assert!(late.is_err());
        assert_eq!(store.raw().await.count("users").await, 22);
    }
}
