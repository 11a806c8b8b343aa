//! The access check: one function for each kind of permit.

use std::marker::PhantomData;

use super::place::{acts_for, place};
use super::{InstancePermit, Permit, tell};
use crate::audit::Actor;
use crate::directory::requester::Requester;
use crate::directory::{DirectoryError, SelfPermit};
use crate::domain::access::{Holdings, OrganizationFacts, Permission, Reason, Subject, decide};
use crate::domain::id::{ActivationId, OrganizationId, ProductId};
use crate::sign_in::activated;
use crate::storage::{Tx, activations, second_factors, users};

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
    let context = requester.context(&recognised, organization.id, &organization.factors);
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
        let holdings = Holdings::now(subject, &facts, &context).map_err(DirectoryError::Refused)?;
        return Ok(Permit {
            organization: facts.id,
            actor: recognised.actor(),
            via: recognised.via,
            origin: requester.origin.clone(),
            permission: Some(permission),
            product,
            holdings,
            superuser: matches!(subject, Subject::Superuser(_)),
            stands_above: recognised.stands_above(),
            portal_link: None,
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
    let context = requester.context(&recognised, organization.id, &organization.factors);
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy,
    };
    let subject = subjects.first().ok_or(DirectoryError::NotFound)?;
    let refused = |because| DirectoryError::Denied(named, because);
    let holdings = Holdings::now(subject, &facts, &context).map_err(refused)?;
    Ok(Permit {
        organization: facts.id,
        actor: recognised.actor(),
        via: None,
        origin: requester.origin.clone(),
        permission: None,
        product: None,
        holdings,
        superuser: matches!(subject, Subject::Superuser(_)),
        stands_above: recognised.stands_above(),
        portal_link: None,
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
    let has_second_factor = match &recognised.session {
        Some(session) => second_factors::of_user(tx, session.user).await?.any(),
        None => false,
    };
    SelfPermit::mint(recognised, requester, named, has_second_factor)
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
        let event = tell(
            activated(session, organization.id, id),
            None,
            requester.origin.as_ref(),
        );
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
            via: recognised.via,
            origin: requester.origin.clone(),
            brand: PhantomData,
        });
    }
    Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]))
}

/// The permit of set-up: there is, in this transaction, nobody yet who could give one.
pub(in crate::directory) async fn require_unclaimed<'t>(
    tx: &mut Tx<'t>,
) -> Result<InstancePermit<'t>, DirectoryError> {
    if users::any_superuser(tx).await? {
        return Err(DirectoryError::AlreadySetUp);
    }
    Ok(InstancePermit {
        actor: Actor::Host,
        via: None,
        origin: None,
        brand: PhantomData,
    })
}
