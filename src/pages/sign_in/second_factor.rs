//! `/sign-in/{sign_in}/second-factor`: something besides the password. One page for each kind, and a way from each to the
//! others.

use std::time::Duration;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Invitation, find, hand_over, next_page, on_to};
use crate::domain::id::{SignInId, UserId};
use crate::domain::secret::Secret;
use crate::domain::sign_in::{SignIn, Step};
use crate::domain::sms::SmsPurpose;
use crate::domain::time::Timestamp;
use crate::oidc::Parameters;
use crate::pages::account::phone;
use crate::pages::long;
use crate::sign_in::{self, Outcome, Shown, sms};
use crate::storage::second_factors::{self, SecondFactors};
use crate::storage::{Tx, phones, sms_codes};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, page_with_passkeys, read_form,
    redirect, seconds_to_wait, verify_csrf,
};

/// The kinds, the one that can't be phished first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A security key or passkey.
    SecurityKey,
    /// A code of an authenticator app.
    Totp,
    /// A code by text message.
    Sms,
    /// A recovery code.
    Recovery,
}

impl Kind {
    const ALL: [Self; 4] = [Self::SecurityKey, Self::Totp, Self::Sms, Self::Recovery];

    /// The name in addresses and keys of words.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SecurityKey => "security-key",
            Self::Totp => "totp",
            Self::Sms => "sms",
            Self::Recovery => "recovery",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    fn of(factors: SecondFactors) -> Vec<Self> {
        let has = |kind: &Self| match kind {
            Self::SecurityKey => factors.security_keys > 0,
            Self::Totp => factors.totp,
            Self::Sms => factors.phone,
            Self::Recovery => factors.recovery_codes > 0,
        };
        Self::ALL.into_iter().filter(has).collect()
    }

    /// The words for a try with nothing in it, and for one that was wrong.
    const fn error(self, empty: bool) -> &'static str {
        match (self, empty) {
            (Self::SecurityKey, _) => "passkeys-second-factor-error",
            (Self::Totp | Self::Sms | Self::Recovery, true) => "sign-in-error-code-empty",
            (Self::Totp | Self::Sms | Self::Recovery, false) => "sign-in-error-code",
        }
    }

    /// What a link to it says.
    pub fn name(self, page: Frame) -> String {
        page.t(match self {
            Self::SecurityKey => "sign-in-second-security-key-name",
            Self::Totp => "sign-in-second-totp-name",
            Self::Sms => "sign-in-second-sms-name",
            Self::Recovery => "sign-in-second-recovery-name",
        })
    }

    fn shown(self, text: String) -> Shown {
        match self {
            Self::SecurityKey => Shown::Webauthn(text),
            Self::Totp => Shown::Totp(text),
            Self::Sms => Shown::Sms(text),
            Self::Recovery => Shown::Recovery(text),
        }
    }
}

/// The page: `templates/sign_in/second_factor.html`.
#[derive(Template)]
#[template(path = "sign_in/second_factor.html")]
pub struct SecondFactorPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who is signing in.
    pub email: String,
    /// What is asked for.
    pub kind: Kind,
    /// What could be asked for instead, with its address.
    pub others: Vec<(String, String)>,
    /// How many days the device may be trusted; it can't be if zero.
    pub trusted_days: i64,
    /// What the script asks a security key, if one is asked for.
    pub question: Option<String>,
    /// What went wrong.
    pub error: Option<String>,
    /// Which application waits.
    pub application: Option<String>,
    /// The phone, where its codes are asked for.
    pub phone: Option<Phone>,
}

/// A phone that is sent codes.
pub struct Phone {
    /// Its number, as its owner knows it.
    pub number: String,
    /// Whether a code is on its way.
    pub sent: bool,
}

impl SecondFactorPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |kind: Kind, email: &str, trusted_days, error, application: Option<&str>| Self {
            page: frame,
            action: format!("/sign-in/sample/second-factor?with={}", kind.as_str()),
            csrf: "sample".to_owned(),
            email: email.to_owned(),
            kind,
            others: Kind::ALL
                .into_iter()
                .filter(|other| *other != kind)
                .map(|other| (other.name(frame), "/sign-in/sample/second-factor".to_owned()))
                .collect(),
            trusted_days,
            question: (kind == Kind::SecurityKey).then(|| "{}".to_owned()),
            error,
            application: application.map(str::to_owned),
            phone: None,
        };
        let by_phone = |sent, error| {
            let number = "+49 ••• ••42".to_owned();
            let mut shown = of(Kind::Sms, "alice@acme.example", 7, error, None);
            shown.phone = Some(Phone { number, sent });
            shown
        };
        let not_sent = Some(frame.t("phone-error-not-delivered"));
        let (alice, fleet) = ("alice@acme.example", Some("Acme Fleet"));
        let wrong = Some(frame.t("sign-in-error-code"));
        let refused = Some(frame.t("passkeys-second-factor-error"));
        let wait = Some(frame.t1("sign-in-error-wait", "wait", &frame.wait(Duration::from_mins(2))));
        vec![
            ("totp", of(Kind::Totp, alice, 30, None, fleet)),
            ("totp_wrong", of(Kind::Totp, alice, 30, wrong, fleet)),
            ("totp_wait", of(Kind::Totp, alice, 0, wait, None)),
            ("security_key", of(Kind::SecurityKey, alice, 30, None, fleet)),
            ("sms", by_phone(false, None)),
            ("sms_sent", by_phone(true, None)),
            ("sms_not_sent", by_phone(false, not_sent)),
            (
                "security_key_wrong",
                of(Kind::SecurityKey, alice, 0, refused, fleet),
            ),
            ("recovery", of(Kind::Recovery, alice, 0, None, fleet)),
            (
                "long",
                of(Kind::Totp, long::EMAIL, 30, None, Some(long::APPLICATION)),
            ),
        ]
    }

    /// Title, label and hint.
    fn words(&self) -> [String; 3] {
        let keys = match self.kind {
            Kind::SecurityKey => [
                "sign-in-second-security-key-title",
                "sign-in-second-security-key-label",
                "sign-in-second-security-key-hint",
            ],
            Kind::Totp => [
                "sign-in-second-totp-title",
                "sign-in-second-totp-label",
                "sign-in-second-totp-hint",
            ],
            Kind::Sms => [
                "sign-in-second-sms-title",
                "sign-in-second-sms-label",
                "sign-in-second-sms-hint",
            ],
            Kind::Recovery => [
                "sign-in-second-recovery-title",
                "sign-in-second-recovery-label",
                "sign-in-second-recovery-hint",
            ],
        };
        keys.map(|key| self.page.t(key))
    }
}

/// `GET /sign-in/{sign_in}/second-factor?with=…&invitation=…`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Fault> {
    let asked = Asked::read(query.as_deref())?;
    let browser = caller.known_browser()?;
    let sign_in = find(&state, browser, &id).await?;
    render(&state, &caller, browser, &sign_in, &asked, None).await
}

/// `POST /sign-in/{sign_in}/second-factor?with=…&invitation=…`
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
    body: Bytes,
) -> Result<Response, Fault> {
    let asked = Asked::read(query.as_deref())?;
    let form = read_form(&body)?;
    let browser = caller.known_browser()?;
    verify_csrf(browser, form.required("csrf")?)?;
    let sign_in = find(&state, browser, &id).await?;
    let kind = asked.kind.ok_or(Fault::ExpiredFlow)?;
    if kind == Kind::Sms && form.one("send")?.is_some() {
        return send(&state, &caller, browser, &sign_in, &asked).await;
    }
    let frame = Frame::english();
    let code = match kind {
        Kind::SecurityKey => form.token("answer")?,
        Kind::Totp | Kind::Sms | Kind::Recovery => form.one("code")?,
    };
    let Some(code) = code else {
        let empty = frame.t(kind.error(true));
        let shown = render(&state, &caller, browser, &sign_in, &asked, Some(empty)).await?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response());
    };
    let trust = form.one("trust")?.is_some();
    let (visitor, now) = (caller.visitor(browser), state.clock.now());
    let shown = kind.shown(code.to_owned());
    let outcome = state
        .prover
        .prove_second(&visitor, sign_in.id, shown, trust, now)
        .await?;
    match outcome {
        Outcome::SignedIn(opened, onward) => {
            Ok(hand_over(redirect(&on_to(onward, &asked.back)), &opened, &state))
        }
        Outcome::Next => next_page(&state, browser, &id, &asked.back).await,
        Outcome::Wrong => {
            let wrong = frame.t(kind.error(false));
            let shown = render(&state, &caller, browser, &sign_in, &asked, Some(wrong)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, shown).into_response())
        }
        Outcome::TooSoon(wait) => {
            let words = frame.t1("sign-in-error-wait", "wait", &frame.wait(wait));
            let shown = render(&state, &caller, browser, &sign_in, &asked, Some(words)).await?;
            let retry = [(RETRY_AFTER, HeaderValue::from(seconds_to_wait(wait)))];
            Ok((StatusCode::TOO_MANY_REQUESTS, retry, shown).into_response())
        }
        Outcome::Over => Err(Fault::ExpiredFlow),
        Outcome::Busy => Err(Fault::Busy),
    }
}

/// Sends a code to the phone of whoever signs in.
async fn send(
    state: &AppState,
    caller: &Caller,
    browser: &Secret,
    sign_in: &SignIn,
    asked: &Asked,
) -> Result<Response, Fault> {
    let (db, keyring, now) = (&state.provider.db, &state.provider.keyring, state.clock.now());
    let visitor = caller.visitor(browser);
    let outcome = match &state.messenger {
        Some(messenger) => sms::ask(db, keyring, messenger, &visitor, sign_in.id, now).await?,
        None => sms::Asked::NotDelivered,
    };
    let (status, words) = match outcome {
        sms::Asked::Sent => return Ok(redirect(&asked.address(sign_in, Kind::Sms))),
        sms::Asked::Over => return Err(Fault::ExpiredFlow),
        sms::Asked::Withheld(why) => (StatusCode::TOO_MANY_REQUESTS, phone::in_words(why)),
        sms::Asked::NotDelivered => {
            let words = Frame::english().t("phone-error-not-delivered");
            (StatusCode::BAD_GATEWAY, words)
        }
    };
    let shown = render(state, caller, browser, sign_in, asked, Some(words)).await?;
    Ok((status, shown).into_response())
}

/// The phone that codes of this sign-in go to.
async fn phone_of(
    tx: &mut Tx<'_>,
    user: UserId,
    id: SignInId,
    now: Timestamp,
) -> Result<Option<Phone>, Fault> {
    let found = phones::of_user(tx, user).await?;
    let sent = sms_codes::number(tx, user, SmsPurpose::SignIn(id), now).await?;
    Ok(found.map(|found| Phone {
        number: found.number.masked(),
        sent: sent == Some(found.number),
    }))
}

/// What an address says besides whose sign-in it is.
struct Asked {
    kind: Option<Kind>,
    back: Invitation,
}

impl Asked {
    fn read(query: Option<&str>) -> Result<Self, Fault> {
        let parameters = Parameters::parse(query.unwrap_or_default())?;
        Ok(Self {
            kind: parameters.one("with")?.and_then(Kind::parse),
            back: Invitation::named(query)?,
        })
    }

    fn address(&self, sign_in: &SignIn, kind: Kind) -> String {
        let back = self.back.query().replace('?', "&");
        format!(
            "/sign-in/{}/second-factor?with={}{back}",
            sign_in.id,
            kind.as_str()
        )
    }
}

async fn render(
    state: &AppState,
    caller: &Caller,
    browser: &Secret,
    sign_in: &SignIn,
    asked: &Asked,
    error: Option<String>,
) -> Result<Response, Fault> {
    let Step::SecondFactor { user, email, .. } = &sign_in.step else {
        return Err(Fault::ExpiredFlow);
    };
    let waiting = Waiting::find(state, caller, sign_in.onward.request()).await?;
    let form_action = match &waiting {
        Some(waiting) => FormAction::AndOnTo(waiting.destination.form_action()),
        None => FormAction::Own,
    };
    let mut snapshot = state.provider.db.snapshot().await?;
    let factors = second_factors::of_user(&mut snapshot.tx(), *user).await?;
    let trusted_days = sign_in::trusted_device_days(&mut snapshot.tx(), *user).await?;
    let kinds = Kind::of(factors);
    let asked_for = asked.kind.filter(|kind| kinds.contains(kind));
    let kind = asked_for.or(kinds.first().copied()).ok_or(Fault::ExpiredFlow)?;
    let phone = match kind {
        Kind::Sms => phone_of(&mut snapshot.tx(), *user, sign_in.id, state.clock.now()).await?,
        _ => None,
    };
    let frame = Frame::english();
    let others = kinds.into_iter().filter(|other| *other != kind);
    let question = match kind {
        Kind::SecurityKey => {
            let (visitor, now) = (caller.visitor(browser), state.clock.now());
            state.prover.ask_security_key(&visitor, sign_in, now).await?
        }
        Kind::Totp | Kind::Sms | Kind::Recovery => None,
    };
    let shown = SecondFactorPage {
        page: frame,
        action: asked.address(sign_in, kind),
        csrf: csrf_token(browser),
        email: email.to_string(),
        kind,
        others: others
            .map(|other| (other.name(frame), asked.address(sign_in, other)))
            .collect(),
        trusted_days,
        question,
        error,
        application: waiting.map(|waiting| waiting.application.name.to_string()),
        phone,
    };
    Ok(if kind == Kind::SecurityKey {
        page_with_passkeys(&shown, &form_action)
    } else {
        page(&shown, &form_action)
    })
}
