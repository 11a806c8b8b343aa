//! Permits: proof, good for one transaction, that access was decided in it.

use std::marker::PhantomData;

use super::DirectoryError;
use crate::audit::Actor;
use crate::domain::access::{
    Context, OrganizationFacts, Permission, PermissionSet, Reason, Subject, Superuser, decide, effective,
};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::storage::{StorageError, Tx, memberships, organizations, users};

/// Who asks, and under which conditions.
#[derive(Clone)]
pub struct Requester {
    /// The person.
    pub user: UserId,
    /// When, from where, with what ceiling.
    pub context: Context,
    /// What the audit event is authenticated with.
    pub keyring: Keyring,
}

/// Proof that a subject may do one thing in one organization, decided in the transaction `'t`. Nothing outside this
/// file makes one.
#[derive(Debug)]
pub struct Permit<'t> {
    /// Where.
    organization: OrganizationId,
    /// Who.
    actor: Actor,
    /// For what.
    permission: Permission,
    /// What the subject holds there on all products, which is the most they can hand on.
    holds: PermissionSet,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Proof that a subject stands above organizations: a superuser, or the host at set-up.
#[derive(Debug)]
pub struct InstancePermit<'t> {
    actor: Actor,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl Permit<'_> {
    /// Refuses to serve for anything but what was decided.
    pub fn is_for(&self, permission: Permission) -> Result<(), DirectoryError> {
        if self.permission == permission {
            return Ok(());
        }
        Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
    }

    /// The organization it is about.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Who it was given to.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// What they hold there on all products: nobody hands on more (DESIGN §3).
    pub fn holds(&self) -> PermissionSet {
        self.holds
    }
}

impl InstancePermit<'_> {
    /// Who it was given to.
    pub fn actor(&self) -> Actor {
        self.actor
    }
}

/// Decides, on rows read here and now, whether a person may do something in an organization.
pub async fn require<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let facts = organizations::by_id(tx, organization).await?;
    let subject = subject(tx, requester.user, organization).await?;
    let (Some(facts), Some(subject)) = (facts, subject) else {
        return Err(DirectoryError::Refused(vec![Reason::NoMembership]));
    };
    let facts = OrganizationFacts {
        id: facts.id,
        policy: facts.policy,
    };
    let decision = decide(&subject, &facts, None, permission, &requester.context);
    if !decision.allowed {
        return Err(DirectoryError::Refused(decision.because));
    }
    let holds = effective(&subject, &facts, &requester.context)
        .map_err(DirectoryError::Refused)?
        .everywhere;
    Ok(Permit {
        organization,
        actor: Actor::User(requester.user),
        permission,
        holds,
        brand: PhantomData,
    })
}

/// Decides whether a person stands above organizations.
pub async fn require_superuser<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
) -> Result<InstancePermit<'t>, DirectoryError> {
    match users::by_id(tx, requester.user).await? {
        Some(user) if user.superuser && user.status == UserStatus::Active => Ok(InstancePermit {
            actor: Actor::User(user.id),
            brand: PhantomData,
        }),
        _ => Err(DirectoryError::Refused(vec![Reason::NothingGivesIt])),
    }
}

/// The permit of set-up: there is, in this transaction, nobody yet who could give one.
pub(super) async fn require_unclaimed<'t>(tx: &mut Tx<'t>) -> Result<InstancePermit<'t>, DirectoryError> {
    if users::any_superuser(tx).await? {
        return Err(DirectoryError::AlreadySetUp);
    }
    Ok(InstancePermit {
        actor: Actor::Host,
        brand: PhantomData,
    })
}

/// What a person is in an organization: above it, or a member, or neither.
async fn subject(
    tx: &mut Tx<'_>,
    user: UserId,
    organization: OrganizationId,
) -> Result<Option<Subject>, StorageError> {
    match users::by_id(tx, user).await? {
        Some(user) if user.superuser => Ok(Some(Subject::Superuser(Superuser {
            user: user.id,
            user_status: user.status,
        }))),
        Some(user) => Ok(memberships::member(tx, user.id, organization)
            .await?
            .map(Subject::Member)),
        None => Ok(None),
    }
}
