//! Families: the tokens that descend from one authorization live and die together.

use std::time::Duration;

use super::Scope;
use crate::domain::id::{ActivationId, ApplicationId, FamilyId, OrganizationId, UserId};
use crate::domain::session::Authentication;
use crate::domain::time::Timestamp;

/// One authorization, and all tokens that descend from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// The first part of its tokens' `jti`.
    pub id: FamilyId,
    /// Who got them.
    pub application: ApplicationId,
    /// Whose they are.
    pub user: UserId,
    /// For which organization.
    pub organization: OrganizationId,
    /// The session that acted; `sid`.
    pub activation: ActivationId,
    /// What was agreed to.
    pub scope: Scope,
    /// Whom its tokens may be for (RFC 8707).
    pub resources: Vec<String>,
    /// How the person had proved themselves when it began.
    pub authentication: Authentication,
    /// Whether it outlives the session (`offline_access`, OpenID Connect Core §11): it hangs on the consent alone.
    pub offline: bool,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// When all of it died before that, if it did.
    pub revoked_at: Option<Timestamp>,
}

impl Family {
    /// The longest that an offline family lives.
    pub const OFFLINE_LIFETIME: Duration = Duration::from_hours(90 * 24);

    /// The longest between two refreshes.
    pub const IDLE: Duration = Duration::from_hours(30 * 24);

    /// Neither revoked nor over.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.revoked_at.is_none() && now < self.expires_at
    }
}
