//! Routes of what an organization's own directory provisions with.

use serde_json::{Value, json};

use super::{Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let (all, one) = (
        "/v2/organizations/{org}/scim-tokens",
        "/v2/organizations/{org}/scim-tokens/{token}",
    );
    vec![
        route("GET", all, Value::Null, [403, 200, 200]),
        route("POST", all, json!({ "name": "new" }), [403, 201, 201]),
        route("GET", one, Value::Null, [403, 200, 200]),
        route("DELETE", one, Value::Null, [403, 204, 204]),
    ]
}
