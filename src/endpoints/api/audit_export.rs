//! The audit log as a page, or all of it as a file that is written while it is read. A file takes as many transactions as
//! it has pages, and each decides anew whether whoever asks may still read.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::{Map, Value};

use super::audit_logs::AuditEvent;
use super::audit_question::{AuditQuestion, LogFormat};
use super::call::{Call, organization_named};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::audit_log::{self, Question};
use crate::directory::{DirectoryError, Requester, members, require, require_self, require_superuser};
use crate::domain::access::Permission;
use crate::storage::audit_events::StoredEvent;
use crate::storage::{Listed, Tx};
use crate::web::Sheet;

/// Events that a file takes from the log at once.
const AT_ONCE: i64 = 500;

/// Whose log, or which view of one.
#[derive(Debug, Clone)]
pub(super) enum Source {
    /// An organization's, by id or name.
    Organization(String),
    /// The instance's own.
    Instance,
    /// What changed who may do what in an organization.
    PermissionChanges(String),
    /// Sign-ins of a member of an organization.
    MemberSignIns(String, String),
    /// One's own sign-ins.
    OwnSignIns,
}

impl Source {
    /// A name of the list for its cursors, which are good for the same list only.
    fn name(&self) -> String {
        format!("audit {self:?}")
    }

    /// What whoever asks may read of it.
    async fn read(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
        asked: &Question,
    ) -> Result<Vec<StoredEvent>, DirectoryError> {
        match self {
            Self::Organization(org) => {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
                audit_log::of_organization(tx, &permit, asked).await
            }
            Self::Instance => {
                let permit = require_superuser(tx, requester).await?;
                audit_log::of_instance(tx, &permit, asked).await
            }
            Self::PermissionChanges(org) => {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
                audit_log::permission_changes(tx, &permit, asked).await
            }
            Self::MemberSignIns(org, user) => {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
                let member = members::find(tx, &permit, user).await?;
                audit_log::sign_ins_of(tx, &permit, member.user, asked).await
            }
            Self::OwnSignIns => {
                let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
                audit_log::own_sign_ins(tx, &permit, asked).await
            }
        }
    }
}

/// A page, or a file.
pub(super) async fn answer(
    call: Call,
    source: Source,
    asked: Listing,
    question: AuditQuestion,
) -> Result<Response, Problem> {
    match question.format {
        None => Ok(Json(page(&call, source, asked, question).await?).into_response()),
        Some(format) => File::open(call, source, question, format).await,
    }
}

async fn page(
    call: &Call,
    source: Source,
    asked: Listing,
    question: AuditQuestion,
) -> Result<List<AuditEvent>, Problem> {
    let input = (source, asked, question);
    let found = call.read(input, |tx, requester, (source, asked, question)| {
        Box::pin(async move {
            let list = asked.of(requester, source.name())?;
            let rows = read(tx, requester, source, question, &list.page.after, list.page.limit).await?;
            let found = Listed { rows, total: None };
            Ok(list.show(found, |row| row.id.clone(), AuditEvent::of))
        })
    });
    found.await
}

/// Whoever asks for somebody whom nobody knows is refused like anybody, or finds nothing.
async fn read(
    tx: &mut Tx<'_>,
    requester: &Requester,
    source: &Source,
    question: &AuditQuestion,
    after: &str,
    limit: i64,
) -> Result<Vec<StoredEvent>, Problem> {
    if let Some(asked) = question.resolve(tx, after, limit).await? {
        return Ok(source.read(tx, requester, &asked).await?);
    }
    let nothing = Question::default();
    source.read(tx, requester, &nothing).await?;
    Ok(Vec::new())
}

/// A log on its way into a file.
struct File {
    call: Call,
    input: Arc<(Source, AuditQuestion)>,
    format: LogFormat,
    /// The last event that was written.
    after: String,
    /// What is read and not yet written; none if all is.
    next: Option<Vec<StoredEvent>>,
}

impl File {
    /// The first page is read before anything is answered, so that a refusal is a problem and no broken file.
    async fn open(
        call: Call,
        source: Source,
        question: AuditQuestion,
        format: LogFormat,
    ) -> Result<Response, Problem> {
        let mut file = Self {
            call,
            input: Arc::new((source, question)),
            format,
            after: String::new(),
            next: None,
        };
        file.next = Some(file.read_on().await?);
        let head = match format {
            LogFormat::Csv => Sheet::of(&COLUMNS).into_bytes(),
            LogFormat::Jsonl => Vec::new(),
        };
        let headers = match format {
            LogFormat::Csv => Sheet::headers("audit-log.csv"),
            LogFormat::Jsonl => [
                (CONTENT_TYPE, "application/jsonl".to_owned()),
                (
                    CONTENT_DISPOSITION,
                    "attachment; filename=\"audit-log.jsonl\"".to_owned(),
                ),
            ],
        };
        let written = stream::try_unfold((Some(head), file), |(head, file)| async move {
            match head {
                Some(head) => Ok(Some((Bytes::from(head), (None, file)))),
                None => file
                    .write()
                    .await
                    .map(|more| more.map(|(bytes, file)| (bytes, (None, file)))),
            }
        });
        Ok((headers, Body::from_stream(written)).into_response())
    }

    async fn read_on(&self) -> Result<Vec<StoredEvent>, Problem> {
        let input = (Arc::clone(&self.input), self.after.clone());
        let read = self.call.read(input, |tx, requester, (input, after)| {
            Box::pin(async move { read(tx, requester, &input.0, &input.1, after, AT_ONCE).await })
        });
        read.await
    }

    /// The next stretch of the file, if there is more.
    async fn write(mut self) -> Result<Option<(Bytes, Self)>, std::io::Error> {
        let Some(events) = self.next.take() else {
            return Ok(None);
        };
        if events.len() >= usize::try_from(AT_ONCE).unwrap_or(usize::MAX) {
            self.after = events.last().map(|event| event.id.clone()).unwrap_or_default();
            let more = self.read_on().await;
            self.next = Some(more.map_err(|problem| std::io::Error::other(format!("{problem:?}")))?);
        }
        Ok(Some((Bytes::from(self.written(&events)), self)))
    }

    fn written(&self, events: &[StoredEvent]) -> Vec<u8> {
        match self.format {
            LogFormat::Csv => {
                let mut sheet = Sheet::headless();
                for event in events {
                    sheet.row(&cells(AuditEvent::of(event)));
                }
                sheet.into_bytes()
            }
            LogFormat::Jsonl => {
                let mut lines = Vec::new();
                for event in events {
                    serde_json::to_writer(&mut lines, &AuditEvent::of(event)).expect("memory takes an event");
                    lines.push(b'\n');
                }
                lines
            }
        }
    }
}

const COLUMNS: [&str; 14] = [
    "at",
    "action",
    "category",
    "result",
    "actor",
    "on_behalf_of",
    "organization",
    "target",
    "ip",
    "user_agent",
    "detail",
    "before",
    "after",
    "id",
];

fn cells(event: AuditEvent) -> [String; 14] {
    let json = |fields: Option<Map<String, Value>>| {
        fields
            .map(|fields| Value::Object(fields).to_string())
            .unwrap_or_default()
    };
    let actor = event.actor.id.unwrap_or_else(|| event.actor.kind.to_owned());
    let detail = Some(event.detail).filter(|detail| !detail.is_empty());
    [
        event.at,
        event.action,
        event.category,
        event.result,
        actor,
        event.on_behalf_of.and_then(|actor| actor.id).unwrap_or_default(),
        event.organization.unwrap_or_default(),
        event.target.unwrap_or_default(),
        event.ip.unwrap_or_default(),
        event.user_agent.unwrap_or_default(),
        json(detail),
        json(event.before),
        json(event.after),
        event.id,
    ]
}
