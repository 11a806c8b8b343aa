//! What somebody sees whom a provider could not bring in: why, as far as it is theirs to know, a reference for whoever looks
//! into the SSO log, and a way on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::advice::{for_refusal, sentence};
use super::evidence::Shown;
use super::tested;
use crate::domain::evidence::Signed;
use crate::domain::upstream::Stage;
use crate::upstream::Failure;
use crate::web::{FormAction, Frame, page};

/// The page: `templates/upstream/failed.html`.
#[derive(Template)]
#[template(path = "upstream/failed.html")]
pub struct FailedPage {
    /// The frame.
    pub page: Frame,
    /// What happened.
    pub detail: String,
    /// What the SSO log has it under.
    pub reference: String,
    /// Where to go on.
    pub way_on: Option<String>,
    /// What whoever sets the connection up can do, if it was a try of theirs.
    pub tried: Option<Tried>,
}

/// A try that failed, for whoever sets the connection up.
pub struct Tried {
    /// What the SSO log says.
    pub detail: String,
    /// What to do.
    pub advice: Option<String>,
    /// What the answer showed of itself.
    pub evidence: Option<Shown>,
}

impl Tried {
    fn of(failure: &Failure) -> Self {
        let advice = for_refusal(failure.refusal);
        Self {
            detail: sentence(&failure.detail),
            advice: advice.map(|key| Frame::english().t(key)),
            evidence: failure.evidence.as_deref().map(Shown::of),
        }
    }
}

impl FailedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |refusal, stage, way_on: Option<&str>| Self {
            page: Frame::english(),
            detail: in_words(refusal, stage),
            reference: "K7Q2M9XD".to_owned(),
            way_on: way_on.map(str::to_owned),
            tried: None,
        };
        let tried = |refusal: &'static str, stage, told: &str, signed: &[Signed]| {
            let failure = Failure::at(stage, refusal, told);
            let shown = tested::evidence(signed, true, -187);
            let failure = match signed {
                [] => failure,
                _ => failure.showing(shown),
            };
            Self {
                tried: Some(Tried::of(&failure)),
                ..of(refusal, stage, None)
            }
        };
        let for_somebody_else = "the assertion is for somebody else";
        let cbc = "the assertion is encrypted with AES-CBC, which can be read by whoever may try often enough; set AES-GCM \
                   (http://www.w3.org/2009/xmlenc11#aes256-gcm) at the provider";
        let again = Some("/sign-in");
        vec![
            ("silent", of("provider_silent", Stage::Provider, again)),
            ("denied", of("denied_upstream", Stage::Response, again)),
            ("answer", of("wrong_nonce", Stage::Conditions, again)),
            ("suspended", of("member_not_active", Stage::Person, again)),
            (
                "taken",
                of("identity_taken", Stage::Person, Some("/account/connections")),
            ),
            (
                "tried",
                tried(
                    "audience",
                    Stage::Conditions,
                    for_somebody_else,
                    &[Signed::Assertion],
                ),
            ),
            (
                "tried_encrypted",
                tried("encrypted_with_cbc", Stage::Signature, cbc, &[]),
            ),
            (
                "tried_without_advice",
                tried(
                    "not_xml",
                    Stage::Response,
                    "the document is no well-formed XML",
                    &[],
                ),
            ),
        ]
    }
}

/// The page, with the status of what failed.
pub fn show(failure: &Failure, reference: &str, way_on: Option<String>) -> Response {
    answer(failure, reference, way_on, None)
}

/// The same for whoever sets the connection up, and tried it.
pub fn show_tried(failure: &Failure, reference: &str) -> Response {
    answer(failure, reference, None, Some(Tried::of(failure)))
}

fn answer(failure: &Failure, reference: &str, way_on: Option<String>, tried: Option<Tried>) -> Response {
    let shown = FailedPage {
        page: Frame::english(),
        detail: in_words(failure.refusal, failure.stage),
        reference: reference.to_owned(),
        way_on,
        tried,
    };
    let status = match failure.stage {
        Stage::Provider => StatusCode::BAD_GATEWAY,
        Stage::Person => StatusCode::FORBIDDEN,
        _ => StatusCode::BAD_REQUEST,
    };
    (status, page(&shown, &FormAction::Own)).into_response()
}

fn in_words(refusal: &str, stage: Stage) -> String {
    let key = match (refusal, stage) {
        (_, Stage::Provider) => "upstream-failed-provider",
        ("denied_upstream", _) => "upstream-failed-denied",
        ("not_fresh", _) => "upstream-failed-not-fresh",
        ("connection_disabled", _) => "upstream-failed-disabled",
        ("account_suspended" | "member_not_active", _) => "upstream-failed-suspended",
        ("not_a_member", _) => "upstream-failed-not-a-member",
        ("limit_reached", _) => "upstream-failed-limit",
        ("identity_taken", _) => "upstream-failed-taken",
        _ => "upstream-failed-answer",
    };
    Frame::english().t(key)
}
