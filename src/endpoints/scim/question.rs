//! What a list is asked for: by query (RFC 7644 §3.4.2), or by the body of a search (§3.4.3).

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::failure::Failure;
use super::{MESSAGES, MOST_SHOWN};
use crate::directory::scim::{Answered, Asked};
use crate::domain::scim::{Filter, Projection};

/// How many resources a list shows unless asked otherwise.
const SHOWN: usize = 100;

/// Which resources, and what of them. Sorting isn't offered, so what is said of it is ignored, as is what nobody knows.
#[derive(Debug, Clone)]
pub struct Question {
    pub(super) asked: Asked,
    pub(super) projection: Projection,
}

/// What of one resource.
#[derive(Debug, Clone)]
pub struct Shown(pub(super) Projection);

impl<S: Sync> FromRequestParts<S> for Question {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Self::of(&parameters(parts)?)
    }
}

impl<S: Sync> FromRequestParts<S> for Shown {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Ok(Self(projection(&parameters(parts)?)?))
    }
}

/// The parameters of a query, each once.
fn parameters(parts: &Parts) -> Result<Map<String, Value>, Failure> {
    let query = parts.uri.query().unwrap_or_default();
    let mut found = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        if found.insert(name.to_string(), json!(value)).is_some() {
            let twice = "a query parameter was sent more than once";
            return Err(Failure::new(StatusCode::BAD_REQUEST, twice));
        }
    }
    Ok(found)
}

impl Question {
    /// Reads what was asked, by whichever way.
    pub(super) fn of(parameters: &Map<String, Value>) -> Result<Self, Failure> {
        let filter = match parameters.get("filter") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) if text.trim().is_empty() => None,
            Some(Value::String(text)) => Some(Filter::parse(text)?),
            Some(_) => {
                return Err(Failure::typed(
                    StatusCode::BAD_REQUEST,
                    "invalidFilter",
                    "a filter is text",
                ));
            }
        };
        let start = number(parameters, "startIndex")?.unwrap_or(1).max(1);
        let count = number(parameters, "count")?.map_or(SHOWN, |count| count.min(MOST_SHOWN));
        Ok(Self {
            asked: Asked { filter, start, count },
            projection: projection(parameters)?,
        })
    }

    /// A list as it is answered.
    pub(super) fn answer<T>(&self, found: &Answered<T>, shown: impl Fn(&T) -> Value) -> Value {
        let resources: Vec<Value> = found
            .rows
            .iter()
            .map(|row| project(shown(row), &self.projection))
            .collect();
        json!({
            "schemas": [format!("{MESSAGES}:ListResponse")],
            "totalResults": found.total,
            "startIndex": self.asked.start,
            "itemsPerPage": resources.len(),
            "Resources": resources,
        })
    }
}

/// A whole number; less than none is none (RFC 7644 §3.4.2.4).
fn number(parameters: &Map<String, Value>, name: &str) -> Result<Option<usize>, Failure> {
    let number = match parameters.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().parse::<i64>().ok(),
        Some(value) => value.as_i64(),
    };
    let wanted = || Failure::value(format!("{name} is a whole number"));
    let number = number.ok_or_else(wanted)?.max(0);
    Ok(Some(usize::try_from(number).unwrap_or(usize::MAX)))
}

/// Both lists of attributes, written as texts or as lists of texts.
fn projection(parameters: &Map<String, Value>) -> Result<Projection, Failure> {
    let list = |name: &str| match parameters.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(names)) => {
            let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
            names.join(",")
        }
        _ => String::new(),
    };
    let read = Projection::parse(&list("attributes"), &list("excludedAttributes"));
    read.ok_or_else(|| Failure::value("attributes and excludedAttributes are lists of attributes"))
}

/// What is shown of a resource.
pub(super) fn project(resource: Value, projection: &Projection) -> Value {
    match resource {
        Value::Object(mut whole) => {
            projection.apply(&mut whole);
            Value::Object(whole)
        }
        other => other,
    }
}
