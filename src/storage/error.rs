//! What can go wrong in storage. Told to the log and to whoever runs the server, never to a client.

use std::path::PathBuf;
use std::sync::Arc;

/// A failure of the database, or of what it holds.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The database did not do as it was told.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds what the domain does not admit.
    #[error("the database is damaged: {table}.{column} of row {row} is not valid")]
    Corrupt {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// The row's key, or `?` if that itself is unreadable.
        row: String,
    },
    /// A transaction lost every one of its tries against others.
    #[error("the database is too busy: gave up after {0} tries")]
    Contended(u32),
    /// The work inside a transaction panicked; it was rolled back.
    #[error("a transaction panicked and was rolled back")]
    Panicked,
    /// Writes that were to be committed together were not, or nobody knows.
    #[error("the database did not commit: {0}")]
    Uncommitted(Arc<sqlx::Error>),
    /// A statement failed, and what ran it answered as if it had not; it was rolled back.
    #[error("a statement failed and nobody heeded it; its transaction was rolled back")]
    Unheeded,
    /// Another process has the data folder.
    #[error("another Doorward uses the data folder {0}; stop it first, or choose another with --data-dir")]
    FolderInUse(PathBuf),
    /// The data folder can't be used.
    #[error("can't use the data folder {0}: {1}")]
    Folder(PathBuf, std::io::Error),
    /// A host command found no database where it looked.
    #[error("there is no database in {0}; start `doorward serve` once, or point --data-dir to it")]
    NoDatabase(PathBuf),
    /// The database is not to be reached.
    #[error("can't open the database: {0}; check --database-url and that PostgreSQL is running")]
    Unreachable(String),
    /// A newer Doorward has changed the database.
    #[error("the database was written by a newer Doorward (migration {0}); start that version instead")]
    NewerSchema(i64),
    /// A migration failed or was edited after it ran.
    #[error(
        "the database can't be brought up to date: {0}; nothing was changed, restore a backup or report this"
    )]
    Migration(String),
}

impl StorageError {
    /// Whether trying again in a moment may well work: no connection was free, or others kept getting in first.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Contended(_) | Self::Database(sqlx::Error::PoolTimedOut) => true,
            Self::Uncommitted(error) => matches!(**error, sqlx::Error::PoolTimedOut),
            _ => false,
        }
    }

    /// PostgreSQL's word that two transactions can't both be true, or waited for each other (40001, 40P01).
    pub(super) fn is_conflict(error: &sqlx::Error) -> bool {
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code);
        matches!(code.as_deref(), Some("40001" | "40P01"))
    }
}
