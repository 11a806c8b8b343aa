//! Sign-ins that are away at an upstream provider, and the SSO log of how they went.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::id::{AttemptId, ConnectionId, OrganizationId, PortalLinkId, UpstreamRequestId, UserId};
use super::secret::SecretHash;
use super::sign_in::Onward;
use super::text::misleads;
use super::time::Timestamp;

/// A browser that was sent to an upstream provider, until it comes back.
#[derive(Debug, Clone)]
pub struct UpstreamRequest {
    /// Names it.
    pub id: UpstreamRequestId,
    /// Of the `state` or `RelayState` that comes back with the answer.
    pub state: SecretHash,
    /// The only browser whose answer counts (SE5).
    pub browser: SecretHash,
    /// The only connection whose answer counts (UP5).
    pub connection: ConnectionId,
    /// The connection's.
    pub organization: OrganizationId,
    /// What for.
    pub purpose: UpstreamPurpose,
    /// What was sent that the answer must repeat.
    pub sent: Sent,
    /// What the person reads if it fails, and the SSO log names it by.
    pub reference: Reference,
    /// When it is forgotten.
    pub expires_at: Timestamp,
}

/// What a browser was sent away for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamPurpose {
    /// To sign in.
    SignIn(Onward),
    /// To link what it comes back with to somebody who is signed in.
    Link(UserId),
    /// To try a connection that is being set up; nobody is signed in by it.
    Test(Option<PortalLinkId>),
}

/// What the answer must repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "protocol", rename_all = "snake_case")]
pub enum Sent {
    /// `nonce` of the id token; the PKCE verifier of the code (RFC 7636 §4.1).
    Oidc {
        /// `nonce`.
        nonce: String,
        /// `code_verifier`.
        verifier: String,
        /// `max_age`, if that was asked: how long ago, in seconds, the person may have proved themselves there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max_age: Option<u32>,
    },
    /// `InResponseTo`.
    Saml {
        /// The request's `ID`.
        request_id: String,
    },
}

/// Eight characters that a person can read out to whoever looks into the SSO log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference(String);

/// One line of a connection's SSO log.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Names it.
    pub id: AttemptId,
    /// Whose log.
    pub organization: OrganizationId,
    /// Which connection's.
    pub connection: ConnectionId,
    /// When.
    pub at: Timestamp,
    /// What the person read.
    pub reference: Reference,
    /// How far it came.
    pub stage: Stage,
    /// Why not further: a name that programs can rely on. Nothing if it went well.
    pub refusal: Option<&'static str>,
    /// The same in a sentence for whoever sets the connection up; nothing secret.
    pub detail: String,
    /// Who came, by the provider's name for them, as far as that was verified.
    pub subject: Option<String>,
    /// Whom they were taken for.
    pub user: Option<UserId>,
    /// Whether it was a try of whoever sets it up.
    pub test: bool,
    /// From where.
    pub address: IpAddr,
}

/// How far an attempt came; each stands on the ones before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The provider's own particulars: discovery, keys, metadata.
    Provider,
    /// What came back, before anything of it was verified.
    Response,
    /// Signatures and encryption.
    Signature,
    /// For whom, from whom, until when, in answer to what.
    Conditions,
    /// What it says of somebody.
    Attributes,
    /// Who that is here.
    Person,
    /// They are in.
    Done,
}

/// No such word of the SSO log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such word of the SSO log")]
pub struct UnknownAttemptWord;

/// How a try that went well begins in the SSO log.
const TRIED: &str = "It was a try. It brought the attributes ";

/// The longest list of attributes there, in bytes.
const LONGEST_LIST: usize = 2_000;

/// What the SSO log says of a try that went well: which attributes came, without their values.
pub fn tried<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut list = String::new();
    for name in names {
        let plain = !name.is_empty() && !name.contains(", ") && !name.chars().any(misleads);
        if plain && list.len() + name.len() < LONGEST_LIST {
            let between = if list.is_empty() { "" } else { ", " };
            list = [&list, between, name].concat();
        }
    }
    if list.is_empty() {
        "It was a try. It brought no attributes.".to_owned()
    } else {
        format!("{TRIED}{list}")
    }
}

/// The attributes that came with a try, by what the SSO log says of it.
pub fn attributes_tried(detail: &str) -> Vec<String> {
    let list = detail.strip_prefix(TRIED).unwrap_or_default();
    let names = list.split(", ").filter(|name| !name.is_empty());
    names.map(str::to_owned).collect()
}

impl UpstreamRequest {
    /// How long a provider may keep somebody.
    pub const LIFETIME: Duration = Duration::from_mins(10);

    /// The most unfinished ones from one network.
    pub const MOST_PER_NETWORK: i64 = 500;
}

impl Reference {
    /// Without look-alikes.
    const LETTERS: &'static [u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    /// The reference of these random bytes.
    pub fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(
            bytes
                .map(|byte| char::from(Self::LETTERS[usize::from(byte % 32)]))
                .iter()
                .collect(),
        )
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Reference {
    type Err = UnknownAttemptWord;

    fn from_str(text: &str) -> Result<Self, UnknownAttemptWord> {
        let good = text.len() == 8 && text.bytes().all(|letter| Self::LETTERS.contains(&letter));
        good.then(|| Self(text.to_owned())).ok_or(UnknownAttemptWord)
    }
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 7] = [
        Self::Provider,
        Self::Response,
        Self::Signature,
        Self::Conditions,
        Self::Attributes,
        Self::Person,
        Self::Done,
    ];

    /// The word in the database and to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Response => "response",
            Self::Signature => "signature",
            Self::Conditions => "conditions",
            Self::Attributes => "attributes",
            Self::Person => "person",
            Self::Done => "done",
        }
    }
}

impl FromStr for Stage {
    type Err = UnknownAttemptWord;

    fn from_str(text: &str) -> Result<Self, UnknownAttemptWord> {
        let found = Self::ALL.into_iter().find(|stage| stage.as_str() == text);
        found.ok_or(UnknownAttemptWord)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_of_a_try_are_read_as_they_are_written() {
        let names = ["mail", "http://schemas.example/claims/groups", "a,b"];
        let told = tried(names.into_iter().chain(["two, lines", "\u{202e}", ""]));
        assert_eq!(attributes_tried(&told), names);
        assert!(attributes_tried(&tried(std::iter::empty())).is_empty());
        assert!(attributes_tried("The audience is another.").is_empty());
        let long = "x".repeat(LONGEST_LIST / 2);
        assert_eq!(
            attributes_tried(&tried([&*long, &*long, "mail"].into_iter())).len(),
            2
        );
    }

    #[test]
    fn a_reference_is_read_as_it_is_written() {
        let reference = Reference::from_bytes([0, 31, 32, 63, 200, 7, 99, 255]);
        assert_eq!(reference.as_str().parse(), Ok(reference));
        for wrong in ["", "2345678", "234567890", "O0O0O0O0", "<script>"] {
            assert!(wrong.parse::<Reference>().is_err(), "{wrong}");
        }
    }
}
