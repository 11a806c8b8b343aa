//! The fields of a profile as patches have them, read the same for oneself and for others.

use std::fmt::Display;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::problem::Problem;
use crate::domain::profile::{Becomes, ProfileChange};
use crate::domain::text::DisplayName;

/// What was sent.
#[derive(Default)]
pub(super) struct ProfileFields {
    pub(super) timezone: Becomes<String>,
    pub(super) language: Becomes<String>,
    pub(super) phone: Becomes<String>,
    pub(super) address: Becomes<String>,
    pub(super) preferences: Option<Map<String, Value>>,
}

impl ProfileFields {
    /// What it comes to.
    pub(super) fn read(self) -> Result<ProfileChange, Problem> {
        Ok(ProfileChange {
            timezone: parsed(&self.timezone, "/timezone")?,
            language: parsed(&self.language, "/language")?,
            phone: parsed(&self.phone, "/phone")?,
            address: parsed(&self.address, "/address")?,
            preferences: self.preferences,
        })
    }
}

/// What somebody is to be called.
pub(super) fn name(sent: Option<&str>) -> Result<Option<DisplayName>, Problem> {
    let name = sent.map(DisplayName::parse).transpose();
    name.map_err(|error| Problem::field("/name", error))
}

/// Tells `null` from nothing at all.
pub(super) fn becomes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Becomes<String>, D::Error> {
    let sent = Option::<String>::deserialize(deserializer)?;
    Ok(sent.map_or(Becomes::Absent, Becomes::To))
}

fn parsed<T>(sent: &Becomes<String>, pointer: &str) -> Result<Becomes<T>, Problem>
where
    T: FromStr<Err: Display>,
{
    match sent {
        Becomes::Same => Ok(Becomes::Same),
        Becomes::Absent => Ok(Becomes::Absent),
        Becomes::To(text) => {
            let parsed = text.parse().map_err(|error| Problem::field(pointer, error))?;
            Ok(Becomes::To(parsed))
        }
    }
}
