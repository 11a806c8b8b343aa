//! `/o/{organization}/login`: an organization's own way in. To a stranger, one without such a way and one that isn't there
//! are the same (C9).

use askama::Template;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::sign_in::Onward;
use crate::domain::upstream::UpstreamPurpose;
use crate::pages::long;
use crate::pages::sign_in::identify;
use crate::pages::upstream::leave;
use crate::storage::{connections, organizations};
use crate::upstream::Hint;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, page};

/// The page: `templates/organization/login.html`.
#[derive(Template)]
#[template(path = "organization/login.html")]
pub struct LoginPage {
    /// The frame.
    pub page: Frame,
    /// What people call it.
    pub organization: String,
    /// Where one can go, name and address.
    pub connections: Vec<(String, String)>,
}

impl LoginPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |organization: &str, names: &[&str]| Self {
            page: Frame::english(),
            organization: organization.to_owned(),
            connections: names
                .iter()
                .map(|name| ((*name).to_owned(), "/o/acme/login/sample".to_owned()))
                .collect(),
        };
        vec![
            ("usual", of("Acme", &["Acme Entra", "Acme Okta"])),
            ("long", of(long::NAME, &[long::NAME, "Acme Okta"])),
        ]
    }
}

/// `GET /o/{organization}/login`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(slug): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let Some((organization, found)) = find(&state, &slug).await? else {
        return Ok(identify::unknown_organization(&state, &caller));
    };
    if let [only] = found.as_slice() {
        return go(&state, &caller, &headers, only.id).await;
    }
    let address = |connection: &Connection| format!("/o/{}/login/{}", organization.name, connection.id);
    let shown = LoginPage {
        page: Frame::english(),
        organization: organization.display_name.to_string(),
        connections: found
            .iter()
            .map(|connection| (connection.name.to_string(), address(connection)))
            .collect(),
    };
    Ok(caller.browser().remember(page(&shown, &FormAction::Own), &state))
}

/// `GET /o/{organization}/login/{connection}`
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    Path((slug, connection)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let found = find(&state, &slug).await?;
    let chosen = connection.parse::<ConnectionId>().ok();
    let chosen = chosen.filter(|chosen| {
        found
            .as_ref()
            .is_some_and(|(_, found)| found.iter().any(|one| one.id == *chosen))
    });
    match chosen {
        Some(chosen) => go(&state, &caller, &headers, chosen).await,
        None => Ok(identify::unknown_organization(&state, &caller)),
    }
}

/// The organization of a slug with the connections that people come by, if there are any.
async fn find(state: &AppState, slug: &str) -> Result<Option<(Organization, Vec<Connection>)>, Fault> {
    let Ok(name) = OrganizationName::parse(slug) else {
        return Ok(None);
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let Some(organization) = organizations::by_name(tx, &name).await? else {
        return Ok(None);
    };
    let found = connections::enabled(tx, organization.id).await?;
    Ok((!found.is_empty()).then_some((organization, found)))
}

/// Away, for whoever comes in a window of their own: no image or frame on another site sends anybody there.
async fn go(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    connection: ConnectionId,
) -> Result<Response, Fault> {
    match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
        None | Some(b"document") => {}
        Some(_) => return Err(Fault::ForbiddenOrigin),
    }
    let (browser, now) = (caller.browser(), state.clock.now());
    let purpose = UpstreamPurpose::SignIn(Onward::Home);
    let visitor = caller.visitor(&browser.secret);
    let hint = Hint::default();
    let begun = state
        .upstream
        .begin(&visitor, connection, purpose, &hint, now)
        .await?;
    Ok(browser.remember(leave(begun, purpose)?, state))
}
