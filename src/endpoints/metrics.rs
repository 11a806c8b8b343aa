//! `GET /metrics` on the internal port: what was counted, and what is so at this moment, for Prometheus.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};

use crate::domain::signing_key::SigningKeyState;
use crate::metrics::{Exposition, Kind};
use crate::web::{Internal, Running};

/// Answers everything; before the start only that there is a process.
pub async fn show(State(internal): State<Internal>) -> Response {
    let mut page = Exposition::default();
    write_process(&mut page, &internal);
    if let Some(running) = internal.running() {
        running.metrics.write(&mut page);
        write_database(&mut page, running);
        write_queue(&mut page, running);
        write_keys(&mut page, running, &internal);
    }
    ([(CONTENT_TYPE, Exposition::MEDIA_TYPE)], page.into_text()).into_response()
}

fn write_process(page: &mut Exposition, internal: &Internal) {
    let name = "doorward_build_info";
    page.family(name, Kind::Gauge, "Which Doorward this is; always 1.");
    page.sample(name, &[("version", env!("CARGO_PKG_VERSION"))], 1);
    let name = "process_start_time_seconds";
    page.family(name, Kind::Gauge, "When the process started, in Unix seconds.");
    page.sample(name, &[], internal.started_at().seconds());
}

fn write_database(page: &mut Exposition, running: &Running) {
    let stats = running.db.stats();
    let name = "doorward_database_connections";
    page.family(name, Kind::Gauge, "Open connections to the database.");
    let idle = stats.idle_connections.min(stats.connections);
    page.sample(name, &[("state", "used")], stats.connections - idle);
    page.sample(name, &[("state", "idle")], idle);
    let name = "doorward_database_writes_waiting";
    page.family(name, Kind::Gauge, "Writes in line for the database.");
    page.sample(name, &[], stats.waiting);
    let name = "doorward_database_writes_total";
    page.family(name, Kind::Counter, "Writes that were committed.");
    page.sample(name, &[], stats.writes);
    let name = "doorward_database_commits_total";
    page.family(
        name,
        Kind::Counter,
        "Commits; on SQLite one can hold many writes.",
    );
    page.sample(name, &[], stats.commits);
}

fn write_queue(page: &mut Exposition, running: &Running) {
    let name = "doorward_audit_observations_waiting";
    page.family(name, Kind::Gauge, "Observations in line for the audit log.");
    page.sample(name, &[], running.observations.waiting_count());
}

fn write_keys(page: &mut Exposition, running: &Running, internal: &Internal) {
    let name = "doorward_signing_key_age_seconds";
    page.family(name, Kind::Gauge, "Since the key that signs was made.");
    for key in running.keyring.list() {
        if key.state() == SigningKeyState::Signing {
            let age = internal.now().since(key.created_at());
            page.sample(name, &[("algorithm", key.algorithm().name())], age.as_secs());
        }
    }
}
