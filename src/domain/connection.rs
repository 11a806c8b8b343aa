//! Connections: the upstream SAML and OIDC providers of an organization, and what is made of what they say.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::{ConnectionId, GroupId, OrganizationId, RoleId};
use super::text::DisplayName;
use super::time::Timestamp;

/// An upstream provider of an organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Names it.
    pub id: ConnectionId,
    /// Whose it is: a proof by it counts nowhere else.
    pub organization: OrganizationId,
    /// What its people call it.
    pub name: DisplayName,
    /// Whether anybody comes by it.
    pub status: ConnectionStatus,
    /// Who is behind it.
    pub provider: Provider,
    /// What is made of its attributes.
    pub mapping: Mapping,
    /// Whether somebody of a verified domain becomes a member by coming.
    pub creates_members: bool,
    /// Whether its word on a second factor counts in its organization.
    pub trusts_mfa: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

/// Whether anybody comes by a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStatus {
    /// Not yet: it is being set up.
    Draft,
    /// People do.
    Enabled,
    /// Not any more.
    Disabled,
}

/// Who is behind a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Provider {
    /// An `OpenID` provider.
    Oidc(OidcProvider),
    /// A SAML 2.0 identity provider.
    Saml(SamlProvider),
}

/// An `OpenID` provider. The client secret is sealed elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OidcProvider {
    /// `iss`, exactly; discovery starts there.
    pub issuer: String,
    /// What we are called there.
    pub client_id: String,
    /// How we prove that.
    pub authentication: ClientAuthentication,
    /// What we ask for besides `openid`.
    pub scopes: Vec<String>,
}

/// How a client proves itself at a token endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientAuthentication {
    /// `client_secret_basic` (RFC 6749 §2.3.1).
    ClientSecretBasic,
    /// `client_secret_post`.
    ClientSecretPost,
    /// `private_key_jwt` (RFC 7523 §2.2), by a key of ours that our JWKS has.
    PrivateKeyJwt,
}

/// A SAML 2.0 identity provider, as its metadata told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlProvider {
    /// `Issuer`, exactly.
    pub entity_id: String,
    /// Where people are sent.
    pub sso: SamlEndpoint,
    /// Where sign-outs are sent, if it takes them.
    pub slo: Option<SamlEndpoint>,
    /// What its signatures are verified with: DER in base64. Without one the connection can't be enabled.
    pub certificates: Vec<String>,
    /// Where its metadata is, if it is read from there.
    pub metadata_url: Option<String>,
    /// SHA-256 of the certificate that signs the metadata, in hex, if that was pinned.
    pub metadata_fingerprint: Option<String>,
    /// Until when its metadata is good, if it says so.
    pub valid_until: Option<Timestamp>,
    /// Whether our requests are signed.
    pub signs_requests: bool,
    /// Whether it may send people who did not start here.
    pub idp_initiated: bool,
}

/// A place of a SAML provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlEndpoint {
    /// How.
    pub binding: SamlBinding,
    /// Where.
    pub url: String,
}

/// How a SAML message travels (SAML 2.0 Bindings §3.4, §3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SamlBinding {
    /// In the query of an address.
    Redirect,
    /// In a form.
    Post,
}

/// Which attributes say what. Where none is named, the usual ones do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Mapping {
    /// The email address.
    pub email: Option<String>,
    /// The whole name.
    pub name: Option<String>,
    /// The name's first part.
    pub given_name: Option<String>,
    /// The name's last part.
    pub family_name: Option<String>,
    /// The groups that rules are about.
    pub groups: Option<String>,
    /// What their values give; whatever no rule names gives nothing.
    pub rules: Vec<MappingRule>,
}

/// What one value of the groups' attribute gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappingRule {
    /// The value, exactly.
    pub value: String,
    /// What it gives.
    pub gives: Mapped,
}

/// What a rule gives to whoever it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mapped {
    /// This role as their own; of several, the first rule's.
    Role(RoleId),
    /// Membership of this group.
    Group(GroupId),
}

/// No such word of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such status of a connection")]
pub struct UnknownConnectionWord;

impl Connection {
    /// The most of them in one organization.
    pub const MOST: i64 = 20;

    /// Whether it can be told that somebody is signed out here. An `OpenID` provider says so only where it is asked.
    pub fn takes_sign_outs(&self) -> bool {
        match &self.provider {
            Provider::Oidc(_) => true,
            Provider::Saml(provider) => provider.slo.is_some(),
        }
    }

    /// Whether people come by it.
    pub fn is_enabled(&self) -> bool {
        self.status == ConnectionStatus::Enabled
    }
}

impl Mapping {
    /// The attribute whose values rules are about.
    pub fn groups_attribute(&self) -> &str {
        self.groups.as_deref().unwrap_or("groups")
    }
}

impl ConnectionStatus {
    const ALL: [Self; 3] = [Self::Draft, Self::Enabled, Self::Disabled];

    /// The word in the database and to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Enabled => "enabled",
            Self::Disabled => "disabled",
        }
    }
}

impl fmt::Display for ConnectionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ConnectionStatus {
    type Err = UnknownConnectionWord;

    fn from_str(text: &str) -> Result<Self, UnknownConnectionWord> {
        let found = Self::ALL.into_iter().find(|status| status.as_str() == text);
        found.ok_or(UnknownConnectionWord)
    }
}

impl Provider {
    /// `oidc` or `saml`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Oidc(_) => "oidc",
            Self::Saml(_) => "saml",
        }
    }
}
