//! `/account/alerts`: what one was told of one's own account, newest first.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;

use super::{Myself, minute, refused};
use crate::delivery::{AlertInWords, device_in_words};
use crate::directory::alerts::{self, StoredAlert};
use crate::directory::{DirectoryError, require_self};
use crate::domain::sign_in::AccountPage;
use crate::pages::long;
use crate::places::Places;
use crate::storage::{Lane, Page, StorageError, Tx, organizations};
use crate::web::{AppState, Fault, FormAction, Frame, page, read_form, redirect, verify_csrf};
use crate::words::Words;

/// So many are shown.
const SHOWN: i64 = 50;

/// The page: `templates/account/alerts.html`.
#[derive(Template)]
#[template(path = "account/alerts.html")]
pub struct AlertsPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// What one was told.
    pub alerts: Vec<AlertLine>,
    /// Whether one did not see all of it.
    pub any_new: bool,
}

/// An alert.
pub struct AlertLine {
    /// What happened, in a few words.
    pub title: String,
    /// The same in a sentence.
    pub detail: String,
    /// When, and from where if that is known.
    pub whence: String,
    /// Whether one did not see it yet.
    pub is_new: bool,
}

impl AlertsPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let line = |title: &str, detail: &str, is_new| AlertLine {
            title: title.to_owned(),
            detail: detail.to_owned(),
            whence: "2026-11-22 09:30 UTC · Firefox 133 on Windows 10 · Berlin, DE".to_owned(),
            is_new,
        };
        let of = |alerts: Vec<AlertLine>| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            any_new: alerts.iter().any(|alert| alert.is_new),
            alerts,
        };
        let device = "Somebody signed in to your account from a device that it didn’t know.";
        let key = "The API key “CI” was made for Acme in your name.";
        vec![
            (
                "usual",
                of(vec![
                    line("New device on your account", device, true),
                    line("A new API key", key, false),
                ]),
            ),
            ("none", of(Vec::new())),
            ("long", of(vec![line(long::NAME, long::EMAIL, false)])),
        ]
    }
}

impl AlertLine {
    async fn of(tx: &mut Tx<'_>, alert: &StoredAlert, places: &Places) -> Result<Self, StorageError> {
        let organization = match alert.organization {
            Some(organization) => organizations::by_id(tx, organization).await?,
            None => None,
        };
        let name = organization.as_ref().map(|found| found.display_name.as_str());
        let words = Words::english();
        let told = AlertInWords::of(&alert.kind, name, words, minute);
        let place = |address: &String| places.of_text(address).unwrap_or_else(|| address.clone());
        let whence = [
            Some(format!("{} UTC", minute(alert.created_at))),
            alert
                .address
                .as_ref()
                .and(device_in_words(&alert.user_agent, words)),
            alert.address.as_ref().map(place),
        ];
        Ok(Self {
            title: told.title,
            detail: told.detail,
            whence: whence.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            is_new: alert.seen_at.is_none(),
        })
    }
}

/// `GET /account/alerts`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let found = alerts::list_own(tx, &permit, false, &Page::first(SHOWN)).await?;
    let mut lines = Vec::with_capacity(found.rows.len());
    for alert in &found.rows {
        lines.push(AlertLine::of(tx, alert, &state.config.places).await?);
    }
    let shown = AlertsPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        any_new: lines.iter().any(|alert| alert.is_new),
        alerts: lines,
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `POST /account/alerts`: one saw all of them.
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            alerts::see_all(tx, &permit, requester.now).await
        })
    });
    let seen: Result<(), DirectoryError> = work.await;
    match seen {
        Ok(()) => Ok(redirect(&AccountPage::Alerts.address())),
        Err(error) => refused(error, AccountPage::Alerts),
    }
}
