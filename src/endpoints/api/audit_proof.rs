//! `/v2/organizations/{org}/audit-logs/export` and `/v2/audit-logs/export`: a log as a file that others can prove.
//!
//! Like other files it is written while it is read, in many transactions that each decide anew.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::Mutex;

use super::call::{Call, organization_named};
use super::problem::Problem;
use crate::audit::Event;
use crate::audit::export::Export;
use crate::directory::{DirectoryError, Requester, audit_log, require, require_superuser};
use crate::domain::access::Permission;
use crate::storage::Tx;

/// How much is gathered in one transaction, in bytes; whole seals.
const AT_ONCE: usize = 64 * 1024;

/// Whose log is exported, and how far that has come.
struct Exported {
    /// By id or name; the instance's own if there is none.
    organization: Option<String>,
    export: Mutex<Option<Export>>,
}

impl Exported {
    /// The beginning of the export, and the event of it, as far as whoever asks may have it.
    async fn begin(&self, tx: &mut Tx<'_>, requester: &Requester) -> Result<(Export, Event), DirectoryError> {
        let Some(org) = &self.organization else {
            let permit = require_superuser(tx, requester).await?;
            return Ok(audit_log::export_of_instance(&permit, &requester.keyring));
        };
        let organization = organization_named(tx, org).await?;
        let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
        audit_log::export(&permit, &requester.keyring)
    }

    /// The next lines, with the event if they are the first; none once it is whole.
    async fn lines(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
    ) -> Result<(String, Option<Event>), Problem> {
        let (begun, event) = self.begin(tx, requester).await?;
        let mut export = self.export.lock().await;
        let event = export.is_none().then_some(event);
        let export = export.get_or_insert(begun);
        let mut lines = String::new();
        while lines.len() < AT_ONCE {
            match export.next(tx).await? {
                Some(more) => lines.push_str(&more),
                None => break,
            }
        }
        Ok((lines, event))
    }
}

/// Export a log that can be proved
///
/// All of the organization's log that is sealed, oldest first, with its seals: one JSON object a line. `doorward audit
/// verify --export` proves the file with nothing else. Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/audit-logs/export", tag = "audit", operation_id = "export_audit_log",
    responses((status = 200, description = "The log and its seals", body = String, content_type = "application/jsonl")))]
pub async fn export(call: Call, Path(org): Path<String>) -> Result<Response, Problem> {
    answer(call, Some(org)).await
}

/// Export the instance's log
///
/// The same of what belongs to no organization. For superusers.
#[utoipa::path(get, path = "/v2/audit-logs/export", tag = "audit", operation_id = "export_instance_audit_log",
    responses((status = 200, description = "The log and its seals", body = String, content_type = "application/jsonl")))]
pub async fn export_of_instance(call: Call) -> Result<Response, Problem> {
    answer(call, None).await
}

/// What comes first is read before anything is answered, so that a refusal is a problem and no broken file.
async fn answer(call: Call, organization: Option<String>) -> Result<Response, Problem> {
    let exported = Arc::new(Exported {
        organization,
        export: Mutex::new(None),
    });
    let (first, event) = read(&call, &exported).await?;
    if let Some(event) = event {
        call.state.provider.observations.observe(&event, call.now()).await;
    }
    let rest = stream::try_unfold((first, call, exported), |(lines, call, exported)| async move {
        if lines.is_empty() {
            return Ok(None);
        }
        let (next, _) = read(&call, &exported)
            .await
            .map_err(|problem| std::io::Error::other(format!("{problem:?}")))?;
        Ok::<_, std::io::Error>(Some((Bytes::from(lines), (next, call, exported))))
    });
    let headers = [
        (CONTENT_TYPE, "application/jsonl"),
        (
            CONTENT_DISPOSITION,
            "attachment; filename=\"audit-log.sealed.jsonl\"",
        ),
    ];
    Ok((headers, Body::from_stream(rest)).into_response())
}

async fn read(call: &Call, exported: &Arc<Exported>) -> Result<(String, Option<Event>), Problem> {
    let read = call.read(Arc::clone(exported), |tx, requester, exported| {
        Box::pin(async move { exported.lines(tx, requester).await })
    });
    read.await
}
