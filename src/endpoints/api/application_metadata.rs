//! What applications register, as RFC 7591 §2 names it and we add to it: shown, read, and checked field by field.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;

use super::body::MergePatch;
use super::problem::{FieldError, Problem};
use crate::domain::id::{ApplicationId, OrganizationId};
use crate::domain::oauth::{
    Application as Client, ClientAuthentication, GrantType, OpenTo, RedirectUri, Scope,
};
use crate::domain::secret::SecretHash;
use crate::domain::signing_key::SigningAlgorithm;
use crate::domain::text::DisplayName;
use crate::storage::applications::Registered;

/// The most entries of a list.
const MAX_ENTRIES: usize = 50;

/// A downstream client.
#[derive(Debug, Serialize, ToSchema)]
pub struct Application {
    /// Never changes.
    #[schema(example = "app_01kaxw3vd0f1wvj1d2sahtfxyz")]
    client_id: String,
    /// What people read.
    #[schema(example = "Acme Fleet")]
    client_name: String,
    /// Where answers may go, compared letter for letter.
    #[schema(example = json!(["https://fleet.example.com/callback"]))]
    redirect_uris: Vec<String>,
    /// The ways to a token that it may use.
    grant_types: Vec<GrantTypeName>,
    /// `code`, or nothing for an application that nobody signs in to.
    response_types: Vec<ResponseType>,
    /// How it proves itself.
    token_endpoint_auth_method: AuthMethod,
    /// The most it may ask for.
    #[schema(example = "openid profile email")]
    scope: String,
    /// How its id tokens are signed.
    id_token_signed_response_alg: IdTokenAlgorithm,
    /// Where sign-out may lead.
    post_logout_redirect_uris: Vec<String>,
    /// The resource servers it may ask tokens for.
    resources: Vec<String>,
    /// Whether it may ask tokens for this API.
    admin_api: bool,
    /// Whether a refresh answers an id token too.
    id_token_on_refresh: bool,
    /// Whether codes need PKCE.
    require_pkce: bool,
    /// Whether requests need a nonce.
    require_nonce: bool,
    /// Whether nobody is asked for consent.
    first_party: bool,
    /// Whether it is switched on.
    active: bool,
    /// Whose members may use it.
    open_to: Opening,
    /// When it was registered.
    #[schema(format = DateTime)]
    created_at: String,
}

/// An application just registered.
#[derive(Debug, Serialize, ToSchema)]
pub struct NewApplication {
    /// The secret of a confidential application, shown this once.
    #[schema(required = false, nullable = false)]
    client_secret: Option<String>,
    #[serde(flatten)]
    application: Application,
}

/// A secret just made.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationSecret {
    /// Whose.
    client_id: String,
    /// The secret, shown this once.
    client_secret: String,
}

/// What is registered of an application, all of it optional: what is absent takes its default, or stays as it is. A list
/// is replaced as a whole.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ApplicationToChange {
    /// What people read, 1 to 100 characters.
    #[schema(example = "Acme Fleet", nullable = false)]
    client_name: Option<String>,
    /// Where answers may go: https, http to this very machine, or an app's own scheme like `com.example.app:/done`.
    #[schema(example = json!(["https://fleet.example.com/callback"]), nullable = false, max_items = 50)]
    redirect_uris: Option<Vec<String>>,
    /// The ways to a token that it may use; `authorization_code` by default.
    #[schema(nullable = false)]
    grant_types: Option<Vec<GrantTypeName>>,
    /// Follows from the grant types; may be said, and must then agree.
    #[schema(nullable = false)]
    response_types: Option<Vec<ResponseType>>,
    /// How it proves itself; `client_secret_basic` by default. A public application stays one.
    #[schema(nullable = false)]
    token_endpoint_auth_method: Option<AuthMethod>,
    /// The most it may ask for; `openid profile email` by default.
    #[schema(example = "openid profile email", nullable = false)]
    scope: Option<String>,
    /// How its id tokens are signed; `RS256` by default.
    #[schema(nullable = false)]
    id_token_signed_response_alg: Option<IdTokenAlgorithm>,
    /// Where sign-out may lead.
    #[schema(nullable = false, max_items = 50)]
    post_logout_redirect_uris: Option<Vec<String>>,
    /// The resource servers it may ask tokens for, absolute URLs without fragment (RFC 8707 §2).
    #[schema(example = json!(["https://api.example.com"]), nullable = false, max_items = 50)]
    resources: Option<Vec<String>>,
    /// Whether it may ask tokens for this API; false by default.
    #[schema(nullable = false)]
    admin_api: Option<bool>,
    /// Whether a refresh answers an id token too; false by default.
    #[schema(nullable = false)]
    id_token_on_refresh: Option<bool>,
    /// Whether codes need PKCE; true by default, and only a confidential application goes without.
    #[schema(nullable = false)]
    require_pkce: Option<bool>,
    /// Whether requests need a nonce; false by default.
    #[schema(nullable = false)]
    require_nonce: Option<bool>,
    /// Whether nobody is asked for consent; false by default.
    #[schema(nullable = false)]
    first_party: Option<bool>,
    /// Whether it is switched on; true by default.
    #[schema(nullable = false)]
    active: Option<bool>,
    /// Whose members may use it; its own organization's by default.
    #[schema(nullable = false)]
    open_to: Option<Opening>,
}

impl MergePatch for ApplicationToChange {}

/// A way to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantTypeName {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
}

/// What the authorization endpoint answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResponseType {
    /// A code, and nothing else ever.
    Code,
}

/// How an application proves itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    /// It can't: it runs where its user can read it.
    None,
    /// By its secret in the header.
    ClientSecretBasic,
    /// By its secret in the body.
    ClientSecretPost,
}

/// How id tokens are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub enum IdTokenAlgorithm {
    /// What clients assume.
    #[serde(rename = "RS256")]
    Rs256,
    /// P-256.
    #[serde(rename = "ES256")]
    Es256,
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
}

/// Whose members may use an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Opening {
    /// Those of the organization that owns it.
    OwnMembers,
    /// Those of every organization; a superuser's to say.
    EveryOrganization,
}

impl Application {
    pub(super) fn of(registered: &Registered) -> Self {
        let client = &registered.application;
        let uris = |uris: &[RedirectUri]| uris.iter().map(|uri| uri.as_str().to_owned()).collect();
        Self {
            client_id: client.id.to_string(),
            client_name: client.name.as_str().to_owned(),
            redirect_uris: uris(&client.redirect_uris),
            grant_types: client
                .grant_types
                .iter()
                .copied()
                .map(GrantTypeName::of)
                .collect(),
            response_types: response_types(client),
            token_endpoint_auth_method: match client.authentication {
                ClientAuthentication::Public => AuthMethod::None,
                ClientAuthentication::Basic(_) => AuthMethod::ClientSecretBasic,
                ClientAuthentication::Post(_) => AuthMethod::ClientSecretPost,
            },
            scope: client.scope.to_string(),
            id_token_signed_response_alg: match client.id_token_algorithm {
                SigningAlgorithm::Rs256 => IdTokenAlgorithm::Rs256,
                SigningAlgorithm::Es256 => IdTokenAlgorithm::Es256,
                SigningAlgorithm::EdDsa => IdTokenAlgorithm::EdDsa,
            },
            post_logout_redirect_uris: uris(&client.post_logout_redirect_uris),
            resources: client.resources.clone(),
            admin_api: client.admin_api,
            id_token_on_refresh: client.id_token_on_refresh,
            require_pkce: client.require_pkce,
            require_nonce: client.require_nonce,
            first_party: client.first_party,
            active: registered.active,
            open_to: match client.open_to {
                OpenTo::OwnMembers => Opening::OwnMembers,
                OpenTo::EveryOrganization => Opening::EveryOrganization,
            },
            created_at: registered.created_at.to_string(),
        }
    }
}

fn response_types(client: &Client) -> Vec<ResponseType> {
    let code = client
        .may_use(GrantType::AuthorizationCode)
        .then_some(ResponseType::Code);
    code.into_iter().collect()
}

impl GrantTypeName {
    fn of(grant_type: GrantType) -> Self {
        match grant_type {
            GrantType::AuthorizationCode => Self::AuthorizationCode,
            GrantType::RefreshToken => Self::RefreshToken,
            GrantType::ClientCredentials => Self::ClientCredentials,
        }
    }

    fn meant(self) -> GrantType {
        match self {
            Self::AuthorizationCode => GrantType::AuthorizationCode,
            Self::RefreshToken => GrantType::RefreshToken,
            Self::ClientCredentials => GrantType::ClientCredentials,
        }
    }
}

/// Reads what is registered, and collects all that is wrong with it.
pub(super) struct Reading<'a> {
    /// `{issuer}/v2`, which nobody registers as a resource of theirs.
    own_api: &'a str,
    errors: Vec<FieldError>,
}

impl<'a> Reading<'a> {
    pub(super) fn of(own_api: &'a str) -> Self {
        Self {
            own_api,
            errors: Vec::new(),
        }
    }

    /// An application to be, and whether it is switched on. Its organization is not known yet.
    pub(super) fn make(
        mut self,
        asked: ApplicationToChange,
        id: ApplicationId,
        secret: &SecretHash,
    ) -> Result<(Client, bool), Problem> {
        if asked.client_name.is_none() {
            self.errors.push(FieldError::coded(
                "missing",
                "/client_name",
                "missing field `client_name`",
            ));
        }
        let usual = Client {
            id,
            organization: OrganizationId::from_uuid(uuid::Uuid::nil()),
            name: DisplayName::parse("?").expect("a name of one character"),
            authentication: match asked.token_endpoint_auth_method {
                Some(AuthMethod::None) => ClientAuthentication::Public,
                Some(AuthMethod::ClientSecretPost) => ClientAuthentication::Post(secret.clone()),
                Some(AuthMethod::ClientSecretBasic) | None => ClientAuthentication::Basic(secret.clone()),
            },
            redirect_uris: Vec::new(),
            post_logout_redirect_uris: Vec::new(),
            scope: Scope::parse("openid profile email").expect("a scope of ours"),
            resources: Vec::new(),
            grant_types: vec![GrantType::AuthorizationCode],
            admin_api: false,
            id_token_on_refresh: false,
            id_token_algorithm: SigningAlgorithm::Rs256,
            require_pkce: true,
            require_nonce: false,
            first_party: false,
            open_to: OpenTo::OwnMembers,
        };
        let active = asked.active.unwrap_or(true);
        let client = self.merge(&asked, usual);
        if self.errors.is_empty() {
            Ok((client, active))
        } else {
            Err(Problem::fields(self.errors))
        }
    }

    /// What a change makes of what is registered.
    pub(super) fn change(
        mut self,
        asked: &ApplicationToChange,
        found: &Registered,
    ) -> Result<Registered, Problem> {
        let client = self.merge(asked, found.application.clone());
        if !self.errors.is_empty() {
            return Err(Problem::fields(self.errors));
        }
        Ok(Registered {
            application: client,
            active: asked.active.unwrap_or(found.active),
            created_at: found.created_at,
        })
    }

    fn merge(&mut self, asked: &ApplicationToChange, mut client: Client) -> Client {
        if let Some(name) = &asked.client_name {
            match DisplayName::parse(name) {
                Ok(name) => client.name = name,
                Err(error) => self.errors.push(FieldError::invalid("/client_name", error)),
            }
        }
        if let Some(uris) = &asked.redirect_uris {
            client.redirect_uris = self.uris("/redirect_uris", uris);
        }
        if let Some(uris) = &asked.post_logout_redirect_uris {
            client.post_logout_redirect_uris = self.uris("/post_logout_redirect_uris", uris);
        }
        if let Some(resources) = &asked.resources {
            client.resources = self.resources(resources);
        }
        if let Some(scope) = &asked.scope {
            match Scope::parse(scope) {
                Ok(scope) => client.scope = scope,
                Err(error) => self.errors.push(FieldError::invalid("/scope", error)),
            }
        }
        if let Some(names) = &asked.grant_types {
            let meant: BTreeSet<_> = names.iter().copied().map(GrantTypeName::meant).collect();
            client.grant_types = meant.into_iter().collect();
        }
        if asked
            .response_types
            .as_ref()
            .is_some_and(|types| *types != response_types(&client))
        {
            let told = "it is code with authorization_code, and nothing without";
            self.errors.push(FieldError::invalid("/response_types", told));
        }
        if let Some(method) = asked.token_endpoint_auth_method {
            if client.is_public() && method != AuthMethod::None {
                let told = "a public application stays one; register another";
                self.errors
                    .push(FieldError::invalid("/token_endpoint_auth_method", told));
            }
            client.authentication = proving(method, &client.authentication);
        }
        if let Some(algorithm) = asked.id_token_signed_response_alg {
            client.id_token_algorithm = match algorithm {
                IdTokenAlgorithm::Rs256 => SigningAlgorithm::Rs256,
                IdTokenAlgorithm::Es256 => SigningAlgorithm::Es256,
                IdTokenAlgorithm::EdDsa => SigningAlgorithm::EdDsa,
            };
        }
        if let Some(opening) = asked.open_to {
            client.open_to = match opening {
                Opening::OwnMembers => OpenTo::OwnMembers,
                Opening::EveryOrganization => OpenTo::EveryOrganization,
            };
        }
        client.admin_api = asked.admin_api.unwrap_or(client.admin_api);
        client.id_token_on_refresh = asked.id_token_on_refresh.unwrap_or(client.id_token_on_refresh);
        client.require_pkce = asked.require_pkce.unwrap_or(client.require_pkce);
        client.require_nonce = asked.require_nonce.unwrap_or(client.require_nonce);
        client.first_party = asked.first_party.unwrap_or(client.first_party);
        client
    }

    fn uris(&mut self, pointer: &str, texts: &[String]) -> Vec<RedirectUri> {
        self.entries(pointer, texts, |text| {
            RedirectUri::register(text).map_err(|error| error.to_string())
        })
    }

    /// RFC 8707 §2: absolute, without fragment; exact, as audiences are compared letter for letter.
    fn resources(&mut self, texts: &[String]) -> Vec<String> {
        let own_api = self.own_api.to_owned();
        self.entries("/resources", texts, |text| {
            let url = Url::parse(text)
                .ok()
                .filter(|url| url.fragment().is_none() && url.has_host());
            let plain = text.len() <= 500 && text.bytes().all(|b| b.is_ascii_graphic() && b != b'*');
            if url.is_none() || !plain {
                return Err(
                    "a resource is an absolute URL without fragment, of at most 500 characters".to_owned(),
                );
            }
            if text.trim_end_matches('/') == own_api {
                return Err("this is Doorward's own API; say admin_api".to_owned());
            }
            Ok(text.to_owned())
        })
    }

    fn entries<T>(
        &mut self,
        pointer: &str,
        texts: &[String],
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Vec<T> {
        if texts.len() > MAX_ENTRIES {
            self.errors.push(FieldError::invalid(pointer, "at most 50"));
            return Vec::new();
        }
        let mut found = Vec::with_capacity(texts.len());
        for (at, text) in texts.iter().enumerate() {
            if texts[..at].contains(text) {
                self.errors
                    .push(FieldError::invalid(format!("{pointer}/{at}"), "it stands twice"));
                continue;
            }
            match read(text) {
                Ok(entry) => found.push(entry),
                Err(why) => self
                    .errors
                    .push(FieldError::invalid(format!("{pointer}/{at}"), why)),
            }
        }
        found
    }
}

/// The same secret, shown another way. Whether a public application may become another is the use case's to say.
fn proving(method: AuthMethod, now: &ClientAuthentication) -> ClientAuthentication {
    match (method, now.secret_hash()) {
        (AuthMethod::ClientSecretBasic, Some(hash)) => ClientAuthentication::Basic(hash.clone()),
        (AuthMethod::ClientSecretPost, Some(hash)) => ClientAuthentication::Post(hash.clone()),
        (AuthMethod::None, _) => ClientAuthentication::Public,
        (_, None) => now.clone(),
    }
}
