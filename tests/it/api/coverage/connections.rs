//! Routes of those who people come by from elsewhere: connections, and domains that are shown by DNS.

use serde_json::{Value, json};

use super::{Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let none = Value::Null;
    let made = json!({ "kind": "oidc", "issuer": "https://login.acme.example", "client_id": "x" });
    let one = "/v2/organizations/{org}/connections/{connection}";
    vec![
        route(
            "GET",
            "/v2/organizations/{org}/connections",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/connections",
            made,
            [403, 201, 201],
        ),
        route("GET", one, none.clone(), [403, 200, 200]),
        route("PATCH", one, json!({ "name": "x" }), [403, 200, 200]),
        route("DELETE", one, none.clone(), [403, 204, 204]),
        route(
            "GET",
            "/v2/organizations/{org}/connections/{connection}/attempts",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/portal-links",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/portal-links",
            json!({}),
            [403, 201, 201],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/portal-links/{link}",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/portal-links/{link}",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/domains/{domain}/challenge",
            none.clone(),
            [403, 200, 200],
        ),
        // Nobody wrote the record.
        route(
            "POST",
            "/v2/organizations/{org}/domains/{domain}/verify",
            none,
            [403, 409, 409],
        ),
    ]
}
