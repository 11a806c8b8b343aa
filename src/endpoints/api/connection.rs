//! What a connection is to programs: shown, made and changed, field by field.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::Zeroizing;

use super::body::{Field, MergePatch};
use super::certificate::CertificateShown;
use super::connection_mapping::{MappingShown, MappingToChange};
use super::problem::Problem;
use crate::config::PublicUrl;
use crate::directory::connections::{
    AskedOidc, AskedSaml, Found, Replaced, acs_url, callback_url, client_secret, lacks, sp_entity_id,
};
use crate::domain::connection::{ClientAuthentication, ConnectionStatus, Provider};
use crate::domain::time::Timestamp;

/// An upstream provider that an organization's people come by.
#[derive(Debug, Serialize, ToSchema)]
pub struct Connection {
    /// Never changes.
    #[schema(example = "con_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What people read.
    #[schema(example = "Acme Entra")]
    name: String,
    /// Whether people come by it.
    status: ConnectionStatusName,
    #[serde(flatten)]
    provider: ProviderShown,
    /// What is made of its attributes.
    mapping: MappingShown,
    /// Whether whoever comes by it, from a verified domain, becomes a member.
    creates_members: bool,
    /// Whether its word on a second factor counts here.
    trusts_mfa: bool,
    /// What it lacks to be enabled.
    lacks: Vec<Lacking>,
    /// When it was made.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was changed last.
    #[schema(format = DateTime)]
    updated_at: String,
}

/// Who is behind a connection, and what they need to know of us.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum ProviderShown {
    /// An `OpenID` provider.
    Oidc {
        /// `iss`, exactly.
        #[schema(example = "https://login.acme.example")]
        issuer: String,
        /// What we are called there.
        client_id: String,
        /// Whether there is a client secret. It is never shown.
        has_client_secret: bool,
        /// How we prove ourselves there.
        authentication: AuthenticationName,
        /// What we ask for besides `openid`.
        #[schema(example = json!(["email", "profile"]))]
        scopes: Vec<String>,
        /// To be registered there as the redirect URI.
        callback_url: String,
    },
    /// A SAML 2.0 identity provider.
    Saml {
        /// Its entity id, exactly.
        entity_id: String,
        /// Where people are sent.
        sso_url: String,
        /// Where sign-outs are sent, if it takes them.
        slo_url: Option<String>,
        /// What its signatures are verified with.
        certificates: Vec<CertificateShown>,
        /// Where its metadata is read from, if it is.
        metadata_url: Option<String>,
        /// SHA-256 of the certificate that has to sign its metadata, in hex, if that is pinned.
        metadata_fingerprint: Option<String>,
        /// Until when its metadata is good, if it says so.
        #[schema(format = DateTime)]
        valid_until: Option<String>,
        /// Whether our requests are signed.
        signs_requests: bool,
        /// Whether it may send people who did not start here.
        idp_initiated: bool,
        /// To be registered there: our entity id, and where our metadata is.
        sp_entity_id: String,
        /// To be registered there: where its answers go.
        acs_url: String,
    },
}

/// What a connection lacks.
#[derive(Debug, Serialize, ToSchema)]
struct Lacking {
    /// For programs.
    #[schema(example = "no_client_secret")]
    code: &'static str,
    /// For people.
    detail: String,
}

/// Whether people come by a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum ConnectionStatusName {
    /// Not yet.
    Draft,
    /// They do.
    Enabled,
    /// Not any more.
    Disabled,
}

/// What a connection is switched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionSwitch {
    /// People come by it.
    Enabled,
    /// They don't.
    Disabled,
}

/// The protocol of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionKind {
    /// `OpenID` Connect.
    Oidc,
    /// SAML 2.0.
    Saml,
}

/// How a client proves itself at a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationName {
    /// The secret, in a header.
    ClientSecretBasic,
    /// The secret, in the body.
    ClientSecretPost,
    /// A signature by a key that our `/oauth2/jwks` has.
    PrivateKeyJwt,
}

/// A connection to make. It is a draft until it is enabled.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionToMake {
    /// The protocol.
    pub(super) kind: ConnectionKind,
    /// What people read, 1 to 100 characters; the provider's host if absent.
    #[schema(nullable = false)]
    pub(super) name: Option<String>,
    /// Of an `OpenID` provider: `iss`, exactly.
    #[schema(example = "https://login.acme.example", nullable = false)]
    pub(super) issuer: Option<String>,
    /// Of an `OpenID` provider: what we are called there.
    #[schema(nullable = false)]
    pub(super) client_id: Option<String>,
    /// Of an `OpenID` provider: the secret that it gave. Kept sealed, and never shown.
    #[schema(nullable = false)]
    pub(super) client_secret: Option<String>,
    /// Of an `OpenID` provider: how we prove ourselves; `client_secret_basic` if absent.
    #[schema(nullable = false)]
    pub(super) authentication: Option<AuthenticationName>,
    /// Of an `OpenID` provider: what to ask for besides `openid`; `email` and `profile` if absent.
    #[schema(nullable = false, max_items = 20)]
    pub(super) scopes: Option<Vec<String>>,
    /// Of a SAML provider: its metadata, at most 256 KiB.
    #[schema(nullable = false)]
    pub(super) metadata_xml: Option<String>,
    /// Of a SAML provider: where its metadata is read from, now and every day.
    #[schema(nullable = false)]
    pub(super) metadata_url: Option<String>,
    /// Of a SAML provider: SHA-256 of the certificate that has to sign its metadata, in hex.
    #[schema(nullable = false)]
    pub(super) metadata_fingerprint: Option<String>,
    /// Of a SAML provider: whether our requests are signed; they are if absent.
    #[schema(nullable = false)]
    pub(super) signs_requests: Option<bool>,
    /// Of a SAML provider: whether it may send people who did not start here; not if absent.
    #[schema(nullable = false)]
    pub(super) idp_initiated: Option<bool>,
    /// What is made of its attributes.
    #[schema(nullable = false)]
    pub(super) mapping: Option<MappingToChange>,
    /// Whether whoever comes by it, from a verified domain, becomes a member.
    #[serde(default)]
    pub(super) creates_members: bool,
    /// Whether its word on a second factor counts here.
    #[serde(default)]
    pub(super) trusts_mfa: bool,
}

/// What can be changed of a connection.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConnectionToChange {
    /// What people read, 1 to 100 characters.
    #[schema(nullable = false)]
    pub(super) name: Option<String>,
    /// Whether people come by it.
    #[schema(nullable = false)]
    pub(super) status: Option<ConnectionSwitch>,
    /// `iss`, of an `OpenID` provider that nobody came by yet.
    #[schema(nullable = false)]
    pub(super) issuer: Option<String>,
    /// What we are called there, of an `OpenID` provider that nobody came by yet.
    #[schema(nullable = false)]
    pub(super) client_id: Option<String>,
    /// Another secret of an `OpenID` provider; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) client_secret: Field<String>,
    /// How we prove ourselves to an `OpenID` provider.
    #[schema(nullable = false)]
    pub(super) authentication: Option<AuthenticationName>,
    /// What to ask an `OpenID` provider for besides `openid`.
    #[schema(nullable = false, max_items = 20)]
    pub(super) scopes: Option<Vec<String>>,
    /// Newer metadata of a SAML provider. What was asked of it here stays.
    #[schema(nullable = false)]
    pub(super) metadata_xml: Option<String>,
    /// Where the metadata of a SAML provider is read from, now and every day; null for nowhere.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) metadata_url: Field<String>,
    /// SHA-256 of the certificate that has to sign the metadata, in hex; null for none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(super) metadata_fingerprint: Field<String>,
    /// Whether our requests to a SAML provider are signed.
    #[schema(nullable = false)]
    pub(super) signs_requests: Option<bool>,
    /// Whether a SAML provider may send people who did not start here.
    #[schema(nullable = false)]
    pub(super) idp_initiated: Option<bool>,
    /// What is made of its attributes.
    #[schema(nullable = false)]
    pub(super) mapping: Option<MappingToChange>,
    /// Whether whoever comes by it, from a verified domain, becomes a member.
    #[schema(nullable = false)]
    pub(super) creates_members: Option<bool>,
    /// Whether its word on a second factor counts here.
    #[schema(nullable = false)]
    pub(super) trusts_mfa: Option<bool>,
}

impl MergePatch for ConnectionToChange {
    const NULLABLE: &'static [&'static str] = &["client_secret", "metadata_url", "metadata_fingerprint"];
}

impl Connection {
    pub(super) fn of(found: &Found, public_url: &PublicUrl, now: Timestamp) -> Self {
        let connection = &found.connection;
        let has_secret = found.sealed_secret.is_some();
        let lacking = lacks(&connection.provider, has_secret, now).into_iter();
        Self {
            id: connection.id.to_string(),
            name: connection.name.as_str().to_owned(),
            status: ConnectionStatusName::of(connection.status),
            provider: ProviderShown::of(found, public_url),
            mapping: MappingShown::of(found),
            creates_members: connection.creates_members,
            trusts_mfa: connection.trusts_mfa,
            lacks: lacking.map(|(code, detail)| Lacking { code, detail }).collect(),
            created_at: connection.created_at.to_string(),
            updated_at: connection.updated_at.to_string(),
        }
    }
}

impl ProviderShown {
    fn of(found: &Found, public_url: &PublicUrl) -> Self {
        let id = found.connection.id;
        match &found.connection.provider {
            Provider::Oidc(oidc) => Self::Oidc {
                issuer: oidc.issuer.clone(),
                client_id: oidc.client_id.clone(),
                has_client_secret: found.sealed_secret.is_some(),
                authentication: AuthenticationName::of(oidc.authentication),
                scopes: oidc.scopes.clone(),
                callback_url: callback_url(public_url, id),
            },
            Provider::Saml(saml) => Self::Saml {
                entity_id: saml.entity_id.clone(),
                sso_url: saml.sso.url.clone(),
                slo_url: saml.slo.as_ref().map(|slo| slo.url.clone()),
                certificates: CertificateShown::all(&saml.certificates),
                metadata_url: saml.metadata_url.clone(),
                metadata_fingerprint: saml.metadata_fingerprint.clone(),
                valid_until: saml.valid_until.map(|until| until.to_string()),
                signs_requests: saml.signs_requests,
                idp_initiated: saml.idp_initiated,
                sp_entity_id: sp_entity_id(public_url, id),
                acs_url: acs_url(public_url, id),
            },
        }
    }
}

impl ConnectionStatusName {
    fn of(status: ConnectionStatus) -> Self {
        match status {
            ConnectionStatus::Draft => Self::Draft,
            ConnectionStatus::Enabled => Self::Enabled,
            ConnectionStatus::Disabled => Self::Disabled,
        }
    }
}

impl ConnectionSwitch {
    pub(super) fn status(self) -> ConnectionStatus {
        match self {
            Self::Enabled => ConnectionStatus::Enabled,
            Self::Disabled => ConnectionStatus::Disabled,
        }
    }
}

impl AuthenticationName {
    fn of(authentication: ClientAuthentication) -> Self {
        match authentication {
            ClientAuthentication::ClientSecretBasic => Self::ClientSecretBasic,
            ClientAuthentication::ClientSecretPost => Self::ClientSecretPost,
            ClientAuthentication::PrivateKeyJwt => Self::PrivateKeyJwt,
        }
    }

    fn meant(self) -> ClientAuthentication {
        match self {
            Self::ClientSecretBasic => ClientAuthentication::ClientSecretBasic,
            Self::ClientSecretPost => ClientAuthentication::ClientSecretPost,
            Self::PrivateKeyJwt => ClientAuthentication::PrivateKeyJwt,
        }
    }
}

impl ConnectionToMake {
    /// Refuses what the other protocol has.
    pub(super) fn fits_its_kind(&self) -> Result<(), Problem> {
        match self.kind {
            ConnectionKind::Oidc => refuse(
                "it is of SAML",
                &[
                    ("/metadata_xml", self.metadata_xml.is_some()),
                    ("/metadata_url", self.metadata_url.is_some()),
                    ("/metadata_fingerprint", self.metadata_fingerprint.is_some()),
                    ("/signs_requests", self.signs_requests.is_some()),
                    ("/idp_initiated", self.idp_initiated.is_some()),
                ],
            ),
            ConnectionKind::Saml => refuse(
                "it is of OpenID Connect",
                &[
                    ("/issuer", self.issuer.is_some()),
                    ("/client_id", self.client_id.is_some()),
                    ("/client_secret", self.client_secret.is_some()),
                    ("/authentication", self.authentication.is_some()),
                    ("/scopes", self.scopes.is_some()),
                ],
            ),
        }
    }

    pub(super) fn oidc(&self) -> AskedOidc {
        AskedOidc {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            authentication: self.authentication.map(AuthenticationName::meant),
            scopes: self.scopes.clone(),
        }
    }

    pub(super) fn saml(&self) -> AskedSaml {
        AskedSaml {
            metadata_url: written(self.metadata_url.as_ref()),
            metadata_fingerprint: written(self.metadata_fingerprint.as_ref()),
            signs_requests: self.signs_requests,
            idp_initiated: self.idp_initiated,
        }
    }
}

impl ConnectionToChange {
    /// Refuses what the other protocol has.
    pub(super) fn fits(&self, provider: &Provider) -> Result<(), Problem> {
        match provider {
            Provider::Oidc(_) => refuse(
                "it is of SAML",
                &[
                    ("/metadata_xml", self.metadata_xml.is_some()),
                    ("/metadata_url", self.metadata_url != Field::Kept),
                    ("/metadata_fingerprint", self.metadata_fingerprint != Field::Kept),
                    ("/signs_requests", self.signs_requests.is_some()),
                    ("/idp_initiated", self.idp_initiated.is_some()),
                ],
            ),
            Provider::Saml(_) => refuse(
                "it is of OpenID Connect",
                &[
                    ("/issuer", self.issuer.is_some()),
                    ("/client_id", self.client_id.is_some()),
                    ("/client_secret", self.client_secret != Field::Kept),
                    ("/authentication", self.authentication.is_some()),
                    ("/scopes", self.scopes.is_some()),
                ],
            ),
        }
    }

    pub(super) fn oidc(&self) -> AskedOidc {
        AskedOidc {
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            authentication: self.authentication.map(AuthenticationName::meant),
            scopes: self.scopes.clone(),
        }
    }

    pub(super) fn saml(&self) -> AskedSaml {
        AskedSaml {
            metadata_url: replaced(&self.metadata_url),
            metadata_fingerprint: replaced(&self.metadata_fingerprint),
            signs_requests: self.signs_requests,
            idp_initiated: self.idp_initiated,
        }
    }

    /// Where newer metadata is to be read from, if from elsewhere.
    pub(super) fn new_metadata_url(&self) -> Option<&str> {
        match &self.metadata_url {
            Field::Is(url) => Some(url),
            Field::Kept | Field::Gone => None,
        }
    }

    /// Another client secret, or that there is none.
    pub(super) fn new_secret(&self) -> Result<Replaced<Zeroizing<String>>, Problem> {
        Ok(match &self.client_secret {
            Field::Kept => Replaced::Kept,
            Field::Gone => Replaced::Gone,
            Field::Is(secret) => Replaced::By(Zeroizing::new(client_secret(secret.clone())?)),
        })
    }
}

fn replaced(field: &Field<String>) -> Replaced<String> {
    match field {
        Field::Kept => Replaced::Kept,
        Field::Gone => Replaced::Gone,
        Field::Is(text) => Replaced::By(text.clone()),
    }
}

/// What was written at the first time, if anything was.
fn written(text: Option<&String>) -> Replaced<String> {
    text.map_or(Replaced::Kept, |text| Replaced::By(text.clone()))
}

/// Refuses the fields that are there.
fn refuse(why: &str, fields: &[(&'static str, bool)]) -> Result<(), Problem> {
    match fields.iter().find(|(_, there)| *there) {
        Some((pointer, _)) => Err(Problem::field(*pointer, why)),
        None => Ok(()),
    }
}
