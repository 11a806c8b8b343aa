//! The keys of an instance: the master key on disk, and the signing keys it seals in the database.
//!
//! A database belongs to the master key it was made with. Without it, or with another, nothing starts, and no new one
//! is ever made for it.

mod audit_keys;
mod foreign;
mod jwt;
mod master_key;
mod sealed;
mod signing_keys;

use std::path::Path;
use std::sync::{Arc, RwLock};

pub use audit_keys::{AuditKeys, AuditPublicKey, BadPublicKey};
pub use foreign::{BadForeignToken, Believed, ForeignKeys};
pub use jwt::{BadToken, MAX_BYTES, TokenKind};
pub use master_key::{MasterKey, MasterKeyError};
pub use sealed::{open_with, seal_with};
pub use signing_keys::SigningKey;

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::domain::secret::SecretHash;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::time::Timestamp;
use crate::storage::signing_keys::StoredSigningKey;
use crate::storage::{self, Db, Lane, StorageError};
use signing_keys::SigningKeys;

/// The keys of a running instance. Cheap to copy.
#[derive(Clone)]
pub struct Keyring(Arc<Inner>);

struct Inner {
    master: MasterKey,
    audit: AuditKeys,
    codes: hmac::Key,
    signing: RwLock<Arc<SigningKeys>>,
}

/// Why the keys can't be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The key file.
    #[error(transparent)]
    Master(#[from] MasterKeyError),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The database was made with a key that is not there.
    #[error(
        "this database belongs to master key {0}, but the keys folder holds none; \
         restore the file master.key, or point --keys-dir to it"
    )]
    Missing(String),
    /// The database was made with another key.
    #[error(
        "this database belongs to master key {database}, but the keys folder holds {found}; \
         point --keys-dir to the right one"
    )]
    Wrong {
        /// Whose the database is.
        database: String,
        /// Whose the folder is.
        found: String,
    },
    /// The database belongs to no master key yet.
    #[error("this database is still empty; start `doorward serve` or `doorward setup` once")]
    Nobodys,
    /// A signing key can't be unsealed or read.
    #[error("signing key {0} can't be unsealed: the database or the master key is damaged; restore a backup")]
    Sealed(String),
}

impl Keyring {
    /// Opens the keys of a database. A new database gets the folder's master key, or a new one if there is none, and
    /// its first signing keys.
    pub async fn open(db: &Db, keys_dir: &Path, now: Timestamp) -> Result<Self, KeyringError> {
        let mut snapshot = db.snapshot().await?;
        let owner = storage::instance::master_key_id(&mut snapshot.tx()).await?;
        drop(snapshot);
        let master = match (owner, MasterKey::read(keys_dir)?) {
            (Some(owner), Some(key)) if key.id() == owner => key,
            (Some(owner), Some(key)) => {
                return Err(KeyringError::Wrong {
                    database: owner,
                    found: key.id().to_owned(),
                });
            }
            (Some(owner), None) => return Err(KeyringError::Missing(owner)),
            (None, found) => {
                let key = match found {
                    Some(key) => key,
                    None => MasterKey::create(keys_dir)?,
                };
                let owner = tie(db, &key, now).await?;
                if key.id() != owner {
                    return Err(KeyringError::Wrong {
                        database: owner,
                        found: key.id().to_owned(),
                    });
                }
                key
            }
        };
        let signing = SigningKeys::load(db, &master).await?;
        let audit = AuditKeys::of(&master);
        let codes = master.code_key();
        Ok(Self(Arc::new(Inner {
            master,
            codes,
            audit,
            signing: RwLock::new(Arc::new(signing)),
        })))
    }

    /// Reads the signing keys again: another process may have rotated them.
    pub async fn reload(&self, db: &Db) -> Result<(), KeyringError> {
        let signing = Arc::new(SigningKeys::load(db, &self.0.master).await?);
        *self.0.signing.write().expect("no panic while keys are swapped") = signing;
        Ok(())
    }

    /// A new key of each algorithm, sealed, to wait for its turn.
    pub fn fresh_signing_keys(&self, now: Timestamp) -> Vec<StoredSigningKey> {
        SigningKeys::fresh(&self.0.master, now)
    }

    /// The public keys that verify what was and will be signed, as a JWK set (RFC 7517 §5).
    pub fn jwks(&self, now: Timestamp) -> Arc<[u8]> {
        self.signing().jwks(now)
    }

    /// Every key, oldest first, for those who run the instance.
    pub fn list(&self) -> Vec<Arc<SigningKey>> {
        self.signing().all().to_vec()
    }

    /// Whether there is a key to sign with for each algorithm.
    pub fn signs_every_algorithm(&self) -> bool {
        let keys = self.signing();
        SigningAlgorithm::ALL
            .into_iter()
            .all(|algorithm| keys.signs(algorithm))
    }

    /// Signs claims as a token of one kind.
    pub fn sign<C: serde::Serialize>(
        &self,
        kind: TokenKind,
        algorithm: SigningAlgorithm,
        claims: &C,
    ) -> String {
        jwt::sign(self.signing().signing(algorithm), kind, claims)
    }

    /// The claims of a token of one kind whose signature is ours. What the claims say is the caller's to check.
    pub fn verify<C: serde::de::DeserializeOwned>(
        &self,
        kind: TokenKind,
        token: &str,
        now: Timestamp,
    ) -> Result<C, BadToken> {
        jwt::verify(&self.signing(), kind, token, |key| key.is_published(now))
    }

    /// The same for what was signed by any key we ever had: proof of what we once said, not of what is true.
    pub fn verify_old<C: serde::de::DeserializeOwned>(
        &self,
        kind: TokenKind,
        token: &str,
    ) -> Result<C, BadToken> {
        jwt::verify(&self.signing(), kind, token, |_| true)
    }

    /// HMAC-SHA256 under the audit key.
    pub fn audit_mac(&self, bytes: &[u8]) -> Vec<u8> {
        self.0.audit.mac(bytes)
    }

    /// The keys of the audit log.
    pub fn audit(&self) -> &AuditKeys {
        &self.0.audit
    }

    /// Encrypts what has to be kept to be used, bound to `context`, which names its place and nothing else.
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        self.0.master.seal(context, plain)
    }

    /// Decrypts what [`Self::seal`] made with the same context; nothing if a bit of it changed.
    pub fn open_sealed(&self, context: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        self.0.master.open(context, sealed)
    }

    /// What may be stored of a code that is too short to be hashed without a key. `context` says what it is for and
    /// whose it is, and nothing else.
    pub fn code_hash(&self, context: &str, code: &str) -> SecretHash {
        let mac = hmac::sign(&self.0.codes, format!("{context}\0{code}").as_bytes());
        SecretHash::from_stored(mac.as_ref()).expect("HMAC-SHA256 has 32 bytes")
    }

    /// The MAC of a list's cursor: 16 bytes under a prefix that no audit event has.
    pub fn cursor_mac(&self, bytes: &[u8]) -> Vec<u8> {
        let mut mac = self.audit_mac(&[b"doorward cursor 1\0", bytes].concat());
        mac.truncate(16);
        mac
    }

    /// What stands for a password that was tried, among 2^24: enough to see one password tried on many accounts, too little
    /// to tell which it was, even with the key.
    pub fn tried_password(&self, password: &str) -> [u8; 3] {
        let mac = self.audit_mac(&[b"doorward tried password 1\0", password.as_bytes()].concat());
        let [a, b, c, ..] = mac.as_slice() else {
            return [0; 3];
        };
        [*a, *b, *c]
    }

    fn signing(&self) -> Arc<SigningKeys> {
        self.0
            .signing
            .read()
            .expect("no panic while keys are swapped")
            .clone()
    }
}

/// Makes a database this key's own and stores its first signing keys; one pair of each kind signs, one waits. Answers
/// whose it is: another node may have been faster, with a key of its own.
async fn tie(db: &Db, master: &MasterKey, now: Timestamp) -> Result<String, StorageError> {
    let id = master.id().to_owned();
    let first = SigningKeys::fresh(master, now);
    let second = SigningKeys::fresh(master, now);
    db.write(Lane::Instance, move |tx| {
        let (id, first, second) = (id.clone(), first.clone(), second.clone());
        Box::pin(async move {
            if let Some(owner) = storage::instance::master_key_id(tx).await? {
                return Ok(owner);
            }
            storage::instance::insert(tx, &id, now).await?;
            for key in &first {
                storage::signing_keys::insert(tx, key).await?;
                storage::signing_keys::promote(tx, key.algorithm, now).await?;
            }
            for key in &second {
                storage::signing_keys::insert(tx, key).await?;
            }
            Ok(id)
        })
    })
    .await
}
