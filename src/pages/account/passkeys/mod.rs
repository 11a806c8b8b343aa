//! One's own passkeys and security keys.

pub mod list;
pub mod new;

use axum::response::{IntoResponse, Response};

use super::again;
use crate::directory::DirectoryError;
use crate::domain::passkey::PasskeyKind;
use crate::domain::sign_in::AccountPage;
use crate::web::Fault;

/// The name of a kind in addresses.
const fn named(kind: PasskeyKind) -> &'static str {
    match kind {
        PasskeyKind::Passkey => "passkey",
        PasskeyKind::SecurityKey => "security-key",
    }
}

/// The kind of a name.
fn kind_named(name: &str) -> Option<PasskeyKind> {
    PasskeyKind::ALL.into_iter().find(|kind| named(*kind) == name)
}

/// What a refusal is to somebody on one of these pages.
fn refusal(error: DirectoryError) -> Response {
    match error {
        DirectoryError::NotFresh => again(AccountPage::Passkeys),
        DirectoryError::NotFound => Fault::NotFound.into_response(),
        DirectoryError::Unauthenticated => Fault::ExpiredFlow.into_response(),
        other => Fault::from(other).into_response(),
    }
}
