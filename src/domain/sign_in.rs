//! A sign-in under way: which step it is at, and whose browser it belongs to.
//!
//! The first question, who are you, has no state yet. From its answer on there is one row, one step, and only the
//! step's own transitions. A transition consumes the step.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::{AuthorizationRequestId, SignInId};
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
    /// Which application's request goes on afterwards; none for Doorward's own pages.
    pub authorization_request: Option<AuthorizationRequestId>,
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
