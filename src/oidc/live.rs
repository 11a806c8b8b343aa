//! Whether what a token stands on still stands: its person, application, family, and the session that acts.

use std::time::Duration;

use crate::domain::access::{
    Context, Effective, Grant, Member, OrganizationFacts, Reason, Subject, Superuser, effective,
};
use crate::domain::id::{ActivationId, ApplicationId, OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::Organization;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::storage::{
    StorageError, Tx, activations, applications, memberships, organizations, sessions, users,
};

/// What an authorization stands on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Standing {
    pub(super) application: ApplicationId,
    pub(super) user: UserId,
    pub(super) organization: OrganizationId,
    pub(super) activation: ActivationId,
}

/// All of it, alive.
pub(super) struct Live {
    pub(super) user: User,
    pub(super) organization: Organization,
    pub(super) session: Session,
    pub(super) subject: Subject,
    pub(super) effective: Effective,
}

impl Standing {
    /// Reads everything afresh. One dead part, and there is nothing: which one is not told.
    pub(super) async fn live(self, tx: &mut Tx<'_>, context: &Context) -> Result<Option<Live>, StorageError> {
        let now = context.now;
        if applications::active(tx, self.application).await?.is_none() {
            return Ok(None);
        }
        let Some(organization) = organizations::by_id(tx, self.organization).await? else {
            return Ok(None);
        };
        let user = users::by_id(tx, self.user)
            .await?
            .filter(|user| user.status == UserStatus::Active);
        let Some(user) = user else { return Ok(None) };
        let Some(activation) = activations::by_id(tx, self.activation).await? else {
            return Ok(None);
        };
        let Some(session) = sessions::by_id(tx, activation.session).await? else {
            return Ok(None);
        };
        let seen_at = session
            .authenticated_at(organization.id)
            .map_or(activation.last_seen_at, |proved| {
                proved.max(activation.last_seen_at)
            });
        let acts = session.acts_for(organization.id, organization.session_limits, seen_at, now);
        if session.user != user.id || activation.organization != organization.id || !acts {
            return Ok(None);
        }
        let Ok((subject, effective)) = access(tx, &user, &organization, context).await? else {
            return Ok(None);
        };
        Ok(Some(Live {
            user,
            organization,
            session,
            subject,
            effective,
        }))
    }
}

/// What a person may do in an organization, or why nothing at all.
pub(super) async fn access(
    tx: &mut Tx<'_>,
    user: &User,
    organization: &Organization,
    context: &Context,
) -> Result<Result<(Subject, Effective), Vec<Reason>>, StorageError> {
    let member = memberships::member(tx, user.id, organization.id).await?;
    let subject = match member {
        Some(member) if acts_as_member(&member) => Subject::Member(member),
        _ if user.superuser => Subject::Superuser(Superuser {
            user: user.id,
            user_status: user.status,
        }),
        Some(member) => Subject::Member(member),
        None => return Ok(Err(vec![Reason::NoMembership])),
    };
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy.clone(),
    };
    Ok(effective(&subject, &facts, context).map(|effective| (subject, effective)))
}

/// Whether a membership lets its user act; a superuser stands above one that doesn't.
fn acts_as_member(member: &Member) -> bool {
    member
        .membership
        .as_ref()
        .is_some_and(|membership| membership.status == MembershipStatus::Active)
}

/// When the first grant in force now is no longer so, at most `horizon` from now: no token outlives a grant it carries.
pub(super) fn grants_hold_until(subject: &Subject, now: Timestamp, horizon: Duration) -> Timestamp {
    let grants: &[Grant] = match subject {
        Subject::Member(member) => &member.grants,
        Subject::Application(application) => &application.grants,
        Subject::Superuser(_) | Subject::OrganizationKey(_) => &[],
    };
    let latest = now.plus(horizon);
    grants
        .iter()
        .filter(|grant| grant.in_force(now))
        .map(|grant| grant.holds_until(now, latest))
        .min()
        .unwrap_or(latest)
}
