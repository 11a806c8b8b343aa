//! Permits to ask why: about oneself for whoever may act in an organization at all, about others for whoever reads its log.
//!
//! An explanation tells what somebody did not get and what they would. That is what the log is read for, so it takes the
//! same permission; a reading one, with which an auditor can ask without being able to change anything.

use super::place::place;
use super::{Permit, require};
use crate::audit::{Actor, Event};
use crate::directory::DirectoryError;
use crate::directory::requester::{Recognised, Requester, Via, Who};
use crate::domain::access::{Holdings, OrganizationFacts, Permission, Reason};
use crate::domain::email::Email;
use crate::domain::id::{ApplicationId, OrganizationId, UserId};
use crate::storage::Tx;
use crate::storage::api_keys::ApiKey;

/// Proof, good in the transaction `'t`, that somebody may know why somebody or something may act in one organization.
#[derive(Debug)]
pub struct InsightPermit<'t> {
    within: Permit<'t>,
    /// Why they may ask about nobody but themselves, if they may not.
    confined: Option<Vec<Reason>>,
    /// The address of the person who asks, if one does.
    email: Option<Email>,
    /// Whether what they show lets them read the organization.
    reads: bool,
}

/// Decides what whoever asks may know. Whom something refuses altogether is told what, and nothing else.
pub async fn require_insight<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
) -> Result<InsightPermit<'t>, DirectoryError> {
    let (within, confined) = match require(tx, requester, organization, Permission::AuditLogRead).await {
        Ok(within) => (Some(within), None),
        Err(DirectoryError::Denied(_, because)) => (None, Some(because)),
        Err(other) => return Err(other),
    };
    let recognised = requester.recognise(tx).await?;
    let within = match within {
        Some(within) => within,
        None => about_oneself(tx, requester, &recognised, organization).await?,
    };
    let email = match &recognised.who {
        Who::Person(user) => Some(user.email.clone()),
        Who::OrganizationKey(_) | Who::Application(_) => None,
    };
    Ok(InsightPermit {
        within,
        confined,
        email,
        reads: recognised.lets(Permission::OrganizationRead),
    })
}

/// For whoever is refused nothing but the permission.
async fn about_oneself<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    recognised: &Recognised<'t>,
    organization: OrganizationId,
) -> Result<Permit<'t>, DirectoryError> {
    let (organization, subjects) = place(tx, recognised, organization).await?;
    let context = requester.context(recognised, organization.id, &organization.factors);
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy,
    };
    let subject = subjects.first().ok_or(DirectoryError::NotFound)?;
    let holdings = Holdings::now(subject, &facts, &context)
        .map_err(|because| DirectoryError::Denied(Permission::AuditLogRead, because))?;
    Ok(Permit::of_nothing(recognised, requester, facts.id, holdings))
}

impl InsightPermit<'_> {
    /// Where.
    pub fn organization(&self) -> OrganizationId {
        self.within.organization()
    }

    /// The person who asks, if one does.
    pub fn person(&self) -> Option<UserId> {
        self.within.person()
    }

    /// Whether they stand above organizations.
    pub fn stands_above(&self) -> bool {
        self.within.stands_above()
    }

    /// Whether an address is the asker's own.
    pub(in crate::directory) fn is_own_email(&self, email: &Email) -> bool {
        let own = self.email.as_ref();
        own.is_some_and(|own| own.comparable() == email.comparable())
    }

    /// Whether the question is about whoever asks. A token or key reaches no further than its scopes: there,
    /// `organization:read` must be among them to learn what its person may do.
    pub(in crate::directory) fn is_about_oneself(&self, user: UserId) -> bool {
        self.person() == Some(user) && self.reads
    }

    /// The same for an application, which asks for itself.
    pub(in crate::directory) fn is_itself(&self, application: ApplicationId) -> bool {
        self.within.actor() == Actor::Application(application)
    }

    /// The same for a key: the one that was shown, or one of the person's own.
    pub(in crate::directory) fn is_own_key(&self, key: &ApiKey) -> bool {
        let shown = matches!(self.within.via(), Some(Via::Key(id, _)) if id == key.id);
        shown
            || self.within.actor() == Actor::Key(key.id)
            || key.user.is_some_and(|user| self.is_about_oneself(user))
    }

    /// Refuses to tell about others to whoever may ask only about themselves.
    pub(in crate::directory) fn about_others(&self) -> Result<(), DirectoryError> {
        match &self.confined {
            None => Ok(()),
            Some(because) => Err(DirectoryError::Denied(Permission::AuditLogRead, because.clone())),
        }
    }

    /// The beginning of the event of having asked about others.
    pub fn event(&self, action: &'static str) -> Event {
        self.within.event(action)
    }
}
