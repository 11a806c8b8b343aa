//! Documents that are the same for everybody, written once.

use axum::body::Bytes;

use crate::config::PublicUrl;
use crate::oidc::metadata;

/// Documents that are the same for everybody. Cheap to copy.
#[derive(Clone)]
pub struct Documents {
    /// What the provider says of itself.
    pub metadata: Bytes,
}

impl Documents {
    /// Those of this server.
    pub fn of(issuer: &PublicUrl) -> Self {
        Self {
            metadata: metadata(issuer).to_string().into(),
        }
    }
}
