//! Whether what a person's token stands on still stands: the person, the application, and the session or consent.
//!
//! Facts are read at one moment; whether they still hold is judged at each use, by time and access.

use std::sync::Arc;
use std::time::Duration;

use crate::domain::access::{
    Context, Effective, Grant, Member, OrganizationFacts, Proved, Reason, Subject, Superuser, effective,
};
use crate::domain::id::{ActivationId, ApplicationId, OrganizationId, UserId};
use crate::domain::membership::MembershipStatus;
use crate::domain::oauth::Family;
use crate::domain::organization::Organization;
use crate::domain::session::{Activation, Authentication, Session, SessionLimits};
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserStatus};
use crate::storage::{
    StorageError, Tx, activations, applications, memberships, organizations, sessions, users,
};

/// What an authorization stands on.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    pub(super) application: ApplicationId,
    pub(super) user: UserId,
    pub(super) organization: OrganizationId,
    pub(super) basis: Basis,
}

/// What it hangs on.
#[derive(Debug, Clone)]
pub(super) enum Basis {
    /// The session that acts.
    Session(ActivationId),
    /// The consent alone; how the person had proved themselves when they gave it.
    Consent(Authentication),
}

/// All of it, as read at one moment.
pub(super) struct Facts {
    pub(super) user: User,
    pub(super) organization: Organization,
    pub(super) subject: Subject,
    /// Whose the application is.
    pub(super) owner: OrganizationId,
    proven: Proven,
}

enum Proven {
    BySession(Box<Session>, Activation),
    Once(Authentication),
}

/// All of it, alive at one moment.
pub(super) struct Live {
    pub(super) facts: Arc<Facts>,
    pub(super) authentication: Authentication,
    pub(super) effective: Effective,
}

impl From<&Family> for Standing {
    fn from(family: &Family) -> Self {
        Self {
            application: family.application,
            user: family.user,
            organization: family.organization,
            basis: if family.offline {
                Basis::Consent(family.authentication.clone())
            } else {
                Basis::Session(family.activation)
            },
        }
    }
}

impl Facts {
    /// Reads everything afresh. One part that is gone for good, and there is nothing: which one is not told.
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        standing: &Standing,
    ) -> Result<Option<Arc<Self>>, StorageError> {
        let Some(application) = applications::active(tx, standing.application).await? else {
            return Ok(None);
        };
        if !application.serves(standing.organization) {
            return Ok(None);
        }
        let Some(organization) = organizations::by_id(tx, standing.organization).await? else {
            return Ok(None);
        };
        let Some(user) = users::by_id(tx, standing.user).await? else {
            return Ok(None);
        };
        let proven = match &standing.basis {
            Basis::Consent(authentication) => Proven::Once(authentication.clone()),
            Basis::Session(id) => {
                let Some(activation) = activations::by_id(tx, *id).await? else {
                    return Ok(None);
                };
                let Some(session) = sessions::by_id(tx, activation.session).await? else {
                    return Ok(None);
                };
                if session.user != user.id || activation.organization != organization.id {
                    return Ok(None);
                }
                Proven::BySession(Box::new(session), activation)
            }
        };
        let Some(subject) = subject(tx, &user, &organization).await? else {
            return Ok(None);
        };
        Ok(Some(Arc::new(Self {
            user,
            organization,
            subject,
            owner: application.organization,
            proven,
        })))
    }

    /// What they come to now; nothing if anything about them doesn't hold. Where a second factor is asked for, it is the
    /// one that was proved in the session, or at the consent.
    pub(super) fn judge(self: &Arc<Self>, context: &Context) -> Option<Live> {
        let authentication = self.authentication(context.now)?;
        let mut context = context.clone();
        if context.proved != Proved::NOT_ASKED {
            context.proved = self.proved(context.now);
        }
        let effective = may(&self.subject, &self.organization, &context).ok()?;
        (self.user.status == UserStatus::Active).then(|| Live {
            facts: Arc::clone(self),
            authentication,
            effective,
        })
    }

    fn authentication(&self, now: Timestamp) -> Option<Authentication> {
        let (session, activation) = match &self.proven {
            Proven::Once(authentication) => return Some(authentication.clone()),
            Proven::BySession(session, activation) => (session, activation),
        };
        let organization = &self.organization;
        let authentication = session.authentication(organization.id)?;
        let seen_at = authentication.at.max(activation.last_seen_at);
        let acts = session.acts_for(organization.id, organization.session_limits, seen_at, now);
        acts.then_some(authentication)
    }

    /// How they proved themselves, as the organization counts it.
    pub(super) fn proved(&self, now: Timestamp) -> Proved {
        let rules = &self.organization.factors;
        match &self.proven {
            Proven::Once(authentication) => authentication.proved(rules),
            Proven::BySession(session, _) => session.proved(self.organization.id, rules, now),
        }
    }

    /// The session and activation behind it, unless it stands without.
    pub(super) fn session(&self) -> Option<(&Session, &Activation)> {
        match &self.proven {
            Proven::BySession(session, activation) => Some((session, activation)),
            Proven::Once(_) => None,
        }
    }
}

/// What a person may do in an organization and how long at least that stays so, or why nothing at all.
pub(super) async fn access(
    tx: &mut Tx<'_>,
    user: &User,
    organization: &Organization,
    context: &Context,
) -> Result<Result<(Effective, Timestamp), Vec<Reason>>, StorageError> {
    let Some(subject) = subject(tx, user, organization).await? else {
        return Ok(Err(vec![Reason::NoMembership]));
    };
    let holds_until = grants_hold_until(&subject, context.now, SessionLimits::INSTANCE.max);
    Ok(may(&subject, organization, context).map(|effective| (effective, holds_until)))
}

/// What a person is in an organization; nothing if they are nobody there.
async fn subject(
    tx: &mut Tx<'_>,
    user: &User,
    organization: &Organization,
) -> Result<Option<Subject>, StorageError> {
    Ok(match memberships::member(tx, user.id, organization.id).await? {
        Some(member) if acts_as_member(&member) => Some(Subject::Member(member)),
        _ if user.superuser => Some(Subject::Superuser(Superuser {
            user: user.id,
            user_status: user.status,
        })),
        other => other.map(Subject::Member),
    })
}

/// What a subject may do in an organization now, or why nothing at all.
pub(super) fn may(
    subject: &Subject,
    organization: &Organization,
    context: &Context,
) -> Result<Effective, Vec<Reason>> {
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy.clone(),
    };
    effective(subject, &facts, context)
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
