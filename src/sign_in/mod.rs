//! Signing in: identify, prove, then a session; and the session's end.
//!
//! One state machine (`domain::sign_in::Step`), kept in the database and bound to one browser by its cookie. What
//! fails looks and takes the same whether or not the account exists.

mod ends;
mod identify;
mod ladder;
mod new_password;
mod own_password;
mod passkey;
mod password;
mod password_hasher;
mod password_rules;
mod password_strength;
mod prove;
pub mod recovery_code;
mod replacement;
mod second_factor;
mod session;
pub mod sms;
mod stolen_passwords;
mod throttle;
pub mod totp;
mod watch;

use crate::audit::Origin;
use crate::domain::id::SessionId;
use crate::domain::network::Network;
use crate::domain::secret::SecretHash;

pub use ends::{end_everything, tell_of_password};
pub use identify::{Identified, find, identify};
pub use ladder::{Climbed, climb, let_in, trusted_device_days};
pub use new_password::NewlyChosen;
pub use own_password::OwnPassword;
pub use password::{BadPassword, Guessable, NewPassword};
pub use password_hasher::{Busy, NotTaken, PasswordHasher};
pub use password_rules::PasswordRules;
pub use prove::{Outcome, Prover};
pub use replacement::Replacement;
pub use second_factor::Shown;
pub use session::{
    Draft, Opened, SignedIn, activated, current, in_log_of, open_session, sign_out, strengthen, touch,
};
pub use stolen_passwords::StolenPasswords;
pub use throttle::{forgive, may_ask_for_reset};
pub use watch::watch;

/// Who is knocking, as far as a request tells.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Address and program, for the audit log and the list of sessions.
    pub origin: Origin,
    /// What unfinished sign-ins belong to.
    pub browser: SecretHash,
    /// The device cookie, if the browser sent one.
    pub device: Option<SecretHash>,
    /// The session the browser has already, if it is alive.
    pub session: Option<SessionId>,
}

impl Visitor {
    /// What failures and unfinished sign-ins are counted by.
    pub fn network(&self) -> Network {
        Network::of(self.origin.address)
    }
}
