//! The internal port's routes: for those who watch the server, on no public network.

use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::endpoints::{health, metrics};
use crate::web::Internal;

/// How long a request may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// Everything on the internal port. Nothing here is logged: somebody asks every few seconds.
pub(super) fn internal_router(internal: Internal) -> Router {
    Router::new()
        .route("/health/live", get(health::live))
        .route("/health/ready", get(health::ready))
        .route("/health/started", get(health::started))
        .route("/metrics", get(metrics::show))
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::REQUEST_TIMEOUT,
            REQUEST_TIMEOUT,
        ))
        .with_state(internal)
}
