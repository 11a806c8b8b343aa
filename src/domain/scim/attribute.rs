//! Attribute paths (RFC 7644 §3.10): `name.givenName`, with the schema's URN before it or without. Case doesn't matter.

use serde_json::{Map, Value};

/// Which attribute, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath {
    /// The URN of its schema, if it was said.
    pub schema: Option<String>,
    /// The attribute.
    pub name: String,
    /// A part of it.
    pub sub: Option<String>,
}

impl AttributePath {
    /// Reads a path; nothing if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.to_ascii_lowercase();
        let (schema, rest) = if text.starts_with("urn:") {
            text.rsplit_once(':').map(|(urn, rest)| (Some(urn), rest))?
        } else {
            (None, text.as_str())
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        let whole = is_name(name) && sub.is_none_or(is_name);
        whole.then(|| Self {
            schema: schema.map(str::to_owned),
            name: name.to_owned(),
            sub: sub.map(str::to_owned),
        })
    }

    /// Whether it is of this schema, or said none.
    pub(super) fn is_of(&self, schema: &str) -> bool {
        self.schema
            .as_ref()
            .is_none_or(|own| own.eq_ignore_ascii_case(schema))
    }
}

fn is_name(name: &str) -> bool {
    let name = name.strip_prefix('$').unwrap_or(name);
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// What an object has under a name in whatever case.
pub(super) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let found = object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_in_any_case_and_with_its_urn() {
        let path = AttributePath::parse("urn:ietf:params:scim:schemas:core:2.0:User:Name.GivenName").unwrap();
        assert_eq!(
            (path.name.as_str(), path.sub.as_deref()),
            ("name", Some("givenname"))
        );
        assert!(path.is_of("urn:ietf:params:scim:schemas:core:2.0:User"));
        assert!(!path.is_of("urn:ietf:params:scim:schemas:core:2.0:Group"));
        for text in [
            "", ".", "a.", "a.b.c", "1a", "a b", "a[b", "urn:", "urn:x:", "a\0",
        ] {
            assert_eq!(AttributePath::parse(text), None, "{text:?}");
        }
    }
}
