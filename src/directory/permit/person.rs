//! Permits for what is about a person, and not only about their membership somewhere (DESIGN §4, "Whose user is it?").

use std::marker::PhantomData;

use super::{Permit, require, tell};
use crate::audit::{Actor, Event, Origin};
use crate::directory::DirectoryError;
use crate::directory::members::keep::holds_no_more;
use crate::directory::requester::{Requester, Via};
use crate::domain::access::Permission;
use crate::domain::id::{OrganizationId, UserId};
use crate::storage::profiles::{self, Whole};
use crate::storage::{Tx, managed_users, users};

/// Proof, good in the transaction `'t`, that somebody may act on one person: a superuser, or an administrator of the
/// organization that manages them.
#[derive(Debug)]
pub struct PersonPermit<'t> {
    person: UserId,
    /// The organization that manages them; none for who stands above.
    managing: Option<OrganizationId>,
    actor: Actor,
    via: Option<Via>,
    origin: Option<Origin>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Decides whether whoever asks may act on a person. To everybody else there is no such person.
pub async fn require_person<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    person: UserId,
) -> Result<PersonPermit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    if recognised.stands_above() {
        let known = users::by_id(tx, person).await?;
        return Ok(PersonPermit {
            person: known.ok_or(DirectoryError::NotFound)?.id,
            managing: None,
            actor: recognised.actor(),
            via: recognised.via,
            origin: requester.origin.clone(),
            brand: PhantomData,
        });
    }
    let whole = profiles::find(tx, person).await?;
    let whole = whole.ok_or(DirectoryError::NotFound)?;
    let permit = require_manager(tx, requester, &whole).await?;
    Ok(PersonPermit::of_manager(permit, person))
}

/// Decides whether whoever asks administers the organization that manages a person, who may nowhere do more than they:
/// as the person belongs nowhere else, that is what they may do there.
async fn require_manager<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    whole: &Whole,
) -> Result<Permit<'t>, DirectoryError> {
    let organization = managed_users::manager(tx, whole.user.id).await?;
    let organization = organization.ok_or(DirectoryError::NotFound)?;
    let permit = require(tx, requester, organization, Permission::MemberWrite).await;
    let unknown = |error| match error {
        DirectoryError::Denied(..) | DirectoryError::Exceeds(_) => DirectoryError::NotFound,
        other => other,
    };
    let permit = permit.map_err(unknown)?;
    let person = whole.user.id;
    let more = holds_no_more(tx, &permit, person, requester.now).await;
    more.map_err(unknown)?;
    Ok(permit)
}

impl<'t> PersonPermit<'t> {
    /// For whoever may act on members of the organization that manages a person.
    pub(super) fn of_manager(permit: Permit<'t>, person: UserId) -> Self {
        Self {
            person,
            managing: Some(permit.organization()),
            actor: permit.actor,
            via: permit.via,
            origin: permit.origin,
            brand: PhantomData,
        }
    }
}

impl PersonPermit<'_> {
    /// Whom it is about.
    pub fn person(&self) -> UserId {
        self.person
    }

    /// The organization that manages them, whose administrator it was given to; none if it was given to a superuser.
    pub fn managing(&self) -> Option<OrganizationId> {
        self.managing
    }

    /// Whether it was given to that person.
    pub fn is_about_oneself(&self) -> bool {
        matches!(self.actor, Actor::User(user) if user == self.person)
    }

    /// Who it was given to.
    pub fn actor(&self) -> Actor {
        self.actor
    }

    /// The beginning of the audit event of what is done with it.
    pub fn event(&self, action: &'static str) -> Event {
        let event = tell(Event::of(action, self.actor), self.via, self.origin.as_ref());
        let event = event.on(self.person);
        match self.managing {
            Some(organization) => event.within(organization),
            None => event.with("superuser", true),
        }
    }
}
