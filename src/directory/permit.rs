//! Permits: proof, good for one transaction, that access was decided in it.

use std::marker::PhantomData;
use std::time::Duration;

use super::requester::{Recognised, Requester, Via, Who};
use super::{DirectoryError, SelfPermit};
use crate::audit::{Actor, Event, Origin};
use crate::domain::access::{
    ApplicationSubject, OrganizationFacts, Permission, PermissionSet, Reason, Subject, Superuser, decide,
    effective,
};
use crate::domain::id::{ActivationId, OrganizationId, ProductId, UserId};
use crate::domain::organization::Organization;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::storage::{
    StorageError, Tx, activations, applications, grants, memberships, organizations, users,
};

/// A session's use is noted in its activation at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// Proof that a subject may do one thing in one organization, decided in the transaction `'t`. Nothing outside this
/// file makes one.
#[derive(Debug)]
pub struct Permit<'t> {
    /// Where.
    organization: OrganizationId,
    /// Who.
    actor: Actor,
    /// What acted in their place.
    via: Option<Via>,
    /// From where.
    origin: Option<Origin>,
    /// For what; for nothing but what is one's own if absent.
    permission: Option<Permission>,
    /// On which product; all of them if none is named.
    product: Option<ProductId>,
    /// What the subject holds there on all products, which is the most they can hand on.
    holds: PermissionSet,
    /// Whether it took a superuser.
    superuser: bool,
    /// Whether they stand above organizations, though this may not have taken it.
    stands_above: bool,
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
        if self.permission == Some(permission) && self.product.is_none() {
            return Ok(());
        }
        Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
    }

    /// The same for one product: a permit for all products is one for each.
    pub fn is_for_product(&self, permission: Permission, product: ProductId) -> Result<(), DirectoryError> {
        if self.permission == Some(permission) && self.product.is_none_or(|own| own == product) {
            return Ok(());
        }
        Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
    }

    /// Whether it is for what is one's own there, and nothing else.
    pub fn is_own(&self) -> bool {
        self.permission.is_none()
    }

    /// The organization it is about.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Who it was given to.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The person it was given to, if it is one.
    pub fn person(&self) -> Option<UserId> {
        match self.actor {
            Actor::User(user) => Some(user),
            _ => None,
        }
    }

    /// What acted in their place, if anything did.
    pub fn via(&self) -> Option<Via> {
        self.via
    }

    /// What they hold there on all products: nobody hands on more (DESIGN §3).
    pub fn holds(&self) -> PermissionSet {
        self.holds
    }

    /// Whether they stand above organizations, for what only those may do.
    pub fn stands_above(&self) -> bool {
        self.stands_above
    }

    /// The beginning of the audit event of what is done with it.
    pub fn event(&self, action: &'static str) -> Event {
        let event = tell(Event::of(action, self.actor), self.via, self.origin.as_ref());
        let event = event.within(self.organization);
        if self.superuser {
            event.with("superuser", true)
        } else {
            event
        }
    }
}

impl InstancePermit<'_> {
    /// Who it was given to.
    pub fn actor(&self) -> Actor {
        self.actor
    }
}

/// An event with what acted, and from where.
pub(super) fn tell(event: Event, via: Option<Via>, origin: Option<&Origin>) -> Event {
    let event = match via {
        Some(Via::Key(key, _)) => event.with("api_key", key.to_string()),
        Some(Via::Application(application)) => event.with("application", application.to_string()),
        None => event,
    };
    match origin {
        Some(origin) => event.from(origin),
        None => event,
    }
}

/// Decides, on rows read here and now, whether whoever asks may do something in an organization.
pub async fn require<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    require_on(tx, requester, organization, None, permission).await
}

/// The same on one product, or on all of them if none is named. That the product is the organization's own is the
/// caller's to see to.
pub async fn require_on<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    product: Option<ProductId>,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    let (organization, subjects) = place(tx, &recognised, organization).await?;
    if let Some(session) = &recognised.session {
        acts_for(tx, session, &organization, requester.now).await?;
    }
    let context = requester.context(&recognised);
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy,
    };
    let mut refusal = Vec::new();
    for subject in &subjects {
        let decision = decide(subject, &facts, product, permission, &context);
        if !decision.allowed {
            refusal = decision.because;
            continue;
        }
        let holds = effective(subject, &facts, &context).map_err(DirectoryError::Refused)?;
        return Ok(Permit {
            organization: facts.id,
            actor: recognised.actor(),
            via: recognised.via,
            origin: requester.origin.clone(),
            permission: Some(permission),
            product,
            holds: holds.everywhere,
            superuser: matches!(subject, Subject::Superuser(_)),
            stands_above: recognised.stands_above(),
            brand: PhantomData,
        });
    }
    Err(DirectoryError::Denied(permission, refusal))
}

/// Decides whether a person in their browser may act in an organization at all: a permit for what is their own there.
pub async fn require_own<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    named: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    let (organization, subjects) = place(tx, &recognised, organization).await?;
    let session = recognised.session.as_ref();
    let session = session.ok_or(DirectoryError::Denied(named, vec![Reason::AboveCeiling]))?;
    acts_for(tx, session, &organization, requester.now).await?;
    let context = requester.context(&recognised);
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy,
    };
    let subject = subjects.first().ok_or(DirectoryError::NotFound)?;
    let refused = |because| DirectoryError::Denied(named, because);
    let holds = effective(subject, &facts, &context).map_err(refused)?;
    Ok(Permit {
        organization: facts.id,
        actor: recognised.actor(),
        via: None,
        origin: requester.origin.clone(),
        permission: None,
        product: None,
        holds: holds.everywhere,
        superuser: matches!(subject, Subject::Superuser(_)),
        stands_above: recognised.stands_above(),
        brand: PhantomData,
    })
}

/// Decides whether whoever asks is there at all, for what is about themselves: a permit to nothing else.
pub async fn require_self<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    named: Option<Permission>,
) -> Result<SelfPermit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    SelfPermit::mint(recognised, requester, named)
}

/// Lets the session of whoever asks act for an organization that they belong to, or notes that it still does.
pub async fn activate(
    tx: &mut Tx<'_>,
    requester: &Requester,
    organization: OrganizationId,
    new: ActivationId,
) -> Result<(), DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    let (organization, _) = place(tx, &recognised, organization).await?;
    let session = recognised.session.as_ref().ok_or(DirectoryError::SignInAgain)?;
    let begins = match acts_for(tx, session, &organization, requester.now).await {
        Ok(()) => return Ok(()),
        Err(DirectoryError::NotActivated { begins, .. }) => begins,
        Err(other) => return Err(other),
    };
    let proved = session
        .authenticated_at(organization.id)
        .ok_or(DirectoryError::SignInAgain)?;
    let id = activations::activate(tx, new, session.id, organization.id, proved, requester.now).await?;
    let id = id.ok_or(DirectoryError::SignInAgain)?;
    if begins {
        let event = Event::of("session.activated", recognised.actor());
        let event = tell(event, None, requester.origin.as_ref());
        let event = event.within(organization.id).on(id);
        crate::audit::record(tx, &requester.keyring, &event, requester.now).await?;
    }
    Ok(())
}

/// Decides whether a person stands above organizations; by a key only if it was made with every permission.
pub async fn require_superuser<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
) -> Result<InstancePermit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    if recognised.stands_above() {
        return Ok(InstancePermit {
            actor: recognised.actor(),
            brand: PhantomData,
        });
    }
    Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
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

/// The organization and what whoever asks is there, as a member first, then as one who stands above. To a stranger
/// there is no such organization, whether there is or not.
async fn place(
    tx: &mut Tx<'_>,
    recognised: &Recognised<'_>,
    organization: OrganizationId,
) -> Result<(Organization, Vec<Subject>), DirectoryError> {
    let found = organizations::by_id(tx, organization).await?;
    let found = found.ok_or(DirectoryError::NotFound)?;
    let elsewhere = recognised.confined_to.is_some_and(|own| own != organization);
    if elsewhere && !recognised.stands_above() {
        return Err(DirectoryError::NotFound);
    }
    let mut subjects = subjects(tx, &recognised.who, organization).await?;
    if elsewhere {
        subjects.retain(|subject| matches!(subject, Subject::Superuser(_)));
    }
    if subjects.is_empty() {
        return Err(DirectoryError::NotFound);
    }
    Ok((found, subjects))
}

async fn subjects(
    tx: &mut Tx<'_>,
    who: &Who,
    organization: OrganizationId,
) -> Result<Vec<Subject>, StorageError> {
    let user = match who {
        Who::Person(user) => user,
        Who::OrganizationKey(key) => return Ok(vec![Subject::OrganizationKey(key.clone())]),
        Who::Application(id) => {
            let Some(application) = applications::active(tx, *id).await? else {
                return Ok(Vec::new());
            };
            return Ok(vec![Subject::Application(ApplicationSubject {
                id: application.id,
                organization: application.organization,
                active: true,
                grants: grants::of_application(tx, application.id).await?,
            })]);
        }
    };
    let member = memberships::member(tx, user.id, organization).await?;
    let member = member.filter(|member| member.membership.is_some());
    let above = user.superuser.then_some(Subject::Superuser(Superuser {
        user: user.id,
        user_status: user.status,
    }));
    Ok(member.map(Subject::Member).into_iter().chain(above).collect())
}

/// Whether a session acts for an organization now, under that organization's limits.
async fn acts_for(
    tx: &mut Tx<'_>,
    session: &Session,
    organization: &Organization,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let proved = session.authenticated_at(organization.id);
    let proved = proved.ok_or(DirectoryError::SignInAgain)?;
    let activation = activations::latest(tx, session.id, organization.id).await?;
    let (seen_at, noted) = match activation {
        Some(activation) if activation.ended_at.is_none() => {
            let fresh = now.since(activation.last_seen_at) < NOTED_EVERY;
            let noted = if fresh { None } else { Some(false) };
            (activation.last_seen_at.max(proved), noted)
        }
        Some(activation) if activation.ended_at.is_some_and(|ended| ended >= proved) => {
            return Err(DirectoryError::SignInAgain);
        }
        _ => (proved, Some(true)),
    };
    if !session.acts_for(organization.id, organization.session_limits, seen_at, now) {
        return Err(DirectoryError::SignInAgain);
    }
    match noted {
        None => Ok(()),
        Some(begins) => Err(DirectoryError::NotActivated {
            organization: organization.id,
            begins,
        }),
    }
}
