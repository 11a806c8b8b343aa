//! Opening a database: where it is, who else has it, and whether its schema is ours.

use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, PgPool, SqlitePool};

use super::migrate::migrate;
use super::postgres::PostgresDb;
use super::sqlite::SqliteDb;
use super::{Db, Snapshot, StorageError};
use crate::config::StorageConfig;

/// Readers of a SQLite file; more would only wait for two cores.
const SQLITE_READERS: u32 = 4;

/// Connections to PostgreSQL from one node that write; more would only wait for the server's disk.
const POSTGRES_WRITERS: u32 = 32;

/// Connections to PostgreSQL from one node that only read, so that no read waits for writes.
const POSTGRES_READERS: u32 = 16;

/// A connection that was used so lately is not asked whether it is still there: that would cost as much as a statement.
const SURELY_THERE: Duration = Duration::from_secs(1);

/// Opens the configured database, makes it if it is SQLite and absent, and brings its schema up to date.
pub async fn open(config: &StorageConfig) -> Result<Db, StorageError> {
    let db = match &config.database_url {
        Some(url) => Db::Postgres(connect_postgres(url).await?),
        None => Db::Sqlite(open_sqlite(&config.data_dir).await?),
    };
    migrate(&db).await?;
    Ok(db)
}

/// A database that is only read: whoever has it open goes on.
pub enum Readable {
    /// A file.
    Sqlite(SqlitePool),
    /// A server.
    Postgres(PgPool),
}

/// Opens the configured database only to read. It is not brought up to date, and the data folder's lock not taken.
pub async fn open_to_read(config: &StorageConfig) -> Result<Readable, StorageError> {
    require_existing(config)?;
    if let Some(url) = &config.database_url {
        let unreachable = |error| StorageError::Unreachable(without_url(&error));
        let options: PgConnectOptions = url.parse().map_err(unreachable)?;
        let options = options.options([("default_transaction_read_only", "on")]);
        let pool = pool(1).connect_with(options).await.map_err(unreachable)?;
        return Ok(Readable::Postgres(pool));
    }
    let options = SqliteConnectOptions::new()
        .filename(config.data_dir.join("doorward.db"))
        .busy_timeout(Duration::from_secs(5))
        .pragma("query_only", "ON");
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
    let failed = |error| StorageError::Folder(config.data_dir.clone(), std::io::Error::other(error));
    Ok(Readable::Sqlite(pool.await.map_err(failed)?))
}

impl Readable {
    /// Opens a view that does not move.
    pub async fn snapshot(&self) -> Result<Snapshot, StorageError> {
        Ok(match self {
            Self::Sqlite(pool) => Snapshot::Sqlite(pool.begin().await?),
            Self::Postgres(pool) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                Snapshot::Postgres(pool.begin_with(begin).await?)
            }
        })
    }
}

async fn connect_postgres(url: &str) -> Result<PostgresDb, StorageError> {
    let unreachable = |error| StorageError::Unreachable(without_url(&error));
    let options: PgConnectOptions = url.parse().map_err(unreachable)?;
    // No statement here runs long enough to be worth compiling, which takes PostgreSQL ten milliseconds and more.
    let options = options.options([("jit", "off")]);
    let pool = pool(POSTGRES_WRITERS).connect_with(options.clone());
    let pool = pool.await.map_err(unreachable)?;
    let reading = options.options([("default_transaction_read_only", "on")]);
    let readers = self::pool(POSTGRES_READERS).connect_lazy_with(reading);
    Ok(PostgresDb::of(pool, readers))
}

fn pool(most: u32) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(most)
        .acquire_timeout(Duration::from_secs(5))
        .test_before_acquire(false)
        .before_acquire(|connection, about| {
            Box::pin(async move {
                if about.idle_for >= SURELY_THERE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        })
}

/// What went wrong, without the URL and the password in it.
fn without_url(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Configuration(_) => "its URL is not valid".to_owned(),
        other => other.to_string(),
    }
}

async fn open_sqlite(folder: &Path) -> Result<SqliteDb, StorageError> {
    make_private_folder(folder)?;
    let lock = lock_folder(folder)?;
    let file = folder.join("doorward.db");
    make_private_file(&file).map_err(|error| StorageError::Folder(folder.to_owned(), error))?;
    let options = SqliteConnectOptions::new()
        .filename(&file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
        .create_if_missing(true);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_with(options.clone())
        .await
        .map_err(|error| StorageError::Folder(folder.to_owned(), std::io::Error::other(error)))?;
    let readers = SqlitePoolOptions::new()
        .max_connections(SQLITE_READERS)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .connect_lazy_with(options.pragma("query_only", "ON").create_if_missing(false));
    Ok(SqliteDb::of(readers, writer, lock))
}

fn make_private_folder(folder: &Path) -> Result<(), StorageError> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| StorageError::Folder(folder.to_owned(), error))
}

/// Makes the database's file, if it is absent, for its owner's eyes only; SQLite gives its other files the same mode.
fn make_private_file(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt;
    File::options()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(file)
        .map(drop)
}

/// Takes the folder for this process alone; the system lets go of it when the process ends.
fn lock_folder(folder: &Path) -> Result<File, StorageError> {
    let path = folder.join("lock");
    let failed = |error| StorageError::Folder(folder.to_owned(), error);
    let file = File::options()
        .create(true)
        .append(true)
        .open(path)
        .map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(fs::TryLockError::WouldBlock) => Err(StorageError::FolderInUse(folder.to_owned())),
        Err(fs::TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Says so when a host command would make a new database where it should find one.
pub fn require_existing(config: &StorageConfig) -> Result<(), StorageError> {
    let exists = config.database_url.is_some() || config.data_dir.join("doorward.db").exists();
    if exists {
        Ok(())
    } else {
        Err(StorageError::NoDatabase(config.data_dir.clone()))
    }
}
