//! The nouns of OAuth 2 and OpenID Connect, each read once at the edge and never checked again inside.

mod application;
mod authorization;
mod family;
mod grant_type;
mod pkce;
mod redirect_uri;
mod scope;

pub use application::{Application, ClientAuthentication, OpenTo};
pub use authorization::{
    Answer, AssertionRequest, AuthorizationCode, AuthorizationRequest, CodeRequest, Prompt,
};
pub use family::Family;
pub use grant_type::{GrantType, UnknownGrantType};
pub use pkce::{CodeChallenge, CodeVerifier, PkceError};
pub use redirect_uri::{BadRedirectUri, RedirectUri};
pub use scope::{BadScope, Scope};
