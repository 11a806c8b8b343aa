//! A sign-in under way: which step it is at, and whose browser it belongs to.
//!
//! The first question, who are you, has no state yet. From its answer on there is one row, one step, and only the
//! step's own transitions. A transition consumes the step.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::{AuthorizationRequestId, SignInId, UserId};
use super::proof::Proof;
use super::secret::SecretHash;
use super::time::Timestamp;

/// A sign-in under way.
#[derive(Debug, Clone)]
pub struct SignIn {
    /// Names it in addresses; opens nothing without the browser's cookie.
    pub id: SignInId,
    /// The only browser that can go on with it.
    pub browser: SecretHash,
    /// What is asked next.
    pub step: Step,
    /// What goes on afterwards.
    pub onward: Onward,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What is asked next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    /// The password of whoever has this address, if anybody has.
    Password {
        /// As typed.
        email: Email,
    },
    /// A passkey of whomever: who it is, it says itself.
    Passkey,
    /// A second factor of somebody who has one.
    SecondFactor {
        /// Who.
        user: UserId,
        /// The address they came with.
        email: Email,
        /// What they have shown so far; nothing if their session is to be proved better.
        proofs: Vec<Proof>,
    },
    /// A new password: theirs must be changed before it opens anything.
    NewPassword {
        /// Who.
        user: UserId,
        /// The address they came with.
        email: Email,
        /// What they have shown so far.
        proofs: Vec<Proof>,
    },
}

/// What a sign-in is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Onward {
    /// Nothing but being signed in.
    Home,
    /// An application's request waits.
    Request(AuthorizationRequestId),
    /// One of the person's own pages asked for it.
    Account(AccountPage),
}

/// A page about one's own account that one can be led back to. There are no others: nothing that a stranger writes into
/// an address leads anywhere (SE7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AccountPage {
    /// What one signs in with.
    Security,
    /// One's password.
    Password,
    /// The authenticator app.
    Authenticator,
    /// Recovery codes.
    RecoveryCodes,
    /// The phone for text messages.
    Phone,
    /// Passkeys and security keys.
    Passkeys,
    /// Where one is signed in.
    Sessions,
    /// One's keys for programs.
    ApiKeys,
    /// What one was told.
    Alerts,
    /// The services one is connected with.
    Connections,
}

impl AccountPage {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Security,
        Self::Password,
        Self::Authenticator,
        Self::RecoveryCodes,
        Self::Phone,
        Self::Passkeys,
        Self::Sessions,
        Self::ApiKeys,
        Self::Alerts,
        Self::Connections,
    ];

    /// The name in addresses, and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Password => "password",
            Self::Authenticator => "authenticator",
            Self::RecoveryCodes => "recovery-codes",
            Self::Phone => "phone",
            Self::Passkeys => "passkeys",
            Self::Sessions => "sessions",
            Self::ApiKeys => "api-keys",
            Self::Alerts => "alerts",
            Self::Connections => "connections",
        }
    }

    /// Reads the name of [`AccountPage::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|page| page.as_str() == text)
    }

    /// Where it is.
    pub fn address(self) -> String {
        format!("/account/{}", self.as_str())
    }
}

impl Onward {
    /// The request that waits, if one does.
    pub fn request(self) -> Option<AuthorizationRequestId> {
        match self {
            Self::Request(id) => Some(id),
            Self::Home | Self::Account(_) => None,
        }
    }

    /// Where the browser goes next.
    pub fn address(self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Request(id) => format!("/oauth2/authorize/{id}"),
            Self::Account(page) => page.address(),
        }
    }
}

impl SignIn {
    /// Unfinished sign-ins and authorization requests are forgotten after 10 minutes (ASVS 6.5.5).
    pub const LIFETIME: Duration = Duration::from_mins(10);

    /// The most unfinished ones from one network.
    pub const MOST_PER_NETWORK: i64 = 500;
}

impl Step {
    /// After the first question: the next depends on the address alone, never on whether anybody has it.
    pub fn identified(email: Email) -> Self {
        Self::Password { email }
    }
}
