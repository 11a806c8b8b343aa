//! Values as people read them. Nothing that a server sent can steer a terminal or reorder a line (LO1).

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_saphyr::DoubleQuoted;

use crate::cli::json::Json;
use crate::domain::text::misleads;
use crate::domain::time::Timestamp;

/// A text with all escaped that is no visible character.
pub(in crate::cli) fn plain(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => safe.push_str("\\n"),
            character if misleads(character) => safe.extend(character.escape_unicode()),
            character => safe.push(character),
        }
    }
    safe
}

/// A value in a few words: `–` for nothing, a list by its items, of an object what people call it.
pub(super) fn value(json: &Json) -> String {
    match json {
        Json::Null => "–".to_owned(),
        Json::Bool(true) => "yes".to_owned(),
        Json::Bool(false) => "no".to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Text(text) if text.is_empty() => "–".to_owned(),
        Json::Text(text) => plain(text),
        Json::List(items) if items.is_empty() => "–".to_owned(),
        Json::List(items) => items.iter().map(value).collect::<Vec<_>>().join(", "),
        Json::Object(fields) if fields.is_empty() => "–".to_owned(),
        Json::Object(fields) => {
            let called = ["email", "display_name", "name", "detail", "id", "kind"]
                .iter()
                .find_map(|name| json.text(name));
            called.map_or_else(
                || {
                    fields
                        .iter()
                        .map(|(name, field)| format!("{} {}", plain(name), value(field)))
                        .collect::<Vec<_>>()
                        .join(", ")
                },
                plain,
            )
        }
    }
}

/// A moment, told from now: `3 days ago`, `in 89 days`.
pub(super) fn when(json: &Json, now: Timestamp) -> String {
    match json {
        Json::Null => "never".to_owned(),
        other => moment(other).map_or_else(|| value(other), |then| from_now(then, now)),
    }
}

/// A moment, if it is one.
pub(super) fn moment(json: &Json) -> Option<Timestamp> {
    match json {
        Json::Text(text) => text.parse().ok(),
        _ => None,
    }
}

/// A moment to the second, and how far it is from now.
pub(super) fn at(then: Timestamp, now: Timestamp) -> String {
    let whole = Timestamp::from_millis(then.seconds() * 1000).to_string();
    let (date, time) = whole.split_once('T').unwrap_or((&whole, ""));
    format!(
        "{date} {} UTC ({})",
        time.trim_end_matches('Z'),
        from_now(then, now)
    )
}

/// How far a moment is from now.
pub(super) fn from_now(then: Timestamp, now: Timestamp) -> String {
    let (past, future) = (now.since(then).as_secs(), then.since(now).as_secs());
    let seconds = past.max(future);
    let units = [
        (86_400 * 365, "year"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
    ];
    let Some((length, unit)) = units.into_iter().find(|(length, _)| seconds >= *length) else {
        return if future > 0 { "in a moment" } else { "just now" }.to_owned();
    };
    let count = (seconds + length / 2) / length;
    let plural = if count == 1 { "" } else { "s" };
    if future > 0 {
        format!("in {count} {unit}{plural}")
    } else {
        format!("{count} {unit}{plural} ago")
    }
}

/// JSON on its way to YAML: a text that misleads is quoted, so that it can be escaped.
pub(super) struct Yaml<'a>(pub(super) &'a Json);

impl Serialize for Yaml<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Json::Text(text) if text.chars().any(misleads) => {
                DoubleQuoted(text.as_str()).serialize(serializer)
            }
            Json::List(items) => serializer.collect_seq(items.iter().map(Yaml)),
            Json::Object(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, &Yaml(value))?;
                }
                map.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn moments_are_told_from_now() {
        let now = Timestamp::from_millis(1_795_339_800_000);
        let seconds = Duration::from_secs;
        for (ago, told) in [
            (0, "just now"),
            (59, "just now"),
            (60, "1 minute ago"),
            (7_200, "2 hours ago"),
            (86_400 * 400, "1 year ago"),
        ] {
            assert_eq!(from_now(now.minus(seconds(ago)), now), told);
        }
        for (until, told) in [
            (1, "in a moment"),
            (3_540, "in 59 minutes"),
            (86_400 * 89, "in 89 days"),
        ] {
            assert_eq!(from_now(now.plus(seconds(until)), now), told);
        }
    }

    #[test]
    fn lo1_nothing_steers_a_terminal_or_reorders_a_line() {
        assert_eq!(
            plain("Bob\u{202e}nimda\u{1b}[2J\r\n\u{9b}x"),
            "Bob\\u{202e}nimda\\u{1b}[2J\\u{d}\\n\\u{9b}x"
        );
        assert_eq!(plain("Zoë 李 🚪"), "Zoë 李 🚪");
    }
}
