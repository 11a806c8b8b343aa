//! Whoever may make an organization: who stands above all of them, and, where that is wanted, anybody signed in.

use std::marker::PhantomData;

use super::tell;
use crate::audit::{Actor, Event, Origin};
use crate::directory::DirectoryError;
use crate::directory::requester::{Requester, Via, Who};
use crate::domain::access::Reason;
use crate::domain::id::UserId;
use crate::storage::Tx;

/// Proof, good in the transaction `'t`, that somebody may make an organization.
#[derive(Debug)]
pub struct FounderPermit<'t> {
    actor: Actor,
    via: Option<Via>,
    origin: Option<Origin>,
    user: UserId,
    stands_above: bool,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Decides whether whoever asks may make an organization. Keys and tokens act in organizations that are there, unless
/// they are a superuser's; so `self_service` is for people in their browser.
pub async fn require_founder<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    self_service: bool,
) -> Result<FounderPermit<'t>, DirectoryError> {
    let recognised = requester.recognise(tx).await?;
    let stands_above = recognised.stands_above();
    let helps_themselves = self_service && recognised.session.is_some();
    match &recognised.who {
        Who::Person(user) if stands_above || helps_themselves => Ok(FounderPermit {
            actor: recognised.actor(),
            via: recognised.via,
            origin: requester.origin.clone(),
            user: user.id,
            stands_above,
            brand: PhantomData,
        }),
        _ => Err(DirectoryError::Refused(vec![Reason::NothingGivesIt])),
    }
}

impl FounderPermit<'_> {
    /// The person.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// Whether they stand above organizations.
    pub fn stands_above(&self) -> bool {
        self.stands_above
    }

    /// The beginning of the audit event of what is done with it.
    pub fn event(&self, action: &'static str) -> Event {
        let event = tell(Event::of(action, self.actor), self.via, self.origin.as_ref());
        if self.stands_above {
            event.with("superuser", true)
        } else {
            event
        }
    }
}
