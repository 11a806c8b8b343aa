//! Arrivals: what a verified answer of an upstream provider says of somebody. Nothing here was believed yet: whose word
//! counts for what, `upstream::arrive` decides.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::email::Email;
use super::id::{ConnectionId, IdentityId, UserId};
use super::time::Timestamp;

/// What a verified answer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Arrival {
    /// Who, by the provider's own unchanging name.
    pub subject: Subject,
    /// Where they are written to, if it says so.
    pub email: Option<ArrivedEmail>,
    /// What they are called, as it came.
    pub name: Option<String>,
    /// All attributes by name, as they came.
    pub attributes: BTreeMap<String, Vec<String>>,
    /// When they proved themselves there.
    pub at: Timestamp,
    /// Whether they showed a second factor there.
    pub second_factor: bool,
    /// Until when that is good, if it says so (`SessionNotOnOrAfter`).
    pub until: Option<Timestamp>,
    /// What their session there is called (`sid`, `SessionIndex`).
    pub session: Option<String>,
    /// Of which kind the subject is, at a SAML provider.
    #[serde(default)]
    pub format: Option<String>,
    /// The id token of an `OpenID` provider, sealed: it is shown there at sign-out.
    #[serde(default)]
    pub sealed_id_token: Option<Vec<u8>>,
}

/// An email address that came, and whether its provider says that it is the person's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArrivedEmail {
    /// Which.
    pub email: Email,
    /// `email_verified`, or a SAML provider's plain word.
    pub verified: bool,
}

/// Somebody's unchanging name at a provider: 1 to 255 characters, without control characters, compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Subject(String);

/// It is no subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a subject has 1 to 255 characters and no control characters")]
pub struct BadSubject;

/// A user's account at an upstream provider, linked here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Names it.
    pub id: IdentityId,
    /// Whose it is here.
    pub user: UserId,
    /// By which connection they come.
    pub connection: ConnectionId,
    /// Who they are there.
    pub subject: Subject,
    /// When it was linked.
    pub created_at: Timestamp,
    /// When they came by it last.
    pub last_used_at: Option<Timestamp>,
}

impl Subject {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Subject {
    type Error = BadSubject;

    fn try_from(text: String) -> Result<Self, BadSubject> {
        let good = (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control);
        if good { Ok(Self(text)) } else { Err(BadSubject) }
    }
}

impl From<Subject> for String {
    fn from(subject: Subject) -> Self {
        subject.0
    }
}
