//! What of a resource is shown: `attributes` and `excludedAttributes` (RFC 7644 §3.9).

use serde_json::{Map, Value};

use super::MAX_BYTES;
use super::attribute::AttributePath;

/// Shown whatever is asked (RFC 7643 §7, `returned: always`).
const ALWAYS: [&str; 2] = ["id", "schemas"];

/// Which attributes; all of them if nothing was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    only: Vec<AttributePath>,
    without: Vec<AttributePath>,
}

impl Projection {
    /// Reads both lists, separated by commas; nothing if one is none.
    pub fn parse(attributes: &str, excluded: &str) -> Option<Self> {
        if attributes.len() > MAX_BYTES || excluded.len() > MAX_BYTES {
            return None;
        }
        let read = |text: &str| {
            let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
            names.map(AttributePath::parse).collect::<Option<Vec<_>>>()
        };
        Some(Self {
            only: read(attributes)?,
            without: read(excluded)?,
        })
    }

    /// Whether anything of an attribute is shown.
    pub fn shows(&self, name: &str) -> bool {
        let named = |paths: &[AttributePath], whole: bool| {
            paths
                .iter()
                .any(|path| path.name.eq_ignore_ascii_case(name) && !(whole && path.sub.is_some()))
        };
        let wanted = self.only.is_empty() || named(&self.only, false);
        ALWAYS.contains(&name) || wanted && !named(&self.without, true)
    }

    /// Takes away what is not shown.
    pub fn apply(&self, resource: &mut Map<String, Value>) {
        resource.retain(|name, _| self.shows(name));
        for (name, value) in resource {
            let of_it = |paths: &[AttributePath]| -> Vec<Option<String>> {
                let those = paths.iter().filter(|path| path.name.eq_ignore_ascii_case(name));
                those.map(|path| path.sub.clone()).collect()
            };
            let (only, without) = (of_it(&self.only), of_it(&self.without));
            let has = |subs: &[Option<String>], part: &str| {
                let mut subs = subs.iter().flatten();
                subs.any(|sub| sub.eq_ignore_ascii_case(part))
            };
            let whole = only.is_empty() || only.contains(&None);
            let keeps = |part: &str| (whole || has(&only, part)) && !has(&without, part);
            match value {
                Value::Object(parts) => parts.retain(|part, _| keeps(part)),
                Value::Array(many) => {
                    for parts in many.iter_mut().filter_map(Value::as_object_mut) {
                        parts.retain(|part, _| keeps(part));
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(attributes: &str, excluded: &str) -> Value {
        let whole = json!({
            "schemas": ["urn"], "id": "1", "userName": "a", "name": { "givenName": "A", "familyName": "B" },
            "emails": [{ "value": "a@b", "type": "work" }],
        });
        let Value::Object(mut resource) = whole else {
            unreachable!()
        };
        Projection::parse(attributes, excluded)
            .unwrap()
            .apply(&mut resource);
        resource.into()
    }

    #[test]
    fn what_is_asked_is_shown_with_what_always_is() {
        let always = |mut rest: Value| {
            rest["id"] = json!("1");
            rest["schemas"] = json!(["urn"]);
            rest
        };
        assert_eq!(shown("USERNAME", ""), always(json!({ "userName": "a" })));
        assert_eq!(
            shown("name.givenName", ""),
            always(json!({ "name": { "givenName": "A" } }))
        );
        assert_eq!(
            shown("emails.value", ""),
            always(json!({ "emails": [{ "value": "a@b" }] }))
        );
        let rest = json!({ "userName": "a", "name": { "familyName": "B" } });
        assert_eq!(shown("", "emails,name.givenName,id"), always(rest));
        assert_eq!(Projection::parse("a b", ""), None);
    }
}
