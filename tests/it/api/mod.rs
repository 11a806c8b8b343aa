//! `/v2`, as programs and consoles call it.

mod api_keys;
mod applications;
mod bodies;
mod coverage;
mod crowd;
mod cursors;
mod described;
mod idempotency;
mod invitations;
mod limits;
mod members;
mod products;
mod schemathesis;
mod sessions;
mod who_calls;

use serde_json::{Value, json};

use crate::harness::{Api, House};

/// The products of Acme.
const PRODUCTS: &str = "/v2/organizations/acme/products";

/// Makes a product; answers it.
async fn product(api: &Api, name: &str) -> Value {
    api.post(PRODUCTS, &json!({ "name": name })).await.created()
}

/// The actions in the audit log, oldest first, each with its actor and detail.
async fn audited(house: &House, action: &str) -> Vec<(String, Value)> {
    let mut snapshot = house.snapshot().await;
    let events = doorward::storage::audit_events::all(&mut snapshot.tx())
        .await
        .unwrap();
    let told = events.into_iter().filter(|event| event.action == action);
    told.map(|event| (event.actor, serde_json::from_str(&event.detail).unwrap()))
        .collect()
}
