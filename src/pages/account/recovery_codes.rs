//! `/account/recovery-codes`: the codes to keep on paper. They are seen once, in answer to what made them.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{Myself, WaitingApplication, minute, refused};
use crate::directory::credentials::recovery_codes::{self, NewSet};
use crate::directory::{DirectoryError, require_self};
use crate::domain::recovery_code::RecoveryCode;
use crate::domain::sign_in::AccountPage;
use crate::storage::Lane;
use crate::storage::recovery_codes::Set;
use crate::web::{AppState, Fault, FormAction, Frame, page, read_form, verify_csrf};

/// The page: `templates/account/recovery_codes.html`.
#[derive(Template)]
#[template(path = "account/recovery_codes.html")]
pub struct RecoveryCodesPage {
    /// The frame.
    pub page: Frame,
    /// The form's token.
    pub csrf: String,
    /// Whose they are, on paper.
    pub email: String,
    /// Where they are good, on paper.
    pub host: String,
    /// Where one goes on who has kept them.
    pub onward: String,
    /// The codes, this one time.
    pub codes: Vec<String>,
    /// What is known of the codes there are: how many are left, and when they were made.
    pub set: Option<(i64, String)>,
    /// What went wrong.
    pub error: Option<String>,
}

impl RecoveryCodesPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        let code = |number: u8| {
            RecoveryCode::from_bytes([number.wrapping_mul(37); 10])
                .in_groups()
                .to_string()
        };
        let of = |codes, set, error| Self {
            page,
            csrf: "sample".to_owned(),
            email: "alice@acme.example".to_owned(),
            host: "id.example.com".to_owned(),
            onward: AccountPage::Security.address(),
            codes,
            set,
            error,
        };
        let made = |left| Some((left, "2026-11-02 08:15".to_owned()));
        let unmet = "recovery codes stand in for a second factor; set one up first, and they come with it";
        vec![
            ("shown", of((1..=10).map(code).collect(), None, None)),
            ("there", of(Vec::new(), made(8), None)),
            ("few", of(Vec::new(), made(2), None)),
            ("none", of(Vec::new(), None, None)),
            ("alone", of(Vec::new(), None, Some(unmet.to_owned()))),
        ]
    }

    /// Whether it is time to make new ones.
    fn is_low(&self) -> bool {
        self.set
            .as_ref()
            .is_some_and(|(left, _)| *left <= RecoveryCode::FEW)
    }
}

/// `GET /account/recovery-codes`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    render(&state, &myself, None).await
}

/// `POST /account/recovery-codes`: makes new ones, and shows them.
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let codes = NewSet::draw(&myself.requester.keyring, myself.user.id, myself.requester.now);
    let held = (myself.requester.clone(), codes.clone());
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, codes) = held.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            recovery_codes::make(tx, &permit, &requester.keyring, &codes, requester.now).await
        })
    });
    let made: Result<(), DirectoryError> = work.await;
    match made {
        Ok(()) => show_once(&state, &myself, &codes).await,
        Err(error @ DirectoryError::Unmet(_)) => {
            let shown = render(&state, &myself, Some(error.to_string())).await?;
            Ok((StatusCode::CONFLICT, shown).into_response())
        }
        Err(error) => refused(error, AccountPage::RecoveryCodes),
    }
}

/// The page with codes that were made just now; nobody sees them again. If an application waits, it is next.
pub async fn show_once(state: &AppState, myself: &Myself, codes: &NewSet) -> Result<Response, Fault> {
    let mut shown = of(state, myself, codes.codes(), None, None);
    if let Some(waiting) = WaitingApplication::find(state, &myself.caller).await? {
        shown.onward = waiting.address;
    }
    Ok(page(&shown, &FormAction::Own))
}

async fn render(state: &AppState, myself: &Myself, error: Option<String>) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let set = recovery_codes::find(tx, &permit).await?;
    Ok(page(&of(state, myself, &[], set, error), &FormAction::Own))
}

fn of(
    state: &AppState,
    myself: &Myself,
    codes: &[RecoveryCode],
    set: Option<Set>,
    error: Option<String>,
) -> RecoveryCodesPage {
    RecoveryCodesPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        email: myself.user.email.as_str().to_owned(),
        host: state.config.public_url.host().to_owned(),
        onward: AccountPage::Security.address(),
        codes: codes.iter().map(|code| code.in_groups().to_string()).collect(),
        set: set.map(|set| (set.left, minute(set.created_at))),
        error,
    }
}
