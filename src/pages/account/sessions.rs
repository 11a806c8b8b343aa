//! `/account/sessions`: where one is signed in, and the way to end it elsewhere.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;

use super::{Myself, minute, refused};
use crate::delivery::device_in_words;
use crate::devices::{Device, DeviceKind};
use crate::directory::{DirectoryError, profile, require_self};
use crate::domain::id::SessionId;
use crate::domain::sign_in::AccountPage;
use crate::pages::long;
use crate::places::Places;
use crate::storage::session_lists::Own;
use crate::storage::{Lane, Page};
use crate::web::{AppState, Fault, FormAction, Frame, page, read_form, redirect, verify_csrf};
use crate::words::Words;

/// So many are shown, the oldest first; nobody has more.
const SHOWN: i64 = 200;

/// The page: `templates/account/sessions.html`.
#[derive(Template)]
#[template(path = "account/sessions.html")]
pub struct SessionsPage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// This browser's own.
    pub here: Vec<SessionLine>,
    /// The others.
    pub elsewhere: Vec<SessionLine>,
}

/// A session.
pub struct SessionLine {
    /// Its id.
    pub id: String,
    /// Browser and system, or what stands for a program that nobody knows.
    pub device: String,
    /// The address, and where that is.
    pub place: String,
    /// When it began.
    pub since: String,
    /// When it was last used.
    pub last_seen: String,
}

impl SessionsPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let line = |device: &str, place: &str| SessionLine {
            id: "ses_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned(),
            device: device.to_owned(),
            place: place.to_owned(),
            since: "2026-11-22 09:30".to_owned(),
            last_seen: "2026-11-22 11:05".to_owned(),
        };
        let of = |elsewhere| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            here: vec![line("Firefox 133 on Windows 10", "Berlin, DE (192.0.2.7)")],
            elsewhere,
        };
        vec![
            (
                "usual",
                of(vec![
                    line("Safari 17 on iOS", "Hamburg, DE (198.51.100.9)"),
                    line("Another program", "2001:db8:85a3:8d3:1319:8a2e:370:7348"),
                ]),
            ),
            ("alone", of(Vec::new())),
            ("long", of(vec![line(long::NAME, long::EMAIL)])),
        ]
    }
}

impl SessionLine {
    fn of(own: &Own, places: &Places, frame: Frame) -> Self {
        let address = &own.origin.address;
        Self {
            id: own.id.to_string(),
            device: device(&own.origin.user_agent, frame),
            place: match places.of_text(address) {
                Some(place) => format!("{place} ({address})"),
                None => address.clone(),
            },
            since: minute(own.created_at),
            last_seen: minute(own.last_seen_at),
        }
    }
}

/// `GET /account/sessions`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let all = profile::sessions(tx, &permit, myself.requester.now, &Page::first(SHOWN)).await?;
    let frame = Frame::english();
    let (here, elsewhere): (Vec<_>, Vec<_>) =
        all.rows.iter().partition(|own| permit.session() == Some(own.id));
    let lines = |own: Vec<&Own>| {
        let line = |own: &Own| SessionLine::of(own, &state.config.places, frame);
        own.into_iter().map(line).collect()
    };
    let shown = SessionsPage {
        page: frame,
        csrf: myself.csrf(),
        here: lines(here),
        elsewhere: lines(elsewhere),
    };
    Ok(page(&shown, &FormAction::Own))
}

/// `POST /account/sessions`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let one: Option<SessionId> = match form.one("session")? {
        Some(id) => Some(id.parse().map_err(|_| Fault::NotFound)?),
        None => None,
    };
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            match one {
                Some(one) => profile::end_session(tx, &permit, keyring, one, now).await,
                None => profile::end_other_sessions(tx, &permit, keyring, now).await,
            }
        })
    });
    let ended: Result<(), DirectoryError> = work.await;
    match ended {
        // Whoever presses twice has what they wanted.
        Ok(()) | Err(DirectoryError::NotFound) => Ok(redirect(&AccountPage::Sessions.address())),
        Err(error) => refused(error, AccountPage::Sessions),
    }
}

/// A program in words.
fn device(user_agent: &str, frame: Frame) -> String {
    device_in_words(user_agent, Words::english())
        .unwrap_or_else(|| frame.t(unknown(Device::of(user_agent).kind)))
}

fn unknown(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Phone => "account-sessions-phone",
        DeviceKind::Tablet => "account-sessions-tablet",
        DeviceKind::Computer => "account-sessions-computer",
        DeviceKind::Other => "account-sessions-program",
    }
}
