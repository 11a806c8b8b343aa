//! The keys of the audit log: one for MACs, which only we can check, and one for seals, which anybody can check who
//! has its public half. Both come from the master key, so there is nothing to store and nothing to lose apart from it.

use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use aws_lc_rs::{digest, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::KeyringError;
use super::master_key::MasterKey;
use crate::storage::{Tx, instance};

/// What authenticates the log. Cheap to copy.
#[derive(Clone)]
pub struct AuditKeys {
    mac: hmac::Key,
    signing: Arc<Ed25519KeyPair>,
}

impl AuditKeys {
    pub(super) fn of(master: &MasterKey) -> Self {
        let seed = master.audit_signing_seed();
        let signing = Ed25519KeyPair::from_seed_unchecked(seed.as_slice());
        Self {
            mac: master.audit_key(),
            signing: Arc::new(signing.expect("32 bytes are a seed of Ed25519")),
        }
    }

    /// The keys of the database that `tx` reads, for who only looks: it must be this folder's.
    pub async fn read(tx: &mut Tx<'_>, keys_dir: &Path) -> Result<Self, KeyringError> {
        let owner = instance::master_key_id(tx).await?;
        match (owner, MasterKey::read(keys_dir)?) {
            (Some(owner), Some(key)) if key.id() == owner => Ok(Self::of(&key)),
            (Some(database), Some(key)) => Err(KeyringError::Wrong {
                database,
                found: key.id().to_owned(),
            }),
            (Some(owner), None) => Err(KeyringError::Missing(owner)),
            (None, _) => Err(KeyringError::Nobodys),
        }
    }

    /// HMAC-SHA256.
    pub fn mac(&self, bytes: &[u8]) -> Vec<u8> {
        hmac::sign(&self.mac, bytes).as_ref().to_vec()
    }

    /// Whether a MAC is ours.
    pub fn has_made(&self, bytes: &[u8], mac: &[u8]) -> bool {
        verify_slices_are_equal(&self.mac(bytes), mac).is_ok()
    }

    /// A signature (Ed25519), always the same of the same bytes.
    pub fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        self.signing.sign(bytes).as_ref().to_vec()
    }

    /// What anybody can check the signatures with.
    pub fn public(&self) -> AuditPublicKey {
        let bytes = self.signing.public_key().as_ref().try_into();
        AuditPublicKey(bytes.expect("a public key of Ed25519 has 32 bytes"))
    }
}

/// The public half of the key that seals. In text it is 43 characters of base64url.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPublicKey([u8; 32]);

impl AuditPublicKey {
    /// Whether a signature is by the key whose half this is.
    pub fn verifies(&self, bytes: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, self.0)
            .verify(bytes, signature)
            .is_ok()
    }

    /// What people compare: the first 16 bytes of its SHA-256, in hex, by fours.
    pub fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.0);
        let pairs = hash.as_ref()[..16].as_chunks::<2>().0;
        let groups = pairs
            .iter()
            .map(|pair| format!("{:04x}", u16::from_be_bytes(*pair)));
        groups.collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for AuditPublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0))
    }
}

/// The text is no public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a public key of the audit log is 43 characters of base64url")]
pub struct BadPublicKey;

impl FromStr for AuditPublicKey {
    type Err = BadPublicKey;

    fn from_str(text: &str) -> Result<Self, BadPublicKey> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadPublicKey)?;
        bytes.try_into().map(Self).map_err(|_| BadPublicKey)
    }
}
