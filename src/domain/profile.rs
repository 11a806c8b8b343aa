//! What a person tells of themselves: where and how they are reached, and how they like things shown.

use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jiff::tz::TimeZoneDatabase;
use serde_json::{Map, Value};
use unic_langid::LanguageIdentifier;
use unicode_normalization::UnicodeNormalization;

use super::text::misleads;

/// The zones of this build, so that every machine knows the same.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// What a person tells of themselves; each part may be absent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Profile {
    /// Where their clock is.
    pub timezone: Option<Timezone>,
    /// What they read.
    pub language: Option<Language>,
    /// Where they are called.
    pub phone: Option<Phone>,
    /// Where they are found; may be empty.
    pub address: PostalAddress,
    /// How they like things shown.
    pub preferences: Preferences,
}

/// What becomes of a part that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Becomes<T> {
    /// It stays as it is.
    #[default]
    Same,
    /// It is this from now on.
    To(T),
    /// It is absent from now on.
    Absent,
}

/// What to change of a profile.
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// Where their clock is.
    pub timezone: Becomes<Timezone>,
    /// What they read.
    pub language: Becomes<Language>,
    /// Where they are called.
    pub phone: Becomes<Phone>,
    /// Where they are found.
    pub address: Becomes<PostalAddress>,
    /// What to merge into the preferences.
    pub preferences: Option<Map<String, Value>>,
}

impl<T> Becomes<T> {
    fn of(&self, before: Option<T>) -> Option<T>
    where
        T: Clone,
    {
        match self {
            Self::Same => before,
            Self::To(value) => Some(value.clone()),
            Self::Absent => None,
        }
    }
}

impl Profile {
    /// The profile after a change; refused if the preferences would be too much.
    pub fn changed(self, change: &ProfileChange) -> Result<Self, BadProfile> {
        let preferences = match &change.preferences {
            None => self.preferences,
            Some(patch) => self.preferences.patched(patch)?,
        };
        Ok(Self {
            timezone: change.timezone.of(self.timezone),
            language: change.language.of(self.language),
            phone: change.phone.of(self.phone),
            address: change.address.of(Some(self.address)).unwrap_or_default(),
            preferences,
        })
    }
}

/// A time zone of the IANA database, e.g. `Europe/Berlin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timezone(String);

/// A language as a BCP 47 tag of language, script, region and variants, e.g. `de-AT`; at most 35 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(String);

/// A phone number in the international form of E.164, e.g. `+4930123456`: a plus and 7 to 15 digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Phone(String);

/// A postal address: at most 8 lines and 500 characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostalAddress(String);

/// What a person or a console keeps for them, e.g. `dashboard_layout`: a JSON object of at most 8 KiB, nested at most 4
/// deep.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Preferences(Map<String, Value>);

/// A text is not what a part of a profile takes; says what it takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct BadProfile(pub &'static str);

impl FromStr for Timezone {
    type Err = BadProfile;

    fn from_str(name: &str) -> Result<Self, BadProfile> {
        // The database also knows `Etc/Unknown`, which stands for having no idea.
        let found = ZONES.get(name).ok().filter(|zone| !zone.is_unknown());
        let name = found.and_then(|zone| zone.iana_name().map(str::to_owned));
        name.map(Self).ok_or(BadProfile(
            "there is no such time zone; one is called Europe/Berlin",
        ))
    }
}

impl FromStr for Language {
    type Err = BadProfile;

    fn from_str(tag: &str) -> Result<Self, BadProfile> {
        const WANTED: BadProfile = BadProfile("it is a language tag such as en or de-AT");
        if tag.len() > 35 || tag.contains('_') {
            return Err(WANTED);
        }
        let read: LanguageIdentifier = tag.parse().map_err(|_| WANTED)?;
        if read.language.is_empty() {
            return Err(WANTED);
        }
        Ok(Self(read.to_string()))
    }
}

impl FromStr for Phone {
    type Err = BadProfile;

    fn from_str(text: &str) -> Result<Self, BadProfile> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let right = (7..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if right {
            return Ok(Self(text.to_owned()));
        }
        Err(BadProfile("it is an international number such as +4930123456"))
    }
}

impl FromStr for PostalAddress {
    type Err = BadProfile;

    fn from_str(text: &str) -> Result<Self, BadProfile> {
        let text: String = text.replace("\r\n", "\n").trim().nfc().collect();
        let stray = |character| character != '\n' && misleads(character);
        if text.chars().count() > 500 || text.lines().count() > 8 || text.chars().any(stray) {
            return Err(BadProfile(
                "an address has at most 8 lines and 500 characters, without control characters",
            ));
        }
        Ok(Self(text))
    }
}

impl Preferences {
    /// The longest they may be as JSON, in bytes.
    pub const MAX_BYTES: usize = 8 * 1024;

    /// The deepest they may be nested, themselves being the first level.
    pub const MAX_DEPTH: usize = 4;

    /// Reads them as stored.
    pub fn from_json(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// Each by its name.
    pub fn entries(&self) -> &Map<String, Value> {
        &self.0
    }

    /// What they are after a merge patch (RFC 7396).
    pub fn patched(&self, patch: &Map<String, Value>) -> Result<Self, BadProfile> {
        let mut merged = self.0.clone();
        merge(&mut merged, patch);
        if merged.values().map(depth).max().unwrap_or(0) >= Self::MAX_DEPTH {
            return Err(BadProfile("preferences are nested at most 4 deep"));
        }
        let patched = Self(merged);
        if patched.to_string().len() > Self::MAX_BYTES {
            return Err(BadProfile("preferences have at most 8 KiB"));
        }
        Ok(patched)
    }
}

fn merge(into: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (name, value) in patch {
        match value {
            Value::Null => {
                into.remove(name);
            }
            Value::Object(inner) => {
                let place = into.entry(name).or_insert(Value::Null);
                if !place.is_object() {
                    *place = Value::Object(Map::new());
                }
                if let Value::Object(place) = place {
                    merge(place, inner);
                }
            }
            other => {
                into.insert(name.clone(), other.clone());
            }
        }
    }
}

/// How deep a value is nested: 0 for what holds nothing else.
fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

impl fmt::Display for Preferences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let json = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&json)
    }
}

/// Gives the texts of a profile their form to store and show.
macro_rules! as_text {
    ($($kind:ident)*) => {$(
        impl $kind {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    )*};
}

as_text!(Timezone Language Phone PostalAddress);

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        match value {
            Value::Object(fields) => fields,
            other => panic!("{other} is no object"),
        }
    }

    #[test]
    fn a_zone_is_one_that_there_is() {
        assert_eq!(
            "europe/berlin".parse::<Timezone>().unwrap().as_str(),
            "Europe/Berlin"
        );
        for text in ["", "Europe/Atlantis", "../etc/passwd", "CET-1CEST"] {
            assert!(text.parse::<Timezone>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_language_is_a_tag_in_its_usual_case() {
        assert_eq!("DE-at".parse::<Language>().unwrap().as_str(), "de-AT");
        for text in [
            "",
            "en_US",
            "english language",
            "-",
            "und-\u{e9}",
            &"a-".repeat(40),
        ] {
            assert!(text.parse::<Language>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_phone_number_is_international() {
        assert!("+4930123456".parse::<Phone>().is_ok());
        for text in [
            "",
            "+",
            "030123456",
            "+0301234567",
            "+12345",
            "+1234567890123456",
            "+49 30 123456",
        ] {
            assert!(text.parse::<Phone>().is_err(), "{text}");
        }
    }

    #[test]
    fn se12_an_address_has_lines_and_nothing_that_misleads() {
        let address: PostalAddress = " 1 Lane\r\nTown ".parse().unwrap();
        assert_eq!(address.as_str(), "1 Lane\nTown");
        for text in ["a\u{202E}b", "a\tb", &"x".repeat(501), &"x\n".repeat(9)] {
            assert!(text.parse::<PostalAddress>().is_err(), "{text}");
        }
    }

    #[test]
    fn preferences_are_merged_and_bounded() {
        let first = Preferences::default();
        let first = first.patched(&object(
            json!({ "color_theme": "dark", "views": { "devices": "map", "list": 1 } }),
        ));
        let second = first
            .unwrap()
            .patched(&object(json!({ "color_theme": null, "views": { "list": null } })));
        let second = second.unwrap();
        assert_eq!(second.to_string(), r#"{"views":{"devices":"map"}}"#);
        assert_eq!(Preferences::from_json(&second.to_string()).unwrap(), second);
        assert!(
            second
                .patched(&object(json!({ "a": { "b": { "c": { "d": 1 } } } })))
                .is_ok()
        );
        assert!(
            second
                .patched(&object(json!({ "a": { "b": { "c": { "d": { "e": 1 } } } } })))
                .is_err()
        );
        assert!(
            second
                .patched(&object(json!({ "a": "x".repeat(8 * 1024) })))
                .is_err()
        );
    }
}
