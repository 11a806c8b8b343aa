//! Routes of what programs are: applications, products, keys, sessions.

use serde_json::{Value, json};

use super::{Route, route};

/// Every route in an organization.
#[expect(clippy::too_many_lines, reason = "one for each route")]
pub(super) fn in_organizations() -> Vec<Route> {
    let none = Value::Null;
    let application = json!({ "client_name": "x", "redirect_uris": ["https://x.example/"] });
    let key = json!({ "name": "x", "expires_in": "1d", "scopes": ["read"] });
    vec![
        route(
            "GET",
            "/v2/organizations/{org}/applications",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/applications",
            application,
            [403, 201, 201],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/applications/{application}",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/applications/{application}",
            json!({}),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/applications/{application}",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/applications/{application}/secret",
            none.clone(),
            [403, 201, 201],
        ),
        route(
            "PUT",
            "/v2/organizations/{org}/applications/{application}/saml",
            json!({ "entity_id": "https://wiki.example/saml", "acs_urls": ["https://wiki.example/acs"] }),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/applications/{application}/saml",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/applications/{application}/saml",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/products",
            none.clone(),
            [200, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/products",
            json!({ "name": "new" }),
            [403, 201, 201],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/products/{product}",
            none.clone(),
            [200, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/products/{product}",
            json!({}),
            [403, 200, 200],
        ),
        // DESIGN §3 gives product:delete to owner, admin and manager.
        route(
            "DELETE",
            "/v2/organizations/{org}/products/{product}",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/api-keys",
            none.clone(),
            [403, 200, 200],
        ),
        route("POST", "/v2/organizations/{org}/api-keys", key, [403, 201, 201]),
        route(
            "GET",
            "/v2/organizations/{org}/api-keys/{key}",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/api-keys/{key}",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/api-keys/{key}/rotate",
            json!({}),
            [403, 201, 201],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/members/{user}/sessions",
            none.clone(),
            [403, 204, 204],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/sessions",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/sessions/{session}",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/sessions/{session}",
            none,
            [403, 204, 204],
        ),
    ]
}
