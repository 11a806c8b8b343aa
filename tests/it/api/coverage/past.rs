//! Routes of what happened.

use serde_json::Value;

use super::{Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let within = [
        "/v2/organizations/{org}/audit-logs",
        "/v2/organizations/{org}/audit-logs/export",
        "/v2/organizations/{org}/alerts",
        "/v2/organizations/{org}/permission-changes",
        "/v2/organizations/{org}/members/{user}/sign-ins",
    ];
    within
        .into_iter()
        .map(|path| route("GET", path, Value::Null, [403, 200, 200]))
        .collect()
}
