//! The OpenID provider: protocol rules, from parameters to tokens. No HTTP here.
//!
//! `authorize` takes a request through an ordered list of checks, then asks what is next until a code can be given.
//! `token` takes every grant type through the same phases. Each kind of token has one file that alone signs and reads
//! it.

pub mod access_token;
mod api_token;
pub mod authorize;
mod client;
mod error;
mod holder;
pub mod id_token;
mod introspection;
mod live;
pub mod logout;
mod memory;
mod metadata;
mod parameters;
mod presented;
mod revocation;
pub mod token;
mod userinfo;

use std::sync::Arc;

use crate::audit::Observations;
use crate::config::PublicUrl;
use crate::keyring::Keyring;
use crate::storage::Db;
use memory::Memory;

pub use api_token::{ApiToken, Bearer, api_audience};
pub use client::ClientRequest;
pub use error::{ErrorCode, OAuthError, ProtocolError};
pub use introspection::{Introspection, introspect};
pub use metadata::metadata;
pub use parameters::{MAX_ENCODED_BYTES, Parameters};
pub use revocation::revoke;
pub use userinfo::userinfo;

/// What every endpoint of the provider stands on. Cheap to copy.
#[derive(Clone)]
pub struct Provider {
    /// Where everything is.
    pub db: Db,
    /// What signs.
    pub keyring: Keyring,
    /// `iss`.
    pub issuer: PublicUrl,
    /// The way into the audit log for what changes nothing.
    pub observations: Observations,
    memory: Arc<Memory>,
}

impl Provider {
    /// A provider that remembers nothing yet.
    pub fn new(db: Db, keyring: Keyring, issuer: PublicUrl, observations: Observations) -> Self {
        Self {
            memory: Arc::new(Memory::of(&db)),
            db,
            keyring,
            issuer,
            observations,
        }
    }
}
