//! What a refusal looks like, whatever is refused: its own shape, and nothing that helps whoever was refused.

use reqwest::StatusCode;

use crate::harness::Answer;
use crate::harness::cast::CALLBACK;

/// What no refusal holds: tokens, what the database says, where the program was.
const NEVER: [&str; 12] = [
    "access_token\":",
    "id_token\":",
    "eyJ",
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "sqlx",
    "panicked",
    "backtrace",
    "src/",
    ".rs:",
    "RUST_",
];

/// No failure of ours, no token, no word from the inside.
#[track_caller]
pub(super) fn says_nothing(answer: &Answer) {
    assert!(!answer.status.is_server_error(), "{answer:?}");
    for never in NEVER {
        assert!(!answer.body.contains(never), "{never} in {answer:?}");
        assert!(!answer.location().contains(never), "{never} in {answer:?}");
    }
    assert!(!answer.location().contains("code="), "{answer:?}");
}

/// A page, and nobody is sent anywhere.
#[track_caller]
pub(super) fn is_page(answer: &Answer, status: StatusCode, code: &str, case: &str) {
    says_nothing(answer);
    assert_eq!(answer.status, status, "{case}: {answer:?}");
    assert!(answer.headers.get("location").is_none(), "{case}: {answer:?}");
    assert!(
        answer.body.contains(&format!("<code>{code}</code>")),
        "{case}: {answer:?}"
    );
}

/// Told to the application where it lives, with `state` and `iss` (RFC 9207 §2).
#[track_caller]
pub(super) fn is_told(answer: &Answer, issuer: &str, error: &str, case: &str) {
    is_told_without_state(answer, issuer, error, case);
    assert_eq!(
        answer.parameter("state").as_deref(),
        Some("the state"),
        "{case}: {answer:?}"
    );
}

/// The same where `state` itself was what could not be read.
#[track_caller]
pub(super) fn is_told_without_state(answer: &Answer, issuer: &str, error: &str, case: &str) {
    says_nothing(answer);
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{case}: {answer:?}");
    assert!(
        answer.location().starts_with(&format!("{CALLBACK}?")),
        "{case}: {answer:?}"
    );
    assert_eq!(answer.error(), error, "{case}: {answer:?}");
    assert_eq!(
        answer.parameter("iss").as_deref(),
        Some(issuer),
        "{case}: {answer:?}"
    );
}

/// An error of the token endpoint (RFC 6749 §5.2).
#[track_caller]
pub(super) fn is_no_token(answer: &Answer, error: &str, case: &str) {
    says_nothing(answer);
    let status = if error == "invalid_client" {
        StatusCode::UNAUTHORIZED
    } else {
        StatusCode::BAD_REQUEST
    };
    assert_eq!(answer.status, status, "{case}: {answer:?}");
    assert_eq!(answer.error(), error, "{case}: {answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store", "{case}: {answer:?}");
}

/// An error of userinfo (RFC 6750 §3).
#[track_caller]
pub(super) fn is_nobody(answer: &Answer, case: &str) {
    says_nothing(answer);
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{case}: {answer:?}");
    assert!(
        answer.header("www-authenticate").starts_with("Bearer"),
        "{case}: {answer:?}"
    );
    assert!(!answer.body.contains("@acme.example"), "{case}: {answer:?}");
}
