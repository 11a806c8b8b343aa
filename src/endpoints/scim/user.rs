//! What a user looks like (RFC 7643 §4.1): from a member to JSON, and from what was written to what is wanted.

use serde_json::{Map, Value, json};

use super::USER;
use super::failure::Failure;
use super::version::seal;
use crate::directory::scim::people::{Person, Wanted};
use crate::domain::email::Email;
use crate::domain::scim::{Attribute, ExternalId, Shape};
use crate::domain::text::DisplayName;
use crate::storage::scim_users::ScimUser;

/// What of a user can be written. `emails` tells `userName` once more, and `groups` is changed at the group.
pub(super) const SHAPE: Shape = Shape {
    schema: USER,
    attributes: &[
        one("userName", &[]),
        one("displayName", &[]),
        one("externalId", &[]),
        one("active", &[]),
        one("name", &["formatted", "givenName", "familyName"]),
    ],
    read_only: &["id", "meta", "groups", "schemas"],
};

/// An attribute with one value.
pub(super) const fn one(name: &'static str, parts: &'static [&'static str]) -> Attribute {
    Attribute {
        name,
        parts,
        many: false,
    }
}

/// Where a user is.
pub(super) fn location(base: &str, person: &Person) -> String {
    format!("{base}/Users/{}", person.entry.user)
}

/// A whole user.
pub(super) fn shown(person: &Person, base: &str) -> Value {
    let (entry, said) = (&person.entry, &person.said);
    let groups: Vec<Value> = person
        .groups
        .iter()
        .map(|group| {
            let place = format!("{base}/Groups/{}", group.id);
            json!({ "value": group.id.to_string(), "display": group.name, "$ref": place, "type": "direct" })
        })
        .collect();
    let mut name = json!({ "formatted": entry.name.as_str() });
    for (part, text) in [("givenName", &said.given_name), ("familyName", &said.family_name)] {
        if !text.is_empty() {
            name[part] = json!(text);
        }
    }
    let mut user = json!({
        "schemas": [USER],
        "id": entry.user.to_string(),
        "userName": entry.email.as_str(),
        "displayName": entry.name.as_str(),
        "name": name,
        "active": person.is_active(),
        "emails": [{ "value": entry.email.as_str(), "type": "work", "primary": true }],
        "groups": groups,
        "meta": {
            "resourceType": "User",
            "created": entry.joined_at.to_string(),
            "location": location(base, person),
        },
    });
    if let Some(external_id) = &said.external_id {
        user["externalId"] = json!(external_id.as_str());
    }
    seal(user)
}

/// What is wanted of a user who was `before` and is to be `after`.
pub(super) fn wanted(after: &Map<String, Value>, before: &Map<String, Value>) -> Result<Wanted, Failure> {
    let address = text(after, "userName")?.ok_or_else(|| Failure::value("userName is missing"))?;
    let email = Email::parse(&address).map_err(|_| Failure::value("userName must be an email address"))?;
    Ok(Wanted {
        name: name(after, before, &email)?,
        email,
        active: active(after)?,
        said: ScimUser {
            external_id: external_id(after)?,
            given_name: part(after, "givenName")?,
            family_name: part(after, "familyName")?,
        },
    })
}

/// What a user is called: by whichever of the three ways was changed, the plainest first.
fn name(
    after: &Map<String, Value>,
    before: &Map<String, Value>,
    email: &Email,
) -> Result<DisplayName, Failure> {
    let of = |user: &Map<String, Value>| -> Result<[String; 3], Failure> {
        let both = format!("{} {}", part(user, "givenName")?, part(user, "familyName")?);
        let display_name = text(user, "displayName")?.unwrap_or_default();
        Ok([display_name, part(user, "formatted")?, both.trim().to_owned()])
    };
    let (were, are) = (of(before)?, of(after)?);
    let changed = are
        .iter()
        .zip(&were)
        .find(|(is, was)| is != was && !is.is_empty());
    let kept = || text(before, "displayName").ok().flatten();
    let address = email.as_str().split('@').next().unwrap_or_default().to_owned();
    let chosen = match changed {
        Some((is, _)) => is.clone(),
        None => kept().unwrap_or(address),
    };
    DisplayName::parse(&chosen).map_err(|error| Failure::value(format!("displayName: {error}")))
}

/// Whether a user may act; unless it is said, they may. Entra ID writes the value as text.
fn active(user: &Map<String, Value>) -> Result<bool, Failure> {
    match user.get("active") {
        None | Some(Value::Null) => Ok(true),
        Some(Value::Bool(active)) => Ok(*active),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("true") => Ok(true),
        Some(Value::String(text)) if text.eq_ignore_ascii_case("false") => Ok(false),
        Some(_) => Err(Failure::value("active is true or false")),
    }
}

/// What the sender calls a resource.
pub(super) fn external_id(resource: &Map<String, Value>) -> Result<Option<ExternalId>, Failure> {
    let told = text(resource, "externalId")?.filter(|text| !text.is_empty());
    let read = told.map(|text| ExternalId::parse(&text)).transpose();
    read.map_err(|error| Failure::value(error.to_string()))
}

/// A part of the name; may be empty.
fn part(user: &Map<String, Value>, part: &str) -> Result<String, Failure> {
    let told = match user.get("name") {
        Some(Value::Object(name)) => text(name, part)?.unwrap_or_default(),
        _ => String::new(),
    };
    if told.trim().is_empty() {
        return Ok(String::new());
    }
    let read = DisplayName::parse(&told);
    let read = read.map_err(|error| Failure::value(format!("name.{part}: {error}")))?;
    Ok(read.as_str().to_owned())
}

/// A text, if there is one.
pub(super) fn text(object: &Map<String, Value>, name: &str) -> Result<Option<String>, Failure> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Failure::value(format!("{name} is text"))),
    }
}
