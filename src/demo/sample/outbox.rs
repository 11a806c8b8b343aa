//! `/outbox`: the mailbox of everybody in the demo, as nobody there has one. Not a thing that a third party would have:
//! it shows what Doorward put into its folder.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{Html, IntoResponse, Response};

use super::Application;
use super::problem::{Problem, STYLESHEET};
use crate::delivery::Kept;

/// The letters, the newest first: `templates/demo/sample/outbox.html`.
#[derive(Template)]
#[template(path = "demo/sample/outbox.html")]
struct OutboxPage {
    stylesheet: &'static str,
    letters: Vec<Line>,
}

/// A letter of the list.
struct Line {
    id: String,
    to: String,
    subject: String,
    at: String,
}

/// A letter may bring its style, and nothing else: no script runs in it, whatever it says.
const LETTER_POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; sandbox";

/// `GET /outbox`
pub(super) async fn list(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    require_own_host(&application, &headers)?;
    let line = |letter: Arc<Kept>| Line {
        id: letter.id.to_string(),
        to: letter.to.clone(),
        subject: letter.written.subject.clone(),
        at: letter.posted_at.to_string(),
    };
    let page = OutboxPage {
        stylesheet: STYLESHEET,
        letters: application
            .settings
            .shelf
            .letters()
            .into_iter()
            .map(line)
            .collect(),
    };
    Ok(Html(page.render()?).into_response())
}

/// `GET /outbox/{letter}`
pub(super) async fn letter(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let letter = find(&application, &headers, &id)?;
    let policy = [(CONTENT_SECURITY_POLICY, HeaderValue::from_static(LETTER_POLICY))];
    Ok((policy, Html(letter.written.html.clone())).into_response())
}

/// `GET /outbox/{letter}/text`
pub(super) async fn text(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let letter = find(&application, &headers, &id)?;
    let kind = [(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    )];
    Ok((kind, letter.written.text.clone()).into_response())
}

fn find(application: &Application, headers: &HeaderMap, id: &str) -> Result<Arc<Kept>, Problem> {
    require_own_host(application, headers)?;
    let letters = application.settings.shelf.letters();
    let found = letters.into_iter().find(|letter| letter.id.to_string() == id);
    found.ok_or(Problem::NotFound)
}

/// Links in letters open accounts: no other site reads them by giving this address a name of its own (DNS rebinding).
fn require_own_host(application: &Application, headers: &HeaderMap) -> Result<(), Problem> {
    let own = application.settings.base_url.strip_prefix("http://");
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    if host.is_some() && host == own {
        Ok(())
    } else {
        Err(Problem::NotFound)
    }
}
