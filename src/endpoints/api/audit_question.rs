//! What may be asked of the audit log: whose events, of when, of which kind, and in which form.

use std::fmt;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::listing::{Listing, bad};
use super::problem::Problem;
use crate::directory::audit_log::{Question, person};
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx};

/// Which events, and how.
#[derive(Debug, Clone)]
pub struct AuditQuestion {
    /// By this person, in their place, or to them; by id or email.
    user: Option<String>,
    /// From this day (UTC) or moment on.
    from: Option<Timestamp>,
    /// Up to the end of this day (UTC), or up to this moment.
    to: Option<Timestamp>,
    /// Of this action.
    action: Option<String>,
    /// With this result.
    result: Option<EventResult>,
    /// To this thing, by its id.
    target: Option<String>,
    /// All of it in one file.
    pub(super) format: Option<LogFormat>,
}

/// How an event went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventResult {
    /// It happened.
    Success,
    /// It was tried and refused.
    Refused,
}

/// How a whole log is written into one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// A table for spreadsheets.
    Csv,
    /// One JSON object a line.
    Jsonl,
}

impl std::str::FromStr for EventResult {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "success" => Ok(Self::Success),
            "refused" => Ok(Self::Refused),
            _ => Err(()),
        }
    }
}

impl fmt::Display for EventResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Success => "success",
            Self::Refused => "refused",
        })
    }
}

impl std::str::FromStr for LogFormat {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        match name {
            "csv" => Ok(Self::Csv),
            "jsonl" => Ok(Self::Jsonl),
            _ => Err(()),
        }
    }
}

impl AuditQuestion {
    /// What can be asked of a log.
    pub(super) const ALL: &[&str] = &["user", "from", "to", "action", "result", "target", "format"];

    /// What can be asked of a view of one.
    pub(super) const WHEN: &[&str] = &["from", "to", "format"];

    /// Reads the query of a list that knows these parameters.
    pub(super) fn of(asked: &Listing, headers: &HeaderMap, knows: &[&str]) -> Result<Self, Problem> {
        asked.knows(knows)?;
        if asked.get("total").is_some() {
            return Err(bad("total", "a log is not counted"));
        }
        let text = |name: &str| asked.get(name).map(str::to_owned).filter(|text| !text.is_empty());
        Ok(Self {
            user: text("user"),
            from: asked.begin("from")?,
            to: asked.end("to")?,
            action: text("action"),
            result: asked.parsed("result")?,
            target: text("target"),
            format: asked.parsed("format")?.or_else(|| accepted(headers)),
        })
    }

    /// The same for the log; nothing if it asks for a person whom nobody knows, of whom there is nothing to tell.
    pub(super) async fn resolve(
        &self,
        tx: &mut Tx<'_>,
        after: &str,
        limit: i64,
    ) -> Result<Option<Question>, StorageError> {
        let user = match &self.user {
            None => None,
            Some(named) => match person(tx, named).await? {
                Some(user) => Some(user),
                None => return Ok(None),
            },
        };
        Ok(Some(Question {
            user,
            from: self.from,
            before: self.to,
            action: self.action.clone(),
            result: self.result.map(|result| result.to_string()),
            target: self.target.clone(),
            after: after.to_owned(),
            limit,
        }))
    }
}

/// What the header `Accept` names, if it names a file and not JSON as well.
fn accepted(headers: &HeaderMap) -> Option<LogFormat> {
    let accept = headers.get(ACCEPT)?.to_str().ok()?;
    let named = |kind: &str| {
        accept
            .split(',')
            .any(|one| one.split(';').next().is_some_and(|one| one.trim() == kind))
    };
    if named("text/csv") {
        Some(LogFormat::Csv)
    } else if named("application/jsonl") || named("application/x-ndjson") {
        Some(LogFormat::Jsonl)
    } else {
        None
    }
}
