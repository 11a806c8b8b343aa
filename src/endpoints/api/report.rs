//! What reports are, as the API shows them: as JSON, and as tables for spreadsheets.

use std::collections::BTreeMap;

use axum::http::HeaderMap;
use axum::http::header::ACCEPT;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::listing::{Listing, bad};
use super::members::Status;
use super::problem::Problem;
use super::review_item::HeldGrant;
use super::shown::OrganizationName;
use crate::directory::reports::{Access, OwnSignInReport, Person, SignInReport, SignIns};
use crate::domain::access::Permission;
use crate::domain::organization::Organization;
use crate::domain::review;
use crate::domain::time::Timestamp;
use crate::storage::sign_in_counts::Span;

/// The longest time that a report of sign-ins covers, in days.
const LONGEST: u64 = 92;

/// The time that it covers unless asked otherwise, in days.
const USUAL: u64 = 30;

const DAY: std::time::Duration = std::time::Duration::from_hours(24);

/// In which form a report comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// For programs.
    Json,
    /// A table for spreadsheets: all of it in one file.
    Csv,
}

/// What a member may do.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccessReportLine {
    /// Who.
    user: ReportedPerson,
    /// Whether the membership lets them act.
    status: Status,
    /// The membership's role, by name.
    #[schema(example = "developer")]
    role: Option<String>,
    /// Their groups, by name.
    groups: Vec<String>,
    /// What they were given, themselves or by a group.
    grants: Vec<HeldGrant>,
    /// What they may do now: on all products under `*`, and beyond that on one product under its id. Nothing if they may
    /// not act.
    #[schema(example = json!({"*": ["device:read"], "prd_01kaxw3vd0f1wvj1d2sahtfxyz": ["device:write"]}))]
    permissions: BTreeMap<String, Vec<&'static str>>,
    /// When they last signed in to act for the organization; null if they never did.
    #[schema(format = DateTime)]
    last_sign_in_at: Option<String>,
    /// The second factors that they have.
    second_factors: Vec<String>,
    /// How many API keys of theirs are good.
    #[schema(example = 2)]
    api_keys: i64,
}

/// What one may do oneself in one organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccessReportLine {
    /// Where.
    organization: OrganizationName,
    /// What.
    #[serde(flatten)]
    line: AccessReportLine,
}

/// All that one may do oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnAccessReport {
    /// In each organization that one belongs to.
    pub(super) data: Vec<OwnAccessReportLine>,
}

/// Somebody in a report. Whoever is no member any more has no name there.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedPerson {
    /// Never changes.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Where they are written to.
    #[schema(example = "alice@example.com")]
    email: Option<String>,
    /// What they are called.
    #[schema(example = "Alice Archer")]
    name: Option<String>,
}

/// Who signed in how often.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInsReport {
    /// From when on.
    #[schema(format = DateTime)]
    from: String,
    /// Up to when.
    #[schema(format = DateTime)]
    to: String,
    /// How often altogether.
    total: SignInCount,
    /// How often on each day that has any, in UTC.
    days: Vec<SignInsOfDay>,
    /// How often each person did.
    people: Vec<SignInsOfPerson>,
}

/// When one signed in oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnSignInsReport {
    /// From when on.
    #[schema(format = DateTime)]
    from: String,
    /// Up to when.
    #[schema(format = DateTime)]
    to: String,
    /// How often altogether.
    total: SignInCount,
    /// How often on each day that has any, in UTC.
    days: Vec<SignInsOfDay>,
}

/// How often somebody signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInCount {
    /// How often they did.
    #[schema(example = 12)]
    sign_ins: i64,
    /// How often it failed. An organization's report knows of those whose accounts it manages.
    #[schema(example = 1)]
    failures: i64,
    /// By which methods, and how often by each: the names of `amr`.
    #[schema(example = json!({"pwd": 12}))]
    methods: BTreeMap<String, i64>,
    /// When they last did.
    #[schema(format = DateTime)]
    last_at: Option<String>,
}

/// How often on one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInsOfDay {
    /// The day, in UTC.
    #[schema(example = "2026-11-22")]
    day: String,
    /// How often.
    #[serde(flatten)]
    count: SignInCount,
}

/// How often one person.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignInsOfPerson {
    /// Who.
    user: ReportedPerson,
    /// How often.
    #[serde(flatten)]
    count: SignInCount,
}

impl ReportFormat {
    /// What is asked for: by name, or by the header `Accept`.
    pub(super) fn of(asked: &Listing, headers: &HeaderMap) -> Result<Self, Problem> {
        match asked.get("format") {
            Some("json") => return Ok(Self::Json),
            Some("csv") => return Ok(Self::Csv),
            Some(_) => return Err(bad("format", "it is json or csv")),
            None => {}
        }
        let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
        let kinds = accept.unwrap_or_default().split(',');
        let mut kinds = kinds.filter_map(|kind| kind.split(';').next());
        let csv = kinds.any(|kind| kind.trim().eq_ignore_ascii_case("text/csv"));
        Ok(if csv { Self::Csv } else { Self::Json })
    }
}

/// Of which time a report of sign-ins is: the last 30 days, unless it is asked otherwise.
pub(super) fn span(asked: &Listing, now: Timestamp) -> Result<Span, Problem> {
    let before = asked.end("to")?.unwrap_or(now);
    let from = asked.begin("from")?.unwrap_or_else(|| {
        let days = u32::try_from(USUAL).unwrap_or(u32::MAX);
        before.minus(DAY * days)
    });
    let days = u32::try_from(LONGEST).unwrap_or(u32::MAX);
    if before <= from || before.since(from) > DAY * days {
        return Err(bad(
            "from",
            "a report begins before it ends, and covers at most 92 days",
        ));
    }
    Ok(Span { from, before })
}

/// A day counted from 1970-01-01, as `2026-11-22`.
pub(super) fn day_named(day: i64) -> String {
    let at = Timestamp::from_millis(day.saturating_mul(86_400_000)).to_string();
    at.split('T').next().unwrap_or_default().to_owned()
}

impl ReportedPerson {
    fn of(person: &Person) -> Self {
        let member = person.member.as_ref();
        Self {
            id: person.user.to_string(),
            email: member.map(|(email, _)| email.as_str().to_owned()),
            name: member.map(|(_, name)| name.as_str().to_owned()),
        }
    }
}

impl SignInCount {
    fn of(sign_ins: &SignIns) -> Self {
        Self {
            sign_ins: sign_ins.succeeded,
            failures: sign_ins.failed,
            methods: sign_ins.methods.clone(),
            last_at: sign_ins.last_at.map(|at| at.to_string()),
        }
    }
}

fn days(days: &BTreeMap<i64, SignIns>) -> Vec<SignInsOfDay> {
    let days = days.iter().map(|(day, sign_ins)| SignInsOfDay {
        day: day_named(*day),
        count: SignInCount::of(sign_ins),
    });
    days.collect()
}

fn total<'a>(each: impl Iterator<Item = &'a SignIns>) -> SignInCount {
    let mut total = SignIns::default();
    for more in each {
        total.add(more);
    }
    SignInCount::of(&total)
}

impl SignInsReport {
    pub(super) fn of(report: &SignInReport) -> Self {
        Self {
            from: report.span.from.to_string(),
            to: report.span.before.to_string(),
            total: total(report.each.iter().map(|(_, _, sign_ins)| sign_ins)),
            days: days(&report.days()),
            people: report
                .people()
                .iter()
                .map(|(person, sign_ins)| SignInsOfPerson {
                    user: ReportedPerson::of(person),
                    count: SignInCount::of(sign_ins),
                })
                .collect(),
        }
    }
}

impl OwnSignInsReport {
    pub(super) fn of(report: &OwnSignInReport) -> Self {
        Self {
            from: report.span.from.to_string(),
            to: report.span.before.to_string(),
            total: total(report.days.values()),
            days: days(&report.days),
        }
    }
}

impl AccessReportLine {
    pub(super) fn of(access: &Access, now: Timestamp) -> Self {
        let held = review::Held::by(&access.member, now).unwrap_or_default();
        let names =
            |held: crate::domain::access::PermissionSet| held.iter().map(Permission::as_str).collect();
        let mut permissions = BTreeMap::new();
        if let Some(effective) = &access.effective {
            permissions.insert("*".to_owned(), names(effective.everywhere));
            let beyond = effective.by_product.iter();
            permissions.extend(beyond.map(|(product, held)| (product.to_string(), names(*held))));
        }
        let entry = &access.entry;
        Self {
            user: ReportedPerson {
                id: entry.user.to_string(),
                email: Some(entry.email.as_str().to_owned()),
                name: Some(entry.name.as_str().to_owned()),
            },
            status: Status::of(entry.state.status()),
            role: held.role,
            groups: held.groups,
            grants: held.grants.iter().map(HeldGrant::of).collect(),
            permissions,
            last_sign_in_at: entry.last_sign_in_at.map(|at| at.to_string()),
            second_factors: Vec::new(),
            api_keys: access.api_keys,
        }
    }

    /// The columns of the table.
    pub(super) const COLUMNS: [&str; 11] = [
        "user_id",
        "email",
        "name",
        "status",
        "role",
        "groups",
        "permissions",
        "product_permissions",
        "last_sign_in_at",
        "second_factors",
        "api_keys",
    ];

    /// Its row in the table.
    pub(super) fn cells(self) -> [String; 11] {
        let mut permissions = self.permissions;
        let everywhere = permissions.remove("*").unwrap_or_default();
        let beyond = permissions.into_iter();
        let beyond = beyond.map(|(product, held)| format!("{product}: {}", held.join(" ")));
        [
            self.user.id,
            self.user.email.unwrap_or_default(),
            self.user.name.unwrap_or_default(),
            self.status.name().to_owned(),
            self.role.unwrap_or_default(),
            self.groups.join(", "),
            everywhere.join(" "),
            beyond.collect::<Vec<_>>().join("; "),
            self.last_sign_in_at.unwrap_or_default(),
            self.second_factors.join(" "),
            self.api_keys.to_string(),
        ]
    }
}

impl OwnAccessReportLine {
    pub(super) fn of((organization, access): &(Organization, Access), now: Timestamp) -> Self {
        Self {
            organization: OrganizationName::of(organization),
            line: AccessReportLine::of(access, now),
        }
    }

    /// The columns of the table.
    pub(super) fn columns() -> Vec<&'static str> {
        std::iter::once("organization")
            .chain(AccessReportLine::COLUMNS)
            .collect()
    }

    /// Its row in the table.
    pub(super) fn cells(self) -> Vec<String> {
        std::iter::once(self.organization.name)
            .chain(self.line.cells())
            .collect()
    }
}

/// The columns of the table of an organization's sign-ins: a row for each person and day.
pub(super) const SIGN_IN_COLUMNS: [&str; 7] = [
    "day", "user_id", "email", "name", "sign_ins", "failures", "methods",
];

/// A row of that table.
pub(super) fn sign_in_cells((day, person, sign_ins): &(i64, Person, SignIns)) -> [String; 7] {
    let person = ReportedPerson::of(person);
    let [sign_in_count, failures, methods] = counts(sign_ins);
    [
        day_named(*day),
        person.id,
        person.email.unwrap_or_default(),
        person.name.unwrap_or_default(),
        sign_in_count,
        failures,
        methods,
    ]
}

/// How often, in cells.
pub(super) fn counts(sign_ins: &SignIns) -> [String; 3] {
    let methods = sign_ins.methods.iter();
    let methods = methods.map(|(method, times)| format!("{method} {times}"));
    [
        sign_ins.succeeded.to_string(),
        sign_ins.failed.to_string(),
        methods.collect::<Vec<_>>().join(", "),
    ]
}
