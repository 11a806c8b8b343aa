//! Signing in, one page a step.

pub mod connection;
pub mod identify;
pub mod new_password;
pub mod password;
pub mod second_factor;

use axum::http::header::SET_COOKIE;
use axum::response::Response;

use crate::domain::id::SignInId;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::sign_in::{Onward, SignIn, Step};
use crate::oidc::Parameters;
use crate::sign_in::{self, Opened};
use crate::web::{AppState, CookieKind, Fault, redirect};

/// The invitation that somebody goes back to once they are signed in: its link's secret, and nothing that could lead
/// anywhere else.
pub struct Invitation(Option<String>);

impl Invitation {
    /// The invitation of a link.
    pub fn of(secret: &str) -> Self {
        let is_one = secret.len() == 43
            && secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        Self(is_one.then(|| secret.to_owned()))
    }

    /// The invitation that an address names, if it names one.
    pub fn named(query: Option<&str>) -> Result<Self, Fault> {
        let parameters = Parameters::parse(query.unwrap_or_default())?;
        Ok(parameters.one("invitation")?.map_or(Self(None), Self::of))
    }

    /// What names it in an address.
    pub fn query(&self) -> String {
        let query = |secret: &String| format!("?invitation={secret}");
        self.0.as_ref().map(query).unwrap_or_default()
    }

    /// Where to go on.
    pub fn page(&self) -> Option<String> {
        self.0.as_ref().map(|secret| format!("/invitation/{secret}"))
    }
}

/// Where somebody goes who is signed in now.
pub fn on_to(onward: Onward, back: &Invitation) -> String {
    match (onward, back.page()) {
        (Onward::Home, Some(invitation)) => invitation,
        (onward, _) => onward.address(),
    }
}

/// An answer that hands a new session's cookies to the browser.
pub fn hand_over(mut answer: Response, opened: &Opened, state: &AppState) -> Response {
    let url = &state.config.public_url;
    answer
        .headers_mut()
        .append(SET_COOKIE, CookieKind::Session.set(&opened.session, url));
    if let Some(device) = &opened.device {
        answer
            .headers_mut()
            .append(SET_COOKIE, CookieKind::Device.set(device, url));
    }
    answer
}

/// The sign-in that an address names, in the browser it belongs to.
pub async fn find(state: &AppState, browser: &Secret, id: &str) -> Result<SignIn, Fault> {
    let id: SignInId = id.parse().map_err(|_| Fault::ExpiredFlow)?;
    let (db, now) = (&state.provider.db, state.clock.now());
    sign_in::find(db, id, &browser.hash(Purpose::Browser), now)
        .await?
        .ok_or(Fault::ExpiredFlow)
}

/// To the page of whatever a sign-in asks now.
pub async fn next_page(
    state: &AppState,
    browser: &Secret,
    id: &str,
    back: &Invitation,
) -> Result<Response, Fault> {
    let sign_in = find(state, browser, id).await?;
    let page = match sign_in.step {
        Step::Password { .. } | Step::Passkey => "",
        Step::SecondFactor { .. } => "/second-factor",
        Step::NewPassword { .. } => "/new-password",
    };
    Ok(redirect(&format!(
        "/sign-in/{}{page}{}",
        sign_in.id,
        back.query()
    )))
}
