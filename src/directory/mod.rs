//! Use cases on organizations and what is in them. API, console, command line and demo all come through here.
//!
//! Each runs inside the caller's transaction and needs a [`Permit`], which only the access check mints, from rows
//! read in that same transaction; each writes its audit event there too.

pub mod api_keys;
pub mod applications;
pub mod claim;
pub mod grants;
pub mod groups;
pub mod organizations;
mod permit;
pub mod products;
pub mod setup;
pub mod signing_keys;
pub mod users;

pub use permit::{InstancePermit, Permit, Requester, require, require_superuser};

use crate::domain::access::Reason;
use crate::storage::StorageError;

/// Why a use case did nothing.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// Access was refused, for these reasons.
    #[error("access refused: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))]
    Refused(Vec<Reason>),
    /// The instance has its first owner already.
    #[error("this Doorward has its first owner already; sign in instead")]
    AlreadySetUp,
    /// The claim link is used up or too old.
    #[error("this link has been used or is too old; restart `doorward serve` for a new one")]
    ClaimOver,
    /// Somebody or something has this already.
    #[error("{0} is taken; choose another")]
    Taken(&'static str),
    /// What was asked makes no sense.
    #[error("{0}")]
    Invalid(&'static str),
}
