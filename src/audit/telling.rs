//! What a stored event tells whoever reads the log.

use serde_json::{Map, Value};

use crate::storage::audit_events::StoredEvent;

/// A stored event's JSON, taken apart. What was of a person is absent once it is erased.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Telling {
    /// The client's address, or the network of refusals.
    pub ip: Option<String>,
    /// The client's program.
    pub user_agent: Option<String>,
    /// More about it.
    pub detail: Map<String, Value>,
    /// The fields that it changed, as they were.
    pub before: Option<Map<String, Value>>,
    /// The same, as they are since.
    pub after: Option<Map<String, Value>>,
    /// Whether what was of a person is erased.
    pub erased: bool,
}

impl Telling {
    /// Takes an event apart. What is no JSON object tells nothing.
    pub fn of(stored: &StoredEvent) -> Self {
        let mut telling = Self {
            erased: stored.binding.is_some() && stored.personal.is_none(),
            ..Self::default()
        };
        for json in [Some(&stored.detail), stored.personal.as_ref()]
            .into_iter()
            .flatten()
        {
            let fields: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
            for (name, value) in fields {
                telling.take(name, value);
            }
        }
        telling
    }

    fn take(&mut self, name: String, value: Value) {
        match (name.as_str(), value) {
            ("before", Value::Object(fields)) => self.before.get_or_insert_default().extend(fields),
            ("after", Value::Object(fields)) => self.after.get_or_insert_default().extend(fields),
            ("ip", Value::String(ip)) => self.ip = Some(ip),
            ("user_agent", Value::String(program)) => self.user_agent = Some(program),
            ("ip" | "user_agent", Value::Null) => {}
            (_, value) => drop(self.detail.insert(name, value)),
        }
    }
}
