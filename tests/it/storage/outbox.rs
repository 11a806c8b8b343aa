//! `storage::outbox`.

use doorward::random;
use doorward::storage::outbox;

use super::{NOW, Store, commit};
use crate::harness::on_both;

on_both! {
    async fn a_letter_waits_as_it_was_sealed_and_is_due_at_once(store: Store) {
        let id = random::id(NOW);
        commit!(store, |tx| { outbox::insert(tx, id, b"sealed", NOW).await }).unwrap();
        let kept = "SELECT id || ' ' || CAST(due_at - created_at AS TEXT) || ' ' || CAST(attempts AS TEXT) FROM outbox";
        assert_eq!(store.raw().await.texts(kept).await, [format!("{id} 0 0")]);
    }
}
