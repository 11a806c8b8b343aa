//! Signing keys: which algorithms there are, and the life of a key.

use std::str::FromStr;

/// What Doorward signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SigningAlgorithm {
    /// ECDSA on P-256 with SHA-256: access tokens.
    Es256,
    /// RSA PKCS #1 v1.5 with SHA-256: what clients assume of id tokens (OpenID Connect Core §2).
    Rs256,
    /// Ed25519.
    EdDsa,
}

/// Where in its life a key is. It only ever moves down this list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningKeyState {
    /// Published, so that everybody knows it before its first signature.
    Next,
    /// The one that signs.
    Signing,
    /// Signs no more; published until the last token it signed is dead.
    Retired,
}

/// No such algorithm or state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such signing algorithm or key state")]
pub struct UnknownSigningWord;

impl SigningAlgorithm {
    /// Every algorithm there is a key for.
    pub const ALL: [Self; 3] = [Self::Es256, Self::Rs256, Self::EdDsa];

    /// The JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
    pub fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Rs256 => "RS256",
            Self::EdDsa => "EdDSA",
        }
    }
}

impl SigningKeyState {
    const ALL: [Self; 3] = [Self::Next, Self::Signing, Self::Retired];

    /// The word in the database and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Signing => "signing",
            Self::Retired => "retired",
        }
    }
}

impl FromStr for SigningAlgorithm {
    type Err = UnknownSigningWord;

    fn from_str(text: &str) -> Result<Self, UnknownSigningWord> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == text)
            .ok_or(UnknownSigningWord)
    }
}

impl FromStr for SigningKeyState {
    type Err = UnknownSigningWord;

    fn from_str(text: &str) -> Result<Self, UnknownSigningWord> {
        Self::ALL
            .into_iter()
            .find(|state| state.name() == text)
            .ok_or(UnknownSigningWord)
    }
}
