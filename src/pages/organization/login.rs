//! `/o/{organization}/login`: an organization's own way in. To a stranger, one without such a way and one that isn't there
//! are the same (C9).

use askama::Template;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::domain::connection::Connection;
use crate::domain::id::ConnectionId;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::sign_in::Onward;
use crate::domain::upstream::UpstreamPurpose;
use crate::oidc::Parameters;
use crate::pages::long;
use crate::pages::sign_in::identify;
use crate::pages::upstream::leave;
use crate::storage::{connections, organizations};
use crate::upstream::Hint;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, Waiting, page};

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

/// `GET /o/{organization}/login?request=…`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(slug): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let onward = onward_of(&state, &caller, query.as_deref()).await?;
    let Some((organization, found)) = find(&state, &slug).await? else {
        return Ok(identify::unknown_organization(&state, &caller));
    };
    if let [only] = found.as_slice() {
        return go(&state, &caller, &headers, only.id, onward).await;
    }
    let request = onward
        .request()
        .map_or_else(String::new, |id| format!("?request={id}"));
    let address =
        |connection: &Connection| format!("/o/{}/login/{}{request}", organization.name, connection.id);
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

/// `GET /o/{organization}/login/{connection}?request=…`
pub async fn begin(
    State(state): State<AppState>,
    caller: Caller,
    Path((slug, connection)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Fault> {
    let onward = onward_of(&state, &caller, query.as_deref()).await?;
    let found = find(&state, &slug).await?;
    let chosen = connection.parse::<ConnectionId>().ok();
    let chosen = chosen.filter(|chosen| {
        found
            .as_ref()
            .is_some_and(|(_, found)| found.iter().any(|one| one.id == *chosen))
    });
    match chosen {
        Some(chosen) => go(&state, &caller, &headers, chosen, onward).await,
        None => Ok(identify::unknown_organization(&state, &caller)),
    }
}

/// What goes on afterwards: the request that an application left waiting in this very browser, or nothing.
async fn onward_of(state: &AppState, caller: &Caller, query: Option<&str>) -> Result<Onward, Fault> {
    let parameters = Parameters::parse(query.unwrap_or_default())?;
    let Some(id) = parameters.one("request")? else {
        return Ok(Onward::Home);
    };
    let id = id.parse().map_err(|_| Fault::ExpiredFlow)?;
    Waiting::find(state, caller, Some(id)).await?;
    Ok(Onward::Request(id))
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
    onward: Onward,
) -> Result<Response, Fault> {
    match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
        None | Some(b"document") => {}
        Some(_) => return Err(Fault::ForbiddenOrigin),
    }
    let (browser, now) = (caller.browser(), state.clock.now());
    let purpose = UpstreamPurpose::SignIn(onward);
    let visitor = caller.visitor(&browser.secret);
    let hint = Hint::default();
    let begun = state
        .upstream
        .begin(&visitor, connection, purpose, &hint, now)
        .await?;
    Ok(browser.remember(leave(begun, purpose)?, state))
}
