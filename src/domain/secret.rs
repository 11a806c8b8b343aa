//! Secrets: shown once as [`Secret`], kept only as [`SecretHash`]. Neither can be printed.

use std::fmt;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// A random secret of 256 bits in its base64url form (43 characters), or one that somebody sent us.
pub struct Secret(Zeroizing<String>);

/// What a secret is good for. It goes into the hash, so a secret of one purpose never opens another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The cookie of a signed-in browser.
    Session,
    /// The cookie that binds an unfinished sign-in to its browser.
    Browser,
    /// The cookie by which an account knows a device again.
    Device,
    /// An authorization code (RFC 6749 §4.1.2).
    AuthorizationCode,
    /// An access token that was verified already: remembered by this, never kept.
    AccessToken,
    /// A refresh token (RFC 6749 §1.5).
    RefreshToken,
    /// A confidential client's secret.
    ClientSecret,
    /// An API key.
    ApiKey,
    /// The body of a request that is to happen once.
    RequestBody,
    /// The link that lets the first owner in.
    Claim,
    /// The link that shows whose a new email address is.
    EmailChange,
    /// The link that accepts an invitation.
    Invitation,
    /// The link that gives an account another password.
    PasswordReset,
    /// What a page carries of a browser's being asked to show a passkey.
    Ceremony,
    /// The link that says that it was somebody else.
    NotMe,
    /// What an upstream provider is to hand back with its answer: `state`, `RelayState`.
    UpstreamState,
    /// An answer of an upstream that waits for its browser's own request.
    UpstreamAnswer,
    /// The link by which a tenant's own IT sets its connection up.
    Portal,
    /// What an organization's directory provisions people with.
    ScimToken,
    /// By which a sign-out goes on from one application or provider to the next.
    SignOut,
}

/// SHA-256 of a purpose and a secret of at least 128 random bits: safe to store, useless to steal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SecretHash([u8; 32]);

impl Secret {
    /// The secret of these random bytes.
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// A secret as somebody sent it, whatever it looks like.
    pub fn received(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The plain text, for the one place it is shown or sent.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What may be stored of it.
    pub fn hash(&self, purpose: Purpose) -> SecretHash {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(format!("doorward {purpose:?}\0").as_bytes());
        context.update(self.0.as_bytes());
        SecretHash(digest_bytes(context.finish()))
    }
}

impl SecretHash {
    /// From the 32 bytes the database holds.
    pub fn from_stored(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes to store or to look up by.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

fn digest_bytes(digest: digest::Digest) -> [u8; 32] {
    digest.as_ref().try_into().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_no_session_though_the_text_is_the_same() {
        let secret = Secret::from_bytes(&[7; 32]);
        assert!(secret.hash(Purpose::AuthorizationCode) != secret.hash(Purpose::Session));
    }

    #[test]
    fn nothing_prints_a_secret() {
        let secret = Secret::from_bytes(&[7; 32]);
        let printed = format!("{secret:?} {:?}", secret.hash(Purpose::Session));
        assert_eq!(printed, "Secret(…) SecretHash(…)");
    }
}
