//! `/health/…` on the internal port: whether the process lives, has started, and should be sent work. A cause is named
//! by what an operator can look at, and never by what went wrong inside.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CACHE_CONTROL;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::storage::instance;
use crate::web::{Internal, Running};

/// How long the database may take for one small read.
const PATIENCE: Duration = Duration::from_secs(1);

/// `GET /health/live`: the process answers. Only a restart mends it if it doesn't.
pub async fn live() -> Response {
    fine("alive")
}

/// `GET /health/started`: keys and database were opened once.
pub async fn started(State(internal): State<Internal>) -> Response {
    match internal.running() {
        Some(_) => fine("started"),
        None => not_yet("starting"),
    }
}

/// `GET /health/ready`: work can be done now.
pub async fn ready(State(internal): State<Internal>) -> Response {
    if internal.stops() {
        return not_yet("stopping");
    }
    let Some(running) = internal.running() else {
        return not_yet("starting");
    };
    if !running.keyring.signs_every_algorithm() {
        return not_yet("a signing key is missing");
    }
    match tokio::time::timeout(PATIENCE, reads(running)).await {
        Ok(true) => fine("ready"),
        Ok(false) => not_yet("the database does not answer"),
        Err(_) => not_yet("the database is too slow"),
    }
}

/// Whether the database still is the one that we opened, as far as one row can say.
async fn reads(running: &Running) -> bool {
    let read = async {
        let mut snapshot = running.db.snapshot().await?;
        instance::master_key_id(&mut snapshot.tx()).await
    };
    match read.await {
        Ok(owner) => owner.is_some(),
        Err(error) => {
            tracing::warn!(%error, "not ready: the database does not answer");
            false
        }
    }
}

fn fine(status: &str) -> Response {
    answer(StatusCode::OK, &json!({ "status": status }))
}

fn not_yet(cause: &str) -> Response {
    answer(
        StatusCode::SERVICE_UNAVAILABLE,
        &json!({ "status": "not ready", "cause": cause }),
    )
}

fn answer(status: StatusCode, body: &serde_json::Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
