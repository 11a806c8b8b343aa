//! `/enrolment/{request}`: an organization asks for a second factor, and its person has none that counts there.

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;

use crate::domain::security::Factor;
use crate::domain::sign_in::AccountPage;
use crate::oidc::authorize::Next;
use crate::pages::long;
use crate::storage::{Lane, StorageError, authorization_requests};
use crate::web::{
    AppState, Caller, Fault, FormAction, Frame, Waiting, csrf_token, page, read_form, redirect, verify_csrf,
};

/// The page: `templates/enrolment/choose.html`.
#[derive(Template)]
#[template(path = "enrolment/choose.html")]
pub struct ChoosePage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes that puts it off.
    pub action: String,
    /// The form's token.
    pub csrf: String,
    /// Who asks for it.
    pub organization: String,
    /// Which application waits.
    pub application: String,
    /// What can be set up.
    pub ways: Vec<Way>,
    /// Until when it can wait, if it can.
    pub until: Option<String>,
}

/// One kind of second factor to set up.
pub struct Way {
    /// Where that is done.
    pub address: String,
    /// What it is called.
    pub name: String,
    /// What is good about it.
    pub detail: String,
}

impl Way {
    fn of(factor: Factor, frame: Frame) -> Self {
        let (page, name, detail) = match factor {
            Factor::Totp => (
                AccountPage::Authenticator,
                "enrolment-choose-totp",
                "enrolment-choose-totp-detail",
            ),
            Factor::Webauthn => (
                AccountPage::Passkeys,
                "enrolment-choose-webauthn",
                "enrolment-choose-webauthn-detail",
            ),
            Factor::Sms => (
                AccountPage::Phone,
                "enrolment-choose-sms",
                "enrolment-choose-sms-detail",
            ),
        };
        Self {
            address: page.address(),
            name: frame.t(name),
            detail: frame.t(detail),
        }
    }
}

impl ChoosePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let frame = Frame::english();
        let of = |organization: &str, application: &str, ways: &[Factor], until: Option<&str>| Self {
            page: frame,
            action: "/enrolment/sample".to_owned(),
            csrf: "sample".to_owned(),
            organization: organization.to_owned(),
            application: application.to_owned(),
            ways: ways.iter().map(|factor| Way::of(*factor, frame)).collect(),
            until: until.map(str::to_owned),
        };
        let keys = [Factor::Webauthn];
        vec![
            ("usual", of("Acme", "Acme Fleet", &IN_ORDER, None)),
            ("grace", of("Acme", "Acme Fleet", &IN_ORDER, Some("2026-12-01"))),
            ("one", of("Acme", "Acme Fleet", &keys, None)),
            (
                "long",
                of(long::NAME, long::APPLICATION, &IN_ORDER, Some("2026-12-01")),
            ),
        ]
    }
}

/// What can't be phished first, what can be intercepted last.
const IN_ORDER: [Factor; 3] = [Factor::Webauthn, Factor::Totp, Factor::Sms];

/// `GET /enrolment/{request}`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Response, Fault> {
    let waiting = Waiting::require(&state, &caller, &id).await?;
    let next = waiting.next(&state, &caller, None).await?;
    let (Some(session), Next::Enrol(enrolment)) = (&caller.session, next) else {
        return Ok(redirect(&waiting.address()));
    };
    let frame = Frame::english();
    let allowed = &enrolment.organization.factors.allowed;
    let ways = IN_ORDER.into_iter().filter(|factor| allowed.contains(factor));
    let shown = ChoosePage {
        page: frame,
        action: format!("/enrolment/{}", waiting.row.id),
        csrf: csrf_token(session),
        organization: enrolment.organization.display_name.to_string(),
        application: waiting.application.name.to_string(),
        ways: ways.map(|factor| Way::of(factor, frame)).collect(),
        until: enrolment
            .can_wait_until
            .map(|until| until.to_string().chars().take("2026-12-01".len()).collect()),
    };
    let form_action = FormAction::AndOnTo(waiting.destination.form_action());
    Ok(page(&shown, &form_action))
}

/// `POST /enrolment/{request}`: not now. Whether it can wait is decided afresh when the request goes on.
pub async fn submit(
    State(state): State<AppState>,
    caller: Caller,
    Path(id): Path<String>,
    body: Bytes,
) -> Result<Response, Fault> {
    let form = read_form(&body)?;
    let waiting = Waiting::require(&state, &caller, &id).await?;
    let session = caller
        .session
        .as_ref()
        .filter(|_| caller.signed_in.is_some())
        .ok_or(Fault::ExpiredFlow)?;
    verify_csrf(session, form.required("csrf")?)?;
    let id = waiting.row.id;
    let work = state.provider.db.write(Lane::Free, move |tx| {
        Box::pin(async move { authorization_requests::put_off(tx, id).await })
    });
    let done: Result<(), StorageError> = work.await;
    done?;
    Ok(redirect(&waiting.address()))
}
