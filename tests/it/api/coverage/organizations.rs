//! Routes of organizations themselves: settings, limits, usage.

use serde_json::{Value, json};

use super::{Own, Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let none = Value::Null;
    let reservation = json!({ "resource": "devices", "amount": 1 });
    vec![
        route("GET", "/v2/organizations/{org}", none.clone(), [200, 200, 200]),
        route("PATCH", "/v2/organizations/{org}", json!({}), [403, 200, 200]),
        // Others belong to it.
        route("DELETE", "/v2/organizations/{org}", none.clone(), [403, 403, 409]),
        route(
            "POST",
            "/v2/organizations/{org}/transfer",
            json!({ "new_owner": "nobody" }),
            [403, 403, 400],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/security",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/security",
            json!({}),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/billing",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/billing",
            json!({}),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/limits",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/limits",
            json!({}),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/usage",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "PUT",
            "/v2/organizations/{org}/usage",
            json!({ "devices": 1 }),
            [403, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/usage/reservations",
            reservation,
            [403, 201, 201],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/usage/reservations/{reservation}",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/usage/reservations/{reservation}",
            none,
            [403, 204, 204],
        ),
    ]
}

/// Every route above organizations, and what anybody gets who stands in one.
pub(super) fn above_organizations() -> Vec<Own> {
    vec![
        ("GET", "/v2/organizations", Value::Null, 200),
        ("POST", "/v2/organizations", json!({ "name": "lair" }), 403),
        ("GET", "/v2/audit-logs", Value::Null, 403),
        ("GET", "/v2/audit-logs/export", Value::Null, 403),
    ]
}
