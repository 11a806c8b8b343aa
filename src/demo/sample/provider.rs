//! The provider as the application deals with it: where to send people, and what to make of the code they bring back.
//!
//! Endpoints are read once, by discovery. Keys are fetched for each sign-in, so that a rotation is never missed; a
//! busier application would keep them and fetch again when a token names a key it has not seen.

use jsonwebtoken::jwk::JwkSet;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJsonWebKeySet, CoreJweContentEncryptionAlgorithm, CoreProviderMetadata,
    CoreRevocableToken, CoreRevocationErrorResponse, CoreTokenIntrospectionResponse,
};
use openidconnect::{
    AuthorizationCode, Client, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet,
    EndpointSet, IdTokenVerifier, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, Scope, StandardErrorResponse,
};
use url::Url;

use super::http_client::HttpClient;
use super::id_token::{self, OwnClaims, Tokens};
use super::pages::TokensPage;
use super::problem::{Cause, Problem};
use super::sessions::PendingSignIn;
use super::{Settings, access_token, claims};

const SCOPES: [&str; 2] = ["profile", "email"];

/// `CoreClient` as discovery leaves it, but for [`OwnClaims`].
type OidcClient = Client<
    OwnClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// What discovery told, and what it was told for.
pub(super) struct Provider {
    settings: Settings,
    issuer: IssuerUrl,
    keys_address: String,
    client: OidcClient,
}

impl Provider {
    /// Asks the provider for its endpoints (OpenID Connect Discovery §4).
    pub(super) async fn discover(settings: &Settings, http: &HttpClient) -> Result<Self, Problem> {
        Self::discovered(settings, http)
            .await
            .map_err(Problem::ProviderSilent)
    }

    async fn discovered(settings: &Settings, http: &HttpClient) -> Result<Self, Cause> {
        let issuer = IssuerUrl::new(settings.issuer.clone())?;
        let redirect = RedirectUrl::new(format!("{}/callback", settings.base_url))?;
        let metadata = CoreProviderMetadata::discover_async(issuer.clone(), http).await?;
        let keys_address = metadata.jwks_uri().to_string();
        let id = ClientId::new(settings.client_id.clone());
        let secret = ClientSecret::new(settings.client_secret.clone());
        let client =
            OidcClient::from_provider_metadata(metadata, id, Some(secret)).set_redirect_uri(redirect);
        Ok(Self {
            settings: settings.clone(),
            issuer,
            keys_address,
            client,
        })
    }

    /// Where to send the browser, and what to remember until it comes back.
    pub(super) fn authorization_request(&self) -> (Url, PendingSignIn) {
        let (challenge, pkce_verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (address, state, nonce) = self
            .client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(challenge)
            .url();
        (
            address,
            PendingSignIn {
                state,
                nonce,
                pkce_verifier,
            },
        )
    }

    /// Trades a code for tokens and checks both before reading them.
    pub(super) async fn redeem(
        &self,
        code: AuthorizationCode,
        pending: PendingSignIn,
        http: &HttpClient,
    ) -> Result<TokensPage, Problem> {
        let tokens = self.tokens(code, pending.pkce_verifier, http).await?;
        let (keys, service_keys) = self.keys(http).await.map_err(Problem::ProviderSilent)?;

        let id_token = id_token::check(&tokens, self.verifier(keys), &pending.nonce)?;
        let access_token = tokens.access_token().secret();
        let subject = claims::text(&id_token.claims, "sub").unwrap_or_default();
        let access_token = access_token::check(access_token, &service_keys, &self.settings, &subject)?;
        Ok(TokensPage::of(id_token, access_token))
    }

    async fn tokens(
        &self,
        code: AuthorizationCode,
        pkce_verifier: PkceCodeVerifier,
        http: &HttpClient,
    ) -> Result<Tokens, Problem> {
        let request = self
            .client
            .exchange_code(code)
            .map_err(|cause| Problem::ProviderSilent(cause.into()))?;
        request
            .set_pkce_verifier(pkce_verifier)
            .request_async(http)
            .await
            .map_err(|cause| match cause {
                RequestTokenError::ServerResponse(_) => Problem::CodeRefused(cause.into()),
                other => Problem::ProviderSilent(other.into()),
            })
    }

    /// The provider's public keys as they are now: for the application, and for the service that it calls.
    async fn keys(&self, http: &HttpClient) -> Result<(CoreJsonWebKeySet, JwkSet), Cause> {
        let keys = http.json(&self.keys_address).await?;
        Ok((
            serde_json::from_value(keys.clone())?,
            serde_json::from_value(keys)?,
        ))
    }

    /// For id tokens of this provider for this application.
    fn verifier(&self, keys: CoreJsonWebKeySet) -> IdTokenVerifier<'static, CoreJsonWebKey> {
        let id = self.client.client_id().clone();
        let secret = ClientSecret::new(self.settings.client_secret.clone());
        IdTokenVerifier::new_confidential_client(id, secret, self.issuer.clone(), keys)
    }
}
