//! Routes of people: members, oneself.

use serde_json::{Value, json};

use super::{Own, Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let none = Value::Null;
    vec![
        route(
            "GET",
            "/v2/organizations/{org}/members",
            none.clone(),
            [200, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/members/batch",
            json!({ "items": [{ "user": "nobody@acme.example" }] }),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/members/{user}",
            none.clone(),
            [200, 200, 200],
        ),
        route(
            "PATCH",
            "/v2/organizations/{org}/members/{user}",
            json!({}),
            [403, 200, 200],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/members/{user}",
            none.clone(),
            [403, 204, 204],
        ),
        // Nobody manages their account.
        route(
            "POST",
            "/v2/organizations/{org}/members/{user}/password-reset",
            json!({}),
            [403, 409, 409],
        ),
        // Of managed members alone.
        route(
            "DELETE",
            "/v2/organizations/{org}/members/{user}/second-factors",
            none.clone(),
            [403, 404, 404],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/domains",
            none.clone(),
            [403, 200, 200],
        ),
        route(
            "GET",
            "/v2/organizations/{org}/domains/{domain}",
            none.clone(),
            [403, 200, 200],
        ),
        // By a superuser alone.
        route(
            "PUT",
            "/v2/organizations/{org}/domains/{domain}",
            none.clone(),
            [403, 403, 403],
        ),
        route(
            "DELETE",
            "/v2/organizations/{org}/domains/{domain}",
            none.clone(),
            [403, 403, 403],
        ),
    ]
}

/// Every route that anybody may call, without a credential or with one, and what they get.
pub(super) fn for_anybody() -> Vec<Own> {
    let lost = json!({ "email": "nobody@acme.example" });
    vec![("POST", "/v2/password-resets", lost, 202)]
}

/// Every route that is about oneself, and what any person gets whose key names all that there is. What is another's is
/// 404 to them.
pub(super) fn about_oneself() -> Vec<Own> {
    let key = json!({ "organization": "acme", "name": "x", "expires_in": "1d", "scopes": ["read"] });
    vec![
        ("GET", "/v2/role-templates", Value::Null, 200),
        ("GET", "/v2/users/me", Value::Null, 200),
        ("GET", "/v2/users/me/sign-ins", Value::Null, 200),
        ("GET", "/v2/users/me/reports/access", Value::Null, 200),
        ("GET", "/v2/users/me/reports/sign-ins", Value::Null, 200),
        ("PATCH", "/v2/users/me", json!({}), 200),
        // In the browser only.
        (
            "POST",
            "/v2/users/me/email",
            json!({ "email": "x@new.example" }),
            403,
        ),
        (
            "PUT",
            "/v2/users/me/password",
            json!({ "old_password": "x", "password": "y" }),
            403,
        ),
        ("GET", "/v2/users/me/totp", Value::Null, 200),
        ("GET", "/v2/users/me/recovery-codes", Value::Null, 200),
        ("GET", "/v2/users/me/phone", Value::Null, 200),
        // In the browser only.
        ("DELETE", "/v2/users/me/totp", Value::Null, 403),
        ("DELETE", "/v2/users/me/recovery-codes", Value::Null, 403),
        ("DELETE", "/v2/users/me/phone", Value::Null, 403),
        ("PUT", "/v2/users/me/avatar", Value::Null, 415),
        ("DELETE", "/v2/users/me/avatar", Value::Null, 404),
        ("PUT", "/v2/users/me/managed-by/{org}", Value::Null, 403),
        // Superusers' and managing organizations'.
        ("GET", "/v2/users", Value::Null, 403),
        ("GET", "/v2/users/{user}", Value::Null, 404),
        ("PATCH", "/v2/users/{user}", json!({}), 404),
        ("DELETE", "/v2/users/{user}", Value::Null, 404),
        ("GET", "/v2/users/me/passkeys", Value::Null, 200),
        ("GET", "/v2/users/me/passkeys/{passkey}", Value::Null, 404),
        (
            "PATCH",
            "/v2/users/me/passkeys/{passkey}",
            json!({ "name": "x" }),
            404,
        ),
        // In the browser only.
        ("DELETE", "/v2/users/me/passkeys/{passkey}", Value::Null, 403),
        ("GET", "/v2/users/me/sessions", Value::Null, 200),
        ("DELETE", "/v2/users/me/sessions", Value::Null, 204),
        ("DELETE", "/v2/users/me/sessions/{session}", Value::Null, 404),
        ("GET", "/v2/users/me/alerts", Value::Null, 200),
        ("PUT", "/v2/users/me/alerts/seen", Value::Null, 204),
        (
            "PATCH",
            "/v2/users/me/alerts/{alert}",
            json!({ "seen": true }),
            404,
        ),
        ("GET", "/v2/users/me/identities", Value::Null, 200),
        // In the browser only.
        ("DELETE", "/v2/users/me/identities/{identity}", Value::Null, 403),
        ("GET", "/v2/users/me/consents", Value::Null, 200),
        (
            "DELETE",
            "/v2/users/me/consents/{org}/{application}",
            Value::Null,
            404,
        ),
        ("GET", "/v2/users/me/api-keys", Value::Null, 200),
        // In the browser only.
        ("POST", "/v2/users/me/api-keys", key, 403),
        ("POST", "/v2/users/me/api-keys/{key}/rotate", json!({}), 404),
        ("GET", "/v2/users/me/api-keys/{key}", Value::Null, 404),
        ("DELETE", "/v2/users/me/api-keys/{key}", Value::Null, 404),
        // And with it the key that asks.
        ("DELETE", "/v2/users/me/memberships/{org}", Value::Null, 204),
    ]
}
