//! Signing keys as they are used: unsealed once, held in memory.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{KeyringError, MasterKey};
use crate::domain::signing_key::{SigningAlgorithm, SigningKeyState};
use crate::domain::time::Timestamp;
use crate::storage::signing_keys::StoredSigningKey;
use crate::storage::{self, Db};

/// A retired key stays published this long: three lives of the longest-lived token (5 minutes).
const OVERLAP: Duration = Duration::from_mins(15);

/// The keys of a database, unsealed.
pub(super) struct SigningKeys {
    keys: Vec<Arc<SigningKey>>,
    /// The key set as it is published, written once, each until a moment; the last for ever.
    published: Vec<(Timestamp, Arc<[u8]>)>,
}

/// A signing key, unsealed.
pub struct SigningKey {
    stored: StoredSigningKey,
    private: PrivateKey,
    jwk: Value,
    pub(super) verifying: jsonwebtoken::DecodingKey,
}

enum PrivateKey {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl SigningKeys {
    /// Unseals every key of a database.
    pub(super) async fn load(db: &Db, master: &MasterKey) -> Result<Self, KeyringError> {
        let mut snapshot = db.snapshot().await?;
        let stored = storage::signing_keys::all(&mut snapshot.tx()).await?;
        let unseal = |key: StoredSigningKey| {
            let id = key.id.clone();
            SigningKey::unseal(key, master)
                .map(Arc::new)
                .ok_or(KeyringError::Sealed(id))
        };
        let keys: Vec<_> = stored.into_iter().map(unseal).collect::<Result<_, _>>()?;
        let published = publications(&keys);
        Ok(Self { keys, published })
    }

    /// A new key of each algorithm, sealed, waiting for its turn.
    pub(super) fn fresh(master: &MasterKey, now: Timestamp) -> Vec<StoredSigningKey> {
        SigningAlgorithm::ALL
            .into_iter()
            .map(|algorithm| generate(algorithm, master, now))
            .collect()
    }

    pub(super) fn all(&self) -> &[Arc<SigningKey>] {
        &self.keys
    }

    /// The key that signs with an algorithm.
    pub(super) fn signing(&self, algorithm: SigningAlgorithm) -> &SigningKey {
        self.found(algorithm)
            .expect("every algorithm has a signing key since the first start")
    }

    /// Whether there is one.
    pub(super) fn signs(&self, algorithm: SigningAlgorithm) -> bool {
        self.found(algorithm).is_some()
    }

    fn found(&self, algorithm: SigningAlgorithm) -> Option<&SigningKey> {
        let signs = |key: &&SigningKey| {
            key.stored.algorithm == algorithm && key.stored.state == SigningKeyState::Signing
        };
        self.keys.iter().map(AsRef::as_ref).find(signs)
    }

    /// The public keys that verify, as a JWK set.
    pub(super) fn jwks(&self, now: Timestamp) -> Arc<[u8]> {
        let current = self.published.iter().find(|(until, _)| now < *until);
        let (_, document) = current
            .or(self.published.last())
            .expect("the last publication has no end");
        Arc::clone(document)
    }
}

/// What is published from now until each moment at which a retired key stops being so.
fn publications(keys: &[Arc<SigningKey>]) -> Vec<(Timestamp, Arc<[u8]>)> {
    let mut ends: Vec<_> = keys.iter().filter_map(|key| key.published_until()).collect();
    ends.push(Timestamp::from_millis(i64::MAX));
    ends.sort_unstable();
    ends.dedup();
    let mut begins = Timestamp::from_millis(0);
    ends.into_iter()
        .map(|until| {
            let verify = keys.iter().filter(|key| key.is_published(begins));
            let set = json!({ "keys": verify.map(|key| key.jwk()).collect::<Vec<_>>() });
            begins = until;
            (until, set.to_string().into_bytes().into())
        })
        .collect()
}

impl SigningKey {
    fn unseal(stored: StoredSigningKey, master: &MasterKey) -> Option<Self> {
        let der = master.open(&context(&stored.id), &stored.sealed_private)?;
        let private = match stored.algorithm {
            SigningAlgorithm::Es256 => {
                PrivateKey::Ecdsa(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der).ok()?)
            }
            SigningAlgorithm::Rs256 => PrivateKey::Rsa(RsaKeyPair::from_pkcs8(&der).ok()?),
            SigningAlgorithm::EdDsa => PrivateKey::Ed25519(Ed25519KeyPair::from_pkcs8(&der).ok()?),
        };
        // The public half is read from the private one: the database can't put another in its place.
        let mut jwk = private.public_jwk();
        if thumbprint(&jwk) != stored.id {
            return None;
        }
        let parsed = serde_json::from_value(jwk.clone()).ok()?;
        let verifying = jsonwebtoken::DecodingKey::from_jwk(&parsed).ok()?;
        for (name, value) in [
            ("use", "sig"),
            ("alg", stored.algorithm.name()),
            ("kid", &stored.id),
        ] {
            jwk[name] = value.into();
        }
        Some(Self {
            stored,
            private,
            jwk,
            verifying,
        })
    }

    /// `kid`: the key's own thumbprint (RFC 7638).
    pub fn id(&self) -> &str {
        &self.stored.id
    }

    /// Waiting, signing or lately retired.
    pub(super) fn is_published(&self, now: Timestamp) -> bool {
        self.published_until().is_none_or(|end| now < end)
    }

    /// When a retired key stops being published.
    fn published_until(&self) -> Option<Timestamp> {
        self.stored.retired_at.map(|retired| retired.plus(OVERLAP))
    }

    /// What it signs with.
    pub fn algorithm(&self) -> SigningAlgorithm {
        self.stored.algorithm
    }

    /// Where in its life it is.
    pub fn state(&self) -> SigningKeyState {
        self.stored.state
    }

    /// When it was made.
    pub fn created_at(&self) -> Timestamp {
        self.stored.created_at
    }

    /// The public half.
    pub fn jwk(&self) -> Value {
        self.jwk.clone()
    }

    /// The raw signature of these bytes, in JOSE's form (RFC 7518 §3).
    #[expect(
        clippy::disallowed_methods,
        reason = "the signature's own nonce; aws-lc takes no bytes from outside"
    )]
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let rng = SystemRandom::new();
        match &self.private {
            PrivateKey::Ecdsa(pair) => pair
                .sign(&rng, message)
                .expect("an ECDSA key signs")
                .as_ref()
                .to_vec(),
            PrivateKey::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            PrivateKey::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &rng, message, &mut signature)
                    .expect("an RSA key signs");
                signature
            }
        }
    }
}

impl PrivateKey {
    fn public_jwk(&self) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Ecdsa(pair) => {
                // SEC 1 §2.3.3, uncompressed: 0x04, then two coordinates of 32 bytes.
                let (x, y) = pair.public_key().as_ref()[1..].split_at(32);
                json!({ "crv": "P-256", "kty": "EC", "x": text(x), "y": text(y) })
            }
            Self::Ed25519(pair) => {
                json!({ "crv": "Ed25519", "kty": "OKP", "x": text(pair.public_key().as_ref()) })
            }
            Self::Rsa(pair) => {
                let key = pair.public_key();
                let modulus = key.modulus().big_endian_without_leading_zero();
                let exponent = key.exponent().big_endian_without_leading_zero();
                json!({ "e": text(exponent), "kty": "RSA", "n": text(modulus) })
            }
        }
    }
}

fn context(id: &str) -> String {
    format!("signing key {id}")
}

/// RFC 7638: the required members only, which is what [`PrivateKey::public_jwk`] makes, in alphabetical order, which
/// is how `serde_json` writes them.
fn thumbprint(jwk: &Value) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, jwk.to_string().as_bytes());
    URL_SAFE_NO_PAD.encode(hash.as_ref())
}

fn generate(algorithm: SigningAlgorithm, master: &MasterKey, now: Timestamp) -> StoredSigningKey {
    let made = "the operating system has randomness";
    let (private, der) = match algorithm {
        SigningAlgorithm::Es256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect(made);
            let der = pair.to_pkcs8v1().expect(made).as_ref().to_vec();
            (PrivateKey::Ecdsa(pair), der)
        }
        SigningAlgorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect(made);
            let der: Pkcs8V1Der<'_> = pair.as_der().expect(made);
            let der = der.as_ref().to_vec();
            (PrivateKey::Rsa(pair), der)
        }
        SigningAlgorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate().expect(made);
            let der = pair.to_pkcs8v1().expect(made).as_ref().to_vec();
            (PrivateKey::Ed25519(pair), der)
        }
    };
    let jwk = private.public_jwk();
    let id = thumbprint(&jwk);
    StoredSigningKey {
        sealed_private: master.seal(&context(&id), &zeroize::Zeroizing::new(der)),
        public_jwk: jwk.to_string(),
        id,
        algorithm,
        state: SigningKeyState::Next,
        created_at: now,
        signing_from: None,
        retired_at: None,
    }
}
