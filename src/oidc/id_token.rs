//! Id tokens (OpenID Connect Core §2): made here, read here, and nowhere else.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::access_token::{AccessTokenClaims, CLOCK_SKEW, OrganizationClaim};
use crate::config::PublicUrl;
use crate::domain::id::{ActivationId, UserId};
use crate::domain::session::Authentication;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::keyring::{BadToken, Keyring, TokenKind};

/// The claims of an id token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct IdTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The user's id.
    pub sub: String,
    /// The application.
    pub aud: String,
    /// Unix seconds.
    pub exp: i64,
    /// Unix seconds.
    pub iat: i64,
    /// Unix seconds. We write none; a token that has one is not taken before (RFC 7519 §4.1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When the person last proved themselves, Unix seconds.
    pub auth_time: i64,
    /// What the application sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// How well.
    pub acr: String,
    /// By what.
    pub amr: Vec<String>,
    /// Left half of the access token's hash (§3.1.3.6).
    pub at_hash: String,
    /// The activation.
    pub sid: String,
    /// For which organization.
    pub org: OrganizationClaim,
    /// Roles held on all products.
    pub roles: Vec<String>,
    /// Who the person is, as far as was agreed.
    #[serde(flatten)]
    pub profile: Profile,
}

/// What scopes let an application know of a person (§5.4).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// With `profile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// With `email`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
}

impl Profile {
    /// What a scope lets an application know.
    pub fn of(user: &User, scope: &crate::domain::oauth::Scope) -> Self {
        let (profile, email) = (scope.contains("profile"), scope.contains("email"));
        Self {
            name: profile.then(|| user.name.as_str().to_owned()),
            email: email.then(|| user.email.as_str().to_owned()),
            email_verified: email.then_some(user.email_verified),
        }
    }
}

/// What an id token says beyond the access token that it comes with.
pub(super) struct Beside<'a> {
    pub(super) access_token: &'a str,
    pub(super) authentication: &'a Authentication,
    pub(super) activation: ActivationId,
    pub(super) nonce: Option<String>,
    pub(super) algorithm: SigningAlgorithm,
    pub(super) profile: Profile,
}

impl IdTokenClaims {
    /// The id token that goes with an access token.
    pub(super) fn of(access: &AccessTokenClaims, beside: Beside<'_>) -> Self {
        Self {
            iss: access.iss.clone(),
            sub: access.sub.clone(),
            aud: access.client_id.clone(),
            exp: access.exp,
            iat: access.iat,
            nbf: None,
            auth_time: beside.authentication.at.seconds(),
            nonce: beside.nonce,
            acr: beside.authentication.acr.clone(),
            amr: beside.authentication.amr.clone(),
            at_hash: at_hash(beside.access_token, beside.algorithm),
            sid: beside.activation.to_string(),
            org: access.org.clone(),
            roles: access.roles.clone(),
            profile: beside.profile,
        }
    }

    /// Signs as the application asks.
    pub(super) fn sign(&self, keyring: &Keyring, algorithm: SigningAlgorithm) -> String {
        keyring.sign(TokenKind::IdToken, algorithm, self)
    }

    /// Whom an `id_token_hint` means (OpenID Connect Core §3.1.2.1): one of our own for that application, however old.
    pub fn hinted(
        keyring: &Keyring,
        issuer: &PublicUrl,
        client_id: &str,
        token: &str,
    ) -> Result<UserId, BadToken> {
        let claims = Self::once_ours(keyring, issuer, token)?;
        let ours = claims.aud == client_id;
        claims.sub.parse().ok().filter(|_| ours).ok_or(BadToken)
    }

    /// What we once said, however long ago and to whichever application.
    pub fn once_ours(keyring: &Keyring, issuer: &PublicUrl, token: &str) -> Result<Self, BadToken> {
        let claims: Self = keyring.verify_old(TokenKind::IdToken, token)?;
        if claims.iss == issuer.as_str() {
            Ok(claims)
        } else {
            Err(BadToken)
        }
    }

    /// Reads one of our own, for one application, that is not expired.
    pub fn verify(
        keyring: &Keyring,
        issuer: &PublicUrl,
        client_id: &str,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, BadToken> {
        let claims: Self = keyring.verify(TokenKind::IdToken, token, now)?;
        let ours = claims.iss == issuer.as_str() && claims.aud == client_id;
        let begun = claims.iat.max(claims.nbf.unwrap_or(claims.iat));
        let timely = begun <= now.seconds() + CLOCK_SKEW && now.seconds() < claims.exp;
        if ours && timely { Ok(claims) } else { Err(BadToken) }
    }
}

/// The left half of the hash that belongs to the signature's algorithm; SHA-512 for Ed25519 (RFC 8032 §5.1).
fn at_hash(access_token: &str, algorithm: SigningAlgorithm) -> String {
    let hash = match algorithm {
        SigningAlgorithm::EdDsa => digest::digest(&digest::SHA512, access_token.as_bytes()),
        SigningAlgorithm::Es256 | SigningAlgorithm::Rs256 => {
            digest::digest(&digest::SHA256, access_token.as_bytes())
        }
    };
    let bytes = hash.as_ref();
    URL_SAFE_NO_PAD.encode(&bytes[..bytes.len() / 2])
}
