//! `/account/phone`: the phone that one's codes are sent to.

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::recovery_codes::show_once;
use super::{Myself, minute, refused};
use crate::delivery::Messenger;
use crate::directory::credentials::enrolment::Enrolment;
use crate::directory::credentials::phone::{self, Confirmed};
use crate::directory::{DirectoryError, profile, require_self};
use crate::domain::network::Network;
use crate::domain::phone::PhoneNumber;
use crate::domain::sign_in::AccountPage;
use crate::pages::sign_in::hand_over;
use crate::sign_in::sms::{NewCode, Withheld};
use crate::storage::Lane;
use crate::web::{AppState, Fault, FormAction, Frame, page, read_form, redirect, verify_csrf};

/// The page: `templates/account/phone.html`.
#[derive(Template)]
#[template(path = "account/phone.html")]
pub struct PhonePage {
    /// The frame.
    pub page: Frame,
    /// The forms' token.
    pub csrf: String,
    /// Whether messages are sent at all.
    pub sends: bool,
    /// The phone there is.
    pub phone: Option<Phone>,
    /// The number that a code was sent to just now, as its owner knows it.
    pub waiting: Option<String>,
    /// The number as it was typed.
    pub number: String,
    /// What is wrong with the number.
    pub number_error: Option<String>,
    /// What is wrong with the code.
    pub code_error: Option<String>,
    /// What went wrong besides.
    pub error: Option<String>,
}

/// The phone there is.
pub struct Phone {
    /// Its number, as its owner knows it.
    pub number: String,
    /// Since when.
    pub since: String,
}

/// What went wrong, and where.
#[derive(Default)]
struct Wrong {
    number: String,
    with_number: Option<String>,
    with_code: Option<String>,
    besides: Option<String>,
}

impl PhonePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        let of = |phone: Option<Phone>, waiting: Option<&str>| Self {
            page,
            csrf: "sample".to_owned(),
            sends: true,
            phone,
            waiting: waiting.map(str::to_owned),
            number: String::new(),
            number_error: None,
            code_error: None,
            error: None,
        };
        let there = || {
            Some(Phone {
                number: "+49 ••• ••42".to_owned(),
                since: "2026-11-02 08:15".to_owned(),
            })
        };
        let mut wrong_number = of(None, None);
        wrong_number.number.push_str("0151 2345678");
        wrong_number.number_error = Some(page.t("phone-error-number"));
        let mut wrong_code = of(None, Some("+49 ••• ••42"));
        wrong_code.code_error = Some(page.t("phone-error-code"));
        let mut not_sent = of(None, None);
        not_sent.error = Some(page.t("phone-error-not-delivered"));
        let mut off = of(None, None);
        off.sends = false;
        vec![
            ("none", of(None, None)),
            ("wrong_number", wrong_number),
            ("not_sent", not_sent),
            ("waiting", of(None, Some("+49 ••• ••42"))),
            ("wrong_code", wrong_code),
            ("there", of(there(), None)),
            ("changing", of(there(), Some("+43 ••• ••17"))),
            ("off", off),
        ]
    }
}

/// `GET /account/phone`
pub async fn show(State(state): State<AppState>, myself: Myself) -> Result<Response, Fault> {
    render(&state, &myself, Wrong::default()).await
}

/// `POST /account/phone`
pub async fn submit(State(state): State<AppState>, myself: Myself, body: Bytes) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    verify_csrf(myself.session(), form.required("csrf")?)?;
    match form.required("do")? {
        "send" => {
            let typed = form.one("number")?.unwrap_or_default();
            if let Ok(number) = PhoneNumber::parse(typed) {
                return send(&state, &myself, typed, number).await;
            }
            let why = Some(Frame::english().t("phone-error-number"));
            refuse(
                &state,
                &myself,
                StatusCode::UNPROCESSABLE_ENTITY,
                about(typed, why),
            )
            .await
        }
        "confirm" => confirm(&state, &myself, form.one("code")?.unwrap_or_default()).await,
        "remove" => remove(&state, &myself).await,
        _ => Err(Fault::BadRequest("the form has no such button".into())),
    }
}

async fn send(
    state: &AppState,
    myself: &Myself,
    typed: &str,
    number: PhoneNumber,
) -> Result<Response, Fault> {
    let messenger = state.messenger.as_ref().ok_or(Fault::NotFound)?;
    let network = Network::of(myself.caller.origin.address);
    let new = NewCode::draw(myself.requester.now);
    let held = (
        myself.requester.clone(),
        messenger.rules().clone(),
        number.clone(),
        new.clone(),
    );
    let work = state.provider.db.write(Lane::Instance, move |tx| {
        let (requester, rules, number, new) = held.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            let asked = phone::ask(tx, &permit, keyring, &rules, (&number, network), &new, now).await?;
            let language = profile::whole(tx, &permit).await?.profile.language;
            Ok(asked.map(|()| language))
        })
    });
    let asked: Result<Result<_, Withheld>, DirectoryError> = work.await;
    let withheld = match asked {
        Ok(Ok(language)) => {
            let language = language
                .map(|language| language.as_str().to_owned())
                .unwrap_or_default();
            return deliver(state, myself, messenger, (&number, &new, &language)).await;
        }
        Ok(Err(withheld)) => withheld,
        Err(error) => return refused(error, AccountPage::Phone),
    };
    let why = Some(in_words(withheld));
    refuse(state, myself, StatusCode::TOO_MANY_REQUESTS, about(typed, why)).await
}

/// Hands the code to the gateway, after it was made good.
async fn deliver(
    state: &AppState,
    myself: &Myself,
    messenger: &Messenger,
    (number, new, language): (&PhoneNumber, &NewCode, &str),
) -> Result<Response, Fault> {
    match messenger.send_code(number, new.code(), language).await {
        Ok(()) => Ok(redirect(&AccountPage::Phone.address())),
        Err(error) => {
            tracing::error!(%error, "a text message could not be sent");
            let wrong = Wrong {
                besides: Some(Frame::english().t("phone-error-not-delivered")),
                ..Wrong::default()
            };
            refuse(state, myself, StatusCode::BAD_GATEWAY, wrong).await
        }
    }
}

async fn confirm(state: &AppState, myself: &Myself, code: &str) -> Result<Response, Fault> {
    let visitor = myself.caller.visitor(myself.caller.known_browser()?);
    let (keyring, now) = (&myself.requester.keyring, myself.requester.now);
    let (new, opened) = Enrolment::draw(keyring, myself.user.id, visitor, now);
    let held = (myself.requester.clone(), new.clone(), code.to_owned());
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let (requester, new, code) = held.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            phone::confirm(tx, &permit, keyring, &new, &code, now).await
        })
    });
    let confirmed: Result<Confirmed, DirectoryError> = work.await;
    match confirmed {
        Ok(Confirmed::Yes {
            first_codes,
            instead_of,
        }) => {
            if let (Some(before), Some(messenger)) = (&instead_of, &state.messenger) {
                messenger.say_good_bye(before).await;
            }
            let shown = if first_codes {
                show_once(state, myself, &new.codes).await?
            } else {
                redirect(&AccountPage::Phone.address())
            };
            Ok(hand_over(shown, &opened, state))
        }
        Ok(Confirmed::Wrong) => {
            let wrong = Wrong {
                with_code: Some(Frame::english().t("phone-error-code")),
                ..Wrong::default()
            };
            refuse(state, myself, StatusCode::UNPROCESSABLE_ENTITY, wrong).await
        }
        Err(error) => refused(error, AccountPage::Phone),
    }
}

async fn remove(state: &AppState, myself: &Myself) -> Result<Response, Fault> {
    let requester = myself.requester.clone();
    let work = state.provider.db.write(Lane::User(myself.user.id), move |tx| {
        let requester = requester.clone();
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            phone::remove(tx, &permit, &requester.keyring, requester.now).await
        })
    });
    let removed: Result<PhoneNumber, DirectoryError> = work.await;
    match removed {
        Ok(number) => {
            if let Some(messenger) = &state.messenger {
                messenger.say_good_bye(&number).await;
            }
            Ok(redirect(&AccountPage::Phone.address()))
        }
        Err(error @ DirectoryError::Unmet(_)) => {
            let wrong = Wrong {
                besides: Some(error.to_string()),
                ..Wrong::default()
            };
            refuse(state, myself, StatusCode::CONFLICT, wrong).await
        }
        Err(error) => refused(error, AccountPage::Phone),
    }
}

/// What is wrong with a number that was typed.
fn about(typed: &str, why: Option<String>) -> Wrong {
    Wrong {
        number: typed.chars().take(64).collect(),
        with_number: why,
        ..Wrong::default()
    }
}

/// Why no message goes out.
pub fn in_words(withheld: Withheld) -> String {
    let frame = Frame::english();
    match withheld {
        Withheld::TooSoon(wait) => frame.t1("phone-error-wait", "wait", &frame.wait(wait)),
        Withheld::TooMany => frame.t("phone-error-too-many"),
        Withheld::Country => frame.t("phone-error-country"),
    }
}

async fn refuse(
    state: &AppState,
    myself: &Myself,
    status: StatusCode,
    wrong: Wrong,
) -> Result<Response, Fault> {
    Ok((status, render(state, myself, wrong).await?).into_response())
}

async fn render(state: &AppState, myself: &Myself, wrong: Wrong) -> Result<Response, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let permit = require_self(tx, &myself.requester, None).await?;
    let found = phone::find(tx, &permit).await?;
    let waiting = phone::waiting(tx, &permit, myself.requester.now).await?;
    let shown = PhonePage {
        page: Frame::english(),
        csrf: myself.csrf(),
        sends: state.messenger.is_some(),
        phone: found.map(|phone| Phone {
            number: phone.number.masked(),
            since: minute(phone.created_at),
        }),
        waiting: waiting.map(|number| number.masked()),
        number: wrong.number,
        number_error: wrong.with_number,
        code_error: wrong.with_code,
        error: wrong.besides,
    };
    Ok(page(&shown, &FormAction::Own))
}
