//! Who is calling: address, cookies, and the session they stand for.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use super::trusted_proxies::client_address;
use super::{AppState, Arrival, CookieKind, Cookies, Fault};
use crate::audit::Origin;
use crate::domain::secret::{Purpose, Secret};
use crate::random;
use crate::sign_in::{self, SignedIn, Visitor};

/// The longest user agent that is kept, in characters.
const MAX_USER_AGENT: usize = 256;

/// Whoever sent a request.
pub struct Caller {
    /// Where from.
    pub origin: Origin,
    /// Who is signed in, if the session is alive.
    pub signed_in: Option<SignedIn>,
    /// The session cookie, good or not.
    pub session: Option<Secret>,
    browser: Option<Secret>,
    device: Option<Secret>,
}

/// A browser with its cookie: the one it brought, or one it is given with the answer.
pub struct Browser {
    /// The cookie.
    pub secret: Secret,
    is_new: bool,
}

impl FromRequestParts<AppState> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Fault> {
        let origin = origin(parts, state);
        let now = state.clock.now();
        let cookies = Cookies::of(&parts.headers, &state.config.public_url);
        let session = cookies.get(CookieKind::Session);
        let signed_in = match &session {
            Some(secret) => {
                let mut snapshot = state.provider.db.snapshot().await?;
                sign_in::current(&mut snapshot.tx(), &secret.hash(Purpose::Session), now).await?
            }
            None => None,
        };
        if let Some(signed_in) = &signed_in {
            // A full disk must not keep anybody from reading.
            if let Err(error) = sign_in::touch(&state.provider.db, &signed_in.session, now).await {
                tracing::warn!(%error, "can't note that a session is in use");
            }
        }
        let (browser, device) = (cookies.get(CookieKind::Browser), cookies.get(CookieKind::Device));
        Ok(Self {
            origin,
            signed_in,
            session,
            browser,
            device,
        })
    }
}

/// Address and program of a request.
pub fn origin(parts: &Parts, state: &AppState) -> Origin {
    let arrival = parts.extensions.get::<Arrival>();
    let peer = arrival.map_or(IpAddr::from([0, 0, 0, 0]), |arrival| arrival.peer.ip());
    let user_agent = parts
        .headers
        .get(USER_AGENT)
        .and_then(|header| header.to_str().ok())
        .unwrap_or_default();
    Origin {
        address: client_address(peer, &parts.headers, &state.config.trusted_proxies),
        user_agent: user_agent.chars().take(MAX_USER_AGENT).collect(),
    }
}

impl Caller {
    /// The browser's cookie, or a new one.
    pub fn browser(&self) -> Browser {
        match &self.browser {
            Some(secret) => Browser {
                secret: Secret::received(secret.expose()),
                is_new: false,
            },
            None => Browser {
                secret: random::secret(),
                is_new: true,
            },
        }
    }

    /// The browser's cookie if it brought one: what answers a form must have got the form first.
    pub fn known_browser(&self) -> Result<&Secret, Fault> {
        self.browser.as_ref().ok_or(Fault::ExpiredFlow)
    }

    /// What signing in needs to know of the caller.
    pub fn visitor(&self, browser: &Secret) -> Visitor {
        Visitor {
            origin: self.origin.clone(),
            browser: browser.hash(Purpose::Browser),
            device: self.device.as_ref().map(|secret| secret.hash(Purpose::Device)),
            session: self.signed_in.as_ref().map(|signed_in| signed_in.session.id),
        }
    }
}

impl Browser {
    /// An answer that hands over the cookie if it is new.
    pub fn remember(&self, answer: impl IntoResponse, state: &AppState) -> Response {
        let mut response = answer.into_response();
        if self.is_new {
            let header = CookieKind::Browser.set(&self.secret, &state.config.public_url);
            response.headers_mut().append(SET_COOKIE, header);
        }
        response
    }
}
