//! `storage::Cache`: bounded, and never older than a second.

use std::time::Duration;

use doorward::random;
use doorward::storage::{Cache, Changes, Topic};

use super::NOW;

const A_SECOND: Duration = Duration::from_secs(1);

#[test]
fn it_gives_back_what_was_put_for_a_second() {
    let changes = Changes::default();
    let cache = Cache::new(changes.clone(), 64);
    cache.put("alice".to_owned(), 1, changes.mark(&[]), NOW);
    assert_eq!(cache.get("alice", NOW), Some(1));
    assert_eq!(cache.get("alice", NOW.plus(Duration::from_millis(999))), Some(1));
    assert_eq!(cache.get("alice", NOW.plus(A_SECOND)), None);
    assert_eq!(cache.get("bob", NOW), None);
    cache.put("alice".to_owned(), 2, changes.mark(&[]), NOW.plus(A_SECOND));
    assert_eq!(cache.get("alice", NOW.plus(A_SECOND)), Some(2));
}

#[test]
fn it_believes_nothing_from_the_future() {
    let changes = Changes::default();
    let cache = Cache::new(changes.clone(), 64);
    cache.put("alice".to_owned(), 1, changes.mark(&[]), NOW);
    assert_eq!(cache.get("alice", NOW.minus(Duration::from_millis(1))), None);
}

#[test]
fn it_holds_so_many_and_no_more() {
    let changes = Changes::default();
    let cache = Cache::new(changes.clone(), 256);
    assert!(cache.is_empty());
    for number in 0..10_000 {
        let mark = changes.mark(&[Topic::User(random::id(NOW))]);
        cache.put(number, number, mark, NOW);
        assert_eq!(cache.get(&number, NOW), Some(number), "the newest is there");
        assert!(cache.len() <= 256);
    }
}
