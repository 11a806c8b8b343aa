//! `/account/security`: all that one signs in with, and the way to each.

use askama::Template;
use axum::extract::State;
use axum::response::Response;

use super::{Myself, WaitingApplication};
use crate::domain::sign_in::AccountPage;
use crate::pages::long;
use crate::storage::passwords;
use crate::storage::second_factors::{self, SecondFactors};
use crate::web::{AppState, Fault, FormAction, Frame, page};

/// Fewer codes than this are too few.
const FEW_CODES: i64 = 3;

/// The page: `templates/account/security.html`.
#[derive(Template)]
#[template(path = "account/security.html")]
pub struct SecurityPage {
    /// The frame.
    pub page: Frame,
    /// What there is, one line each.
    pub lines: Vec<Line>,
    /// What should be looked after.
    pub advice: Option<String>,
    /// The application that waits, if one does.
    pub waiting: Option<WaitingApplication>,
}

/// One way to prove oneself.
pub struct Line {
    /// Where it is looked after.
    pub address: String,
    /// What it is.
    pub name: String,
    /// How it stands with it.
    pub state: String,
    /// Whether it is in use.
    pub on: bool,
}

impl SecurityPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |factors: SecondFactors, waiting: Option<&str>| Self {
            page: frame,
            lines: lines(frame, true, factors),
            advice: advice(frame, factors),
            waiting: waiting.map(|name| WaitingApplication {
                address: "/oauth2/authorize/sample".to_owned(),
                name: name.to_owned(),
            }),
        };
        let none = SecondFactors {
            totp: false,
            security_keys: 0,
            phone: false,
            recovery_codes: 0,
        };
        let all = SecondFactors {
            totp: true,
            security_keys: 2,
            phone: true,
            recovery_codes: 8,
        };
        let few = SecondFactors {
            recovery_codes: 2,
            ..all
        };
        vec![
            ("none", of(none, None)),
            ("all", of(all, None)),
            ("few", of(few, Some("Acme Fleet"))),
            ("long", of(all, Some(long::APPLICATION))),
        ]
    }
}

/// `GET /account/security`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let factors = second_factors::of_user(&mut snapshot.tx(), myself.user.id).await?;
    let password = passwords::of_user(&mut snapshot.tx(), myself.user.id).await?;
    drop(snapshot);
    let frame = Frame::english();
    let shown = SecurityPage {
        page: frame,
        lines: lines(frame, password.is_some(), factors),
        advice: advice(frame, factors),
        waiting: WaitingApplication::find(&state, &myself.caller).await?,
    };
    Ok(page(&shown, &FormAction::Own))
}

fn lines(frame: Frame, has_password: bool, factors: SecondFactors) -> Vec<Line> {
    let line = |to: AccountPage, name: &str, state: String, on: bool| Line {
        address: to.address(),
        name: frame.t(name),
        state,
        on,
    };
    let whether = |on: bool| {
        if on {
            frame.t("account-security-on")
        } else {
            frame.t("account-security-off")
        }
    };
    let so_many = |key, count: i64| frame.count(key, u32::try_from(count).unwrap_or(0));
    let keys = match factors.security_keys {
        0 => whether(false),
        count => so_many("account-security-keys", count),
    };
    let codes = match factors.recovery_codes {
        0 => whether(false),
        count => so_many("account-security-codes", count),
    };
    vec![
        line(
            AccountPage::Password,
            "account-security-password",
            whether(has_password),
            has_password,
        ),
        line(
            AccountPage::Passkeys,
            "account-security-passkeys",
            keys,
            factors.security_keys > 0,
        ),
        line(
            AccountPage::Authenticator,
            "account-security-authenticator",
            whether(factors.totp),
            factors.totp,
        ),
        line(
            AccountPage::Phone,
            "account-security-phone",
            whether(factors.phone),
            factors.phone,
        ),
        line(
            AccountPage::RecoveryCodes,
            "account-security-recovery",
            codes,
            factors.recovery_codes > 0,
        ),
    ]
}

fn advice(frame: Frame, factors: SecondFactors) -> Option<String> {
    if !factors.any() {
        Some(frame.t("account-security-advice-none"))
    } else if factors.recovery_codes < FEW_CODES {
        Some(frame.t("account-security-advice-codes"))
    } else {
        None
    }
}
