//! What the provider says of itself (OpenID Connect Discovery §3, RFC 8414 §2): only what it does.

use serde_json::{Value, json};

use crate::config::PublicUrl;
use crate::domain::oauth::GrantType;
use crate::domain::session::Assurance;
use crate::domain::signing_key::SigningAlgorithm;

/// The document at `/.well-known/openid-configuration` and `/.well-known/oauth-authorization-server`.
pub fn metadata(issuer: &PublicUrl) -> Value {
    let algorithms = [
        SigningAlgorithm::Rs256,
        SigningAlgorithm::Es256,
        SigningAlgorithm::EdDsa,
    ];
    json!({
        "issuer": issuer.as_str(),
        "authorization_endpoint": issuer.at("/oauth2/authorize"),
        "token_endpoint": issuer.at("/oauth2/token"),
        "userinfo_endpoint": issuer.at("/oauth2/userinfo"),
        "introspection_endpoint": issuer.at("/oauth2/introspect"),
        "revocation_endpoint": issuer.at("/oauth2/revoke"),
        "end_session_endpoint": issuer.at("/oauth2/logout"),
        "jwks_uri": issuer.at("/oauth2/jwks"),
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": GrantType::ALL.map(GrantType::as_str),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": algorithms.map(SigningAlgorithm::name),
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "introspection_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "revocation_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post", "none"],
        "code_challenge_methods_supported": ["S256"],
        "acr_values_supported": [Assurance::One.acr(), Assurance::Two.acr()],
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "claims_supported": [
            "iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr", "at_hash", "sid",
            "name", "email", "email_verified", "org", "roles", "groups", "permissions"
        ],
        "authorization_response_iss_parameter_supported": true,
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    })
}
