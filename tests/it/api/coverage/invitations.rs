//! Routes of invitations.

use serde_json::{Value, json};

use super::{Route, route};

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let (list, one) = (
        "/v2/organizations/{org}/invitations",
        "/v2/organizations/{org}/invitations/{invitation}",
    );
    vec![
        route("GET", list, Value::Null, [403, 200, 200]),
        route("POST", list, json!({ "email": "new" }), [403, 201, 201]),
        route(
            "POST",
            "/v2/organizations/{org}/invitations/batch",
            json!({ "items": [{ "email": "many@cook.example" }] }),
            [403, 200, 200],
        ),
        route("GET", one, Value::Null, [403, 200, 200]),
        route(
            "POST",
            "/v2/organizations/{org}/invitations/{invitation}/resend",
            Value::Null,
            [403, 201, 201],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/invitations/batch/resend",
            json!({ "items": [{ "id": "{invitation}" }] }),
            [403, 200, 200],
        ),
        route(
            "POST",
            "/v2/organizations/{org}/invitations/batch/cancel",
            json!({ "items": [{ "id": "inv_01kaxw3vd0f1wvj1d2sahtfxyz" }] }),
            [403, 200, 200],
        ),
        route("DELETE", one, Value::Null, [403, 204, 204]),
    ]
}
