//! `POST /scim/v2/Bulk` (RFC 7644 §3.7): many operations in one request, each in a transaction of its own.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::body::{BulkBody, answer};
use super::call::{Call, object};
use super::failure::Failure;
use super::user::text;
use super::version::{Conditions, version};
use super::{MESSAGES, MOST_OPERATIONS, group, groups, user, users};

/// What an operation came to: its status, and what is told of the resource.
struct Done {
    status: StatusCode,
    resource: Option<Value>,
}

/// One operation, as it was written.
struct Operation {
    method: String,
    noun: Noun,
    id: Option<String>,
    bulk_id: Option<String>,
    conditions: Conditions,
    data: Value,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Noun {
    User,
    Group,
}

/// `POST /scim/v2/Bulk`
pub async fn perform(call: Call, BulkBody(body): BulkBody) -> Result<Response, Failure> {
    let body = object(body)?;
    let Some(Value::Array(operations)) = body.get("Operations") else {
        return Err(Failure::syntax("a bulk request has a list of Operations"));
    };
    if operations.len() > MOST_OPERATIONS {
        let most = format!("a bulk request has at most {MOST_OPERATIONS} operations");
        return Err(Failure::new(StatusCode::PAYLOAD_TOO_LARGE, most));
    }
    let most_errors = body
        .get("failOnErrors")
        .and_then(Value::as_u64)
        .unwrap_or(u64::MAX);
    let (mut told, mut errors) = (Vec::new(), 0);
    let mut made = BTreeMap::new();
    for operation in operations {
        if errors >= most_errors {
            break;
        }
        let (answer, is_error) = tell(&call, operation, &mut made).await;
        errors += u64::from(is_error);
        told.push(answer);
    }
    let told = json!({ "schemas": [format!("{MESSAGES}:BulkResponse")], "Operations": told });
    Ok(answer(StatusCode::OK, &told))
}

/// Does one operation and tells what came of it, and whether it failed.
async fn tell(call: &Call, operation: &Value, made: &mut BTreeMap<String, String>) -> (Value, bool) {
    let mut told = Map::new();
    for name in ["method", "bulkId"] {
        if let Some(value @ Value::String(_)) = operation.get(name) {
            told.insert(name.to_owned(), value.clone());
        }
    }
    let read = Operation::read(operation, made);
    let done = match read {
        Ok(operation) => operation.perform(call, made).await,
        Err(failure) => Err(failure),
    };
    let (status, is_error) = match done {
        Ok(Done { status, resource }) => {
            if let Some(resource) = resource {
                told.insert("location".to_owned(), resource["meta"]["location"].clone());
                told.insert("version".to_owned(), json!(version(&resource)));
            }
            (status, false)
        }
        Err(failure) => {
            failure.log(call.trace);
            told.insert("response".to_owned(), failure.told());
            (failure.status(), true)
        }
    };
    told.insert("status".to_owned(), json!(status.as_u16().to_string()));
    (told.into(), is_error)
}

impl Operation {
    /// Reads an operation, with the ids in it of what was made before.
    fn read(operation: &Value, made: &BTreeMap<String, String>) -> Result<Self, Failure> {
        let operation = operation.as_object();
        let operation = operation.ok_or_else(|| Failure::syntax("each of the Operations is an object"))?;
        let path = text(operation, "path")?.unwrap_or_default();
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let noun = match parts.next() {
            Some("Users") => Noun::User,
            Some("Groups") => Noun::Group,
            _ => return Err(Failure::value("path begins with /Users or /Groups")),
        };
        let id = parts.next().map(|id| resolved(id, made)).transpose()?;
        let version = text(operation, "version")?;
        Ok(Self {
            method: text(operation, "method")?
                .unwrap_or_default()
                .to_ascii_uppercase(),
            noun,
            id,
            bulk_id: text(operation, "bulkId")?,
            conditions: Conditions::of_operation(version.as_deref()),
            data: with_ids(operation.get("data").cloned().unwrap_or_default(), made)?,
        })
    }

    async fn perform(self, call: &Call, made: &mut BTreeMap<String, String>) -> Result<Done, Failure> {
        let base = call.base();
        let show = |resource: Value| Some(resource);
        let (status, resource) = match (self.method.as_str(), self.noun, self.id) {
            ("POST", noun, None) => {
                let bulk_id = self
                    .bulk_id
                    .ok_or_else(|| Failure::syntax("a POST has a bulkId"))?;
                let resource = match noun {
                    Noun::User => user::shown(&users::create_one(call, self.data).await?, &base),
                    Noun::Group => group::shown(&groups::create_one(call, self.data).await?, &base),
                };
                made.insert(bulk_id, resource["id"].as_str().unwrap_or_default().to_owned());
                (StatusCode::CREATED, show(resource))
            }
            ("PUT", Noun::User, Some(id)) => {
                let now = users::replace_one(call, id, self.conditions, self.data).await?;
                (StatusCode::OK, show(user::shown(&now, &base)))
            }
            ("PUT", Noun::Group, Some(id)) => {
                let now = groups::replace_one(call, id, self.conditions, self.data).await?;
                (StatusCode::OK, show(group::shown(&now, &base)))
            }
            ("PATCH", Noun::User, Some(id)) => {
                let now = users::patch_one(call, id, self.conditions, &self.data).await?;
                (StatusCode::OK, show(user::shown(&now, &base)))
            }
            ("PATCH", Noun::Group, Some(id)) => {
                let now = groups::patch_one(call, id, self.conditions, &self.data).await?;
                (StatusCode::OK, show(group::shown(&now, &base)))
            }
            ("DELETE", Noun::User, Some(id)) => {
                users::delete_one(call, id, self.conditions).await?;
                (StatusCode::NO_CONTENT, None)
            }
            ("DELETE", Noun::Group, Some(id)) => {
                groups::delete_one(call, id, self.conditions).await?;
                (StatusCode::NO_CONTENT, None)
            }
            _ => {
                return Err(Failure::syntax(
                    "method is POST to a collection, or PUT, PATCH or DELETE of a resource",
                ));
            }
        };
        Ok(Done { status, resource })
    }
}

/// An id, or that of what an earlier operation made under a name.
fn resolved(id: &str, made: &BTreeMap<String, String>) -> Result<String, Failure> {
    let Some(name) = id.strip_prefix("bulkId:") else {
        return Ok(id.to_owned());
    };
    let missing = || {
        let why = "a bulkId names what an earlier operation made";
        Failure::typed(StatusCode::CONFLICT, "invalidValue", why)
    };
    made.get(name).cloned().ok_or_else(missing)
}

/// The same in every text of a value. Bodies are nested at most 16 deep.
fn with_ids(value: Value, made: &BTreeMap<String, String>) -> Result<Value, Failure> {
    Ok(match value {
        Value::String(text) => resolved(&text, made)?.into(),
        Value::Array(many) => many
            .into_iter()
            .map(|one| with_ids(one, made))
            .collect::<Result<_, _>>()?,
        Value::Object(parts) => {
            let parts = parts
                .into_iter()
                .map(|(name, value)| Ok::<_, Failure>((name, with_ids(value, made)?)));
            Value::Object(parts.collect::<Result<_, _>>()?)
        }
        other => other,
    })
}
