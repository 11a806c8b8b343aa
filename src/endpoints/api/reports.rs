//! `/v2/organizations/{org}/reports` and `/v2/users/me/reports`: who may do what, and who signed in when.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::Path;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use futures_util::stream;

use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::listing::{List, Listing};
use super::problem::Problem;
use super::report::{
    AccessReportLine, OwnAccessReport, OwnAccessReportLine, OwnSignInsReport, ReportFormat, SIGN_IN_COLUMNS,
    SignInsReport, counts, day_named, sign_in_cells, span,
};
use crate::directory::reports::{self, Access};
use crate::directory::{require, require_self};
use crate::domain::access::Permission;
use crate::storage::{Listed, Page};
use crate::web::Sheet;

/// How many members are read at once for a table.
const AT_ONCE: i64 = 500;

/// Report who may do what
///
/// Each member with role, groups and grants, and what these come to now. Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/reports/access", tag = "reports",
    operation_id = "list_access_report",
    params(("format" = Option<ReportFormat>, Query, description = "A page as JSON, or all of it as a table; `Accept` says so too")),
    responses((status = 200, description = "A page of members", body = List<AccessReportLine>)))]
pub async fn access(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    asked.knows(&["format"])?;
    if ReportFormat::of(&asked, &headers)? == ReportFormat::Csv {
        return access_table(call, org).await;
    }
    let found = call.read((org, asked), |tx, requester, (org, asked)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
            let list = asked.of(requester, format!("access report {organization}"))?;
            let rows = reports::access(tx, &permit, &list.page, requester.now).await?;
            let found = Listed { rows, total: None };
            let shown = |line: &Access| AccessReportLine::of(line, requester.now);
            Ok(list.show(found, |line| line.entry.user.to_string(), shown))
        })
    });
    let page: List<AccessReportLine> = found.await?;
    Ok(Json(page).into_response())
}

/// All of it as a table, which is written while it is read: each stretch decides anew whether whoever asks may still read.
async fn access_table(call: Call, org: String) -> Result<Response, Problem> {
    let first = some_access(&call, &org, String::new()).await?;
    let head = Sheet::of(&AccessReportLine::COLUMNS).into_bytes();
    let now = call.now();
    let rest = stream::try_unfold((call, org, Some(first)), move |(call, org, lines)| async move {
        let Some(lines) = lines else { return Ok(None) };
        let mut sheet = Sheet::headless();
        for line in &lines {
            sheet.row(&AccessReportLine::of(line, now).cells());
        }
        let more = match lines.last() {
            Some(last) => {
                let more = some_access(&call, &org, last.entry.user.to_string()).await;
                Some(more.map_err(|problem| std::io::Error::other(format!("{problem:?}")))?)
            }
            None => None,
        };
        Ok::<_, std::io::Error>(Some((Bytes::from(sheet.into_bytes()), (call, org, more))))
    });
    let all = stream::StreamExt::chain(stream::iter([Ok(Bytes::from(head))]), rest);
    Ok((Sheet::headers("access.csv"), Body::from_stream(all)).into_response())
}

async fn some_access(call: &Call, org: &str, after: String) -> Result<Vec<Access>, Problem> {
    let found = call.read((org.to_owned(), after), |tx, requester, (org, after)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
            let page = Page {
                after: after.clone(),
                ..Page::first(AT_ONCE)
            };
            Ok(reports::access(tx, &permit, &page, requester.now).await?)
        })
    });
    found.await
}

/// Report who signed in
///
/// How often each member signed in to act for the organization, by which methods, and how often it failed, as far as the
/// audit log tells; of at most 92 days, the last 30 unless asked otherwise. The table has a row for each person and day.
/// Needs `audit_log:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/reports/sign-ins", tag = "reports",
    operation_id = "get_sign_in_report",
    params(
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("format" = Option<ReportFormat>, Query, description = "JSON or a table; `Accept` says so too"),
    ),
    responses((status = 200, description = "The report", body = SignInsReport)))]
pub async fn sign_ins(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
    headers: HeaderMap,
    conditions: Conditions,
) -> Result<Response, Problem> {
    asked.only(&["from", "to", "format"])?;
    let format = ReportFormat::of(&asked, &headers)?;
    let span = span(&asked, call.now())?;
    let found = call.read((org, span), |tx, requester, (org, span)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::AuditLogRead).await?;
            Ok(reports::sign_ins(tx, &permit, *span).await?)
        })
    });
    let report = found.await?;
    if format == ReportFormat::Json {
        return Ok(conditions.answer(&SignInsReport::of(&report)));
    }
    let mut sheet = Sheet::of(&SIGN_IN_COLUMNS);
    for one in &report.each {
        sheet.row(&sign_in_cells(one));
    }
    Ok((Sheet::headers("sign-ins.csv"), sheet.into_bytes()).into_response())
}

/// Report what one may do oneself
///
/// In each organization that one belongs to; by a token or key in the one that it acts in.
#[utoipa::path(get, path = "/v2/users/me/reports/access", tag = "reports", operation_id = "get_own_access_report",
    params(("format" = Option<ReportFormat>, Query, description = "JSON or a table; `Accept` says so too")),
    responses((status = 200, description = "The report", body = OwnAccessReport)))]
pub async fn own_access(
    call: Call,
    asked: Listing,
    headers: HeaderMap,
    conditions: Conditions,
) -> Result<Response, Problem> {
    asked.only(&["format"])?;
    let (format, now) = (ReportFormat::of(&asked, &headers)?, call.now());
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(reports::own_access(tx, &permit).await?)
        })
    });
    let lines = found.await?;
    let lines = lines.iter().map(|line| OwnAccessReportLine::of(line, now));
    if format == ReportFormat::Json {
        let data = lines.collect();
        return Ok(conditions.answer(&OwnAccessReport { data }));
    }
    let mut sheet = Sheet::of(&OwnAccessReportLine::columns());
    for line in lines {
        sheet.row(&line.cells());
    }
    Ok((Sheet::headers("own-access.csv"), sheet.into_bytes()).into_response())
}

/// Report when one signed in oneself
///
/// To Doorward; by a token or key, which needs `session:write` among its scopes, to the organization that it acts in. Of at
/// most 92 days, the last 30 unless asked otherwise.
#[utoipa::path(get, path = "/v2/users/me/reports/sign-ins", tag = "reports",
    operation_id = "get_own_sign_in_report",
    params(
        ("from" = Option<String>, Query, description = "From this day (UTC) or moment on"),
        ("to" = Option<String>, Query, description = "Up to the end of this day (UTC), or up to this moment"),
        ("format" = Option<ReportFormat>, Query, description = "JSON or a table; `Accept` says so too"),
    ),
    responses((status = 200, description = "The report", body = OwnSignInsReport)))]
pub async fn own_sign_ins(
    call: Call,
    asked: Listing,
    headers: HeaderMap,
    conditions: Conditions,
) -> Result<Response, Problem> {
    asked.only(&["from", "to", "format"])?;
    let format = ReportFormat::of(&asked, &headers)?;
    let span = span(&asked, call.now())?;
    let found = call.read(span, |tx, requester, span| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::SessionWrite)).await?;
            Ok(reports::own_sign_ins(tx, &permit, *span).await?)
        })
    });
    let report = found.await?;
    if format == ReportFormat::Json {
        return Ok(conditions.answer(&OwnSignInsReport::of(&report)));
    }
    let mut sheet = Sheet::of(&["day", "sign_ins", "failures", "methods"]);
    for (day, sign_ins) in &report.days {
        let [sign_in_count, failures, methods] = counts(sign_ins);
        sheet.row(&[day_named(*day), sign_in_count, failures, methods]);
    }
    Ok((Sheet::headers("own-sign-ins.csv"), sheet.into_bytes()).into_response())
}
