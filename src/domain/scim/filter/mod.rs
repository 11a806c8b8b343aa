//! Filters (RFC 7644 §3.4.2.2), read by a parser that never goes deeper than it is told to, and asked of a resource.

mod parser;

use serde_json::{Map, Value};

use super::attribute::{AttributePath, field};
use crate::domain::time::Timestamp;
use parser::Parser;

/// A question about a resource.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// All of these.
    And(Vec<Filter>),
    /// Any of these.
    Or(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// The attribute has a value.
    Present(AttributePath),
    /// The attribute compares to a value like this.
    Compare(AttributePath, Operator, Value),
    /// One value of the attribute is so.
    Within(AttributePath, Box<Filter>),
}

/// How two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// Is.
    Equal,
    /// Is not.
    NotEqual,
    /// Has it somewhere.
    Contains,
    /// Begins with it.
    StartsWith,
    /// Ends with it.
    EndsWith,
    /// Comes after.
    Greater,
    /// Comes after, or is.
    GreaterOrEqual,
    /// Comes before.
    Less,
    /// Comes before, or is.
    LessOrEqual,
}

/// Why a text is no filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadFilter {
    /// More than 4 KiB.
    #[error("a filter has at most 4096 bytes")]
    TooLong,
    /// More brackets in each other than anybody needs.
    #[error("a filter is nested at most 16 deep")]
    TooDeep,
    /// It can't be read from here on, counted in bytes from its end.
    #[error("the filter can't be read: {0} bytes before its end")]
    Unreadable(usize),
}

impl Filter {
    /// Reads a filter.
    pub fn parse(text: &str) -> Result<Self, BadFilter> {
        let mut parser = Parser::of(text)?;
        let filter = parser.any()?;
        match parser.rest.trim_start() {
            "" => Ok(filter),
            rest => Err(BadFilter::Unreadable(rest.len())),
        }
    }

    /// Reads a filter up to the bracket that closes it; answers what comes behind.
    pub(super) fn parse_bracketed(text: &str) -> Result<(Self, &str), BadFilter> {
        let mut parser = Parser::of(text)?;
        let filter = parser.nested(']')?;
        Ok((filter, parser.rest))
    }

    /// Whether a resource is so.
    pub fn admits(&self, resource: &Value) -> bool {
        let Value::Object(object) = resource else {
            return false;
        };
        match self {
            Self::And(all) => all.iter().all(|one| one.admits(resource)),
            Self::Or(some) => some.iter().any(|one| one.admits(resource)),
            Self::Not(inner) => !inner.admits(resource),
            Self::Present(path) => values(object, path).into_iter().any(is_something),
            Self::Compare(path, operator, wanted) => compare_any(object, path, *operator, wanted),
            Self::Within(path, inner) => values_of(object, &path.name)
                .into_iter()
                .any(|value| inner.admits(value)),
        }
    }

    /// The text that the attribute must be equal to, whatever else is asked.
    pub fn pinned(&self, name: &str, sub: Option<&str>) -> Option<&str> {
        match self {
            Self::Compare(path, Operator::Equal, Value::String(text))
                if path.name == name && (path.sub.as_deref() == sub || path.sub.is_none()) =>
            {
                Some(text)
            }
            Self::And(all) => all.iter().find_map(|one| one.pinned(name, sub)),
            Self::Within(path, inner) if path.name == name && sub.is_some() => {
                inner.pinned(sub.unwrap_or_default(), None)
            }
            _ => None,
        }
    }

    /// Whether an attribute is asked about.
    pub fn mentions(&self, name: &str) -> bool {
        match self {
            Self::And(all) | Self::Or(all) => all.iter().any(|one| one.mentions(name)),
            Self::Not(inner) => inner.mentions(name),
            Self::Present(path) | Self::Compare(path, ..) | Self::Within(path, _) => path.name == name,
        }
    }
}

/// The values of an attribute: one by one, if it has many.
fn values_of<'a>(object: &'a Map<String, Value>, name: &str) -> Vec<&'a Value> {
    match field(object, name) {
        None => Vec::new(),
        Some(Value::Array(many)) => many.iter().collect(),
        Some(one) => vec![one],
    }
}

/// The values that a path leads to. Of what has parts, and no part is named, it is the one that is called `value`.
fn values<'a>(object: &'a Map<String, Value>, path: &AttributePath) -> Vec<&'a Value> {
    let part = path.sub.as_deref().unwrap_or("value");
    values_of(object, &path.name)
        .into_iter()
        .filter_map(|value| match value {
            Value::Object(parts) if path.sub.is_some() || field(parts, part).is_some() => field(parts, part),
            _ if path.sub.is_some() => None,
            value => Some(value),
        })
        .collect()
}

fn is_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(many) => !many.is_empty(),
        Value::Object(parts) => !parts.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare_any(
    object: &Map<String, Value>,
    path: &AttributePath,
    operator: Operator,
    wanted: &Value,
) -> bool {
    let found = values(object, path);
    let is_exact = EXACT.contains(&path.name.as_str());
    match operator {
        // RFC 7643 §2.5: what is absent is the same as null.
        Operator::Equal if wanted.is_null() => !found.into_iter().any(is_something),
        Operator::NotEqual if wanted.is_null() => found.into_iter().any(is_something),
        Operator::NotEqual => !found
            .iter()
            .any(|value| compares(value, Operator::Equal, wanted, is_exact)),
        operator => found
            .iter()
            .any(|value| compares(value, operator, wanted, is_exact)),
    }
}

/// Attributes whose letters count (RFC 7643 §2.2, `caseExact`).
const EXACT: [&str; 5] = ["id", "externalid", "members", "groups", "meta"];

fn compares(value: &Value, operator: Operator, wanted: &Value, is_exact: bool) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) => compares_text(value, operator, wanted, is_exact),
        (value, wanted) => operator == Operator::Equal && value == wanted,
    }
}

fn compares_text(value: &str, operator: Operator, wanted: &str, is_exact: bool) -> bool {
    let folded = |text: &str| {
        if is_exact {
            text.to_owned()
        } else {
            text.to_lowercase()
        }
    };
    if operator == Operator::Equal && value == wanted {
        return true;
    }
    if operator == Operator::Equal && value.is_ascii() && wanted.is_ascii() {
        return !is_exact && value.eq_ignore_ascii_case(wanted);
    }
    let order = match (value.parse::<Timestamp>(), wanted.parse::<Timestamp>()) {
        (Ok(value), Ok(wanted)) => value.cmp(&wanted),
        _ => folded(value).cmp(&folded(wanted)),
    };
    match operator {
        Operator::Equal => order.is_eq(),
        Operator::NotEqual => order.is_ne(),
        Operator::Contains => folded(value).contains(&folded(wanted)),
        Operator::StartsWith => folded(value).starts_with(&folded(wanted)),
        Operator::EndsWith => folded(value).ends_with(&folded(wanted)),
        Operator::Greater => order.is_gt(),
        Operator::GreaterOrEqual => order.is_ge(),
        Operator::Less => order.is_lt(),
        Operator::LessOrEqual => order.is_le(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn alice() -> Value {
        json!({
            "id": "usr_1", "externalId": "00uA", "userName": "Alice@acme.example", "active": true,
            "name": { "givenName": "Alice" }, "meta": { "created": "2026-11-22T09:30:00Z" },
            "emails": [{ "type": "work", "value": "alice@acme.example" }, { "type": "home", "value": "a@b.example" }],
        })
    }

    #[test]
    fn each_operator_asks_what_it_is_called() {
        for (filter, is) in [
            (r#"userName eq "alice@ACME.example""#, true),
            (r#"USERNAME Eq "alice@acme.example""#, true),
            (r#"userName eq "bob""#, false),
            (r#"userName ne "bob""#, true),
            (r#"title ne "boss""#, true),
            (r#"userName sw "ALI""#, true),
            (r#"userName ew "example""#, true),
            (r#"userName co "ce@ac""#, true),
            (r#"externalId eq "00ua""#, false),
            (r#"externalId eq "00uA""#, true),
            ("externalId pr", true),
            ("title pr", false),
            ("title eq null", true),
            ("active eq true", true),
            ("active eq false", false),
            (r#"active eq "true""#, false),
            (r#"name.givenName eq "alice""#, true),
            (r#"name.familyName eq "alice""#, false),
            (r#"emails eq "a@b.example""#, true),
            (r#"emails.type eq "home""#, true),
            (r#"emails[type eq "work" and value ew "acme.example"]"#, true),
            (r#"emails[type eq "home" and value ew "acme.example"]"#, false),
            (r#"meta.created gt "2026-11-22T09:29:59.5Z""#, true),
            (r#"meta.created le "2026-11-22T10:30:00+01:00""#, true),
            (r#"userName lt "b" and userName ge "a""#, true),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "a""#,
                true,
            ),
            (r#"userName eq "\u0061lice@acme.example""#, true),
        ] {
            assert_eq!(Filter::parse(filter).unwrap().admits(&alice()), is, "{filter}");
        }
    }

    #[test]
    fn and_binds_before_or_and_brackets_before_both() {
        let (yes, no) = ("active eq true", "active eq false");
        for (filter, is) in [
            (format!("{yes} or {yes} and {no}"), true),
            (format!("({yes} or {yes}) and {no}"), false),
            (format!("not ({no})"), true),
            (format!("NOT({yes}) or ({no})"), false),
            (format!("{yes} AND not ({no}) and ({yes})"), true),
        ] {
            assert_eq!(Filter::parse(&filter).unwrap().admits(&alice()), is, "{filter}");
        }
    }

    #[test]
    fn what_must_be_equal_is_known_before() {
        let filter = Filter::parse(r#"active eq true and userName eq "a""#).unwrap();
        assert_eq!(filter.pinned("username", None), Some("a"));
        let filter = Filter::parse(r#"emails[type eq "work" and value eq "a"]"#).unwrap();
        assert_eq!(filter.pinned("emails", Some("value")), Some("a"));
        for text in [
            r#"active eq true or userName eq "a""#,
            r#"not (userName eq "a")"#,
            r#"userName co "a""#,
        ] {
            assert_eq!(
                Filter::parse(text).unwrap().pinned("username", None),
                None,
                "{text}"
            );
        }
    }
}
