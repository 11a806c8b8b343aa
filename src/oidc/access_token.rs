//! Access tokens (RFC 9068): made here, read here, and nowhere else.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::holder::Holder;
use super::live::grants_hold_until;
use crate::config::PublicUrl;
use crate::domain::access::Effective;
use crate::domain::id::{ActivationId, ApplicationId, FamilyId};
use crate::domain::oauth::Scope;
use crate::domain::organization::Organization;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::time::Timestamp;
use crate::keyring::{BadToken, Keyring, TokenKind};
use crate::random;
use crate::storage::Topic;

/// How long an access token lives, unless a grant it carries ends earlier.
pub const LIFETIME: Duration = Duration::from_mins(5);

/// How far another node's clock may be ahead, in seconds (FAPI 2.0 §5.3.2.1).
pub(super) const CLOCK_SKEW: i64 = 10;

/// Permissions and groups larger than this together, as JSON, are left to introspection.
const MAX_CARRIED_BYTES: usize = 2 * 1024;

/// The claims of an access token.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    /// Issuer.
    pub iss: String,
    /// The user's id, or the application's own (RFC 9068 §2.2).
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
    /// Something unique; before it, for a person's token, the family's id and a dot.
    pub jti: String,
    /// The application.
    pub client_id: String,
    /// What was agreed to.
    pub scope: Scope,
    /// The activation; absent, as the next three, where an application acts for itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sid: Option<String>,
    /// When the person last proved themselves, Unix seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auth_time: Option<i64>,
    /// How well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acr: Option<String>,
    /// By what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amr: Option<Vec<String>>,
    /// For which organization.
    pub org: OrganizationClaim,
    /// Roles held on all products.
    pub roles: Vec<String>,
    /// Groups, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<String>>,
    /// Permissions by product; `*` is all products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<BTreeMap<String, Vec<String>>>,
    /// `introspection` where permissions and groups are too many to carry.
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

/// Which token is meant, of all that could be made for the same holder.
pub(super) struct Particulars<'a> {
    pub(super) family: Option<FamilyId>,
    pub(super) activation: Option<ActivationId>,
    pub(super) ends_at: Option<Timestamp>,
    pub(super) application: ApplicationId,
    pub(super) audience: &'a str,
    pub(super) scope: &'a Scope,
}

impl AccessTokenClaims {
    /// What is true of its holder now.
    pub(super) fn of(holder: &Holder, token: &Particulars<'_>, issuer: &PublicUrl, now: Timestamp) -> Self {
        let organization = holder.organization();
        let effective = holder.effective();
        let permissions = permissions_of(effective);
        let carried = serde_json::to_string(&(&permissions, &effective.groups));
        let fits = carried.is_ok_and(|json| json.len() <= MAX_CARRIED_BYTES);
        let granted = grants_hold_until(holder.subject(), now, LIFETIME);
        let ends_at = token.ends_at.map_or(granted, |end| end.min(granted));
        let authentication = holder.authentication();
        Self {
            iss: issuer.as_str().to_owned(),
            sub: holder.sub(),
            aud: token.audience.to_owned(),
            exp: ends_at.seconds(),
            iat: now.seconds(),
            nbf: None,
            jti: jti(token.family),
            client_id: token.application.to_string(),
            scope: token.scope.clone(),
            sid: token.activation.map(|activation| activation.to_string()),
            auth_time: authentication.map(|proved| proved.at.seconds()),
            acr: authentication.map(|proved| proved.acr.clone()),
            amr: authentication.map(|proved| proved.amr.clone()),
            org: OrganizationClaim::of(organization),
            roles: effective.roles.clone(),
            groups: fits.then(|| effective.groups.clone()),
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
        if ours && claims.is_timely(now) && claims.is_whole() {
            Ok(claims)
        } else {
            Err(BadToken)
        }
    }

    /// Begun, and not over.
    pub(super) fn is_timely(&self, now: Timestamp) -> bool {
        let begun = self.iat.max(self.nbf.unwrap_or(self.iat));
        begun <= now.seconds() + CLOCK_SKEW && now.seconds() < self.exp
    }

    /// What it dies with: its family, or the application that it is of.
    pub(super) fn descends(&self) -> Option<Topic> {
        let application = || self.client_id.parse().ok().map(Topic::Application);
        self.family().map(Topic::Family).or_else(application)
    }

    /// A person's token says how they proved themselves, and descends from a family; an application's own does neither.
    fn is_whole(&self) -> bool {
        let said = [
            self.sid.is_some(),
            self.auth_time.is_some(),
            self.acr.is_some(),
            self.amr.is_some(),
        ];
        if self.sub == self.client_id {
            !self.jti.contains('.') && !said.contains(&true)
        } else {
            self.family().is_some() && !said.contains(&false)
        }
    }

    /// The family in `jti`.
    pub fn family(&self) -> Option<FamilyId> {
        self.jti
            .split_once('.')
            .and_then(|(family, _)| family.parse().ok())
    }
}

impl OrganizationClaim {
    fn of(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.as_str().to_owned(),
        }
    }
}

fn jti(family: Option<FamilyId>) -> String {
    let unique = URL_SAFE_NO_PAD.encode(random::bytes::<12>());
    family.map_or(unique.clone(), |family| format!("{family}.{unique}"))
}

/// Permissions by product; `*` is all products.
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
