//! What claims say of somebody, as an arrival. What a provider doesn't plainly say is not so.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::id_token::Checked;
use crate::domain::arrival::{Arrival, ArrivedEmail};
use crate::domain::connection::Mapping;
use crate::domain::email::Email;
use crate::domain::evidence::Sources;

/// So many attributes are looked at, with so many values each, of so many characters.
const MOST: [usize; 3] = [100, 1_000, 1_000];

/// What `acr` says where a second factor was shown: ours, REFEDS' and PAPE's.
const ACR_OF_TWO: [&str; 4] = [
    "aal2",
    "aal3",
    "https://refeds.org/profile/mfa",
    "http://schemas.openid.net/pape/policies/2007/06/multi-factor",
];

/// Whoever came, by these claims, and which of them said so.
pub(super) fn arrival(
    checked: Checked,
    claims: &Map<String, Value>,
    mapping: &Mapping,
) -> (Arrival, Sources) {
    let attributes = attributes(claims);
    let first = |name: &str| attributes.get(name).and_then(|values| values.first()).cloned();
    let named = |own: &Option<String>, usual: &str| {
        let name = own.as_deref().unwrap_or(usual);
        first(name).map(|value| (name.to_owned(), value))
    };
    let email = named(&mapping.email, "email");
    let email = email.and_then(|(name, text)| Some((name, Email::parse(&text).ok()?)));
    let (email_by, email) = email.unzip();
    // `email_verified` is about `email` and no other claim, and says so by nothing but `true` (UP4).
    let usual = mapping.email.as_deref().is_none_or(|own| own == "email");
    let verified = usual && claims.get("email_verified") == Some(&Value::Bool(true));
    let parts = [
        named(&mapping.given_name, "given_name"),
        named(&mapping.family_name, "family_name"),
    ];
    let whole = named(&mapping.name, "name");
    let parts = match &whole {
        Some(_) => [whole, None],
        None => parts,
    };
    let (named_by, parts): (Vec<_>, Vec<_>) = parts.into_iter().flatten().unzip();
    let arrival = Arrival {
        subject: checked.subject,
        email: email.map(|email| ArrivedEmail { email, verified }),
        name: (!parts.is_empty()).then(|| parts.join(" ")),
        at: checked.at,
        second_factor: second_factor(claims),
        until: None,
        session: first("sid"),
        format: None,
        sealed_id_token: None,
        attributes,
    };
    let sources = Sources {
        email: email_by,
        name: named_by,
    };
    (arrival, sources)
}

/// Texts, numbers and truths, alone or in a list; what is more is left out.
fn attributes(claims: &Map<String, Value>) -> BTreeMap<String, Vec<String>> {
    let [attributes, values, characters] = MOST;
    let text = |value: &Value| match value {
        Value::String(text) if text.chars().count() <= characters => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    };
    let all = claims.iter().take(attributes).map(|(name, value)| {
        let found = match value {
            Value::Array(list) => list.iter().take(values).filter_map(text).collect(),
            one => text(one).into_iter().collect::<Vec<_>>(),
        };
        (name.clone(), found)
    });
    all.filter(|(_, found)| !found.is_empty()).collect()
}

/// Whether a second factor was shown, by `amr` (RFC 8176 §2) or `acr`: `mfa` itself, or what one knows and what one has.
fn second_factor(claims: &Map<String, Value>) -> bool {
    let acr = claims.get("acr").and_then(Value::as_str);
    if acr.is_some_and(|acr| ACR_OF_TWO.contains(&acr)) {
        return true;
    }
    let Some(Value::Array(amr)) = claims.get("amr") else {
        return false;
    };
    let shown = |names: &[&str]| {
        amr.iter()
            .any(|method| method.as_str().is_some_and(|method| names.contains(&method)))
    };
    shown(&["mfa"]) || shown(&["pwd", "pin", "kba"]) && shown(&["otp", "sms", "hwk", "swk", "sc", "tel"])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::arrival::Subject;
    use crate::domain::time::Timestamp;

    fn arrived(claims: &Value, mapping: &Mapping) -> Arrival {
        let checked = Checked {
            subject: Subject::try_from("00u1".to_owned()).unwrap(),
            at: Timestamp::from_millis(0),
        };
        arrival(checked, claims.as_object().unwrap(), mapping).0
    }

    #[test]
    fn up4_an_address_is_verified_by_true_and_nothing_else() {
        let verified = |claims: &Value, mapping: &Mapping| arrived(claims, mapping).email.unwrap().verified;
        let with = |value: Value| json!({ "email": "bob@acme.example", "email_verified": value });
        assert!(verified(&with(json!(true)), &Mapping::default()));
        for other in [
            json!("true"),
            json!(1),
            json!("1"),
            Value::Null,
            json!([true]),
            json!({}),
            json!(false),
        ] {
            assert!(!verified(&with(other.clone()), &Mapping::default()), "{other}");
        }
        assert!(!verified(
            &json!({ "email": "bob@acme.example" }),
            &Mapping::default()
        ));
        let mapping = Mapping {
            email: Some("upn".to_owned()),
            ..Mapping::default()
        };
        let claims =
            json!({ "upn": "eve@acme.example", "email": "bob@acme.example", "email_verified": true });
        assert!(!verified(&claims, &mapping), "that is about another address");
    }

    #[test]
    fn names_and_groups_are_read_by_the_mapping_or_as_usual() {
        let claims = json!({
            "name": "Bob Becker", "given_name": "Bob", "family_name": "B.", "display": "Bobby",
            "groups": ["fleet", 7, true, { "no": 1 }, "x".repeat(1_001)], "email": "nobody at all",
        });
        let usual = arrived(&claims, &Mapping::default());
        assert_eq!((usual.name.as_deref(), usual.email), (Some("Bob Becker"), None));
        assert_eq!(usual.attributes["groups"], ["fleet", "7", "true"]);
        let mapping = Mapping {
            name: Some("display".to_owned()),
            ..Mapping::default()
        };
        assert_eq!(arrived(&claims, &mapping).name.as_deref(), Some("Bobby"));
        let parts = json!({ "given_name": "Bob", "family_name": "Becker" });
        assert_eq!(
            arrived(&parts, &Mapping::default()).name.as_deref(),
            Some("Bob Becker")
        );
    }

    #[test]
    fn a_second_factor_is_one_that_was_plainly_shown() {
        let shown = |claims: Value| arrived(&claims, &Mapping::default()).second_factor;
        for claims in [
            json!({ "amr": ["mfa"] }),
            json!({ "amr": ["pwd", "otp"] }),
            json!({ "acr": "https://refeds.org/profile/mfa" }),
        ] {
            assert!(shown(claims.clone()), "{claims}");
        }
        for claims in [
            json!({}),
            json!({ "amr": "mfa" }),
            json!({ "amr": ["pwd"] }),
            json!({ "amr": ["otp", "sms"] }),
            json!({ "amr": ["MFA"] }),
            json!({ "acr": "urn:mace:incommon:iap:silver" }),
            json!({ "acr": ["aal2"] }),
        ] {
            assert!(!shown(claims.clone()), "{claims}");
        }
    }
}
