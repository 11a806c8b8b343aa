//! What this server can do (RFC 7643 §5 to §7), told to anybody: `/scim/v2/ServiceProviderConfig`, `ResourceTypes` and
//! `Schemas`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use super::body::answer;
use super::failure::Failure;
use super::{BULK_BYTES, GROUP, MESSAGES, MOST_OPERATIONS, MOST_SHOWN, USER};
use crate::web::AppState;

const SCHEMAS: &str = "urn:ietf:params:scim:schemas:core:2.0";

/// `GET /scim/v2/ServiceProviderConfig`
pub async fn configuration(State(state): State<AppState>) -> Response {
    let place = state.config.public_url.at("/scim/v2/ServiceProviderConfig");
    let told = json!({
        "schemas": [format!("{SCHEMAS}:ServiceProviderConfig")],
        "patch": { "supported": true },
        "bulk": { "supported": true, "maxOperations": MOST_OPERATIONS, "maxPayloadSize": BULK_BYTES },
        "filter": { "supported": true, "maxResults": MOST_SHOWN },
        "changePassword": { "supported": false },
        "sort": { "supported": false },
        "etag": { "supported": true },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "SCIM token",
            "description": "A token of the organization, made by an administrator",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": { "resourceType": "ServiceProviderConfig", "location": place },
    });
    answer(StatusCode::OK, &told)
}

/// `GET /scim/v2/ResourceTypes`
pub async fn resource_types(State(state): State<AppState>) -> Response {
    let all = ["User", "Group"].map(|name| resource_type_of(&state, name));
    answer(StatusCode::OK, &listed(&all))
}

/// `GET /scim/v2/ResourceTypes/{name}`
pub async fn resource_type(
    State(state): State<AppState>,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    let known = ["User", "Group"].contains(&name.as_str());
    let found = known.then(|| resource_type_of(&state, &name));
    Ok(answer(StatusCode::OK, &found.ok_or_else(Failure::not_found)?))
}

/// `GET /scim/v2/Schemas`
pub async fn schemas(State(state): State<AppState>) -> Response {
    answer(StatusCode::OK, &listed(&all_schemas(&state)))
}

/// `GET /scim/v2/Schemas/{schema}`
pub async fn schema(State(state): State<AppState>, Path(schema): Path<String>) -> Result<Response, Failure> {
    let found = all_schemas(&state)
        .into_iter()
        .find(|one| one["id"] == schema.as_str());
    Ok(answer(StatusCode::OK, &found.ok_or_else(Failure::not_found)?))
}

fn listed(all: &[Value]) -> Value {
    json!({
        "schemas": [format!("{MESSAGES}:ListResponse")],
        "totalResults": all.len(),
        "startIndex": 1,
        "itemsPerPage": all.len(),
        "Resources": all,
    })
}

fn resource_type_of(state: &AppState, name: &str) -> Value {
    let place = state
        .config
        .public_url
        .at(&format!("/scim/v2/ResourceTypes/{name}"));
    json!({
        "schemas": [format!("{SCHEMAS}:ResourceType")],
        "id": name,
        "name": name,
        "endpoint": format!("/{name}s"),
        "schema": format!("{SCHEMAS}:{name}"),
        "meta": { "resourceType": "ResourceType", "location": place },
    })
}

fn all_schemas(state: &AppState) -> [Value; 2] {
    [
        schema_of(
            state,
            USER,
            "User",
            "A member of the organization",
            &user_attributes(),
        ),
        schema_of(
            state,
            GROUP,
            "Group",
            "A group that was made over SCIM",
            &group_attributes(),
        ),
    ]
}

fn schema_of(state: &AppState, id: &str, name: &str, description: &str, attributes: &[Value]) -> Value {
    let place = state.config.public_url.at(&format!("/scim/v2/Schemas/{id}"));
    json!({
        "schemas": [format!("{SCHEMAS}:Schema")],
        "id": id,
        "name": name,
        "description": description,
        "attributes": attributes,
        "meta": { "resourceType": "Schema", "location": place },
    })
}

/// An attribute of one text that anybody may write.
fn attribute(name: &str, description: &str) -> Value {
    json!({
        "name": name, "type": "string", "multiValued": false, "description": description, "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "none",
    })
}

/// The same with other properties.
fn with(mut attribute: Value, properties: Value) -> Value {
    if let (Value::Object(attribute), Value::Object(properties)) = (&mut attribute, properties) {
        attribute.extend(properties);
    }
    attribute
}

fn external_id() -> Value {
    let told = attribute(
        "externalId",
        "What the provisioning system calls it; one in the organization",
    );
    with(told, json!({ "caseExact": true, "uniqueness": "server" }))
}

fn user_attributes() -> [Value; 7] {
    let read_only = json!({ "mutability": "readOnly" });
    let part = |name, description| with(attribute(name, description), read_only.clone());
    let address = attribute("userName", "An email address in a domain of the organization's");
    let parts = [
        attribute("formatted", "The whole name"),
        attribute("givenName", "The given name"),
        attribute("familyName", "The family name"),
    ];
    let emails = [
        part("value", "The address"),
        part("type", "work"),
        with(part("primary", "true"), json!({ "type": "boolean" })),
    ];
    let groups = [
        part("value", "Its id"),
        part("display", "Its name"),
        part("type", "direct"),
    ];
    [
        with(address, json!({ "required": true, "uniqueness": "server" })),
        external_id(),
        attribute("displayName", "What people read"),
        with(
            attribute("name", "The name in parts"),
            json!({ "type": "complex", "subAttributes": parts }),
        ),
        with(
            attribute("active", "Whether they may act"),
            json!({ "type": "boolean" }),
        ),
        with(
            part("emails", "userName once more"),
            json!({ "type": "complex", "multiValued": true, "subAttributes": emails }),
        ),
        with(
            part("groups", "The groups they are in; changed at the group"),
            json!({ "type": "complex", "multiValued": true, "subAttributes": groups }),
        ),
    ]
}

fn group_attributes() -> [Value; 3] {
    let name = with(
        attribute("displayName", "Its name; one in the organization"),
        json!({ "required": true, "uniqueness": "server" }),
    );
    let fixed = json!({ "mutability": "immutable" });
    let parts = [
        with(attribute("value", "The id of a user"), fixed.clone()),
        with(
            attribute("display", "Their name"),
            json!({ "mutability": "readOnly" }),
        ),
        with(attribute("type", "User"), fixed),
    ];
    let members = attribute("members", "Who is in it");
    [
        name,
        external_id(),
        with(
            members,
            json!({ "type": "complex", "multiValued": true, "subAttributes": parts }),
        ),
    ]
}
