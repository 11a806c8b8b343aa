//! The pages and their contexts: home, the tokens of whoever is signed in, and the way out.
//!
//! The way out is the application's own: the person stays signed in at the provider.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde_json::Value;

use super::Application;
use super::claims::{CheckedToken, Claims, in_words, text, texts};
use super::problem::{Problem, STYLESHEET};

#[derive(Template)]
#[template(path = "demo/sample/home.html")]
struct HomePage {
    stylesheet: &'static str,
}

/// Who is signed in: what the tokens said and how they were checked, as the page shows it.
#[derive(Template)]
#[template(path = "demo/sample/tokens.html")]
pub(super) struct TokensPage {
    /// Always [`STYLESHEET`].
    pub(super) stylesheet: &'static str,
    /// What to call the person.
    pub(super) name: String,
    /// The address signed in with.
    pub(super) email: String,
    /// The name of the organization the tokens are for.
    pub(super) organization: String,
    /// Roles held there.
    pub(super) roles: Vec<String>,
    /// Permissions by product, the ones for all products first.
    pub(super) permissions: Vec<(String, Vec<String>)>,
    /// The id token's claims, in words.
    pub(super) id_claims: Vec<(String, String)>,
    /// The access token's claims, in words.
    pub(super) access_claims: Vec<(String, String)>,
    /// What was checked of the id token.
    pub(super) id_checks: Vec<String>,
    /// What was checked of the access token.
    pub(super) access_checks: Vec<String>,
}

impl TokensPage {
    /// Who the id token is about, and what the access token lets them do.
    pub(super) fn of(id_token: CheckedToken, access_token: CheckedToken) -> Self {
        let said = |name| text(&id_token.claims, name);
        let subject = said("sub").unwrap_or_default();
        let organization = access_token
            .claims
            .get("org")
            .and_then(|org| org.get("name")?.as_str());
        Self {
            stylesheet: STYLESHEET,
            name: said("name")
                .or_else(|| said("email"))
                .unwrap_or_else(|| subject.clone()),
            email: said("email").unwrap_or(subject),
            organization: organization.unwrap_or("no organization").to_owned(),
            roles: texts(access_token.claims.get("roles")),
            permissions: permissions(&access_token.claims),
            id_claims: in_words(&id_token.claims),
            access_claims: in_words(&access_token.claims),
            id_checks: id_token.checks,
            access_checks: access_token.checks,
        }
    }
}

/// `*` sorts before every product's id.
fn permissions(claims: &Claims) -> Vec<(String, Vec<String>)> {
    let by_product = claims
        .get("permissions")
        .and_then(Value::as_object)
        .into_iter()
        .flatten();
    let mut listed: Vec<_> = by_product
        .map(|(product, names)| (product.as_str(), texts(Some(names))))
        .collect();
    listed.sort();
    let name = |product| if product == "*" { "All products" } else { product };
    listed
        .into_iter()
        .map(|(product, names)| (name(product).to_owned(), names))
        .collect()
}

/// `GET /`: the way in, or on to the tokens if signed in.
pub(super) async fn home(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    if application.sessions.signed_in(&headers).is_some() {
        return Ok(Redirect::to("/tokens").into_response());
    }
    Ok(Html(
        HomePage {
            stylesheet: STYLESHEET,
        }
        .render()?,
    )
    .into_response())
}

/// `GET /tokens`: who is signed in, or back to the start.
pub(super) async fn tokens(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    match application.sessions.signed_in(&headers) {
        Some(person) => Ok(Html(person.render()?).into_response()),
        None => Ok(Redirect::to("/").into_response()),
    }
}

/// `POST /logout`: forgets who is signed in. The cookie is Lax, so another site's form comes without it.
pub(super) async fn logout(
    State(application): State<Arc<Application>>,
    headers: HeaderMap,
) -> impl IntoResponse {
    (
        [(SET_COOKIE, application.sessions.forget(&headers))],
        Redirect::to("/"),
    )
}

/// `GET /sample.css`.
pub(super) async fn stylesheet() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, "text/css; charset=utf-8")],
        include_str!("../../../templates/demo/sample/sample.css"),
    )
}

/// Anything else.
pub(super) async fn not_found() -> Problem {
    Problem::NotFound
}
