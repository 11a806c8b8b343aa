//! Why an answer was refused, in words of our own.

use webauthn_rs::prelude::WebauthnError;

/// Why an answer was refused. People are told that it was, and the audit log by which of these words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Nothing of the kind was asked of this browser, or too long ago, or it was answered already.
    Over,
    /// It is no answer to what was asked.
    Wrong(&'static str),
    /// Nobody has such a passkey, or not whoever it was asked of.
    Unknown,
    /// Its counter went back: there may be a copy of it.
    Copied,
    /// Its maker does not vouch for it, though the operator wants that.
    NotVouchedFor,
}

impl Refused {
    /// The word in the audit log.
    pub fn word(self) -> &'static str {
        match self {
            Self::Over => "over",
            Self::Wrong(what) => what,
            Self::Unknown => "unknown",
            Self::Copied => "counter",
            Self::NotVouchedFor => "attestation",
        }
    }

    /// What the library's complaint comes to.
    pub(super) fn of(error: &WebauthnError) -> Self {
        Self::Wrong(match error {
            WebauthnError::CredentialPossibleCompromise => return Self::Copied,
            WebauthnError::CredentialNotFound => return Self::Unknown,
            WebauthnError::MismatchedChallenge => "challenge",
            WebauthnError::InvalidClientDataType => "type",
            WebauthnError::InvalidRPOrigin | WebauthnError::CredentialCrossOrigin => "origin",
            WebauthnError::InvalidRPIDHash => "relying_party",
            WebauthnError::UserNotPresent => "user_presence",
            WebauthnError::UserNotVerified => "user_verification",
            WebauthnError::AuthenticationFailure => "signature",
            WebauthnError::CredentialAlteredAlgFromRequest => "algorithm",
            WebauthnError::CredentialBackupEligibilityInconsistent
            | WebauthnError::CredentialMayNotBeHardwareBound => "backup",
            _ => "form",
        })
    }
}
