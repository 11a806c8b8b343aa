//! Access tokens (RFC 9068): made here, read here, and nowhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::live::{Live, grants_hold_until};
use crate::config::PublicUrl;
use crate::domain::access::Effective;
use crate::domain::id::{ActivationId, ApplicationId, FamilyId};
use crate::domain::oauth::Scope;
use crate::domain::session::acr;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::time::Timestamp;
use crate::keyring::{BadToken, Keyring, TokenKind};

/// How long an access token lives, unless a grant it carries ends earlier.
pub const LIFETIME: Duration = Duration::from_mins(5);

/// How far another node's clock may be ahead, in seconds (FAPI 2.0 §5.3.2.1).
pub(super) const CLOCK_SKEW: i64 = 10;

/// Permissions larger than this, as JSON, are left to introspection.
const MAX_PERMISSION_BYTES: usize = 2 * 1024;

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The user's id.
    pub sub: String,
    /// The application, or a resource it named (RFC 8707).
    pub aud: String,
    /// Unix seconds.
    pub exp: i64,
    /// Unix seconds.
    pub iat: i64,
    /// Unix seconds. We write none; a token that has one is not taken before (RFC 7519 §4.1.5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// The family's id, a dot, and something unique.
    pub jti: String,
    /// The application.
    pub client_id: String,
    /// What was agreed to.
    pub scope: Scope,
    /// The activation.
    pub sid: String,
    /// When the person last proved themselves, Unix seconds.
    pub auth_time: i64,
    /// How well.
    pub acr: String,
    /// By what.
    pub amr: Vec<String>,
    /// For which organization.
    pub org: OrganizationClaim,
    /// Roles held on all products.
    pub roles: Vec<String>,
    /// Groups, by name.
    pub groups: Vec<String>,
    /// Permissions by product; `*` is all products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeMap<String, Vec<String>>>,
    /// `introspection` where the permissions are too many to carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions_ref: Option<String>,
}

/// The organization in a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationClaim {
    /// Never changes.
    pub id: String,
    /// The slug.
    pub name: String,
}

/// Which token is meant, of all that could be made for the same person.
pub(super) struct Particulars<'a> {
    pub(super) family: FamilyId,
    pub(super) unique: String,
    pub(super) application: ApplicationId,
    pub(super) activation: ActivationId,
    pub(super) audience: &'a str,
    pub(super) scope: &'a Scope,
}

impl AccessTokenClaims {
    /// What is true of a live authorization now.
    pub(super) fn of(live: &Live, token: &Particulars<'_>, issuer: &PublicUrl, now: Timestamp) -> Self {
        let organization = live.organization.id;
        let permissions = permissions_of(&live.effective);
        let fits = serde_json::to_string(&permissions).is_ok_and(|json| json.len() <= MAX_PERMISSION_BYTES);
        let proved = live
            .session
            .authenticated_at(organization)
            .unwrap_or(live.session.created_at);
        let mut amr: Vec<String> = live
            .session
            .counted_proofs(organization)
            .map(|proof| proof.method.amr().to_owned())
            .collect();
        amr.sort_unstable();
        amr.dedup();
        Self {
            iss: issuer.as_str().to_owned(),
            sub: live.user.id.to_string(),
            aud: token.audience.to_owned(),
            exp: grants_hold_until(&live.subject, now, LIFETIME).seconds(),
            iat: now.seconds(),
            nbf: None,
            jti: format!("{}.{}", token.family, token.unique),
            client_id: token.application.to_string(),
            scope: token.scope.clone(),
            sid: token.activation.to_string(),
            auth_time: proved.seconds(),
            acr: acr(live.session.counted_proofs(organization)).to_owned(),
            amr,
            org: OrganizationClaim {
                id: organization.to_string(),
                name: live.organization.name.as_str().to_owned(),
            },
            roles: live.effective.roles.clone(),
            groups: live.effective.groups.clone(),
            permissions: fits.then_some(permissions),
            permissions_ref: (!fits).then(|| "introspection".to_owned()),
        }
    }

    /// Signs with ES256.
    pub(super) fn sign(&self, keyring: &Keyring) -> String {
        keyring.sign(TokenKind::AccessToken, SigningAlgorithm::Es256, self)
    }

    /// Reads one of our own, for one audience, that is not expired. Whether what it stands on still stands is asked
    /// elsewhere.
    pub fn verify(
        keyring: &Keyring,
        issuer: &PublicUrl,
        audience: impl FnOnce(&Self) -> bool,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, BadToken> {
        let claims: Self = keyring.verify(TokenKind::AccessToken, token, now)?;
        let ours = claims.iss == issuer.as_str() && audience(&claims);
        let begun = claims.iat.max(claims.nbf.unwrap_or(claims.iat));
        let timely = begun <= now.seconds() + CLOCK_SKEW && now.seconds() < claims.exp;
        if ours && timely { Ok(claims) } else { Err(BadToken) }
    }

    /// The family in `jti`.
    pub fn family(&self) -> Option<FamilyId> {
        self.jti
            .split_once('.')
            .and_then(|(family, _)| family.parse().ok())
    }
}

fn permissions_of(effective: &Effective) -> BTreeMap<String, Vec<String>> {
    let names =
        |set: crate::domain::access::PermissionSet| set.iter().map(|p| p.as_str().to_owned()).collect();
    let mut permissions = BTreeMap::from([("*".to_owned(), names(effective.everywhere))]);
    permissions.extend(
        effective
            .by_product
            .iter()
            .map(|(product, set)| (product.to_string(), names(*set))),
    );
    permissions
}
