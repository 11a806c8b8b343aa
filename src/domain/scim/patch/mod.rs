//! Patches (RFC 7644 §3.5.2): what can be written of a resource, and the steps that change it.

mod apply;

#[cfg(test)]
mod tests;

use serde_json::Value;

use super::attribute::{AttributePath, field};
use super::filter::{BadFilter, Filter};

pub use apply::apply;

/// How many operations one patch may have.
const MAX_OPERATIONS: usize = 1000;

/// What of a resource can be written.
#[derive(Debug)]
pub struct Shape {
    /// The URN of its schema.
    pub schema: &'static str,
    /// Its attributes.
    pub attributes: &'static [Attribute],
    /// Those that can be read only, in lower case.
    pub read_only: &'static [&'static str],
}

/// An attribute that can be written.
#[derive(Debug)]
pub struct Attribute {
    /// Its name as it is shown.
    pub name: &'static str,
    /// Its parts as they are shown; none if it is one value.
    pub parts: &'static [&'static str],
    /// Whether it has many values.
    pub many: bool,
}

/// What a patch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Adds values.
    Add,
    /// Puts values in their place.
    Replace,
    /// Takes values away.
    Remove,
}

/// One step of a patch.
#[derive(Debug, Clone)]
pub struct Operation {
    /// What it does.
    pub kind: Kind,
    /// Where; to the whole resource if nowhere.
    path: Option<Path>,
    /// With what.
    value: Value,
}

#[derive(Debug, Clone)]
struct Path {
    attribute: AttributePath,
    which: Option<Filter>,
}

/// Why a patch can't be applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchError {
    /// It is no patch.
    #[error("{0}")]
    Syntax(&'static str),
    /// A path is none.
    #[error("a path can't be read")]
    Path,
    /// A path has a filter that is none.
    #[error("{0}")]
    Filter(#[from] BadFilter),
    /// There is nothing to change or take away.
    #[error("the path leads to nothing that is there")]
    NoTarget,
    /// What can only be read.
    #[error("{0} can't be changed")]
    Mutability(String),
    /// A value that the attribute doesn't take.
    #[error("{0} takes another kind of value")]
    Value(&'static str),
}

impl Operation {
    /// Puts a whole resource in the place of what is there; what it doesn't tell stays.
    pub fn replacing(whole: Value) -> Self {
        Self {
            kind: Kind::Replace,
            path: None,
            value: whole,
        }
    }
}

/// Reads the operations of a patch.
pub fn operations(body: &Value) -> Result<Vec<Operation>, PatchError> {
    let listed = body.as_object().and_then(|body| field(body, "Operations"));
    let Some(Value::Array(listed)) = listed else {
        return Err(PatchError::Syntax("a patch has a list of Operations"));
    };
    if listed.len() > MAX_OPERATIONS {
        return Err(PatchError::Syntax("a patch has at most 1000 Operations"));
    }
    listed.iter().map(operation).collect()
}

fn operation(body: &Value) -> Result<Operation, PatchError> {
    let body = body.as_object();
    let body = body.ok_or(PatchError::Syntax("each of the Operations is an object"))?;
    let kind = field(body, "op").and_then(Value::as_str).unwrap_or_default();
    let kind = match kind.to_ascii_lowercase().as_str() {
        "add" => Kind::Add,
        "replace" => Kind::Replace,
        "remove" => Kind::Remove,
        _ => return Err(PatchError::Syntax("op is add, replace or remove")),
    };
    let path = match field(body, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(Path::parse(text)?),
        Some(_) => return Err(PatchError::Path),
    };
    if path.is_none() && kind == Kind::Remove {
        return Err(PatchError::NoTarget);
    }
    let value = field(body, "value").cloned().unwrap_or_default();
    Ok(Operation { kind, path, value })
}

impl Path {
    fn parse(text: &str) -> Result<Self, PatchError> {
        let Some((attribute, bracketed)) = text.split_once('[') else {
            let attribute = AttributePath::parse(text).ok_or(PatchError::Path)?;
            return Ok(Self {
                attribute,
                which: None,
            });
        };
        let (which, rest) = Filter::parse_bracketed(bracketed)?;
        let attribute = format!("{attribute}{rest}");
        let attribute = AttributePath::parse(&attribute).ok_or(PatchError::Path)?;
        if !rest.is_empty() && !rest.starts_with('.') {
            return Err(PatchError::Path);
        }
        Ok(Self {
            attribute,
            which: Some(which),
        })
    }
}
