//! The routes of the API, grouped by what they are about. Each is described in `endpoints::api::openapi` too, and told of
//! in `tests/it/api/coverage`.

use std::any::Any;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, delete, get, patch, post, put};
use tower_http::catch_panic::CatchPanicLayer;

use crate::endpoints::api::{
    self, Problem, access, alerts, api_keys, application_saml, applications, audit_logs, audit_proof,
    billing, connections, domains, grants, group_members, groups, invitation_batches, invitations, limits,
    me, member_batches, members, organizations, password_resets, portal_links, products, reports,
    review_completion, review_items, reviews, role_templates, roles, scim_tokens, second_factors, security,
    sessions, usage, users,
};
use crate::web::AppState;

/// The API.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .merge(organizations_themselves())
        .merge(about_people())
        .merge(about_access())
        .merge(about_reviews())
        .merge(about_programs())
        .merge(about_connections())
        .merge(about_the_past())
        .merge(about_oneself())
        .route("/v2", any(no_such_route))
        .route("/v2/", any(no_such_route))
        .route("/v2/{*rest}", any(no_such_route))
        .layer(CatchPanicLayer::custom(answer_for_a_panic))
        .layer(from_fn_with_state(state.clone(), api::limit))
        .layer(from_fn_with_state(state.clone(), api::tell_problems))
}

/// What an organization is, asks, may have and uses.
fn organizations_themselves() -> Router<AppState> {
    Router::new()
        .route(
            "/v2/organizations",
            get(organizations::list).post(organizations::create),
        )
        .route(
            "/v2/organizations/{org}",
            get(organizations::get)
                .patch(organizations::update)
                .delete(organizations::delete),
        )
        .route("/v2/organizations/{org}/transfer", post(organizations::transfer))
        .route(
            "/v2/organizations/{org}/security",
            get(security::get).patch(security::update),
        )
        .route(
            "/v2/organizations/{org}/billing",
            get(billing::get).patch(billing::update),
        )
        .route(
            "/v2/organizations/{org}/limits",
            get(limits::get).patch(limits::update),
        )
        .route(
            "/v2/organizations/{org}/usage",
            get(usage::list).put(usage::report),
        )
        .route("/v2/organizations/{org}/usage/reservations", post(usage::reserve))
        .route(
            "/v2/organizations/{org}/usage/reservations/{reservation}",
            get(usage::get_reservation).delete(usage::release),
        )
}

/// Who belongs to an organization, is invited, or is there at all.
fn about_people() -> Router<AppState> {
    Router::new()
        .route("/v2/organizations/{org}/members", get(members::list))
        .route(
            "/v2/organizations/{org}/members/batch",
            post(member_batches::change),
        )
        .route(
            "/v2/organizations/{org}/members/{user}",
            get(members::get).patch(members::update).delete(members::remove),
        )
        .route(
            "/v2/organizations/{org}/members/{user}/second-factors",
            delete(second_factors::remove),
        )
        .route(
            "/v2/organizations/{org}/invitations",
            get(invitations::list).post(invitations::create),
        )
        .route(
            "/v2/organizations/{org}/invitations/batch",
            post(invitation_batches::create),
        )
        .route(
            "/v2/organizations/{org}/invitations/batch/resend",
            post(invitation_batches::resend),
        )
        .route(
            "/v2/organizations/{org}/invitations/batch/cancel",
            post(invitation_batches::cancel),
        )
        .route(
            "/v2/organizations/{org}/invitations/{invitation}",
            get(invitations::get).delete(invitations::cancel),
        )
        .route(
            "/v2/organizations/{org}/invitations/{invitation}/resend",
            post(invitations::resend),
        )
        .route(
            "/v2/organizations/{org}/members/{user}/password-reset",
            post(password_resets::send),
        )
        .route("/v2/password-resets", post(password_resets::ask))
        .route("/v2/organizations/{org}/domains", get(domains::list))
        .route(
            "/v2/organizations/{org}/domains/{domain}",
            get(domains::get).put(domains::put).delete(domains::delete),
        )
        .route(
            "/v2/organizations/{org}/domains/{domain}/challenge",
            post(domains::challenge),
        )
        .route(
            "/v2/organizations/{org}/domains/{domain}/verify",
            post(domains::verify),
        )
        .route("/v2/users", get(users::list))
        .route(
            "/v2/users/{user}",
            get(users::get).patch(users::update).delete(users::delete),
        )
}

/// Who may do what: roles, groups, grants.
fn about_access() -> Router<AppState> {
    Router::new()
        .route("/v2/organizations/{org}/access/explain", post(access::explain))
        .route("/v2/role-templates", get(role_templates::get))
        .route(
            "/v2/organizations/{org}/roles",
            get(roles::list).post(roles::create),
        )
        .route(
            "/v2/organizations/{org}/roles/{role}",
            get(roles::get).patch(roles::update).delete(roles::delete),
        )
        .route(
            "/v2/organizations/{org}/groups",
            get(groups::list).post(groups::create),
        )
        .route(
            "/v2/organizations/{org}/groups/{group}",
            get(groups::get).patch(groups::update).delete(groups::delete),
        )
        .route(
            "/v2/organizations/{org}/groups/{group}/members",
            get(group_members::list),
        )
        .route(
            "/v2/organizations/{org}/groups/{group}/members/batch",
            post(group_members::batch),
        )
        .route(
            "/v2/organizations/{org}/groups/{group}/members/{user}",
            put(group_members::put).delete(group_members::remove),
        )
        .route(
            "/v2/organizations/{org}/grants",
            get(grants::list).post(grants::create),
        )
        .route(
            "/v2/organizations/{org}/grants/{grant}",
            get(grants::get).patch(grants::update).delete(grants::delete),
        )
}

/// Who holds what, told and looked at.
fn about_reviews() -> Router<AppState> {
    Router::new()
        .route("/v2/organizations/{org}/reports/access", get(reports::access))
        .route("/v2/organizations/{org}/reports/sign-ins", get(reports::sign_ins))
        .route("/v2/users/me/reports/access", get(reports::own_access))
        .route("/v2/users/me/reports/sign-ins", get(reports::own_sign_ins))
        .route(
            "/v2/organizations/{org}/access-reviews",
            get(reviews::list).post(reviews::create),
        )
        .route(
            "/v2/organizations/{org}/access-reviews/{review}",
            get(reviews::get).patch(reviews::update).delete(reviews::cancel),
        )
        .route(
            "/v2/organizations/{org}/access-reviews/{review}/complete",
            post(review_completion::complete),
        )
        .route(
            "/v2/organizations/{org}/access-reviews/{review}/items",
            get(review_items::list),
        )
        .route(
            "/v2/organizations/{org}/access-reviews/{review}/items/batch",
            post(review_items::batch),
        )
        .route(
            "/v2/organizations/{org}/access-reviews/{review}/items/{item}",
            get(review_items::get).patch(review_items::update),
        )
}

/// What programs are, and by what they and people act.
fn about_programs() -> Router<AppState> {
    Router::new()
        .route(
            "/v2/organizations/{org}/products",
            get(products::list).post(products::create),
        )
        .route(
            "/v2/organizations/{org}/products/{product}",
            get(products::get)
                .patch(products::update)
                .delete(products::delete),
        )
        .route(
            "/v2/organizations/{org}/applications",
            get(applications::list).post(applications::create),
        )
        .route(
            "/v2/organizations/{org}/applications/{application}",
            get(applications::get)
                .patch(applications::update)
                .delete(applications::delete),
        )
        .route(
            "/v2/organizations/{org}/applications/{application}/secret",
            post(applications::rotate_secret),
        )
        .route(
            "/v2/organizations/{org}/applications/{application}/saml",
            get(application_saml::get)
                .put(application_saml::put)
                .delete(application_saml::delete),
        )
        .route(
            "/v2/organizations/{org}/api-keys",
            get(api_keys::list).post(api_keys::create),
        )
        .route(
            "/v2/organizations/{org}/api-keys/{key}",
            get(api_keys::get).delete(api_keys::revoke),
        )
        .route(
            "/v2/organizations/{org}/api-keys/{key}/rotate",
            post(api_keys::rotate),
        )
        .route(
            "/v2/organizations/{org}/scim-tokens",
            get(scim_tokens::list).post(scim_tokens::create),
        )
        .route(
            "/v2/organizations/{org}/scim-tokens/{token}",
            get(scim_tokens::get).delete(scim_tokens::revoke),
        )
        .route(
            "/v2/organizations/{org}/members/{user}/sessions",
            delete(sessions::revoke_of_member),
        )
        .route("/v2/organizations/{org}/sessions", get(sessions::list))
        .route(
            "/v2/organizations/{org}/sessions/{session}",
            get(sessions::get).delete(sessions::revoke),
        )
}

/// By what people come from elsewhere.
fn about_connections() -> Router<AppState> {
    Router::new()
        .route(
            "/v2/organizations/{org}/connections",
            get(connections::list).post(connections::create),
        )
        .route(
            "/v2/organizations/{org}/connections/{connection}",
            get(connections::get)
                .patch(connections::update)
                .delete(connections::delete),
        )
        .route(
            "/v2/organizations/{org}/connections/{connection}/attempts",
            get(connections::list_attempts),
        )
        .route(
            "/v2/organizations/{org}/portal-links",
            get(portal_links::list).post(portal_links::create),
        )
        .route(
            "/v2/organizations/{org}/portal-links/{link}",
            get(portal_links::get).delete(portal_links::revoke),
        )
}

/// What happened, and who did it.
fn about_the_past() -> Router<AppState> {
    Router::new()
        .route("/v2/audit-logs", get(audit_logs::list_of_instance))
        .route("/v2/audit-logs/export", get(audit_proof::export_of_instance))
        .route("/v2/organizations/{org}/audit-logs", get(audit_logs::list))
        .route(
            "/v2/organizations/{org}/audit-logs/export",
            get(audit_proof::export),
        )
        .route(
            "/v2/organizations/{org}/permission-changes",
            get(audit_logs::list_permission_changes),
        )
        .route(
            "/v2/organizations/{org}/members/{user}/sign-ins",
            get(audit_logs::list_member_sign_ins),
        )
        .route("/v2/organizations/{org}/alerts", get(alerts::list))
        .route("/v2/users/me/sign-ins", get(audit_logs::list_own_sign_ins))
}

/// What is one's own.
fn about_oneself() -> Router<AppState> {
    Router::new()
        .route("/v2/users/me", get(me::get).patch(me::update))
        .route("/v2/users/me/passkeys", get(me::passkeys::list))
        .route(
            "/v2/users/me/passkeys/{passkey}",
            get(me::passkeys::get)
                .patch(me::passkeys::update)
                .delete(me::passkeys::delete),
        )
        .route(
            "/v2/users/me/sessions",
            get(me::sessions::list).delete(me::sessions::end_others),
        )
        .route("/v2/users/me/sessions/{session}", delete(me::sessions::end))
        .route("/v2/users/me/alerts", get(me::alerts::list))
        .route("/v2/users/me/alerts/seen", put(me::alerts::see_all))
        .route("/v2/users/me/alerts/{alert}", patch(me::alerts::update))
        .route("/v2/users/me/identities", get(me::identities::list))
        .route(
            "/v2/users/me/identities/{identity}",
            delete(me::identities::unlink),
        )
        .route("/v2/users/me/consents", get(me::consents::list))
        .route(
            "/v2/users/me/consents/{org}/{application}",
            delete(me::consents::revoke),
        )
        .route("/v2/users/me/totp", get(me::totp::get).delete(me::totp::remove))
        .route(
            "/v2/users/me/recovery-codes",
            get(me::recovery_codes::get).delete(me::recovery_codes::remove),
        )
        .route(
            "/v2/users/me/phone",
            get(me::phone::get).delete(me::phone::remove),
        )
        .route("/v2/users/me/email", post(me::email::ask))
        .route("/v2/users/me/password", put(me::password::put))
        .route(
            "/v2/users/me/avatar",
            put(me::avatar::put).delete(me::avatar::delete),
        )
        .route("/v2/users/me/memberships/{org}", delete(me::memberships::leave))
        .route(
            "/v2/users/me/managed-by/{org}",
            put(me::memberships::agree_to_be_managed),
        )
        .route(
            "/v2/users/me/api-keys",
            get(me::api_keys::list).post(me::api_keys::create),
        )
        .route(
            "/v2/users/me/api-keys/{key}",
            get(me::api_keys::get).delete(me::api_keys::revoke),
        )
        .route("/v2/users/me/api-keys/{key}/rotate", post(me::api_keys::rotate))
}

async fn no_such_route() -> Problem {
    Problem::new(api::Code::NotFound, "there is no such route")
}

/// One request's panic is that request's 500.
fn answer_for_a_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler of the API panicked");
    Problem::new(api::Code::Internal, "something went wrong here").into_response()
}
