//! Pages about one's own account.

pub mod alerts;
pub mod api_keys;
pub mod authenticator;
pub mod connections;
pub mod home;
pub mod locked;
pub mod not_me;
pub mod not_me_over;
pub mod passkeys;
pub mod password;
pub mod phone;
pub mod recovery_codes;
pub mod security;
pub mod sessions;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};

use crate::directory::{Credential, DirectoryError, Requester};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::{AccountPage, Onward};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::pages::sign_in::identify;
use crate::storage::{applications, authorization_requests};
use crate::web::{AppState, Caller, Fault, csrf_token, redirect};

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

/// An application that waits while somebody looks after their account.
pub struct WaitingApplication {
    /// Where it goes on.
    pub address: String,
    /// What it is called.
    pub name: String,
}

impl WaitingApplication {
    /// The newest one in this browser, if one waits.
    pub async fn find(state: &AppState, caller: &Caller) -> Result<Option<Self>, Fault> {
        let Ok(browser) = caller.known_browser() else {
            return Ok(None);
        };
        let mut snapshot = state.provider.db.snapshot().await?;
        let (tx, browser) = (&mut snapshot.tx(), browser.hash(Purpose::Browser));
        let waiting = authorization_requests::latest_in(tx, &browser, state.clock.now()).await?;
        let Some(waiting) = waiting else { return Ok(None) };
        let application = applications::active(tx, waiting.application).await?;
        Ok(application.map(|application| Self {
            address: Onward::Request(waiting.id).address(),
            name: application.name.to_string(),
        }))
    }
}

/// To prove oneself anew, and then back to the page: what `DirectoryError::NotFresh` becomes.
pub fn again(page: AccountPage) -> Response {
    redirect(&format!(
        "{}&reason=again",
        identify::address(Onward::Account(page))
    ))
}

/// What a use case refused on a page about oneself: whoever proved themselves too long ago does it anew, and comes back.
pub fn refused(error: DirectoryError, page: AccountPage) -> Result<Response, Fault> {
    match error {
        DirectoryError::NotFresh => Ok(again(page)),
        DirectoryError::Unauthenticated => Ok(redirect(&identify::address(Onward::Account(page)))),
        other => Err(other.into()),
    }
}

/// `2026-11-22 09:30`
pub fn minute(at: Timestamp) -> String {
    let text = at.to_string().replace('T', " ");
    text.chars().take("2026-11-22 09:30".len()).collect()
}
