//! The fields of a thing in the words of the log: what anybody may read there, what is of a person, and what is named
//! but never told.

use serde_json::{Map, Value};

use super::Event;

/// What stands in a secret's place.
const NOT_TOLD: &str = "(not told)";

/// A thing, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    plain: Map<String, Value>,
    personal: Map<String, Value>,
    /// Kept to see whether it differs, and never told.
    secret: Vec<(&'static str, Vec<u8>)>,
}

impl Fields {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// A field that is of nobody.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.plain.insert(name.to_owned(), value.into());
        self
    }

    /// A field that is of a person.
    #[must_use]
    pub fn with_personal(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.personal.insert(name.to_owned(), value.into());
        self
    }

    /// A field that the log names and gives no value for.
    #[must_use]
    pub fn with_secret(mut self, name: &'static str, stored: &[u8]) -> Self {
        self.secret.push((name, stored.to_vec()));
        self
    }

    /// What differs from another. A field without a value is as good as none.
    pub(super) fn without(&self, other: &Self) -> Self {
        let differing = |own: &Map<String, Value>, theirs: &Map<String, Value>| {
            own.iter()
                .filter(|(name, value)| theirs.get(*name).unwrap_or(&Value::Null) != *value)
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect()
        };
        let secret = self.secret.iter().filter(|one| !other.secret.contains(one));
        Self {
            plain: differing(&self.plain, &other.plain),
            personal: differing(&self.personal, &other.personal),
            secret: secret.cloned().collect(),
        }
    }

    /// Puts them into an event, under one word.
    pub(super) fn tell(mut self, word: &str, event: &mut Event) {
        for (name, _) in self.secret {
            self.plain.insert(name.to_owned(), NOT_TOLD.into());
        }
        for (fields, told) in [
            (self.plain, &mut event.detail),
            (self.personal, &mut event.personal),
        ] {
            if !fields.is_empty() {
                told.insert(word.to_owned(), Value::Object(fields));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::audit::Actor;

    #[test]
    fn what_differs_is_told_and_a_secret_only_named() {
        let before = Fields::new()
            .with("name", "Desk")
            .with("active", true)
            .with_personal("email", "bob@acme.example")
            .with_secret("secret", b"a hash");
        let after = Fields::new()
            .with("name", "Desk")
            .with("active", false)
            .with_personal("email", "bob@cook.example")
            .with_secret("secret", b"another");
        let event = Event::of("thing.changed", Actor::Host).changed(&before, &after);
        assert_eq!(
            Value::Object(event.detail),
            json!({
                "before": { "active": true, "secret": "(not told)" },
                "after": { "active": false, "secret": "(not told)" },
            })
        );
        assert_eq!(
            Value::Object(event.personal),
            json!({
                "before": { "email": "bob@acme.example" },
                "after": { "email": "bob@cook.example" },
            })
        );
    }

    #[test]
    fn what_is_made_has_no_before_and_what_is_unmade_no_after() {
        let thing = Fields::new().with("name", "Desk").with("product", Value::Null);
        let made = Event::of("thing.created", Actor::Host).made(&thing);
        assert_eq!(Value::Object(made.detail), json!({ "after": { "name": "Desk" } }));
        let unmade = Event::of("thing.deleted", Actor::Host).unmade(&thing);
        assert_eq!(
            Value::Object(unmade.detail),
            json!({ "before": { "name": "Desk" } })
        );
    }
}
