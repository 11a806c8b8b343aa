//! Permits: proof, good for one transaction, that access was decided in it. Nothing outside this folder makes one.

mod founder;
mod fresh;
mod insight;
mod lead;
mod person;
mod place;
mod portal;
mod provisioner;
mod require;
mod still;

use std::marker::PhantomData;

pub use founder::{FounderPermit, require_founder};
pub use fresh::require_fresh;
pub use insight::{InsightPermit, require_insight};
pub use lead::{GroupPermit, require_in_group};
pub use person::{PersonPermit, require_person};
pub(super) use place::subjects;
pub use portal::{PortalPermit, require_portal};
pub use provisioner::{Provisioner, require_provisioner};
pub(super) use provisioner::{require_provisioner_in_group, require_provisioner_of_person};
pub(super) use require::require_unclaimed;
pub use require::{activate, require, require_on, require_own, require_self, require_superuser};
pub(super) use still::require_still;

use super::DirectoryError;
use super::requester::{Recognised, Requester, Via};
use crate::audit::{Actor, Event, Origin};
use crate::domain::access::{Holdings, Permission, PermissionSet, Reason};
use crate::domain::id::{OrganizationId, PortalLinkId, ProductId, UserId};

/// Proof that a subject may do one thing in one organization, decided in the transaction `'t`.
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
    /// What the subject holds there now.
    holdings: Holdings,
    /// Whether it took a superuser.
    superuser: bool,
    /// Whether they stand above organizations, though this may not have taken it.
    stands_above: bool,
    /// The set-up link that somebody else acts by in their place.
    portal_link: Option<PortalLinkId>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

/// Proof that a subject stands above organizations: a superuser, or the host at set-up.
#[derive(Debug)]
pub struct InstancePermit<'t> {
    actor: Actor,
    via: Option<Via>,
    origin: Option<Origin>,
    brand: PhantomData<fn(&'t ()) -> &'t ()>,
}

impl<'t> Permit<'t> {
    /// Who is there, with what they hold: a permit for nothing by itself, for one that is narrower.
    fn of_nothing(
        recognised: &Recognised<'t>,
        requester: &Requester,
        organization: OrganizationId,
        holdings: Holdings,
    ) -> Self {
        Self {
            organization,
            actor: recognised.actor(),
            via: recognised.via,
            origin: requester.origin.clone(),
            permission: None,
            product: None,
            holdings,
            superuser: false,
            stands_above: recognised.stands_above(),
            portal_link: None,
            brand: PhantomData,
        }
    }
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

    /// From where they ask.
    pub fn origin(&self) -> Option<&Origin> {
        self.origin.as_ref()
    }

    /// What they hold there now: nobody hands on more (DESIGN §3).
    pub fn holdings(&self) -> &Holdings {
        &self.holdings
    }

    /// What they hold there now on all products.
    pub fn holds(&self) -> PermissionSet {
        self.holdings.everywhere()
    }

    /// What of that they hold for good, and so can hand on.
    pub fn hands_on(&self) -> PermissionSet {
        self.holdings.everywhere_for_good()
    }

    /// Whether they stand above organizations, for what only those may do.
    pub fn stands_above(&self) -> bool {
        self.stands_above
    }

    /// The beginning of the audit event of what is done with it.
    pub fn event(&self, action: &'static str) -> Event {
        let event = tell(Event::of(action, self.actor), self.via, self.origin.as_ref());
        let event = event.within(self.organization);
        let event = match self.portal_link {
            Some(link) => event.with("portal_link", link.to_string()),
            None => event,
        };
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

    /// The beginning of the audit event of what is done with it.
    pub fn event(&self, action: &'static str) -> Event {
        let event = tell(Event::of(action, self.actor), self.via, self.origin.as_ref());
        event.with("superuser", true)
    }
}

/// An event with what acted, in whose place, and from where.
pub(super) fn tell(event: Event, via: Option<Via>, origin: Option<&Origin>) -> Event {
    let event = match via {
        Some(Via::Key(key, _)) => event.by(Actor::Key(key)),
        Some(Via::Application(application)) => event.by(Actor::Application(application)),
        None => event,
    };
    match origin {
        Some(origin) => event.from(origin),
        None => event,
    }
}
