//! `/account/passkeys`: one's own passkeys and security keys, each with its name, and the way to others.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::refusal;
use crate::directory::credentials::passkeys;
use crate::directory::{DirectoryError, require_self};
use crate::domain::id::CredentialId;
use crate::domain::passkey::{Passkey, PasskeyKind};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::pages::account::{Myself, WaitingApplication};
use crate::pages::long;
use crate::storage::passkeys::StoredPasskey;
use crate::storage::{Lane, Page};
use crate::web::{AppState, Fault, FormAction, Frame, page_with_passkeys, read_form, redirect, verify_csrf};

/// The page: `templates/account/passkeys/list.html`.
#[derive(Template)]
#[template(path = "account/passkeys/list.html")]
pub struct ListPage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// Each of them.
    pub passkeys: Vec<Line>,
    /// What browsers are told of those that are kept, where there are passkeys.
    pub kept: Option<Kept>,
    /// Whether there may be one more.
    pub room: bool,
    /// The application that waits, if one does.
    pub waiting: Option<WaitingApplication>,
    /// What went wrong.
    pub error: Option<String>,
}

/// One passkey or security key.
pub struct Line {
    /// Its id.
    pub id: String,
    /// What its person calls it.
    pub name: String,
    /// What it is, and where.
    pub kind: String,
    /// When it was added and last used.
    pub used: String,
    /// Whether there may be a copy of it.
    pub copied: bool,
}

/// What browsers are told, so that they offer nothing that was removed.
pub struct Kept {
    /// The relying party's id.
    pub rp_id: String,
    /// The person as authenticators know them.
    pub user: String,
    /// The passkeys as authenticators know them.
    pub ids: String,
}

impl Line {
    fn of(passkey: &Passkey) -> Self {
        let frame = Frame::english();
        let kind = match (passkey.kind, passkey.synced) {
            (PasskeyKind::Passkey, true) => "passkeys-kind-synced",
            (PasskeyKind::Passkey, false) => "passkeys-kind-bound",
            (PasskeyKind::SecurityKey, _) => "passkeys-kind-security-key",
        };
        let added = frame.t1("passkeys-added", "date", &date(passkey.created_at));
        let used = match passkey.last_used_at {
            Some(at) => frame.t1("passkeys-used", "date", &date(at)),
            None => frame.t("passkeys-never-used"),
        };
        Self {
            id: passkey.id.to_string(),
            name: passkey.name.to_string(),
            kind: frame.t(kind),
            used: format!("{added} · {used}"),
            copied: passkey.clone_seen_at.is_some(),
        }
    }
}

impl ListPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let at = Timestamp::from_millis(1_795_339_800_000);
        let passkey = |n: u128, name: &str, kind, synced, used: bool, copied: bool| Passkey {
            id: CredentialId::from_uuid(uuid::Uuid::from_u128(n)),
            user: crate::domain::id::UserId::from_uuid(uuid::Uuid::nil()),
            kind,
            synced,
            name: DisplayName::parse(name).expect("a name of ours"),
            created_at: at,
            last_used_at: used.then_some(at),
            clone_seen_at: copied.then_some(at),
        };
        let (own, key) = (PasskeyKind::Passkey, PasskeyKind::SecurityKey);
        let of = |passkeys: &[Passkey], error| Self {
            page: Frame::english(),
            csrf: "sample".to_owned(),
            passkeys: passkeys.iter().map(Line::of).collect(),
            kept: None,
            room: true,
            waiting: None,
            error,
        };
        let usual = [
            passkey(1, "Chrome on Linux", own, true, true, false),
            passkey(2, "Laptop’s fingerprint", own, false, true, false),
            passkey(3, "Key ring", key, false, false, false),
        ];
        let copied = [passkey(1, "Key ring", key, false, true, true)];
        let last = Some(Frame::english().t("passkeys-error-last"));
        vec![
            ("none", of(&[], None)),
            ("usual", of(&usual, None)),
            ("copied", of(&copied, None)),
            (
                "waiting",
                Self {
                    waiting: Some(WaitingApplication {
                        address: "/oauth2/authorize/sample".to_owned(),
                        name: long::APPLICATION.to_owned(),
                    }),
                    ..of(&usual[2..], None)
                },
            ),
            ("last", of(&usual[..1], last)),
            (
                "full",
                Self {
                    room: false,
                    ..of(&[passkey(1, long::NAME, own, true, true, false)], None)
                },
            ),
        ]
    }
}

/// `GET /account/passkeys`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    render(&state, &myself, None).await
}

/// `POST /account/passkeys/{passkey}`: another name, or away with it.
pub async fn submit(
    State(state): State<AppState>,
    myself: Myself,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    let id: CredentialId = id.parse().map_err(|_| Fault::NotFound)?;
    let name = if form.one("remove")?.is_some() {
        None
    } else {
        let Ok(name) = DisplayName::parse(form.one("name")?.unwrap_or_default()) else {
            let wrong = Frame::english().t("passkeys-error-name");
            let shown = render(&state, &myself, Some(wrong)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
        };
        Some(name)
    };
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, name) = (requester.clone(), name.clone());
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            match name {
                Some(name) => {
                    let passkey = passkeys::find(tx, &permit, id).await?;
                    passkeys::rename(tx, &permit, keyring, &passkey, &name, now).await
                }
                None => passkeys::remove(tx, &permit, keyring, id, now).await,
            }
        })
    });
    match work.await {
        Ok(()) => Ok(redirect("/account/passkeys")),
        Err(DirectoryError::Unmet(unmet)) => {
            let last = unmet.iter().any(|(code, _)| *code == "last_way_in");
            let why = if last {
                Frame::english().t("passkeys-error-last")
            } else {
                DirectoryError::Unmet(unmet).to_string()
            };
            let shown = render(&state, &myself, Some(why)).await?;
            Ok((StatusCode::CONFLICT, shown).into_response())
        }
        Err(error) => Ok(refusal(error)),
    }
}

async fn render(state: &AppState, myself: &Myself, error: Option<String>) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let permit = require_self(&mut tx, &myself.requester, None).await?;
    let found = passkeys::list(&mut tx, &permit, &Page::first(i64::MAX)).await?;
    let shown = ListPage {
        page: Frame::english(),
        csrf: myself.csrf(),
        passkeys: found.rows.iter().map(|row| Line::of(&row.passkey)).collect(),
        kept: state.prover.relying_party.is_some().then(|| Kept {
            rp_id: state.config.public_url.host().to_owned(),
            user: URL_SAFE_NO_PAD.encode(myself.user.id.uuid().as_bytes()),
            ids: ids(&found.rows),
        }),
        room: found.rows.len() < Passkey::MOST,
        waiting: WaitingApplication::find(state, &myself.caller).await?,
        error,
    };
    Ok(page_with_passkeys(&shown, &FormAction::Own))
}

fn ids(rows: &[StoredPasskey]) -> String {
    let ids = rows.iter().map(|row| URL_SAFE_NO_PAD.encode(&row.webauthn_id));
    ids.collect::<Vec<_>>().join(" ")
}

/// `2026-11-22`
fn date(at: Timestamp) -> String {
    at.to_string().chars().take("2026-11-22".len()).collect()
}
