//! What somebody sees whom a provider could not bring in: why, as far as it is theirs to know, a reference for whoever looks
//! into the SSO log, and a way on.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

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
}

impl FailedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |refusal, stage, way_on: Option<&str>| Self {
            page: Frame::english(),
            detail: in_words(refusal, stage),
            reference: "K7Q2M9XD".to_owned(),
            way_on: way_on.map(str::to_owned),
        };
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
            ("test", of("bad_id_token", Stage::Signature, None)),
        ]
    }
}

/// The page, with the status of what failed.
pub fn show(failure: &Failure, reference: &str, way_on: Option<String>) -> Response {
    let shown = FailedPage {
        page: Frame::english(),
        detail: in_words(failure.refusal, failure.stage),
        reference: reference.to_owned(),
        way_on,
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
