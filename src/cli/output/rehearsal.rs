//! What a change would do, and to whom: who gains and loses what, and what ends.

use std::fmt::Write;

use super::words;
use crate::cli::json::Json;

/// A rehearsal's answer, for people.
pub(super) fn drawn(told: &Json) -> String {
    let mut text = "Nothing was changed. This would happen:\n".to_owned();
    let before = text.len();
    for change in told.items("access") {
        _ = writeln!(text, "\n{}", words::value(change.at("user")));
        for (word, verb) in [("gained", "gains"), ("lost", "loses")] {
            for (product, permissions) in change.at(word).fields() {
                let place = if product == "*" {
                    String::new()
                } else {
                    format!(" on {}", words::plain(product))
                };
                _ = writeln!(text, "  {verb}{place}: {}", words::value(permissions));
            }
        }
    }
    for (list, what) in [("ends.activations", "session"), ("ends.api_keys", "API key")] {
        for ending in told.items(list) {
            let called = ["name", "id"]
                .iter()
                .find_map(|name| ending.text(name))
                .unwrap_or_default();
            let whose = match ending.at("user") {
                Json::Null => String::new(),
                user => format!(" of {}", words::value(user)),
            };
            let because = words::value(ending.at("because"));
            _ = writeln!(
                text,
                "\nThe {what} {}{whose} ends: {because}",
                words::plain(called)
            );
        }
    }
    if text.len() == before {
        return "Nothing was changed, and nobody would gain or lose anything.\n".to_owned();
    }
    text
}
