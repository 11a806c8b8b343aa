//! `/account/reports/sign-ins` and `/console/{org}/reports/sign-ins`: who signed in when, in the last 30 days.

use std::collections::BTreeMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{date, entered, fault, minute, requester};
use crate::directory::reports::{self, SignIns};
use crate::directory::{require, require_self};
use crate::domain::access::Permission;
use crate::domain::time::Timestamp;
use crate::pages::long;
use crate::storage::sign_in_counts::Span;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, page, redirect};

/// How many days it covers.
const DAYS: u8 = 30;

const DAY: Duration = Duration::from_hours(24);

/// The height of the chart, in its own units.
const HEIGHT: i64 = 48;

/// The page: `templates/reports/sign_ins.html`.
#[derive(Template)]
#[template(path = "reports/sign_ins.html")]
pub struct SignInsPage {
    /// The frame.
    pub page: Frame,
    /// Its heading.
    pub title: String,
    /// When it was made.
    pub made_at: String,
    /// Where it is as a table for spreadsheets.
    pub csv: String,
    /// Where the report of access is.
    pub access: String,
    /// Its first and its last day.
    pub from: String,
    /// Its last day.
    pub to: String,
    /// How often altogether.
    pub total: i64,
    /// How often it failed.
    pub failed: i64,
    /// A bar for each day.
    pub bars: Vec<Bar>,
    /// What the first column is: a person or a day.
    pub by_person: bool,
    /// Who, or when, and how often.
    pub lines: Vec<Line>,
}

/// One day in the chart.
pub struct Bar {
    /// From the left.
    pub x: i64,
    /// From the top.
    pub y: i64,
    /// How high.
    pub height: i64,
}

/// How often somebody, or on one day.
pub struct Line {
    /// A name or a day.
    pub name: String,
    /// An email address, or nothing.
    pub detail: String,
    /// How often.
    pub times: i64,
    /// How often it failed.
    pub failed: i64,
    /// By which methods, as tokens name them (RFC 8176).
    pub methods: Vec<String>,
    /// When last.
    pub last: String,
}

impl SignInsPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let now = Timestamp::from_millis(1_795_339_800_000);
        let span = last_days(now);
        let line = |name: &str, detail: &str, times, failed| Line {
            name: name.to_owned(),
            detail: detail.to_owned(),
            times,
            failed,
            methods: vec!["pwd".to_owned()],
            last: "2026-11-22 09:30".to_owned(),
        };
        let today = now.millis() / 86_400_000;
        let day = |ago: i64, succeeded| {
            let sign_ins = SignIns {
                succeeded,
                ..SignIns::default()
            };
            (today - ago, sign_ins)
        };
        let busy: BTreeMap<_, _> = (0..30)
            .map(|ago| day(ago, (ago * 7) % 11 + i64::from(ago == 3) * 9))
            .collect();
        let of = |title: String, days: &BTreeMap<i64, SignIns>, by_person, lines| Self {
            page: Frame::english(),
            title,
            made_at: minute(now),
            csv: "/v2/users/me/reports/sign-ins?format=csv".to_owned(),
            access: "/account/reports/access".to_owned(),
            from: date(span.from),
            to: date(now),
            total: days.values().map(|sign_ins| sign_ins.succeeded).sum(),
            failed: 2,
            bars: bars(days, span),
            by_person,
            lines,
        };
        vec![
            (
                "organization",
                of(
                    of_organization("Acme"),
                    &busy,
                    true,
                    vec![
                        line("Alice Archer", "alice@acme.example", 31, 0),
                        line("Bob Becker", "bob@acme.example", 104, 2),
                        line(long::NAME, long::EMAIL, 1, 0),
                    ],
                ),
            ),
            (
                "own",
                of(
                    own(),
                    &[day(0, 1), day(4, 2)].into(),
                    false,
                    vec![line("2026-11-18", "", 2, 1), line("2026-11-22", "", 1, 1)],
                ),
            ),
            ("nothing", of(own(), &BTreeMap::new(), false, Vec::new())),
        ]
    }
}

impl Line {
    fn of(name: String, detail: String, sign_ins: &SignIns) -> Self {
        Self {
            name,
            detail,
            times: sign_ins.succeeded,
            failed: sign_ins.failed,
            methods: sign_ins.methods.keys().cloned().collect(),
            last: sign_ins.last_at.map(minute).unwrap_or_default(),
        }
    }
}

/// `GET /account/reports/sign-ins`
pub async fn show_own(State(state): State<AppState>, caller: Caller) -> Result<Response, Fault> {
    let Some(requester) = requester(&state, &caller) else {
        return Ok(redirect("/sign-in"));
    };
    let span = last_days(requester.now);
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let permit = require_self(&mut tx, &requester, None).await.map_err(fault)?;
    let report = reports::own_sign_ins(&mut tx, &permit, span).await?;
    let lines = report.days.iter().rev();
    let lines = lines.map(|(day, sign_ins)| Line::of(date(midnight(*day)), String::new(), sign_ins));
    let shown = SignInsPage {
        page: Frame::english(),
        title: own(),
        made_at: minute(requester.now),
        csv: "/v2/users/me/reports/sign-ins?format=csv".to_owned(),
        access: "/account/reports/access".to_owned(),
        from: date(span.from),
        to: date(requester.now),
        total: report.days.values().map(|sign_ins| sign_ins.succeeded).sum(),
        failed: report.days.values().map(|sign_ins| sign_ins.failed).sum(),
        bars: bars(&report.days, span),
        by_person: false,
        lines: lines.collect(),
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `GET /console/{org}/reports/sign-ins`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(org): Path<String>,
) -> Result<Response, Fault> {
    let Some(requester) = requester(&state, &caller) else {
        return Ok(redirect("/sign-in"));
    };
    let organization = entered(&state, &requester, &org).await?;
    let span = last_days(requester.now);
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let permit = require(&mut tx, &requester, organization.id, Permission::AuditLogRead).await;
    let report = reports::sign_ins(&mut tx, &permit.map_err(fault)?, span).await;
    let report = report.map_err(fault)?;
    let people = report.people();
    let mut lines: Vec<_> = people
        .iter()
        .map(|(person, sign_ins)| match &person.member {
            Some((email, name)) => Line::of(name.to_string(), email.to_string(), sign_ins),
            None => Line::of(person.user.to_string(), String::new(), sign_ins),
        })
        .collect();
    lines.sort_by(|one, other| one.name.cmp(&other.name));
    let shown = SignInsPage {
        page: Frame::english(),
        title: of_organization(organization.display_name.as_str()),
        made_at: minute(requester.now),
        csv: format!(
            "/v2/organizations/{}/reports/sign-ins?format=csv",
            organization.name.as_str()
        ),
        access: format!("/console/{}/reports/access", organization.name.as_str()),
        from: date(span.from),
        to: date(requester.now),
        total: lines.iter().map(|line| line.times).sum(),
        failed: lines.iter().map(|line| line.failed).sum(),
        bars: bars(&report.days(), span),
        by_person: true,
        lines,
    };
    Ok(page(&shown, &FormAction::Own))
}

fn own() -> String {
    Frame::english().t("reports-sign-ins-own")
}

fn of_organization(name: &str) -> String {
    Frame::english().t1("reports-sign-ins-of", "organization", name)
}

/// Today and the days before it, up to and with this moment.
fn last_days(now: Timestamp) -> Span {
    let today = midnight(now.millis() / 86_400_000);
    Span {
        from: today.minus(DAY * u32::from(DAYS - 1)),
        before: now.plus(Duration::from_millis(1)),
    }
}

/// When a day begins that is counted from 1970-01-01.
fn midnight(day: i64) -> Timestamp {
    Timestamp::from_millis(day.saturating_mul(86_400_000))
}

/// A bar for each day, the highest as high as the chart.
fn bars(days: &BTreeMap<i64, SignIns>, span: Span) -> Vec<Bar> {
    let most = days
        .values()
        .map(|sign_ins| sign_ins.succeeded)
        .max()
        .unwrap_or_default()
        .max(1);
    let first = span.from.millis() / 86_400_000;
    let each = (0..i64::from(DAYS)).map(|place| {
        let day = first + place;
        let times = days.get(&day).map_or(0, |sign_ins| sign_ins.succeeded);
        let height = times * HEIGHT / most;
        Bar {
            x: place * 10,
            y: HEIGHT - height,
            height,
        }
    });
    each.collect()
}
