//! `storage::organization_deletion`: nothing that refers to an organization outlives it.

use doorward::domain::id::OrganizationId;
use doorward::storage::{Db, Lane, StorageError, organization_deletion, organizations};

use super::migrations::Migrated;
use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

/// Columns that keep an organization's id on purpose: what happened stays in the log under its seals, and a proof is
/// history too.
const KEPT: [&str; 5] = [
    "audit_cuts.chain",
    "audit_events.organization_id",
    "audit_heads.chain",
    "audit_seals.chain",
    "session_proofs.connection_organization_id",
];

on_both! {
    async fn no_table_refers_to_it_any_more(migrated: Migrated) {
        let mut migrated = migrated;
        let columns = match migrated.db {
            Db::Sqlite(_) => "SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c \
                 WHERE m.type = 'table' AND c.type = 'TEXT' AND m.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
            Db::Postgres(_) => {
                "SELECT table_name || '.' || column_name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND data_type = 'text' AND table_name NOT LIKE '\\_sqlx%'"
            }
        };
        let mut columns = migrated.raw.texts(columns).await;
        columns.retain(|column| !KEPT.contains(&column.as_str()));
        let gone = "org_01kaxw3vd0f1wvj1d2sahtfxyz";
        let mut before = 0;
        for (round, deleted) in [false, true].into_iter().enumerate() {
            if deleted {
                let id: OrganizationId = gone.parse().unwrap();
                let work = migrated.db.write(Lane::Free, move |tx| {
                    Box::pin(async move { organization_deletion::delete(tx, id).await })
                });
                let done: Result<(), StorageError> = work.await;
                done.unwrap();
            }
            for column in &columns {
                let (table, name) = column.split_once('.').unwrap();
                let count = format!("SELECT COUNT(*) FROM {table} WHERE {name} = '{gone}'");
                let count = migrated.raw.number(&count).await;
                assert!(round == 0 || count == 0, "{column} still has it");
                before += count;
            }
        }
        assert!(before >= 18, "only {before} rows referred to it");
        assert!(migrated.raw.count("users").await > 0 && migrated.raw.count("audit_events").await > 0);
    }

    async fn a_neighbour_loses_nothing(store: Store) {
        let umbrella = store.umbrella;
        let before = store.raw().await.count("memberships").await;
        commit!(store, |tx| { organization_deletion::delete(tx, umbrella).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert!(organizations::by_id(&mut snapshot.tx(), umbrella).await.unwrap().is_none());
        assert!(organizations::by_id(&mut snapshot.tx(), store.acme).await.unwrap().is_some());
        let mut raw = store.raw().await;
        assert_eq!((raw.count("memberships").await, raw.count("applications").await), (before, 1));
        let again = samples::organization("umbrella");
        assert!(commit!(store, |tx, again| { organizations::insert(tx, &again, NOW).await }).unwrap());
    }
}
