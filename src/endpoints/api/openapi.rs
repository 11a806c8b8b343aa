//! The description of the API (`OpenAPI` 3.1), made from its code: `GET /openapi.json`.
//!
//! Each handler describes itself. What all have in common is added here: who may call, what may go wrong, the rate, and
//! the headers and parameters that come with a kind of route.

use std::sync::OnceLock;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};
use utoipa::OpenApi;

use super::code::Code;
use super::{
    access, alerts, api_keys, application_saml, applications, audit_logs, audit_proof, audit_question,
    billing, connections, domains, dry_run, grants, group_members, groups, invitation_batches, invitations,
    limits, me, member_batches, members, organizations, password_resets, portal_links, problem, products,
    report, reports, review_completion, review_item, review_items, reviews, role_templates, roles,
    scim_tokens, second_factors, security, sessions, usage, users,
};
use crate::web::AppState;

/// What the handlers say of themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Doorward",
        description = "Organizations, their people, applications and keys. Errors are problems (RFC 9457), changes are \
                       merge patches (RFC 7396), lists are pages."
    ),
    paths(
        organizations::list, organizations::create, organizations::get, organizations::update, organizations::delete,
        organizations::transfer,
        security::get, security::update, billing::get, billing::update, limits::get, limits::update,
        usage::list, usage::report, usage::reserve, usage::get_reservation, usage::release,
        applications::list, applications::create, applications::get, applications::update, applications::delete,
        applications::rotate_secret, application_saml::get, application_saml::put, application_saml::delete,
        products::list, products::create, products::get, products::update, products::delete,
        members::list, members::get, members::update, members::remove, member_batches::change, password_resets::send,
        password_resets::ask,
        invitations::list, invitations::create, invitations::get, invitations::cancel, invitations::resend,
        invitation_batches::create, invitation_batches::resend, invitation_batches::cancel,
        roles::list, roles::create, roles::get, roles::update, roles::delete, role_templates::get,
        groups::list, groups::create, groups::get, groups::update, groups::delete,
        group_members::list, group_members::put, group_members::remove, group_members::batch,
    access::explain, reports::access, reports::sign_ins, reports::own_access, reports::own_sign_ins, reviews::list, reviews::create, reviews::get, reviews::update, reviews::cancel, review_completion::complete, review_items::list, review_items::get, review_items::update, review_items::batch,
        grants::list, grants::create, grants::get, grants::update, grants::delete,
        api_keys::list, api_keys::create, api_keys::get, api_keys::revoke, api_keys::rotate,
        scim_tokens::list, scim_tokens::create, scim_tokens::get, scim_tokens::revoke,
        sessions::list, sessions::get, sessions::revoke, sessions::revoke_of_member,
        connections::list, connections::create, connections::get, connections::update, connections::delete,
        connections::list_attempts, portal_links::list, portal_links::get, portal_links::create, portal_links::revoke,
        domains::list, domains::get, domains::put, domains::delete, domains::challenge, domains::verify,
        audit_logs::list, audit_logs::list_of_instance, audit_logs::list_permission_changes,
        audit_logs::list_member_sign_ins, audit_logs::list_own_sign_ins, audit_proof::export,
        audit_proof::export_of_instance, alerts::list,
        me::alerts::list, me::alerts::update, me::alerts::see_all,
        users::list, users::get, users::update, users::delete,
        me::get, me::update, me::email::ask, me::password::put, me::avatar::put, me::avatar::delete, me::memberships::leave,
        me::passkeys::list, me::passkeys::get, me::passkeys::update, me::passkeys::delete,
        me::memberships::agree_to_be_managed, me::sessions::list, me::sessions::end, me::sessions::end_others,
        me::totp::get, me::totp::remove, me::recovery_codes::get, me::recovery_codes::remove,
        me::phone::get, me::phone::remove, second_factors::remove,
        me::identities::list, me::identities::unlink, me::consents::list, me::consents::revoke, me::api_keys::list, me::api_keys::create, me::api_keys::get,
        me::api_keys::revoke, me::api_keys::rotate,
    ),
    components(schemas(
        problem::Told, problem::FieldError, audit_question::EventResult, audit_question::LogFormat,
        dry_run::DryRun, review_item::VerdictFilter, report::ReportFormat,
    )),
    tags(
        (name = "organizations", description = "The tenants"),
        (name = "settings", description = "What an organization asks of its people, how it pays, and its limits"),
        (name = "usage", description = "What products use and are about to use"),
        (name = "applications", description = "Downstream clients"),
        (name = "products", description = "What permissions can be limited to"),
        (name = "members", description = "Who belongs to an organization, and as what"),
        (name = "invitations", description = "Offers of membership by mail"),
        (name = "roles", description = "Named sets of permissions"),
        (name = "groups", description = "Groups, teams and departments, and who is in them"),
        (name = "grants", description = "What members, groups and applications were given"),
        (name = "access", description = "Why somebody may do something"),
        (name = "access-reviews", description = "Who holds what, looked at, and kept or revoked"),
        (name = "reports", description = "Who may do what, and who signed in when; an organization's, and one's own"),
        (name = "api-keys", description = "Keys for programs"),
        (name = "scim-tokens", description = "Tokens for an organization's own directory, which provisions over SCIM"),
        (name = "sessions", description = "Sessions, as far as they act for an organization"),
        (name = "connections", description = "Upstream SAML and OpenID providers that people come by"),
        (name = "domains", description = "Which email domains are an organization's own"),
        (name = "audit", description = "What happened, and who did it"),
        (name = "users", description = "The people of the installation, beyond one organization"),
        (name = "me", description = "Oneself"),
    ),
)]
struct Handlers;

/// The whole description, the same for every server but for its address.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let mut document = serde_json::to_value(Handlers::openapi()).expect("a description is JSON");
        complete(&mut document);
        document
    })
}

/// `GET /openapi.json`
pub async fn show(State(state): State<AppState>) -> Response {
    let mut document = document().clone();
    document["servers"] = json!([{ "url": state.config.public_url.as_str() }]);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
        (CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, document.to_string()).into_response()
}

fn complete(document: &mut Value) {
    document["info"]["version"] = json!("2");
    document["info"]["license"] = json!({ "name": "Apache-2.0", "identifier": "Apache-2.0" });
    document["security"] = json!([{ "bearer": [] }, { "session": [], "csrf": [] }]);
    document["components"]["securitySchemes"] = json!({
        "bearer": {
            "type": "http", "scheme": "bearer",
            "description": "An API key (`dw_…`), or an access token whose audience is this server's `/v2`",
        },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "__Host-doorward_session",
            "description": "The session of somebody in a browser",
        },
        "csrf": {
            "type": "apiKey", "in": "header", "name": "X-CSRF-Token",
            "description": "The session's token, needed with the cookie for all but GET",
        },
    });
    document["components"]["schemas"]["ApplicationToMake"] = json!({
        "allOf": [
            { "$ref": "#/components/schemas/ApplicationToChange" },
            { "type": "object", "required": ["client_name"] },
        ],
    });
    let Some(paths) = document["paths"].as_object_mut() else {
        return;
    };
    for (path, methods) in paths {
        let Some(methods) = methods.as_object_mut() else {
            continue;
        };
        for (method, operation) in methods {
            describe(path, method, operation);
        }
    }
}

/// Adds what a route has because of its method, its path and what it answers.
fn describe(path: &str, method: &str, operation: &mut Value) {
    let is_list = operation["operationId"]
        .as_str()
        .is_some_and(|id| id.starts_with("list_"));
    let takes_body = operation.get("requestBody").is_some();
    let mut parameters: Vec<Value> = operation["parameters"].as_array().cloned().unwrap_or_default();
    parameters.retain(|parameter| parameter["in"] != "path");
    let named = path.split('{').skip(1).filter_map(|rest| rest.split('}').next());
    parameters.extend(named.map(path_parameter));
    let mut codes = vec![
        Code::InvalidRequest,
        Code::Unauthenticated,
        Code::PermissionDenied,
        Code::NotFound,
        Code::Timeout,
        Code::TooManyRequests,
        Code::Internal,
        Code::Busy,
    ];
    if is_list {
        parameters.extend(list_parameters());
    } else if method == "get" && !path.ends_with("/export") {
        parameters.push(header(
            "If-None-Match",
            "Answer 304 if the thing still has this ETag",
        ));
        operation["responses"]["304"] = json!({ "description": "It still has this ETag", "headers": rate() });
    }
    if method == "post" && !comes_to_the_same(path) {
        let told = "1 to 255 visible ASCII characters. The same request with the same key within a day makes nothing \
                    twice, and is answered alike; what was shown once is answered 409 `already_created`.";
        let mut once = header("Idempotency-Key", told);
        once["schema"]["pattern"] = json!("^[!-~]{1,255}$");
        parameters.push(once);
        codes.extend([Code::Taken, Code::IdempotencyKeyReused]);
    }
    if method == "patch" || method == "delete" && has_a_tag(path) {
        parameters.push(header("If-Match", "Do it only if the thing still has this ETag"));
        codes.push(Code::PreconditionFailed);
    }
    if keeps_somebody(path) && method != "get" {
        codes.push(Code::LastOwner);
    }
    if path.ends_with("/domains/{domain}/verify") {
        codes.extend([Code::Unmet, Code::Taken]);
    }
    if path.ends_with("/connections/{connection}") && method != "get" {
        codes.extend([Code::InUse, Code::Unmet, Code::Taken]);
    }
    if path.contains("/roles/") && method != "get" {
        codes.push(Code::InUse);
    }
    if method == "put" || path.ends_with("/groups/{group}") && method == "patch" {
        codes.push(Code::Taken);
    }
    if (path.contains("/invitations") || path.contains("/access-reviews")) && method != "get" {
        codes.push(Code::Unmet);
    }
    if takes_body {
        codes.extend([Code::TooLarge, Code::UnsupportedMediaType]);
    }
    if can_be_rehearsed(path, method) {
        parameters.push(dry_run_parameter());
        rehearsed(&mut operation["responses"]);
    }
    files(&parameters, &mut operation["responses"]);
    if !parameters.is_empty() {
        operation["parameters"] = Value::Array(parameters);
    }
    let Some(responses) = operation["responses"].as_object_mut() else {
        return;
    };
    for (status, response) in responses.iter_mut() {
        let mut headers = rate();
        if status == "200" && !is_list {
            headers.insert("ETag".to_owned(), text_header("What the thing is like, in short"));
        }
        if status == "201" {
            headers.insert(
                "Location".to_owned(),
                text_header("Where the thing is; not on a repeated answer"),
            );
        }
        response["headers"] = Value::Object(headers);
    }
    for code in codes {
        let status = code.status().as_u16().to_string();
        responses.entry(status).or_insert_with(|| refusal(code));
    }
}

/// Adds the files that the parameter `format` gives instead of JSON.
fn files(parameters: &[Value], responses: &mut Value) {
    let Some(format) = parameters.iter().find(|parameter| parameter["name"] == "format") else {
        return;
    };
    let content = &mut responses["200"]["content"];
    content["text/csv"] = json!({ "schema": { "type": "string" } });
    if format["schema"].to_string().contains("LogFormat") {
        content["application/jsonl"] = json!({ "schema": { "type": "string" } });
    }
}

/// Whether a change can be asked for as a dry run.
fn can_be_rehearsed(path: &str, method: &str) -> bool {
    let changes = [
        "/security",
        "/roles",
        "/roles/{role}",
        "/groups",
        "/groups/{group}",
        "/groups/{group}/members/{user}",
        "/grants",
        "/grants/{grant}",
        "/members/{user}",
    ];
    let within = path.strip_prefix("/v2/organizations/{org}");
    method != "get" && within.is_some_and(|within| changes.contains(&within))
}

fn dry_run_parameter() -> Value {
    let told = "If true, nothing is done, and the answer is what the change would do to everybody's access. What would \
                refuse the change refuses its dry run.";
    let schema = json!({ "type": "boolean", "default": false });
    json!({ "name": "dry_run", "in": "query", "required": false, "description": told, "schema": schema })
}

/// Adds the answer of a dry run to those of a change.
fn rehearsed(responses: &mut Value) {
    let told = json!({ "$ref": "#/components/schemas/DryRun" });
    let done = &mut responses["200"];
    let schema = match done["content"]["application/json"]["schema"].take() {
        Value::Null => told,
        changed => json!({ "anyOf": [changed, told] }),
    };
    if done["description"].is_null() {
        done["description"] = json!("What the change would come to");
    }
    done["content"]["application/json"]["schema"] = schema;
}

/// Whether the same POST twice comes to the same as once, without a key.
fn comes_to_the_same(path: &str) -> bool {
    let ends = [
        "/members/batch",
        "/transfer",
        "/users/me/email",
        "/password-resets",
        "/password-reset",
        "/access/explain",
        "/items/batch",
        "/complete",
        "/batch/cancel",
        "/domains/{domain}/challenge",
        "/domains/{domain}/verify",
    ];
    ends.iter().any(|end| path.ends_with(end))
}

/// Whether a change there may be refused so that an owner or a superuser stays.
fn keeps_somebody(path: &str) -> bool {
    let people = ["{org}/members/", "/memberships/", "/v2/users/{user}"];
    people.iter().any(|part| path.contains(part))
}

/// Whether what a DELETE is for can be read with a tag.
fn has_a_tag(path: &str) -> bool {
    let untagged = [
        "/users/me/sessions",
        "/users/me/avatar",
        "/users/me/memberships/",
        "/consents",
        "/users/me/identities",
        "/sessions/",
        "/groups/{group}/members/",
        "/avatar",
        "/memberships/",
    ];
    !untagged.iter().any(|part| path.contains(part))
}

fn refusal(code: Code) -> Value {
    let mut headers = rate();
    match code {
        Code::Unauthenticated => {
            headers.insert(
                "WWW-Authenticate".to_owned(),
                text_header("How to be somebody (RFC 6750)"),
            );
        }
        Code::TooManyRequests | Code::Busy => {
            headers.insert("Retry-After".to_owned(), text_header("Seconds to wait"));
        }
        _ => {}
    }
    json!({
        "description": code.title(),
        "headers": headers,
        "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } },
    })
}

fn rate() -> Map<String, Value> {
    let mut headers = Map::new();
    headers.insert(
        "RateLimit".to_owned(),
        text_header("What is left: `\"default\";r=5999;t=60`"),
    );
    headers.insert(
        "RateLimit-Policy".to_owned(),
        text_header("How much there is a minute: `\"default\";q=6000;w=60`"),
    );
    headers
}

fn text_header(told: &str) -> Value {
    json!({ "description": told, "schema": { "type": "string" } })
}

fn header(name: &str, told: &str) -> Value {
    json!({ "name": name, "in": "header", "required": false, "description": told, "schema": { "type": "string" } })
}

fn path_parameter(name: &str) -> Value {
    let told = match name {
        "org" => "The organization, by id or name",
        "user" => "The person, by id or email address",
        "role" => "The role, by id or name",
        _ => "By its id",
    };
    json!({ "name": name, "in": "path", "required": true, "description": told, "schema": { "type": "string" } })
}

fn list_parameters() -> [Value; 3] {
    let query = |name: &str, told: &str, schema: Value| json!({ "name": name, "in": "query", "required": false, "description": told, "schema": schema });
    let limit = json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 });
    [
        query("limit", "How many at most", limit),
        query(
            "cursor",
            "From where on: the page before told it as next_cursor",
            json!({ "type": "string" }),
        ),
        query(
            "total",
            "Whether to count them all",
            json!({ "type": "boolean", "default": false }),
        ),
    ]
}
