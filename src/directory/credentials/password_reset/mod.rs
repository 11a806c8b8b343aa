//! Another password for whoever lost theirs. The letter proves the mailbox, and nothing else: what asks for a second factor
//! asks for it afterwards, too.

mod ask;
mod follow;
mod send;

use std::time::Duration;

pub use ask::{answer_those_who_asked, ask};
pub use follow::{Followed, Pending, follow, look};
pub use send::send;

use crate::config::PublicUrl;
use crate::domain::secret::{Purpose, SecretHash};
use crate::random;

/// How long a link is good.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// Where links lead.
#[derive(Clone)]
pub struct ResetLinks(PublicUrl);

/// A link that was drawn.
#[derive(Clone)]
pub struct Link {
    pub(super) hash: SecretHash,
    address: String,
}

impl Link {
    /// Where it leads, for whoever hands it on.
    pub fn address(&self) -> &str {
        &self.address
    }
}

impl ResetLinks {
    /// Links to this Doorward, whatever a request said that it is called (SE8).
    pub fn to(public_url: &PublicUrl) -> Self {
        Self(public_url.clone())
    }

    /// Draws one.
    pub fn draw(&self) -> Link {
        let secret = random::secret();
        Link {
            hash: secret.hash(Purpose::PasswordReset),
            address: self.0.at(&format!("/password/reset/{}", secret.expose())),
        }
    }
}
