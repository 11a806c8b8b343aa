//! SAML 2.0: a small, strict profile of XML signatures over one tree, and both roles, service provider and identity provider.
//! Owns every byte of XML here; never fetches anything (only [`own_keys`] asks the database), and reads what somebody said
//! only from what they signed ([`signature::Verified`]).
//!
//! The order is always the same: gate, tree, structure, the outer signature; then from the verified bytes the encrypted
//! assertion, opened, and through gate, tree and structure again; the inner signature; and only then what it says.

pub mod assertion;
pub mod binding;
pub mod encryption;
pub mod gate;
pub mod idp;
pub mod incoming;
pub mod keys;
pub mod logout;
pub mod metadata;
pub mod names;
mod own_key;
pub mod own_keys;
mod refusal;
pub mod request;
pub mod signature;
pub mod sp;
pub mod structure;
pub mod tree;
pub mod write;

pub use refusal::Refusal;
