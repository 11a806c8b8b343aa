//! Permits for what is about oneself: one's profile, sessions, keys and consents.

use std::marker::PhantomData;

use super::DirectoryError;
use super::permit::tell;
use super::requester::{Recognised, Requester, Via, Who};
use crate::audit::{Actor, Event, Origin};
use crate::domain::access::{Permission, PermissionSet, Reason};
use crate::domain::id::{OrganizationId, SessionId, UserId};
use crate::domain::time::Timestamp;
use crate::domain::user::User;

/// Proof, good in the transaction `'t`, that a person asks about themselves. Nothing outside this file makes one.
#[derive(Debug)]
pub struct SelfPermit<'t> {
    user: User,
    now: Timestamp,
    session: Option<SessionId>,
    /// Whether they proved themselves lately in that session.
    fresh: bool,
    ceiling: Option<PermissionSet>,
    confined_to: Option<OrganizationId>,
    via: Option<Via>,
    origin: Option<Origin>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl<'t> SelfPermit<'t> {
    /// What is one's own needs no permission, but a token or key reaches no further than its scopes: there, `named`
    /// must be among them.
    pub(super) fn mint(
        recognised: Recognised<'t>,
        requester: &Requester,
        named: Option<Permission>,
        has_second_factor: bool,
    ) -> Result<Self, DirectoryError> {
        let beyond = named.filter(|named| !recognised.lets(*named));
        let Who::Person(user) = recognised.who else {
            return Err(DirectoryError::NotFound);
        };
        if let Some(named) = beyond {
            return Err(DirectoryError::Denied(named, vec![Reason::AboveCeiling]));
        }
        Ok(Self {
            user,
            now: requester.now,
            fresh: recognised
                .session
                .as_ref()
                .is_some_and(|session| session.is_fresh(has_second_factor, requester.now)),
            session: recognised.session.map(|session| session.id),
            ceiling: recognised.ceiling,
            confined_to: recognised.confined_to,
            via: recognised.via,
            origin: requester.origin.clone(),
            brand: PhantomData,
        })
    }

    /// The person.
    pub fn user(&self) -> &User {
        &self.user
    }

    /// Their id.
    pub fn id(&self) -> UserId {
        self.user.id
    }

    /// The session they ask by, if it is one.
    pub fn session(&self) -> Option<SessionId> {
        self.session
    }

    /// From where they ask.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// When they ask.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Refuses what only a person may do who proved themselves in this very session, and lately, with the second factor
    /// too if they have one: a token or key proves nothing, and another organization's provider never speaks for the
    /// account itself.
    pub fn is_fresh(&self) -> Result<(), DirectoryError> {
        if self.session.is_none() {
            return Err(DirectoryError::Refused(vec![Reason::AboveCeiling]));
        }
        if self.fresh {
            return Ok(());
        }
        Err(DirectoryError::NotFresh)
    }

    /// The one organization that their token or key acts in; all of theirs in a browser.
    pub fn confined_to(&self) -> Option<OrganizationId> {
        self.confined_to
    }

    /// The most that their token or key can be used for.
    pub fn ceiling(&self) -> Option<PermissionSet> {
        self.ceiling
    }

    /// The beginning of the audit event of what they do.
    pub fn event(&self, action: &'static str) -> Event {
        let event = Event::of(action, Actor::User(self.user.id));
        tell(event, self.via, self.origin.as_ref())
    }
}
