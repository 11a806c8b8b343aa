//! Applications that speak SAML 2.0: where their assertions go, how those are made, and what they say.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::connection::SamlEndpoint;
use super::id::{ActivationId, ApplicationId};

/// How an application speaks SAML, as an administrator registered it. Its `SAMLRequest` says no more than that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a registered yes or no")]
pub struct ServiceProvider {
    /// `Issuer` of what it says and `Audience` of what it is told, exactly.
    pub entity_id: String,
    /// Where assertions may go, by HTTP-POST; the first where a request names none. At least one.
    pub consumers: Vec<Consumer>,
    /// Where sign-outs are sent, if it takes them.
    pub slo: Option<SamlEndpoint>,
    /// What its signatures are verified with: DER in base64.
    pub certificates: Vec<String>,
    /// Whether only signed requests are answered.
    pub requires_signed_requests: bool,
    /// What assertions are encrypted to, if they are: DER in base64.
    pub encryption_certificate: Option<String>,
    /// Whether the assertion is signed.
    pub signs_assertions: bool,
    /// Whether the response around it is. One of the two is.
    pub signs_responses: bool,
    /// What signs.
    pub algorithm: AssertionAlgorithm,
    /// By which kinds of names people may be told; the first where a request names none. At least one.
    pub name_id_formats: Vec<NameIdFormat>,
    /// What it is told of people besides their name.
    pub attributes: Vec<ReleasedAttribute>,
    /// Whether people may come to it from here, without its request.
    pub idp_initiated: bool,
}

/// An assertion consumer service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumer {
    /// What requests may call it.
    pub index: u16,
    /// Where it is.
    pub url: String,
}

/// What assertions are signed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AssertionAlgorithm {
    /// RSASSA-PKCS1-v1.5 with SHA-256, which every service provider knows.
    #[serde(rename = "RSA-SHA256")]
    RsaSha256,
    /// ECDSA on P-256 with SHA-256, which is shorter and faster.
    #[serde(rename = "ECDSA-SHA256")]
    EcdsaSha256,
}

/// Which kind of name a person is told by (SAML 2.0 Core §8.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameIdFormat {
    /// The user's id, the `sub` of tokens: it never changes and says nothing.
    Persistent,
    /// The verified email address.
    Email,
    /// Another at each sign-in.
    Transient,
}

/// One attribute that an application is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedAttribute {
    /// `Name`, which may be an OID as `urn:oid:…`.
    pub name: String,
    /// `FriendlyName`.
    pub friendly_name: Option<String>,
    /// What it says.
    pub value: AttributeSource,
}

/// What an attribute says of the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttributeSource {
    /// The user's id.
    UserId,
    /// The email address, if it is verified.
    Email,
    /// The whole name.
    Name,
    /// The name of the organization that they come for.
    Organization,
    /// Its id.
    OrganizationId,
    /// The roles held on all products.
    Roles,
    /// The groups, by name.
    Groups,
    /// The permissions: `device:read` on all products, `prd_…/device:read` on one.
    Permissions,
}

impl NameIdFormat {
    const ALL: [Self; 3] = [Self::Persistent, Self::Email, Self::Transient];

    /// The word in the database and to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Persistent => "persistent",
            Self::Email => "email",
            Self::Transient => "transient",
        }
    }
}

/// No such kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no such format of a name")]
pub struct UnknownNameIdFormat;

impl FromStr for NameIdFormat {
    type Err = UnknownNameIdFormat;

    fn from_str(text: &str) -> Result<Self, UnknownNameIdFormat> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or(UnknownNameIdFormat)
    }
}

impl ServiceProvider {
    /// The most places for assertions.
    pub const MOST_CONSUMERS: usize = 20;
    /// The most attributes.
    pub const MOST_ATTRIBUTES: usize = 50;
    /// The most certificates.
    pub const MOST_CERTIFICATES: usize = 8;

    /// What everybody is told where nobody said otherwise.
    pub fn usual_attributes() -> Vec<ReleasedAttribute> {
        let named = |name: &str, value| ReleasedAttribute {
            name: name.to_owned(),
            friendly_name: None,
            value,
        };
        vec![
            named("email", AttributeSource::Email),
            named("name", AttributeSource::Name),
            named("organization", AttributeSource::Organization),
            named("roles", AttributeSource::Roles),
            named("groups", AttributeSource::Groups),
            named("permissions", AttributeSource::Permissions),
        ]
    }

    /// The kind of name where a request names none.
    pub fn first_format(&self) -> NameIdFormat {
        let first = self.name_id_formats.first().copied();
        first.unwrap_or(NameIdFormat::Persistent)
    }

    /// The place of an address, if it is registered: compared letter for letter.
    pub fn consumer_at(&self, url: &str) -> Option<&Consumer> {
        self.consumers.iter().find(|consumer| consumer.url == url)
    }
}

/// A sign-in of a person at a SAML application, which can be told when it is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SamlSession {
    /// Where.
    pub application: ApplicationId,
    /// The session acting for an organization; `SessionIndex`.
    pub activation: ActivationId,
    /// What the person is called there.
    pub name_id: String,
    /// Of which kind that is.
    pub format: NameIdFormat,
}
