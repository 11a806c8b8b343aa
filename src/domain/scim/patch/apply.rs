//! Applying patches to what is known of a resource. What a resource doesn't have is ignored, as providers send all that
//! they know.

use serde_json::{Map, Value};

use super::{Attribute, Kind, Operation, PatchError, Path, Shape};
use crate::domain::scim::attribute::{AttributePath, field};
use crate::domain::scim::filter::Filter;

/// Applies operations in their order to what is known of a resource.
pub fn apply(
    resource: &mut Map<String, Value>,
    operations: &[Operation],
    shape: &Shape,
) -> Result<(), PatchError> {
    for Operation { kind, path, value } in operations {
        match (path, value) {
            (Some(path), value) => {
                if shape.read_only.contains(&path.attribute.name.as_str()) {
                    return Err(PatchError::Mutability(path.attribute.name.clone()));
                }
                step(resource, *kind, path, value, shape)?;
            }
            (None, Value::Object(whole)) => {
                for (name, value) in whole {
                    // What is no attribute of ours is ignored, and what can't be written is told along by providers.
                    let attribute = AttributePath::parse(name);
                    if let Some(attribute) = attribute {
                        let path = Path {
                            attribute,
                            which: None,
                        };
                        step(resource, *kind, &path, value, shape)?;
                    }
                }
            }
            (None, _) => return Err(PatchError::Syntax("without a path, value is an object")),
        }
    }
    Ok(())
}

fn step(
    resource: &mut Map<String, Value>,
    kind: Kind,
    path: &Path,
    value: &Value,
    shape: &Shape,
) -> Result<(), PatchError> {
    let Path { attribute, which } = path;
    let known = shape.attributes.iter();
    let mut known = known.filter(|known| known.name.eq_ignore_ascii_case(&attribute.name));
    let Some(known) = known.next().filter(|_| attribute.is_of(shape.schema)) else {
        return Ok(());
    };
    let part = match &attribute.sub {
        None => None,
        Some(sub) => match known.parts.iter().find(|part| part.eq_ignore_ascii_case(sub)) {
            Some(part) => Some(*part),
            None => return Ok(()),
        },
    };
    match (known.many, which, part) {
        (true, which, None) => step_of_many(resource, kind, known, which.as_ref(), value),
        (true, _, Some(_)) | (false, Some(_), _) => Err(PatchError::Path),
        (false, None, part) => step_of_one(resource, kind, known, part, value),
    }
}

fn step_of_one(
    resource: &mut Map<String, Value>,
    kind: Kind,
    known: &Attribute,
    part: Option<&str>,
    value: &Value,
) -> Result<(), PatchError> {
    let goes = kind == Kind::Remove || value.is_null();
    match part {
        None if goes => {
            resource.remove(known.name);
        }
        None if known.parts.is_empty() => {
            if value.is_object() || value.is_array() {
                return Err(PatchError::Value(known.name));
            }
            resource.insert(known.name.to_owned(), value.clone());
        }
        None => {
            let Value::Object(parts) = value else {
                return Err(PatchError::Value(known.name));
            };
            for part in known.parts {
                if let Some(value) = field(parts, part) {
                    step_of_one(resource, kind, known, Some(part), value)?;
                }
            }
        }
        Some(part) => {
            let whole = resource.entry(known.name).or_insert_with(|| Map::new().into());
            let Value::Object(parts) = whole else {
                return Err(PatchError::Value(known.name));
            };
            if goes {
                parts.remove(part);
            } else if value.is_object() || value.is_array() {
                return Err(PatchError::Value(known.name));
            } else {
                parts.insert(part.to_owned(), value.clone());
            }
        }
    }
    Ok(())
}

fn step_of_many(
    resource: &mut Map<String, Value>,
    kind: Kind,
    known: &Attribute,
    which: Option<&Filter>,
    value: &Value,
) -> Result<(), PatchError> {
    let told = entries(known, value)?;
    let all = resource
        .entry(known.name)
        .or_insert_with(|| Value::Array(Vec::new()));
    let Value::Array(all) = all else {
        return Err(PatchError::Value(known.name));
    };
    match (kind, which) {
        (Kind::Remove, Some(which)) => all.retain(|one| !which.admits(one)),
        (Kind::Remove, None) if value.is_null() => all.clear(),
        (Kind::Remove, None) => all.retain(|one| !told.contains(one)),
        (Kind::Add | Kind::Replace, Some(which)) => {
            if !all.iter().any(|one| which.admits(one)) {
                return Err(PatchError::NoTarget);
            }
            all.retain(|one| !which.admits(one));
            add(all, told);
        }
        (Kind::Replace, None) => {
            all.clear();
            add(all, told);
        }
        (Kind::Add, None) => add(all, told),
    }
    Ok(())
}

fn add(all: &mut Vec<Value>, told: Vec<Value>) {
    for one in told {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

/// The values that were told, one or many, each with the parts that we know.
fn entries(known: &Attribute, value: &Value) -> Result<Vec<Value>, PatchError> {
    let each = match value {
        Value::Null => &[],
        Value::Array(many) => many.as_slice(),
        one => std::slice::from_ref(one),
    };
    let entry = |one: &Value| {
        let parts = one.as_object().ok_or(PatchError::Value(known.name))?;
        let kept = known.parts.iter().filter_map(|part| {
            let value = field(parts, part)?;
            Some(((*part).to_owned(), value.clone()))
        });
        Ok(Value::Object(kept.collect()))
    };
    each.iter().map(entry).collect()
}
