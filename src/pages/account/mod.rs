//! Pages about one's own account.

pub mod home;
pub mod password;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::directory::{Credential, Requester};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::{AccountPage, Onward};
use crate::domain::user::User;
use crate::pages::sign_in::identify;
use crate::web::{AppState, Caller, csrf_token, redirect};

/// Whoever is signed in, asking about themselves. Nobody else gets to a page that takes this: they sign in first, and come
/// back.
pub struct Myself {
    /// Where they call from.
    pub caller: Caller,
    /// Who they are.
    pub user: User,
    /// As `directory` knows them.
    pub requester: Requester,
    session: Secret,
}

impl Myself {
    /// The token of a form on their page.
    pub fn csrf(&self) -> String {
        csrf_token(&self.session)
    }

    /// The session's cookie: what forms are verified by.
    pub fn session(&self) -> &Secret {
        &self.session
    }
}

impl FromRequestParts<AppState> for Myself {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let caller = Caller::from_request_parts(parts, state).await;
        let caller = caller.map_err(IntoResponse::into_response)?;
        let (Some(signed_in), Some(session)) = (&caller.signed_in, &caller.session) else {
            let named = parts.uri.path().split('/').nth(2);
            let onward = named
                .and_then(AccountPage::parse)
                .map_or(Onward::Home, Onward::Account);
            return Err(redirect(&identify::address(onward)));
        };
        let (user, session) = (signed_in.user.clone(), Secret::received(session.expose()));
        let requester = Requester {
            credential: Credential::Session(session.hash(Purpose::Session)),
            now: state.clock.now(),
            origin: Some(caller.origin.clone()),
            keyring: state.provider.keyring.clone(),
        };
        Ok(Self {
            caller,
            user,
            requester,
            session,
        })
    }
}

/// To prove oneself anew, and then back to the page: what `DirectoryError::NotFresh` becomes.
pub fn again(page: AccountPage) -> Response {
    redirect(&format!(
        "{}&reason=again",
        identify::address(Onward::Account(page))
    ))
}
