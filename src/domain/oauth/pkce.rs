//! Proof Key for Code Exchange (RFC 7636), S256 only (RFC 9700 §2.1.1).

use aws_lc_rs::{constant_time, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// An S256 challenge: 43 base64url characters that decode to 32 bytes (RFC 7636 §4.2).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CodeChallenge(String);

/// A verifier: 43 to 128 unreserved characters (RFC 7636 §4.1).
pub struct CodeVerifier(String);

/// What is wrong with a challenge or verifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// Not the hash of anything.
    #[error("code_challenge must be 43 base64url characters, the SHA-256 of the verifier")]
    Challenge,
    /// `plain`, or none at all, which means `plain`.
    #[error("code_challenge_method must be S256")]
    Method,
    /// Too short, too long or of other characters.
    #[error("code_verifier must be 43 to 128 characters of A-Z a-z 0-9 - . _ ~")]
    Verifier,
}

impl CodeChallenge {
    /// Reads `code_challenge` and `code_challenge_method`; a missing method means `plain` and is refused.
    pub fn parse(challenge: &str, method: Option<&str>) -> Result<Self, PkceError> {
        if method != Some("S256") {
            return Err(PkceError::Method);
        }
        Self::stored(challenge)
    }

    fn stored(challenge: &str) -> Result<Self, PkceError> {
        match URL_SAFE_NO_PAD.decode(challenge) {
            Ok(hash) if hash.len() == 32 => Ok(Self(challenge.to_owned())),
            _ => Err(PkceError::Challenge),
        }
    }

    /// Whether this is the challenge of that verifier (RFC 7636 §4.6).
    pub fn is_met_by(&self, verifier: &CodeVerifier) -> bool {
        let hash = digest::digest(&digest::SHA256, verifier.0.as_bytes());
        let expected = URL_SAFE_NO_PAD.encode(hash.as_ref());
        constant_time::verify_slices_are_equal(expected.as_bytes(), self.0.as_bytes()).is_ok()
    }
}

impl CodeVerifier {
    /// Reads `code_verifier`.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        if (43..=128).contains(&text.len()) && text.bytes().all(unreserved) {
            Ok(Self(text.to_owned()))
        } else {
            Err(PkceError::Verifier)
        }
    }
}

impl TryFrom<String> for CodeChallenge {
    type Error = PkceError;

    fn try_from(text: String) -> Result<Self, PkceError> {
        Self::stored(&text)
    }
}

impl From<CodeChallenge> for String {
    fn from(challenge: CodeChallenge) -> Self {
        challenge.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pair of RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_pair_of_the_rfc_meets() {
        let challenge = CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap();
        assert!(challenge.is_met_by(&CodeVerifier::parse(VERIFIER).unwrap()));
        assert!(!challenge.is_met_by(&CodeVerifier::parse(CHALLENGE).unwrap()));
    }

    #[test]
    fn az9_weak_challenges_are_refused() {
        assert_eq!(CodeChallenge::parse(CHALLENGE, None), Err(PkceError::Method));
        assert_eq!(
            CodeChallenge::parse(CHALLENGE, Some("plain")),
            Err(PkceError::Method)
        );
        assert_eq!(
            CodeChallenge::parse(&CHALLENGE[..42], Some("S256")),
            Err(PkceError::Challenge)
        );
        assert_eq!(
            CodeChallenge::parse(&format!("{CHALLENGE}="), Some("S256")),
            Err(PkceError::Challenge)
        );
    }

    #[test]
    fn r5_verifiers_out_of_shape_are_refused() {
        for text in [
            "",
            &VERIFIER[..42],
            &"a".repeat(129),
            &format!("{}+", &VERIFIER[..42]),
        ] {
            assert!(CodeVerifier::parse(text).is_err(), "{text:?}");
        }
    }
}
