//! Lanes: writes that would contend go one after the other, on every node; others meet.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use doorward::random;
use doorward::storage::{Db, Lane, StorageError, users};
use tokio::sync::Barrier;
use tokio::task::{JoinSet, yield_now};
use tokio::time::timeout;

use super::{NOW, Store, samples};
use crate::harness::{Engine, on_both};

/// How many were inside a lane at the same time, at the most.
async fn most_at_once(nodes: [Db; 2], lanes: [Lane; 2]) -> u32 {
    let (inside, most) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
    let mut writes = JoinSet::new();
    for number in 0..20 {
        let (db, lane) = (nodes[number % 2].clone(), lanes[number / 2 % 2]);
        let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
        writes.spawn(async move {
            let work = db.write(lane, move |tx| {
                let (inside, most) = (Arc::clone(&inside), Arc::clone(&most));
                Box::pin(async move {
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    users::any_superuser(tx).await?;
                    yield_now().await;
                    users::any_superuser(tx).await?;
                    inside.fetch_sub(1, Ordering::SeqCst);
                    Ok(())
                })
            });
            let done: Result<(), StorageError> = work.await;
            done.unwrap();
        });
    }
    writes.join_all().await;
    most.load(Ordering::SeqCst)
}

/// Whether two writes in these lanes can be inside at the same time.
async fn meet(store: &Store, lanes: [Lane; 2]) -> bool {
    let barrier = Arc::new(Barrier::new(2));
    let write = |lane| {
        let (db, barrier) = (store.db.clone(), Arc::clone(&barrier));
        db_write(db, lane, barrier)
    };
    let (one, other) = tokio::join!(write(lanes[0]), write(lanes[1]));
    one && other
}

async fn db_write(db: Db, lane: Lane, barrier: Arc<Barrier>) -> bool {
    let work = db.write(lane, move |_| {
        let barrier = Arc::clone(&barrier);
        Box::pin(async move { Ok(timeout(Duration::from_secs(5), barrier.wait()).await.is_ok()) })
    });
    let met: Result<bool, StorageError> = work.await;
    met.unwrap()
}

on_both! {
    async fn a_lane_is_for_one_at_a_time_on_all_nodes(store: Store) {
        let nodes = [store.db.clone(), store.another_node().await];
        let network = Lane::Network(samples::network("2001:db8::1"));
        for lane in [Lane::Organization(store.acme), Lane::User(store.alice), network, Lane::Instance] {
            assert_eq!(most_at_once(nodes.clone(), [lane, lane]).await, 1, "{lane:?}");
        }
    }

    async fn different_lanes_and_free_writes_meet_on_postgres(store: Store) {
        if store.engine == Engine::Sqlite {
            let lanes = [Lane::Free, Lane::Instance];
            assert_eq!(most_at_once([store.db.clone(), store.db.clone()], lanes).await, 1);
            return;
        }
        let (acme, umbrella) = (Lane::Organization(store.acme), Lane::Organization(store.umbrella));
        let (alice, bob) = (Lane::User(store.alice), Lane::User(random::id(NOW)));
        let [here, there] = ["192.0.2.1", "192.0.2.2"].map(|text| Lane::Network(samples::network(text)));
        for lanes in [
            [here, there],
            [here, Lane::Instance],
            [acme, umbrella],
            [alice, bob],
            [alice, acme],
            [Lane::Instance, acme],
            [Lane::Free, Lane::Free],
            [Lane::Free, Lane::Instance],
        ] {
            assert!(meet(&store, lanes).await, "{lanes:?}");
        }
    }
}
