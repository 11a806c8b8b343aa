//! Claims in a person's words: lists joined, times of day beside the raw number.
//!
//! Times are told against `iat`, never against a clock: the page says the same whenever it is looked at.

use serde_json::{Map, Value};

/// A token's claims.
pub(super) type Claims = Map<String, Value>;

/// A token that passed.
pub(super) struct CheckedToken {
    /// All that it says.
    pub(super) claims: Claims,
    /// Each check that it passed, in a person's words.
    pub(super) checks: Vec<String>,
}

/// Who, from whom and for whom first; claims not named here follow by name.
const ORDER: [&str; 20] = [
    "iss",
    "sub",
    "aud",
    "client_id",
    "name",
    "email",
    "email_verified",
    "org",
    "roles",
    "groups",
    "permissions",
    "scope",
    "iat",
    "exp",
    "auth_time",
    "acr",
    "amr",
    "sid",
    "nonce",
    "jti",
];
const TIMES: [&str; 5] = ["exp", "iat", "nbf", "auth_time", "updated_at"];
const UNITS: [(u64, &str); 4] = [(86400, "day"), (3600, "hour"), (60, "minute"), (1, "second")];

/// Every claim with its value in words.
pub(super) fn in_words(claims: &Claims) -> Vec<(String, String)> {
    let place = |name: &str| {
        ORDER
            .iter()
            .position(|known| *known == name)
            .unwrap_or(ORDER.len())
    };
    let mut listed: Vec<_> = claims.iter().collect();
    listed.sort_by_key(|(name, _)| (place(name), name.as_str()));
    listed
        .into_iter()
        .map(|(name, value)| (name.clone(), claim(name, value, claims)))
        .collect()
}

/// How long a token is good for: "expires 5 minutes after it was issued".
pub(super) fn lifetime(claims: &Claims) -> String {
    match (time(claims, "exp"), time(claims, "iat")) {
        (Some(exp), Some(iat)) => format!("expires {}", since(exp, iat)),
        _ => "not expired".to_owned(),
    }
}

/// "signed with ES256 by key 3fX0aB1c…": enough of the key's id to find it in the provider's list.
pub(super) fn signed(algorithm: &str, key_id: &str) -> String {
    let start: String = key_id.chars().take(8).collect();
    let more = if start.len() < key_id.len() { "…" } else { "" };
    format!("signed with {algorithm} by key {start}{more}")
}

/// A claim that is text.
pub(super) fn text(claims: &Claims, name: &str) -> Option<String> {
    claims.get(name)?.as_str().map(str::to_owned)
}

/// The texts of a list, `[]` if it is not there.
pub(super) fn texts(list: Option<&Value>) -> Vec<String> {
    let list = list
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    list.iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn claim(name: &str, value: &Value, claims: &Claims) -> String {
    let Some(at) = TIMES.contains(&name).then(|| value.as_i64()).flatten() else {
        return words(value);
    };
    let day = at.rem_euclid(86400);
    let clock = format!("{:02}:{:02}:{:02} UTC", day / 3600, day / 60 % 60, day % 60);
    match time(claims, "iat") {
        Some(iat) if name != "iat" => format!("{at} ({clock}, {})", since(at, iat)),
        _ => format!("{at} ({clock})"),
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(words).collect::<Vec<_>>().join(", "),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name}: {}", words(value)))
            .collect::<Vec<_>>()
            .join("; "),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

fn time(claims: &Claims, name: &str) -> Option<i64> {
    claims.get(name)?.as_i64()
}

fn since(at: i64, issued: i64) -> String {
    let seconds = at.abs_diff(issued);
    if seconds == 0 {
        return "as it was issued".to_owned();
    }
    // From two of a unit on, so that 90 seconds are not "1 minute".
    let (unit, name) = UNITS
        .into_iter()
        .find(|(unit, _)| seconds >= 2 * unit)
        .unwrap_or((1, "second"));
    let count = seconds / unit;
    let plural = if count == 1 { "" } else { "s" };
    let side = if at > issued { "after" } else { "before" };
    format!("{count} {name}{plural} {side} it was issued")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(value: Value) -> Claims {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn times_are_shown_raw_and_readable() {
        let listed = in_words(&claims(
            json!({ "exp": 1_763_771_534, "auth_time": 1_763_771_233, "iat": 1_763_771_234 }),
        ));
        let shown: Vec<_> = listed
            .iter()
            .map(|(name, words)| format!("{name} {words}"))
            .collect();
        assert_eq!(
            shown,
            [
                "iat 1763771234 (00:27:14 UTC)",
                "exp 1763771534 (00:32:14 UTC, 5 minutes after it was issued)",
                "auth_time 1763771233 (00:27:13 UTC, 1 second before it was issued)",
            ]
        );
    }

    #[test]
    fn lists_and_objects_are_told_in_words() {
        let org =
            json!({ "org": { "id": "org_1", "name": "acme" }, "amr": ["pwd", "otp"], "zoneinfo": null });
        let expected = [
            ("org", "id: org_1; name: acme"),
            ("amr", "pwd, otp"),
            ("zoneinfo", "null"),
        ];
        assert_eq!(
            in_words(&claims(org)),
            expected.map(|(name, words)| (name.to_owned(), words.to_owned()))
        );
    }

    #[test]
    fn a_lifetime_is_told_from_the_issue() {
        assert_eq!(
            lifetime(&claims(json!({ "iat": 10, "exp": 310 }))),
            "expires 5 minutes after it was issued"
        );
        assert_eq!(lifetime(&claims(json!({ "exp": 310 }))), "not expired");
    }
}
