//! `/sign-in/{sign_in}/connection`: an address in a company's own domain leads to its provider, whether or not anybody here
//! has it; and there is always another way.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::find;
use crate::domain::connection::Connection;
use crate::domain::email::Email;
use crate::domain::id::ConnectionId;
use crate::domain::session::ProofSource;
use crate::domain::sign_in::{SignIn, Step};
use crate::domain::upstream::UpstreamPurpose;
use crate::pages::long;
use crate::pages::upstream::leave;
use crate::storage::connections;
use crate::upstream::Hint;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, Waiting, page, redirect};

/// The page: `templates/sign_in/connection.html`.
#[derive(Template)]
#[template(path = "sign_in/connection.html")]
pub struct ConnectionPage {
    /// The frame.
    pub page: Frame,
    /// Who is signing in.
    pub email: String,
    /// Where one can go, name and address; one at least.
    pub connections: Vec<(String, String)>,
    /// The other way.
    pub otherwise: String,
    /// Which application waits.
    pub application: Option<String>,
}

impl ConnectionPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |email: &str, names: &[&str], application: Option<&str>| Self {
            page: Frame::english(),
            email: email.to_owned(),
            connections: names
                .iter()
                .map(|name| ((*name).to_owned(), "/sign-in/sample/connection/sample".to_owned()))
                .collect(),
            otherwise: "/sign-in/sample".to_owned(),
            application: application.map(str::to_owned),
        };
        let alice = "alice@acme.example";
        vec![
            ("one", of(alice, &["Acme Entra"], None)),
            ("application", of(alice, &["Acme Entra"], Some("Acme Fleet"))),
            ("several", of(alice, &["Acme Entra", "Acme Okta"], None)),
            (
                "long",
                of(long::EMAIL, &[long::NAME, "Acme Okta"], Some(long::APPLICATION)),
            ),
        ]
    }
}

/// `GET /sign-in/{sign_in}/connection`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let sign_in = find(&state, caller.known_browser()?, &id).await?;
    let email = email_of(&sign_in)?;
    let found = of_domain(&state, email).await?;
    let otherwise = format!("/sign-in/{}", sign_in.id);
    if found.is_empty() {
        return Ok(redirect(&otherwise));
    }
    let waiting = Waiting::find(&state, &caller, sign_in.onward.request()).await?;
    let address = |connection: &Connection| format!("{otherwise}/connection/{}", connection.id);
    let shown = ConnectionPage {
        page: Frame::english(),
        email: email.to_string(),
        connections: found
            .iter()
            .map(|connection| (connection.name.to_string(), address(connection)))
            .collect(),
        otherwise: otherwise.clone(),
        application: waiting.map(|waiting| waiting.application.name.to_string()),
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `GET /sign-in/{sign_in}/connection/{connection}`: a link and no form, as browsers would hold a form's whole way to the
/// provider and back against its policy.
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    Path((id, connection)): Path<(String, String)>,
) -> Result<Response, Fault> {
    let browser = caller.known_browser()?;
    let sign_in = find(&state, browser, &id).await?;
    let email = email_of(&sign_in)?;
    let connection: ConnectionId = connection.parse().map_err(|_| Fault::NotFound)?;
    let found = of_domain(&state, email).await?;
    if !found.iter().any(|found| found.id == connection) {
        return Err(Fault::NotFound);
    }
    let waiting = Waiting::find(&state, &caller, sign_in.onward.request()).await?;
    let hint = Hint {
        email: Some(email.clone()),
        max_age: max_age(&caller, waiting.as_ref(), connection),
    };
    let purpose = UpstreamPurpose::SignIn(sign_in.onward);
    let (visitor, now) = (caller.visitor(browser), state.clock.now());
    let begun = state
        .upstream
        .begin(&visitor, connection, purpose, &hint, now)
        .await?;
    leave(begun, purpose)
}

/// The connections that an address leads to.
pub(super) async fn of_domain(state: &AppState, email: &Email) -> Result<Vec<Connection>, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    Ok(connections::of_domain(&mut snapshot.tx(), email.domain()).await?)
}

/// How long ago one may have proved oneself there: as long as the application says, and anew if one came by the same
/// connection before and is asked again.
fn max_age(caller: &Caller, waiting: Option<&Waiting>, connection: ConnectionId) -> Option<u32> {
    let came_by_it = caller.signed_in.as_ref().is_some_and(|signed_in| {
        let mut proofs = signed_in.session.proofs.iter();
        proofs.any(|proof| matches!(proof.source, ProofSource::Connection { id, .. } if id == connection))
    });
    let asked = waiting.map(|waiting| &waiting.row.request);
    if came_by_it || asked.is_some_and(|asked| asked.prompt.login) {
        return Some(0);
    }
    asked.and_then(|asked| asked.max_age)
}

fn email_of(sign_in: &SignIn) -> Result<&Email, Fault> {
    match &sign_in.step {
        Step::Password { email } => Ok(email),
        _ => Err(Fault::ExpiredFlow),
    }
}
