//! What a group looks like (RFC 7643 §4.2): from a group to JSON, and from what was written to what is wanted.

use serde_json::{Map, Value, json};

use super::GROUP;
use super::failure::Failure;
use super::user::{external_id, one, text};
use super::version::seal;
use crate::directory::scim::groups::{Provisioned, WantedGroup};
use crate::domain::id::UserId;
use crate::domain::scim::{Attribute, Shape};
use crate::domain::text::DisplayName;

/// What of a group can be written.
pub(super) const SHAPE: Shape = Shape {
    schema: GROUP,
    attributes: &[
        one("displayName", &[]),
        one("externalId", &[]),
        Attribute {
            name: "members",
            parts: &["value"],
            many: true,
        },
    ],
    read_only: &["id", "meta", "schemas"],
};

/// Where a group is.
pub(super) fn location(base: &str, group: &Provisioned) -> String {
    format!("{base}/Groups/{}", group.group.id)
}

/// A whole group.
pub(super) fn shown(group: &Provisioned, base: &str) -> Value {
    seal(shown_without_version(group, base))
}

/// A group whose members may not be there, and which has no version.
pub(super) fn shown_without_version(group: &Provisioned, base: &str) -> Value {
    let members: Vec<Value> = group
        .members
        .iter()
        .map(|member| {
            let place = format!("{base}/Users/{}", member.user);
            json!({ "value": member.user.to_string(), "display": member.name.as_str(), "$ref": place, "type": "User" })
        })
        .collect();
    let mut shown = json!({
        "schemas": [GROUP],
        "id": group.group.id.to_string(),
        "displayName": group.group.name.as_str(),
        "members": members,
        "meta": {
            "resourceType": "Group",
            "created": group.group.created_at.to_string(),
            "location": location(base, group),
        },
    });
    if let Some(external_id) = &group.external_id {
        shown["externalId"] = json!(external_id.as_str());
    }
    shown
}

/// What can be written of a group as it is, with nothing of its members but who they are.
pub(super) fn writable(mut shown: Map<String, Value>) -> Map<String, Value> {
    let members = shown.get_mut("members").and_then(Value::as_array_mut);
    for member in members.into_iter().flatten().filter_map(Value::as_object_mut) {
        member.retain(|part, _| part == "value");
    }
    shown
}

/// What is wanted of a group.
pub(super) fn wanted(group: &Map<String, Value>) -> Result<WantedGroup, Failure> {
    let name = text(group, "displayName")?.ok_or_else(|| Failure::value("displayName is missing"))?;
    let name = DisplayName::parse(&name).map_err(|error| Failure::value(format!("displayName: {error}")))?;
    let members = group.get("members").and_then(Value::as_array);
    let id = |member: &Value| -> Result<UserId, Failure> {
        let id = member["value"].as_str().and_then(|id| id.parse().ok());
        id.ok_or_else(|| Failure::value("members: each has the id of a user as its value"))
    };
    Ok(WantedGroup {
        name,
        external_id: external_id(group)?,
        members: members.into_iter().flatten().map(id).collect::<Result<_, _>>()?,
    })
}
