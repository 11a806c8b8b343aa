//! SAML 2.0: a small, strict profile of XML signatures over one tree, and the role of a service provider. Owns every byte of
//! XML here; never does I/O, never fetches a key, and reads what somebody said only from what they signed
//! ([`signature::Verified`]).
//!
//! The order is always the same: gate, tree, structure, the outer signature; then from the verified bytes the encrypted
//! assertion, opened, and through gate, tree and structure again; the inner signature; and only then what it says.

pub mod assertion;
pub mod binding;
pub mod encryption;
pub mod gate;
pub mod keys;
pub mod metadata;
pub mod names;
mod refusal;
pub mod request;
pub mod signature;
pub mod sp;
pub mod structure;
pub mod tree;
pub mod write;

pub use refusal::Refusal;
