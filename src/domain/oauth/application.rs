//! Applications: the clients that send people here and get tokens.

use super::{GrantType, RedirectUri, Scope};
use crate::domain::id::{ApplicationId, OrganizationId};
use crate::domain::secret::SecretHash;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::text::DisplayName;

/// A downstream client as the database holds it. Its id is the `client_id`.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a registered yes or no")]
pub struct Application {
    /// `client_id`.
    pub id: ApplicationId,
    /// Who owns it.
    pub organization: OrganizationId,
    /// `client_name`.
    pub name: DisplayName,
    /// How it proves itself at the token endpoint.
    pub authentication: ClientAuthentication,
    /// Where answers may go.
    pub redirect_uris: Vec<RedirectUri>,
    /// Where sign-out may lead.
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// The most it may ask for.
    pub scope: Scope,
    /// Resource servers it may ask tokens for (RFC 8707).
    pub resources: Vec<String>,
    /// The ways to a token that it may use.
    pub grant_types: Vec<GrantType>,
    /// Whether it may ask tokens for Doorward's own API, `{issuer}/v2`.
    pub admin_api: bool,
    /// Whether a refresh answers an id token too.
    pub id_token_on_refresh: bool,
    /// How its id tokens are signed (`id_token_signed_response_alg`).
    pub id_token_algorithm: SigningAlgorithm,
    /// Whether codes need PKCE; only a confidential application may go without (RFC 9700 §2.1.1).
    pub require_pkce: bool,
    /// Whether requests need a nonce.
    pub require_nonce: bool,
    /// One of the operator's own: nobody is asked for consent.
    pub first_party: bool,
    /// Whose members may use it.
    pub open_to: OpenTo,
}

/// How an application proves itself (RFC 7591 §2, `token_endpoint_auth_method`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// `none`: a public client, on somebody's phone or in their browser.
    Public,
    /// `client_secret_basic`.
    Basic(SecretHash),
    /// `client_secret_post`.
    Post(SecretHash),
}

/// Whose members may use an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenTo {
    /// Those of the organization that owns it.
    OwnMembers,
    /// Those of every organization; a superuser set this.
    EveryOrganization,
}

impl Application {
    /// Whether it may use a way to a token.
    pub fn may_use(&self, grant_type: GrantType) -> bool {
        self.grant_types.contains(&grant_type)
    }

    /// Whether members of an organization may use it there.
    pub fn serves(&self, organization: OrganizationId) -> bool {
        self.open_to == OpenTo::EveryOrganization || self.organization == organization
    }

    /// A public client, which runs where its user can read it.
    pub fn is_public(&self) -> bool {
        self.authentication == ClientAuthentication::Public
    }
}

impl ClientAuthentication {
    /// The name in `token_endpoint_auth_method` and in the database.
    pub fn method(&self) -> &'static str {
        match self {
            Self::Public => "none",
            Self::Basic(_) => "client_secret_basic",
            Self::Post(_) => "client_secret_post",
        }
    }

    /// What the database keeps of the secret, if there is one.
    pub fn secret_hash(&self) -> Option<&SecretHash> {
        match self {
            Self::Public => None,
            Self::Basic(hash) | Self::Post(hash) => Some(hash),
        }
    }

    /// From the two columns of the database; nothing if they contradict each other.
    pub fn from_stored(method: &str, secret_hash: Option<SecretHash>) -> Option<Self> {
        match (method, secret_hash) {
            ("none", None) => Some(Self::Public),
            ("client_secret_basic", Some(hash)) => Some(Self::Basic(hash)),
            ("client_secret_post", Some(hash)) => Some(Self::Post(hash)),
            _ => None,
        }
    }
}
