//! Signing out everywhere: the applications and the provider that hear by the person's browser that a session here is over,
//! one after the other, whoever began.
//!
//! Owns that the session here ends first: whoever never answers keeps nobody signed in. Only what its sender signed, once,
//! signs anybody out (SECURITY.md SA37). Never sends anybody anywhere but to registered places.

mod chain;
mod message;
mod taken;

pub use chain::Step;
pub use message::{Asking, Ended};
pub use taken::{Asked, Taken};

use crate::config::PublicUrl;
use crate::downstream::{Downstream, DownstreamError};
use crate::keyring::Keyring;
use crate::saml::Refusal;
use crate::storage::{Db, StorageError};
use crate::upstream::Upstream;

/// What tells everybody. Cheap to copy.
#[derive(Clone)]
pub struct SingleLogout {
    db: Db,
    keyring: Keyring,
    public_url: PublicUrl,
    upstream: Upstream,
    downstream: Downstream,
}

/// What goes wrong on the way.
#[derive(Debug, thiserror::Error)]
pub enum SingleLogoutError {
    /// What somebody sent is no word of theirs, or means nothing here.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no such application or connection, or it takes no sign-outs.
    #[error("nobody by this name takes sign-outs")]
    NoSuch,
    /// No message can be made.
    #[error("{0}")]
    Message(String),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl From<DownstreamError> for SingleLogoutError {
    fn from(error: DownstreamError) -> Self {
        match error {
            DownstreamError::Storage(error) => Self::Storage(error),
            other => Self::Message(other.to_string()),
        }
    }
}

impl SingleLogout {
    /// Over what sends people both ways.
    pub fn new(
        db: Db,
        keyring: Keyring,
        public_url: PublicUrl,
        upstream: Upstream,
        downstream: Downstream,
    ) -> Self {
        Self {
            db,
            keyring,
            public_url,
            upstream,
            downstream,
        }
    }
}
