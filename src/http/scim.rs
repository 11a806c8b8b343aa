//! The routes of SCIM. Each is told of in `tests/it/scim/routes.rs`.

use std::any::Any;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::endpoints::api;
use crate::endpoints::scim::{bulk, discovery, groups, tell_failures, users};
use crate::web::AppState;

/// SCIM, at the rate of the API.
pub(super) fn routes(state: &AppState) -> Router<AppState> {
    Router::new()
        .route("/scim/v2/ServiceProviderConfig", get(discovery::configuration))
        .route("/scim/v2/ResourceTypes", get(discovery::resource_types))
        .route("/scim/v2/ResourceTypes/{name}", get(discovery::resource_type))
        .route("/scim/v2/Schemas", get(discovery::schemas))
        .route("/scim/v2/Schemas/{schema}", get(discovery::schema))
        .route("/scim/v2/Users", get(users::list).post(users::create))
        .route("/scim/v2/Users/.search", post(users::search))
        .route(
            "/scim/v2/Users/{id}",
            get(users::get)
                .put(users::replace)
                .patch(users::patch)
                .delete(users::delete),
        )
        .route("/scim/v2/Groups", get(groups::list).post(groups::create))
        .route("/scim/v2/Groups/.search", post(groups::search))
        .route(
            "/scim/v2/Groups/{id}",
            get(groups::get)
                .put(groups::replace)
                .patch(groups::patch)
                .delete(groups::delete),
        )
        .route("/scim/v2/Bulk", post(bulk::perform))
        .route("/scim/v2", any(no_such_route))
        .route("/scim/v2/", any(no_such_route))
        .route("/scim/v2/{*rest}", any(no_such_route))
        .layer(CatchPanicLayer::custom(answer_for_a_panic))
        .layer(from_fn_with_state(state.clone(), api::limit))
        .layer(from_fn(tell_failures))
}

async fn no_such_route() -> axum::http::StatusCode {
    axum::http::StatusCode::NOT_FOUND
}

/// One request's panic is that request's 500.
fn answer_for_a_panic(_: Box<dyn Any + Send>) -> Response {
    tracing::error!("a handler of SCIM panicked");
    axum::http::StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
