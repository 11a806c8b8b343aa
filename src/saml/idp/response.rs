//! What an application is answered (SAML 2.0 Core §3.3.3, Profiles §4.1.4.2): an assertion about one person for this one
//! application, or a status that says why not.

use std::time::Duration;

use super::{EncryptionKey, IdentityProvider, format_uri};
use crate::domain::service_provider::{NameIdFormat, ServiceProvider};
use crate::domain::time::Timestamp;
use crate::saml::keys::OwnKey;
use crate::saml::write::Escaped;
use crate::saml::{Refusal, names, signature};

/// How long an assertion may be on its way.
const LIFETIME: Duration = Duration::from_mins(5);
/// How far an application's clock may be behind.
const SKEW: Duration = Duration::from_mins(1);

/// What is said of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assertion {
    /// The response's `ID`.
    pub response_id: String,
    /// The assertion's own `ID`.
    pub id: String,
    /// The request's `ID`, if there was one.
    pub in_response_to: Option<String>,
    /// Where it goes.
    pub consumer: String,
    /// Whom it is about.
    pub name_id: String,
    /// By which kind of name.
    pub format: NameIdFormat,
    /// When they last proved themselves.
    pub authenticated_at: Timestamp,
    /// In which class.
    pub class: String,
    /// What their session is called at sign-out.
    pub session: String,
    /// Until when we stand by it.
    pub session_ends_at: Timestamp,
    /// What else is said.
    pub attributes: Vec<Attribute>,
}

/// A named list of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// `Name`.
    pub name: String,
    /// `FriendlyName`.
    pub friendly_name: Option<String>,
    /// Its values.
    pub values: Vec<String>,
}

/// Why there is no assertion (SAML 2.0 Core §3.2.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The person would have had to see a page.
    NoPassive,
    /// The person can't use this application, or did not agree.
    RequestDenied,
    /// We have no name of the kind that was asked for.
    InvalidNameIdPolicy,
    /// We have no class of authentication that was asked for.
    NoAuthnContext,
    /// Somebody else than the one who was asked for is signed in.
    UnknownPrincipal,
    /// Something else went wrong.
    AuthnFailed,
}

impl Status {
    /// The second word; the first says whose fault it is.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoPassive => ("Responder", "NoPassive"),
            Self::RequestDenied => ("Responder", "RequestDenied"),
            Self::InvalidNameIdPolicy => ("Requester", "InvalidNameIDPolicy"),
            Self::NoAuthnContext => ("Responder", "NoAuthnContext"),
            Self::UnknownPrincipal => ("Responder", "UnknownPrincipal"),
            Self::AuthnFailed => ("Responder", "AuthnFailed"),
        }
    }
}

/// The response with an assertion, signed and encrypted as the application registered.
///
/// # Errors
///
/// Its certificate to encrypt to is none: never for one that was registered.
pub fn response(
    us: &IdentityProvider,
    sp: &ServiceProvider,
    said: &Assertion,
    key: &OwnKey,
    now: Timestamp,
) -> Result<String, Refusal> {
    let mut assertion = assertion_xml(us, sp, said, now);
    if sp.signs_assertions {
        assertion = signature::sign(&assertion, key)?;
    }
    if let Some(certificate) = &sp.encryption_certificate {
        assertion = EncryptionKey::of(certificate)?.encrypted_assertion(&assertion);
    }
    let status = format!(
        r#"<samlp:Status><samlp:StatusCode Value="{}"></samlp:StatusCode></samlp:Status>"#,
        names::SUCCESS
    );
    let frame = Frame {
        id: &said.response_id,
        in_response_to: said.in_response_to.as_deref(),
        consumer: &said.consumer,
        content: status + &assertion,
    };
    let response = frame.to_xml(us, now);
    if sp.signs_responses {
        return signature::sign(&response, key);
    }
    Ok(response)
}

/// The signed response of the given `ID` that says why there is no assertion.
///
/// # Errors
///
/// Never for a response of ours.
pub fn error_response(
    us: &IdentityProvider,
    id: &str,
    in_response_to: Option<&str>,
    consumer: &str,
    status: Status,
    key: &OwnKey,
    now: Timestamp,
) -> Result<String, Refusal> {
    let (first, second) = status.words();
    let prefix = names::STATUS_PREFIX;
    let content = format!(
        concat!(
            r#"<samlp:Status><samlp:StatusCode Value="{prefix}{first}">"#,
            r#"<samlp:StatusCode Value="{prefix}{second}"></samlp:StatusCode></samlp:StatusCode></samlp:Status>"#,
        ),
        prefix = prefix,
        first = first,
        second = second,
    );
    let frame = Frame {
        id,
        in_response_to,
        consumer,
        content,
    };
    signature::sign(&frame.to_xml(us, now), key)
}

/// A response around what it says.
struct Frame<'a> {
    id: &'a str,
    in_response_to: Option<&'a str>,
    consumer: &'a str,
    content: String,
}

impl Frame<'_> {
    fn to_xml(&self, us: &IdentityProvider, now: Timestamp) -> String {
        format!(
            concat!(
                r#"<samlp:Response xmlns:samlp="{protocol}" xmlns:saml="{assertion}" ID="{id}" Version="2.0""#,
                r#" IssueInstant="{now}" Destination="{consumer}"{in_response_to}>"#,
                r#"<saml:Issuer>{issuer}</saml:Issuer>{content}</samlp:Response>"#,
            ),
            protocol = names::PROTOCOL_NS,
            assertion = names::ASSERTION_NS,
            id = self.id,
            now = now,
            consumer = Escaped(self.consumer),
            in_response_to = answers(self.in_response_to),
            issuer = Escaped(&us.entity_id),
            content = self.content,
        )
    }
}

fn assertion_xml(us: &IdentityProvider, sp: &ServiceProvider, said: &Assertion, now: Timestamp) -> String {
    let until = now.plus(LIFETIME);
    format!(
        concat!(
            r#"<saml:Assertion xmlns:saml="{ns}" ID="{id}" Version="2.0" IssueInstant="{now}">"#,
            r#"<saml:Issuer>{issuer}</saml:Issuer>"#,
            r#"<saml:Subject><saml:NameID Format="{format}">{name_id}</saml:NameID>"#,
            r#"<saml:SubjectConfirmation Method="{bearer}"><saml:SubjectConfirmationData NotOnOrAfter="{until}""#,
            r#" Recipient="{consumer}"{in_response_to}></saml:SubjectConfirmationData></saml:SubjectConfirmation>"#,
            r#"</saml:Subject><saml:Conditions NotBefore="{from}" NotOnOrAfter="{until}"><saml:AudienceRestriction>"#,
            r#"<saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>"#,
            r#"<saml:AuthnStatement AuthnInstant="{authenticated_at}" SessionIndex="{session}""#,
            r#" SessionNotOnOrAfter="{session_ends_at}"><saml:AuthnContext>"#,
            r#"<saml:AuthnContextClassRef>{class}</saml:AuthnContextClassRef></saml:AuthnContext>"#,
            r#"</saml:AuthnStatement>{attributes}</saml:Assertion>"#,
        ),
        ns = names::ASSERTION_NS,
        id = said.id,
        now = now,
        issuer = Escaped(&us.entity_id),
        format = format_uri(said.format),
        name_id = Escaped(&said.name_id),
        bearer = names::BEARER,
        until = until,
        consumer = Escaped(&said.consumer),
        in_response_to = answers(said.in_response_to.as_deref()),
        from = now.minus(SKEW),
        audience = Escaped(&sp.entity_id),
        authenticated_at = said.authenticated_at,
        session = Escaped(&said.session),
        session_ends_at = said.session_ends_at,
        class = Escaped(&said.class),
        attributes = statement(&said.attributes),
    )
}

fn answers(in_response_to: Option<&str>) -> String {
    in_response_to.map_or_else(String::new, |id| format!(r#" InResponseTo="{}""#, Escaped(id)))
}

/// A statement has one attribute at least (§2.7.3); one without values is left out.
fn statement(attributes: &[Attribute]) -> String {
    let said: Vec<_> = attributes
        .iter()
        .filter(|attribute| !attribute.values.is_empty())
        .map(attribute_xml)
        .collect();
    if said.is_empty() {
        return String::new();
    }
    format!(
        "<saml:AttributeStatement>{}</saml:AttributeStatement>",
        said.concat()
    )
}

fn attribute_xml(attribute: &Attribute) -> String {
    let format = if attribute.name.contains(':') {
        names::ATTRIBUTE_URI
    } else {
        names::ATTRIBUTE_BASIC
    };
    let friendly = attribute.friendly_name.as_deref();
    let friendly = friendly.map_or_else(String::new, |name| {
        format!(r#" FriendlyName="{}""#, Escaped(name))
    });
    let values = attribute
        .values
        .iter()
        .map(|value| format!("<saml:AttributeValue>{}</saml:AttributeValue>", Escaped(value)));
    format!(
        r#"<saml:Attribute Name="{}" NameFormat="{format}"{friendly}>{}</saml:Attribute>"#,
        Escaped(&attribute.name),
        values.collect::<Vec<_>>().concat(),
    )
}
