//! API keys: for programs, acting in one organization.

use std::time::Duration;

use crate::domain::access::PermissionSet;
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::random;

/// A person's key, drawn before the transaction: every permission by name, 90 days.
#[derive(Clone)]
pub struct NewPersonalKey {
    /// Its id.
    pub id: KeyId,
    /// What its owner calls it.
    pub name: String,
    /// Whose it is.
    pub user: UserId,
    /// Where it acts.
    pub organization: OrganizationId,
    /// The most it can do; never more than its owner at that moment.
    pub permissions: PermissionSet,
    /// What is stored of the secret.
    pub hash: SecretHash,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

impl NewPersonalKey {
    /// 90 days.
    const LIFETIME: Duration = Duration::from_hours(90 * 24);

    /// Draws a key; its secret, `dw_…`, is shown once.
    pub fn draw(name: &str, user: UserId, organization: OrganizationId, now: Timestamp) -> (Self, Secret) {
        let secret = Secret::received(format!("dw_{}", random::secret().expose()));
        let key = Self {
            id: random::id(now),
            name: name.to_owned(),
            user,
            organization,
            permissions: PermissionSet::ALL,
            hash: secret.hash(Purpose::ApiKey),
            expires_at: now.plus(Self::LIFETIME),
        };
        (key, secret)
    }
}
