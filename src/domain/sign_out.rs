//! Signing out everywhere (single logout): who is still to hear that a session is over, one after the other.

use serde::{Deserialize, Serialize};

use super::id::{ApplicationId, ConnectionId};
use super::service_provider::SamlSession;

/// A sign-out on its way through a browser.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOut {
    /// Who is still to hear of it, the next one first.
    pub rest: Vec<Stop>,
    /// Who was asked last and has not answered yet, with the request's `ID`.
    pub waits_for: Option<(Party, String)>,
    /// Whether somebody did not sign the person out, or gave no answer.
    pub is_partial: bool,
    /// Where it leads when all have heard.
    pub then: Then,
}

/// Whom a message is from or to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Party {
    /// A SAML application.
    Application(ApplicationId),
    /// A connection's provider.
    Connection(ConnectionId),
}

/// Somebody who is to hear of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// An application where the person is signed in.
    Application(SamlSession),
    /// The provider that they came by.
    Connection(UpstreamSession),
}

/// What a person's session is called at the upstream provider that they came by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamSession {
    /// By which connection they came.
    pub connection: ConnectionId,
    /// Who they are there.
    pub subject: String,
    /// Of which kind that name is, at a SAML provider.
    pub format: Option<String>,
    /// `SessionIndex`.
    pub index: Option<String>,
    /// The id token of an `OpenID` provider, sealed.
    pub sealed_id_token: Option<Vec<u8>>,
}

/// Where a sign-out leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Then {
    /// To our own page.
    SignedOut,
    /// To the registered address of the application that asked.
    Address(String),
    /// Back to whoever asked by SAML, with an answer.
    Answer {
        /// Who asked.
        party: Party,
        /// The request's `ID`.
        in_response_to: String,
        /// Handed back untouched.
        relay_state: Option<String>,
    },
}

impl Stop {
    /// Who that is.
    pub fn party(&self) -> Party {
        match self {
            Self::Application(session) => Party::Application(session.application),
            Self::Connection(session) => Party::Connection(session.connection),
        }
    }
}
