//! Bringing the schema up to date at start; on PostgreSQL under a lock, so that nodes take turns.

use sqlx::migrate::{MigrateError, Migrator};

use super::{Db, StorageError};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// Runs what has not run yet.
pub(super) async fn migrate(db: &Db) -> Result<(), StorageError> {
    let ran = match db {
        Db::Sqlite(db) => SQLITE.run(&db.writing).await,
        Db::Postgres(db) => POSTGRES.run(&db.pool).await,
    };
    ran.map_err(|error| match error {
        MigrateError::VersionMissing(version) => StorageError::NewerSchema(version),
        other => StorageError::Migration(other.to_string()),
    })
}
