//! An event as it is told: who did what, to what, from where, and what was before and after. It holds no secret.

use serde_json::{Map, Value};

use super::{Fields, Origin};
use crate::domain::id::{ApplicationId, ConnectionId, KeyId, OrganizationId, ScimTokenId, UserId};
use crate::domain::network::Network;

/// Who did it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person.
    User(UserId),
    /// An application.
    Application(ApplicationId),
    /// An API key.
    Key(KeyId),
    /// An upstream provider, by what it said of somebody.
    Connection(ConnectionId),
    /// An organization's directory, by the token it provisions with.
    ScimToken(ScimTokenId),
    /// Whoever runs commands on the host.
    Host,
    /// Somebody who was not recognised.
    Nobody,
}

/// A fact that happened.
#[derive(Debug, Clone)]
pub struct Event {
    pub(super) action: &'static str,
    pub(super) actor: Actor,
    pub(super) on_behalf_of: Option<UserId>,
    pub(super) organization: Option<OrganizationId>,
    pub(super) target: Option<String>,
    pub(super) refused: bool,
    pub(super) detail: Map<String, Value>,
    pub(super) personal: Map<String, Value>,
}

impl Event {
    /// `action` is `noun.verb`.
    pub fn of(action: &'static str, actor: Actor) -> Self {
        Self {
            action,
            actor,
            on_behalf_of: None,
            organization: None,
            target: None,
            refused: false,
            detail: Map::new(),
            personal: Map::new(),
        }
    }

    /// A program did it. Where a person was said to have, it did it in their place.
    #[must_use]
    pub fn by(mut self, program: Actor) -> Self {
        if let Actor::User(person) = self.actor {
            self.on_behalf_of = Some(person);
        }
        self.actor = program;
        self
    }

    /// It was done in a person's place.
    #[must_use]
    pub fn in_place_of(mut self, person: UserId) -> Self {
        self.on_behalf_of = Some(person);
        self
    }

    /// It belongs to an organization's log, not the instance's.
    #[must_use]
    pub fn within(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }

    /// What it was done to.
    #[must_use]
    pub fn on(mut self, target: impl std::fmt::Display) -> Self {
        self.target = Some(target.to_string());
        self
    }

    /// It was tried and refused.
    #[must_use]
    pub fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// More about it; nothing that is of a person, and never a secret.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.detail.insert(name.to_owned(), value.into());
        self
    }

    /// More that is of a person, such as an address or a name: it can be erased and the event still be proved.
    #[must_use]
    pub fn with_personal(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.personal.insert(name.to_owned(), value.into());
        self
    }

    /// It made a thing.
    #[must_use]
    pub fn made(self, thing: &Fields) -> Self {
        self.changed(&Fields::new(), thing)
    }

    /// It unmade a thing.
    #[must_use]
    pub fn unmade(self, thing: &Fields) -> Self {
        self.changed(thing, &Fields::new())
    }

    /// It changed a thing: the fields that differ are told, as they were and as they are.
    #[must_use]
    pub fn changed(mut self, before: &Fields, after: &Fields) -> Self {
        before.without(after).tell("before", &mut self);
        after.without(before).tell("after", &mut self);
        self
    }

    /// Where it came from.
    #[must_use]
    pub fn from(self, origin: &Origin) -> Self {
        self.with_personal("ip", origin.address.to_string())
            .with_personal("user_agent", origin.user_agent.clone())
    }

    /// It came from somewhere in there.
    #[must_use]
    pub(super) fn within_network(self, network: Network) -> Self {
        self.with_personal("ip", network.to_string())
    }
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::Application(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
            Self::Connection(id) => id.fmt(f),
            Self::ScimToken(id) => id.fmt(f),
            Self::Host => f.write_str("host"),
            Self::Nobody => f.write_str("nobody"),
        }
    }
}
