//! Lists: `?limit=&cursor=&total=` and what a route adds, answered as a page and the cursor of the next.

use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::code::Code;
use super::problem::{FieldError, Problem};
use crate::directory::Requester;
use crate::domain::search::Search;
use crate::domain::time::{Timestamp, day};
use crate::keyring::Keyring;
use crate::storage::{Listed, Page};

/// How many things a page has unless asked otherwise.
const DEFAULT_LIMIT: i64 = 50;

/// The most things on a page.
const MAX_LIMIT: i64 = 200;

/// The query of a list, each parameter at most once.
#[derive(Debug, Clone)]
pub struct Listing(Vec<(String, String)>);

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct List<T> {
    /// The things, by id.
    data: Vec<T>,
    /// For the next page; null on the last.
    next_cursor: Option<String>,
    /// How many there are on all pages, if asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    total: Option<i64>,
}

impl<S: Sync> FromRequestParts<S> for Listing {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let fields: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (at, (name, value)) in fields.iter().enumerate() {
            let doubled = fields[..at].iter().any(|(other, _)| other == name);
            if doubled || value.len() > 512 || value.contains(['\0', char::REPLACEMENT_CHARACTER]) {
                return Err(bad(name, "it is too long, not valid text, or was sent twice"));
            }
        }
        Ok(Self(fields))
    }
}

impl Listing {
    /// Refuses what neither every list nor this one knows.
    pub(super) fn knows(&self, others: &[&str]) -> Result<(), Problem> {
        let known = |name: &str| ["limit", "cursor", "total"].contains(&name) || others.contains(&name);
        match self.0.iter().find(|(name, _)| !known(name)) {
            Some((name, _)) => Err(bad(name, "this list has no such parameter")),
            None => Ok(()),
        }
    }

    /// The same for what is asked like a list and is none.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.0.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => Err(bad(name, "there is no such parameter here")),
            None => Ok(()),
        }
    }

    /// A parameter, if it was sent.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter in its type's text form.
    pub(super) fn parsed<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let parse = |text: &str| text.parse().map_err(|_| bad(name, "it has no such value"));
        self.get(name).map(parse).transpose()
    }

    /// A number of days, such as `90d`: when that was before now.
    pub(super) fn days_before(&self, name: &str, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let days = days(text).filter(|days| (1..=3650).contains(days));
        let days = days.ok_or_else(|| bad(name, "it must be a number of days from 1d to 3650d"))?;
        Ok(Some(now.minus(Duration::from_hours(24 * days))))
    }

    /// From when on: a moment as RFC 3339 has it, or the beginning of a day in UTC.
    pub(super) fn begin(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.moment(name, |(begins, _)| begins)
    }

    /// Up to when: a moment, or the end of a day in UTC.
    pub(super) fn end(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        self.moment(name, |(_, ends)| ends)
    }

    fn moment(
        &self,
        name: &str,
        of_day: impl Fn((Timestamp, Timestamp)) -> Timestamp,
    ) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.get(name) else {
            return Ok(None);
        };
        let moment = day(text).map(of_day).or_else(|| text.parse().ok());
        let wanted = "write a day, such as 2026-11-30, or a moment of RFC 3339";
        moment.map(Some).ok_or_else(|| bad(name, wanted))
    }

    /// A parameter that is one of a few words; empty if it was not sent.
    pub(super) fn one_of(
        &self,
        name: &str,
        known: impl Fn(&str) -> Option<&'static str>,
    ) -> Result<&'static str, Problem> {
        let Some(text) = self.get(name) else { return Ok("") };
        known(text).ok_or_else(|| bad(name, "it has no such value"))
    }

    /// Whom `query` asks for.
    pub(super) fn search(&self) -> Result<Search, Problem> {
        Search::parse(self.get("query").unwrap_or_default()).map_err(|error| bad("query", &error.to_string()))
    }

    /// What was asked of the list of this name: a cursor is good for the list that gave it, and for no other (SE13).
    pub(super) fn of(&self, requester: &Requester, list: String) -> Result<Asked, Problem> {
        let after = match self.get("cursor") {
            None => String::new(),
            Some(cursor) => open(&requester.keyring, &list, cursor)
                .ok_or_else(|| Problem::new(Code::InvalidCursor, "this list gave no such cursor"))?,
        };
        let page = Page {
            after,
            limit: self.limit()? + 1,
            counted: self.parsed("total")?.unwrap_or(false),
        };
        Ok(Asked {
            page,
            list,
            keyring: requester.keyring.clone(),
        })
    }

    fn limit(&self) -> Result<i64, Problem> {
        match self.get("limit") {
            None => Ok(DEFAULT_LIMIT),
            Some(text) => text
                .parse()
                .ok()
                .filter(|limit| (1..=MAX_LIMIT).contains(limit) && text.bytes().all(|b| b.is_ascii_digit()))
                .ok_or_else(|| bad("limit", "it must be a number from 1 to 200")),
        }
    }
}

/// A stretch of one list.
pub(super) struct Asked {
    /// One row more than is shown, to tell whether there are more.
    pub(super) page: Page,
    list: String,
    keyring: Keyring,
}

impl Asked {
    /// What is found where there can be nothing.
    pub(super) fn nothing<T: Serialize>(&self) -> List<T> {
        List {
            data: Vec::new(),
            next_cursor: None,
            total: self.page.counted.then_some(0),
        }
    }

    /// What was found; `shown` makes what is shown of a row, `id` names it.
    pub(super) fn show<R, T: Serialize>(
        &self,
        mut found: Listed<R>,
        id: impl Fn(&R) -> String,
        shown: impl Fn(&R) -> T,
    ) -> List<T> {
        let limit = usize::try_from(self.page.limit - 1).unwrap_or(1);
        let more = found.rows.len() > limit;
        found.rows.truncate(limit);
        let end = found.rows.last().filter(|_| more);
        List {
            next_cursor: end.map(|row| seal(&self.keyring, &self.list, &id(row))),
            data: found.rows.iter().map(shown).collect(),
            total: found.total,
        }
    }
}

/// How many days, written with a `d` behind.
pub(super) fn days(text: &str) -> Option<u64> {
    let digits = text.strip_suffix('d')?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// A parameter that makes no sense.
pub(super) fn bad(name: &str, why: &str) -> Problem {
    let name: String = name.chars().take(64).collect();
    let mut problem = Problem::new(Code::InvalidRequest, format!("the query parameter {name}: {why}"));
    problem.add(FieldError::invalid(name, why));
    problem
}

fn seal(keyring: &Keyring, list: &str, id: &str) -> String {
    let mac = keyring.cursor_mac(format!("{list}\0{id}").as_bytes());
    URL_SAFE_NO_PAD.encode([mac.as_slice(), id.as_bytes()].concat())
}

fn open(keyring: &Keyring, list: &str, cursor: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    let (mac, id) = bytes.split_at_checked(16)?;
    let id = std::str::from_utf8(id).ok()?;
    let expected = keyring.cursor_mac(format!("{list}\0{id}").as_bytes());
    aws_lc_rs::constant_time::verify_slices_are_equal(&expected, mac).ok()?;
    Some(id.to_owned())
}
