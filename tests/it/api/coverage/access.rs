//! Routes of who may do what: roles, groups, grants, why, and reviews of all that.

use serde_json::{Value, json};

use super::{Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    [roles(), groups(), grants(), explained(), reviews()]
        .into_iter()
        .flatten()
        .collect()
}

fn roles() -> Vec<Route> {
    let (all, one) = (
        "/v2/organizations/{org}/roles",
        "/v2/organizations/{org}/roles/{role}",
    );
    let role = json!({ "name": "new", "permissions": ["device:read"] });
    vec![
        route("GET", all, Value::Null, [200, 200, 200]),
        route("POST", all, role, [403, 201, 201]),
        route("GET", one, Value::Null, [200, 200, 200]),
        route("PATCH", one, json!({}), [403, 200, 200]),
        route("DELETE", one, Value::Null, [403, 204, 204]),
    ]
}

fn groups() -> Vec<Route> {
    let (all, one) = (
        "/v2/organizations/{org}/groups",
        "/v2/organizations/{org}/groups/{group}",
    );
    let members = "/v2/organizations/{org}/groups/{group}/members";
    let member = "/v2/organizations/{org}/groups/{group}/members/{user}";
    let batch = "/v2/organizations/{org}/groups/{group}/members/batch";
    vec![
        route("GET", all, Value::Null, [200, 200, 200]),
        route("POST", all, json!({ "name": "new" }), [403, 201, 201]),
        route("GET", one, Value::Null, [200, 200, 200]),
        route("PATCH", one, json!({}), [403, 200, 200]),
        route("DELETE", one, Value::Null, [403, 204, 204]),
        route("GET", members, Value::Null, [200, 200, 200]),
        route("PUT", member, json!({}), [403, 200, 200]),
        route("DELETE", member, Value::Null, [403, 204, 204]),
        route(
            "POST",
            batch,
            json!({ "items": [{ "user": "{user}" }] }),
            [403, 200, 200],
        ),
    ]
}

fn grants() -> Vec<Route> {
    let (all, one) = (
        "/v2/organizations/{org}/grants",
        "/v2/organizations/{org}/grants/{grant}",
    );
    let grant = json!({ "subject": "{user}", "permissions": ["device:read"] });
    vec![
        route("GET", all, Value::Null, [403, 200, 200]),
        route("POST", all, grant, [403, 201, 201]),
        route("GET", one, Value::Null, [403, 200, 200]),
        route("PATCH", one, json!({}), [403, 200, 200]),
        route("DELETE", one, Value::Null, [403, 204, 204]),
    ]
}

fn explained() -> Vec<Route> {
    let question = json!({ "user": "{user}", "permission": "device:read" });
    vec![route(
        "POST",
        "/v2/organizations/{org}/access/explain",
        question,
        [403, 200, 200],
    )]
}

fn reviews() -> Vec<Route> {
    let (all, one) = (
        "/v2/organizations/{org}/access-reviews",
        "/v2/organizations/{org}/access-reviews/{review}",
    );
    let complete = "/v2/organizations/{org}/access-reviews/{review}/complete";
    let items = "/v2/organizations/{org}/access-reviews/{review}/items";
    let item = "/v2/organizations/{org}/access-reviews/{review}/items/{item}";
    let batch = "/v2/organizations/{org}/access-reviews/{review}/items/batch";
    let review = json!({ "name": "new", "due_at": "2026-12-22T09:30:00Z" });
    let reports = [
        "/v2/organizations/{org}/reports/access",
        "/v2/organizations/{org}/reports/sign-ins",
    ];
    vec![
        route("GET", reports[0], Value::Null, [403, 200, 200]),
        route("GET", reports[1], Value::Null, [403, 200, 200]),
        route("GET", all, Value::Null, [403, 200, 200]),
        route("POST", all, review, [403, 201, 201]),
        route("GET", one, Value::Null, [403, 200, 200]),
        route("PATCH", one, json!({}), [403, 200, 200]),
        route("GET", items, Value::Null, [403, 200, 200]),
        route("GET", item, Value::Null, [403, 200, 200]),
        route("PATCH", item, json!({}), [403, 200, 200]),
        route(
            "POST",
            batch,
            json!({ "items": [{ "id": "{item}" }] }),
            [403, 200, 200],
        ),
        route("POST", complete, Value::Null, [403, 200, 200]),
        // By then it is completed.
        route("DELETE", one, Value::Null, [403, 409, 409]),
    ]
}
