//! Every route there is, grouped by who calls.

use std::any::Any;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use super::{api, scim};
use crate::endpoints::api::{avatars, docs, openapi};
use crate::endpoints::oidc::{authorize, discovery, introspect, logout, revoke, token, userinfo};
use crate::endpoints::{passkeys, saml};
use crate::oidc::MAX_ENCODED_BYTES;
use crate::pages::error::problem::render_faults;
use crate::pages::{
    account, claim, consent, email, enrolment, invitation, organization, password, portal, reports, sign_in,
    signed_out, upstream,
};
use crate::web::{AppState, Around, AskedBy, Fault, assets, require_same_origin};

/// The whole surface.
pub(super) fn router(state: AppState) -> Router {
    let same_origin = from_fn_with_state(state.clone(), require_same_origin);
    let shown_as_pages = for_people()
        .route_layer(same_origin)
        .merge(for_anybody())
        .fallback(nothing_here)
        .layer(CatchPanicLayer::custom(answer_for_a_panic))
        .layer(from_fn(render_faults))
        .layer(DefaultBodyLimit::max(MAX_ENCODED_BYTES));
    shown_as_pages
        .layer(Around::new(&state, AskedBy::People))
        .merge(api::routes(&state).layer(Around::new(&state, AskedBy::Programs)))
        .merge(scim::routes(&state).layer(Around::new(&state, AskedBy::Programs)))
        .merge(for_clients().layer(Around::new(&state, AskedBy::Programs)))
        .with_state(state)
}

/// Called by applications. They read their bodies themselves, bounded.
fn for_clients() -> Router<AppState> {
    Router::new()
        .route("/.well-known/openid-configuration", get(discovery::configuration))
        .route(
            "/.well-known/oauth-authorization-server",
            get(discovery::configuration),
        )
        .route("/oauth2/jwks", get(discovery::jwks))
        .route("/openapi.json", get(openapi::show))
        .route("/oauth2/token", post(token::token))
        .route("/oauth2/introspect", post(introspect::show))
        .route("/oauth2/revoke", post(revoke::end))
        .route("/oauth2/userinfo", get(userinfo::show).post(userinfo::show))
}

/// Seen by people. A POST here comes from our own pages or not at all.
fn for_people() -> Router<AppState> {
    Router::new()
        .route("/", get(account::home::show))
        .merge(about_oneself())
        .route("/console/{org}/reports/access", get(reports::access::show))
        .route("/console/{org}/reports/sign-ins", get(reports::sign_ins::show))
        .route(
            "/claim/{secret}",
            get(claim::form::show).post(claim::form::submit),
        )
        .route(
            "/invitation/{secret}",
            get(invitation::accept::show).post(invitation::accept::submit),
        )
        .route(
            "/sign-in",
            get(sign_in::identify::show).post(sign_in::identify::submit),
        )
        .route("/sign-in/passkey", post(sign_in::identify::submit_passkey))
        .route("/sign-in/passkey/begin", post(passkeys::begin))
        .route(
            "/sign-in/{sign_in}",
            get(sign_in::password::show).post(sign_in::password::submit),
        )
        .route("/sign-in/{sign_in}/connection", get(sign_in::connection::show))
        .route(
            "/sign-in/{sign_in}/connection/{connection}",
            get(sign_in::connection::begin),
        )
        .route("/o/{organization}/login", get(organization::login::show))
        .route(
            "/o/{organization}/login/{connection}",
            get(organization::login::begin),
        )
        .route("/sign-out/{handle}", get(signed_out::go_on))
        .route("/upstream/{connection}/callback", get(upstream::callback))
        .route("/upstream/{connection}/signed-out", get(upstream::signed_out))
        .route("/upstream/link", get(upstream::link::show))
        .route(
            "/sign-in/{sign_in}/second-factor",
            get(sign_in::second_factor::show).post(sign_in::second_factor::submit),
        )
        .route(
            "/organization/{request}",
            get(organization::choose::show).post(organization::choose::submit),
        )
        .route(
            "/enrolment/{request}",
            get(enrolment::choose::show).post(enrolment::choose::submit),
        )
        .route(
            "/consent/{request}",
            get(consent::form::show).post(consent::form::submit),
        )
        .route(
            "/sign-out",
            get(signed_out::confirm::show).post(signed_out::confirm::submit),
        )
        .route(
            "/sign-in/{sign_in}/new-password",
            get(sign_in::new_password::show).post(sign_in::new_password::submit),
        )
        .route(
            "/password/forgot",
            get(password::forgot::show).post(password::forgot::submit),
        )
        .route("/password/sent", get(password::sent::show))
        .route(
            "/password/reset/{secret}",
            get(password::reset::show).post(password::reset::submit),
        )
        .route("/password/changed", get(password::changed::show))
        .route("/email/changed", get(email::changed::show))
        .route(
            "/email/{secret}",
            get(email::confirm::show).post(email::confirm::submit),
        )
        .route("/signed-out", get(signed_out::done::show))
        .merge(by_set_up_link())
}

/// A tenant's own IT, by a link. A provider's metadata is longer than other forms.
fn by_set_up_link() -> Router<AppState> {
    Router::new()
        .route("/portal/{secret}", get(portal::show))
        .route("/portal/{secret}/choose", get(portal::choose::show))
        .route(
            "/portal/{secret}/set-up",
            get(portal::set_up::show)
                .post(portal::set_up::submit)
                .layer(DefaultBodyLimit::max(portal::MOST_BYTES)),
        )
        .route("/portal/{secret}/try", get(portal::try_it))
        .route(
            "/portal/{secret}/mapping",
            get(portal::mapping::show).post(portal::mapping::submit),
        )
        .route(
            "/portal/{secret}/check",
            get(portal::check::show).post(portal::check::submit),
        )
}

/// One's own account, and the way to lock it.
fn about_oneself() -> Router<AppState> {
    Router::new()
        .route(
            "/account/authenticator",
            get(account::authenticator::show).post(account::authenticator::submit),
        )
        .route(
            "/account/recovery-codes",
            get(account::recovery_codes::show).post(account::recovery_codes::submit),
        )
        .route(
            "/account/phone",
            get(account::phone::show).post(account::phone::submit),
        )
        .route("/account/passkeys", get(account::passkeys::list::show))
        .route(
            "/account/passkeys/new",
            get(account::passkeys::new::show).post(account::passkeys::new::submit),
        )
        .route(
            "/account/passkeys/{passkey}",
            post(account::passkeys::list::submit),
        )
        .route("/account/security", get(account::security::show))
        .route(
            "/account/sessions",
            get(account::sessions::show).post(account::sessions::submit),
        )
        .route(
            "/account/alerts",
            get(account::alerts::show).post(account::alerts::submit),
        )
        .route(
            "/account/api-keys",
            get(account::api_keys::show).post(account::api_keys::submit),
        )
        .route(
            "/account/connections",
            get(account::connections::show).post(account::connections::submit),
        )
        .route(
            "/account/connections/{connection}",
            get(account::connections::begin),
        )
        .route("/account/locked", get(account::locked::show))
        .route(
            "/account/not-me/{secret}",
            get(account::not_me::show).post(account::not_me::submit),
        )
        .route("/account/reports/access", get(reports::access::show_own))
        .route("/account/reports/sign-ins", get(reports::sign_ins::show_own))
        .route(
            "/account/password",
            get(account::password::show).post(account::password::submit),
        )
}

/// Where applications send people, and what every page loads.
fn for_anybody() -> Router<AppState> {
    Router::new()
        .route(
            "/oauth2/authorize",
            get(authorize::begin).post(authorize::begin_by_post),
        )
        .route("/oauth2/authorize/{request}", get(authorize::resume))
        .route("/oauth2/logout", get(logout::begin).post(logout::begin_by_post))
        .route("/saml/sp/{connection}/metadata", get(saml::sp::metadata))
        .route(
            "/saml/sp/{connection}/acs",
            get(saml::sp::read)
                .post(saml::sp::take)
                .layer(DefaultBodyLimit::max(saml::MOST_BYTES)),
        )
        .route(
            "/saml/sp/{connection}/slo",
            get(saml::slo::of_connection)
                .post(saml::slo::of_connection_by_post)
                .layer(DefaultBodyLimit::max(saml::MOST_BYTES)),
        )
        .route(
            "/saml/idp/{application}/slo",
            get(saml::slo::of_application)
                .post(saml::slo::of_application_by_post)
                .layer(DefaultBodyLimit::max(saml::MOST_BYTES)),
        )
        .route("/saml/idp/{application}/metadata", get(saml::idp::metadata))
        .route(
            "/saml/idp/{application}/sso",
            get(saml::idp::begin)
                .post(saml::idp::begin_by_post)
                .layer(DefaultBodyLimit::max(saml::MOST_BYTES)),
        )
        .route("/saml/idp/{application}/sso/{request}", get(saml::idp::resume))
        .route("/avatars/{avatar}", get(avatars::show))
        .route("/docs", get(docs::show))
        .route("/assets/doorward.css", get(assets::stylesheet))
        .route("/assets/emblem.svg", get(assets::emblem))
        .route("/assets/webauthn.js", get(assets::webauthn))
        .route("/assets/onward.js", get(assets::onward))
}

async fn nothing_here() -> Fault {
    Fault::NotFound
}

/// One request's panic is that request's 500, shown as a page to people.
fn answer_for_a_panic(_: Box<dyn Any + Send>) -> Response {
    Fault::Server("a handler panicked".into()).into_response()
}
