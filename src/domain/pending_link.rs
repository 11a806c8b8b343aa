//! Links that wait for their person: somebody came whom the connection alone can't say the account of. Whoever is the
//! account's owner proves it themselves, and says so.

use std::time::Duration;

use super::arrival::Arrival;
use super::id::{ConnectionId, OrganizationId, UserId};
use super::secret::SecretHash;
use super::sign_in::Onward;
use super::time::Timestamp;
use super::upstream::Reference;

/// A link that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingLink {
    /// The only browser in which it can be made; the newest takes the place of an earlier one.
    pub browser: SecretHash,
    /// By which connection somebody came.
    pub connection: ConnectionId,
    /// The connection's.
    pub organization: OrganizationId,
    /// What was said of them.
    pub arrival: Arrival,
    /// The only person whose account it can be linked to; anybody's who proves themselves if absent.
    pub only_for: Option<UserId>,
    /// What goes on afterwards.
    pub onward: Onward,
    /// What the SSO log names it by.
    pub reference: Reference,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

impl PendingLink {
    /// How long it waits.
    pub const LIFETIME: Duration = Duration::from_mins(10);
}
