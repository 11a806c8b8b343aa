//! What a change would do, and to whom: who gains and loses what, and what ends.

use std::fmt::Write;

use super::words;
use crate::cli::json::Json;

/// What whoever asks may not read.
const UNREADABLE: [(&str, &str); 5] = [
    ("access", "who would gain or lose something"),
    ("applications", "which applications would"),
    ("ends.activations", "which sessions would end"),
    ("ends.api_keys", "which keys would end"),
    ("narrowed", "which keys could do less"),
];

/// A rehearsal's answer, for people.
pub(super) fn drawn(told: &Json) -> String {
    let mut text = String::new();
    for change in told.items("access") {
        holdings(&mut text, "", change.at("user"), change);
    }
    for change in told.items("applications") {
        holdings(&mut text, "The application ", change.at("application"), change);
    }
    for (list, what) in [("ends.activations", "session"), ("ends.api_keys", "key")] {
        for ending in told.items(list) {
            let because = words::value(ending.at("because"));
            _ = writeln!(text, "\nThe {what} {} ends: {because}", named(ending));
        }
    }
    for key in told.items("narrowed") {
        holdings(&mut text, "The key ", key, key);
    }
    if text.is_empty() {
        text.push_str("\nNobody would gain or lose anything.\n");
    }
    let hidden = UNREADABLE.iter().filter(|(list, _)| *told.at(list) == Json::Null);
    for (_, what) in hidden {
        _ = writeln!(text, "\nYou may not see {what}.");
    }
    format!("Nothing was changed. This is what would happen:\n{text}")
}

/// What somebody or something gains and loses.
fn holdings(text: &mut String, what: &str, whose: &Json, change: &Json) {
    _ = writeln!(text, "\n{what}{}", named(whose));
    for (word, verb) in [("gained", "gains"), ("lost", "loses")] {
        for (product, permissions) in change.at(word).fields() {
            let place = match product.as_str() {
                "*" => String::new(),
                product => format!(" on {}", words::plain(product)),
            };
            _ = writeln!(text, "  {verb}{place}: {}", words::value(permissions));
        }
    }
}

/// What a thing is called, and whose it is.
fn named(thing: &Json) -> String {
    let called = ["email", "name", "id"]
        .iter()
        .find_map(|name| thing.text(name))
        .unwrap_or_default();
    match thing.at("user") {
        Json::Null => words::plain(called),
        user => format!("{} of {}", words::plain(called), words::value(user)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_gains_and_loses_what_and_what_ends_is_told_in_words() {
        let told = r#"{"dry_run":true,
            "access":[{"user":{"id":"usr_1","email":"bob@acme.example","name":"Bob"},
                "gained":{"prd_1":["device:read"]},"lost":{"*":["device:read","device:write"]}}],
            "applications":null,
            "ends":{"activations":[{"id":"act_1","user":{"email":"bob@acme.example"},
                "because":[{"kind":"second_factor_missing","detail":"a second factor is missing"}]}],"api_keys":[]},
            "narrowed":[{"id":"key_1","name":"CI","user":{"email":"bob@acme.example"},"lost":{"*":["device:write"]}}]}"#;
        let expected = "Nothing was changed. This is what would happen:\n\
            \nbob@acme.example\n  gains on prd_1: device:read\n  loses: device:read, device:write\n\
            \nThe session act_1 of bob@acme.example ends: a second factor is missing\n\
            \nThe key CI of bob@acme.example\n  loses: device:write\n\
            \nYou may not see which applications would.\n";
        assert_eq!(drawn(&serde_json::from_str(told).unwrap()), expected);
        let nothing =
            r#"{"access":[],"applications":[],"ends":{"activations":[],"api_keys":[]},"narrowed":[]}"#;
        assert!(
            drawn(&serde_json::from_str(nothing).unwrap()).ends_with("Nobody would gain or lose anything.\n")
        );
    }
}
