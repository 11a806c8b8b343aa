//! Where an answer may go. Only a destination turns an error or a code into a redirect, and only this file makes one.

use url::Url;

use crate::config::PublicUrl;
use crate::domain::oauth::Application;
use crate::domain::secret::Secret;
use crate::oidc::OAuthError;

/// A redirect URI that its application registered, with what every answer there carries.
#[derive(Debug, Clone)]
pub struct Destination {
    uri: Url,
    state: Option<String>,
    issuer: String,
}

/// An address to send the browser to. It holds a code or an error, so it is never logged.
pub struct RedirectTo(String);

impl Destination {
    /// The destination of a request, if its application registered it (RFC 9700 §2.1: exact string comparison).
    pub fn validate(
        application: &Application,
        redirect_uri: &str,
        state: Option<&str>,
        issuer: &PublicUrl,
    ) -> Option<Self> {
        let native = application.is_public();
        let registered = application
            .redirect_uris
            .iter()
            .any(|uri| uri.admits(redirect_uri, native));
        let uri = Url::parse(redirect_uri).ok().filter(|_| registered)?;
        Some(Self {
            uri,
            state: state.map(str::to_owned),
            issuer: issuer.as_str().to_owned(),
        })
    }

    /// Where a sign-out leads, if its application registered it (RP-Initiated Logout 1.0 §3: exact string comparison).
    pub fn after_logout(
        application: &Application,
        uri: &str,
        state: Option<&str>,
        issuer: &PublicUrl,
    ) -> Option<Self> {
        let registered = application
            .post_logout_redirect_uris
            .iter()
            .any(|registered| registered.admits(uri, false));
        let uri = Url::parse(uri).ok().filter(|_| registered)?;
        Some(Self {
            uri,
            state: state.map(str::to_owned),
            issuer: issuer.as_str().to_owned(),
        })
    }

    /// The answer to a sign-out: `state` and nothing else.
    pub fn signed_out(&self) -> RedirectTo {
        let mut uri = self.uri.clone();
        if let Some(state) = &self.state {
            uri.query_pairs_mut().append_pair("state", state);
        }
        RedirectTo(uri.into())
    }

    /// The answer: a code (RFC 6749 §4.1.2).
    pub fn answer(&self, code: &Secret) -> RedirectTo {
        self.with(&[("code", code.expose())])
    }

    /// The answer: an error (RFC 6749 §4.1.2.1).
    pub fn refuse(&self, error: &OAuthError) -> RedirectTo {
        self.with(&[
            ("error", error.code.as_str()),
            ("error_description", &error.description),
        ])
    }

    /// Every answer carries `state` as it came, and `iss` (RFC 9207 §2).
    fn with(&self, parameters: &[(&str, &str)]) -> RedirectTo {
        let mut uri = self.uri.clone();
        uri.query_pairs_mut().extend_pairs(parameters);
        if let Some(state) = &self.state {
            uri.query_pairs_mut().append_pair("state", state);
        }
        uri.query_pairs_mut().append_pair("iss", &self.issuer);
        RedirectTo(uri.into())
    }

    /// What a form's `form-action` must allow, as browsers check the whole chain of redirects (CSP 3 §6.3.1): the
    /// origin, or the scheme of a native app.
    pub fn form_action(&self) -> String {
        match self.uri.origin() {
            url::Origin::Tuple(..) => self.uri.origin().ascii_serialization(),
            url::Origin::Opaque(_) => format!("{}:", self.uri.scheme()),
        }
    }

    /// The host that a person is shown; the scheme of a native app.
    pub fn host(&self) -> &str {
        self.uri.host_str().unwrap_or(self.uri.scheme())
    }
}

impl RedirectTo {
    /// The address, for the `Location` header.
    pub fn expose(&self) -> &str {
        &self.0
    }
}
