//! Both schemas say the same: tables, columns, what may be NULL, what is unique, what refers to what.

use std::collections::BTreeSet;

use super::Store;
use crate::harness::{Engine, on_both};

/// SQLite needs no index for an INTEGER PRIMARY KEY: the table is one.
const TABLES_THEMSELVES: [&str; 3] = [
    "instance (id) unique",
    "audit_events (position) unique",
    "audit_sealing (id) unique",
];

/// Both databases, and what each answers to its own question about its schema.
async fn both(sqlite: &str, postgres: &str) -> (BTreeSet<String>, BTreeSet<String>) {
    let ours = Store::open(Engine::Sqlite).await.raw().await.texts(sqlite).await;
    let theirs = Store::open(Engine::Postgres)
        .await
        .raw()
        .await
        .texts(postgres)
        .await;
    assert!(ours.len() > 1, "the question is wrong");
    (ours.into_iter().collect(), theirs.into_iter().collect())
}

#[tokio::test]
async fn tables_columns_types_and_nullability_agree() {
    let (sqlite, postgres) = both(
        "SELECT t.name || '.' || c.name || ' ' || lower(c.type) \
         || CASE WHEN c.\"notnull\" OR c.pk THEN ' not null' ELSE '' END \
         FROM sqlite_master t, pragma_table_info(t.name) c \
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
        "SELECT table_name || '.' || column_name || ' ' || \
         CASE data_type WHEN 'bytea' THEN 'blob' WHEN 'text' THEN 'text' WHEN 'bigint' THEN 'integer' \
         WHEN 'integer' THEN 'integer' WHEN 'boolean' THEN 'integer' ELSE 'a ' || data_type END \
         || CASE is_nullable WHEN 'NO' THEN ' not null' ELSE '' END \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'",
    )
    .await;
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn indexes_and_what_is_unique_agree() {
    let (sqlite, postgres) = both(
        "SELECT t.name || ' (' || (SELECT group_concat(name, ', ') FROM pragma_index_info(i.name)) || ')' \
         || CASE WHEN i.\"unique\" THEN ' unique' ELSE '' END || CASE WHEN i.partial THEN ' partial' ELSE '' END \
         FROM sqlite_master t, pragma_index_list(t.name) i \
         WHERE t.type = 'table' AND t.name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
        "SELECT t.relname || ' (' || (SELECT string_agg(a.attname, ', ' ORDER BY k.at) \
         FROM unnest(i.indkey) WITH ORDINALITY k(number, at) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.number) || ')' \
         || CASE WHEN i.indisunique THEN ' unique' ELSE '' END \
         || CASE WHEN i.indpred IS NOT NULL THEN ' partial' ELSE '' END \
         FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace \
         WHERE n.nspname = 'public' AND t.relname NOT LIKE '\\_sqlx%'",
    )
    .await;
    let postgres: BTreeSet<_> = postgres
        .into_iter()
        .filter(|index| !TABLES_THEMSELVES.contains(&index.as_str()))
        .collect();
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn foreign_keys_agree() {
    let (sqlite, postgres) = both(
        "SELECT t.name || '.' || f.\"from\" || ' -> ' || f.\"table\" || '.' || f.\"to\" || ' ' || lower(f.on_delete) \
         FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'",
        "SELECT t.relname || '.' || a.attname || ' -> ' || r.relname || '.' || b.attname || ' ' || \
         CASE c.confdeltype WHEN 'a' THEN 'no action' WHEN 'c' THEN 'cascade' ELSE 'other' END \
         FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
         CROSS JOIN unnest(c.conkey, c.confkey) k(here, there) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.here \
         JOIN pg_attribute b ON b.attrelid = r.oid AND b.attnum = k.there WHERE c.contype = 'f'",
    )
    .await;
    assert_eq!(sqlite, postgres);
}

#[tokio::test]
async fn every_sqlite_table_is_strict() {
    let store = Store::open(Engine::Sqlite).await;
    let lax = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict \
               AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'";
    assert_eq!(store.raw().await.texts(lax).await, [""; 0]);
}

#[tokio::test]
async fn every_postgres_text_is_compared_byte_by_byte() {
    let store = Store::open(Engine::Postgres).await;
    let by_locale = "SELECT table_name || '.' || column_name FROM information_schema.columns \
                     WHERE table_schema = 'public' AND data_type = 'text' \
                     AND collation_name IS DISTINCT FROM 'C' AND table_name NOT LIKE '\\_sqlx%'";
    assert_eq!(store.raw().await.texts(by_locale).await, [""; 0]);
}

on_both! {
    async fn what_no_row_may_be_is_refused_by_both(store: Store) {
        let mut raw = store.raw().await;
        let (org, member) = (store.acme, store.membership);
        let grant = |member: &str, role: &str, permissions: &str| {
            format!(
                "INSERT INTO grants (id, organization_id, membership_id, application_id, role_id, permissions, created_at) \
                 SELECT 'grt', '{org}', {member}, '{}', {role}, {permissions}, 1 FROM roles WHERE name = 'owner'",
                store.fleet
            )
        };
        assert!(raw.refuses(&grant(&format!("'{member}'"), "id", "NULL")).await, "two subjects");
        assert!(raw.refuses(&grant("NULL", "id", "''")).await, "two gifts");
        assert!(raw.refuses(&grant("NULL", "NULL", "NULL")).await, "no gift");
        assert!(!raw.refuses(&grant("NULL", "id", "NULL")).await, "one of each is right");
        let second = "INSERT INTO instance (id, master_key_id, created_at) VALUES (2, 'k', 1)";
        assert!(raw.refuses(second).await, "two instances");
        let twin = "INSERT INTO roles (id, organization_id, name, permissions, created_at) VALUES ('r', NULL, 'owner', '', 1)";
        assert!(raw.refuses(twin).await, "two built-in roles of a name");
        let null = "INSERT INTO claims (secret_hash, created_at, expires_at) VALUES (NULL, 1, 1)";
        assert!(raw.refuses(null).await, "a primary key is never NULL");
    }
}
