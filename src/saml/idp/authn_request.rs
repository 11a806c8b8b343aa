//! What an application asks (SAML 2.0 Core §3.4.1, Profiles §4.1.4.1), held against what it registered. Where its answer
//! goes is what was registered, never what the request alone says.

use std::time::Duration;

use super::{IdentityProvider, Status, format_uri};
use crate::domain::service_provider::{NameIdFormat, ServiceProvider};
use crate::domain::session::Assurance;
use crate::domain::time::Timestamp;
use crate::saml::assertion::moment;
use crate::saml::binding::Parameter;
use crate::saml::incoming::{Incoming, Message};
use crate::saml::keys::PinnedKeys;
use crate::saml::tree::Element;
use crate::saml::{Refusal, names};

/// How far another clock may be off.
const SKEW: Duration = Duration::from_mins(2);
/// How long a request may be on its way.
const OLDEST: Duration = Duration::from_mins(10);

/// A request that is in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its `ID`.
    pub id: String,
    /// The registered place that the answer goes to.
    pub consumer: String,
    /// Handed back untouched.
    pub relay_state: Option<String>,
    /// `ForceAuthn`: the person signs in, though there is a session.
    pub force: bool,
    /// `IsPassive`: the person sees no page.
    pub passive: bool,
    /// By which kind of name the person is told.
    pub name_id_format: NameIdFormat,
    /// The one person about whom the answer may be, by their name at the application.
    pub subject: Option<String>,
    /// How sure it must be who they are, if more was asked than that they sign in.
    pub assurance: Option<Assurance>,
    /// The class of authentication that the answer names; none, and it is the true one.
    pub class: Option<String>,
}

/// A request that is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotAsked {
    /// Nothing is sent anywhere.
    Refused(Refusal),
    /// The application hears why.
    Answered {
        /// The registered place that the answer goes to.
        consumer: String,
        /// The request's `ID`.
        id: String,
        /// Handed back untouched.
        relay_state: Option<String>,
        /// Why.
        status: Status,
    },
}

impl From<Refusal> for NotAsked {
    fn from(why: Refusal) -> Self {
        Self::Refused(why)
    }
}

/// Reads a request: who asks and where the answer goes first, and only then what it wants.
pub fn read_authn_request(
    incoming: Incoming<'_>,
    us: &IdentityProvider,
    sp: &ServiceProvider,
    now: Timestamp,
) -> Result<Asked, NotAsked> {
    let keys = match sp.certificates.as_slice() {
        [] => None,
        certificates => Some(PinnedKeys::of(certificates)?),
    };
    let message = Message::receive(incoming, Parameter::Request, names::AUTHN_REQUEST, keys.as_ref())?;
    if sp.requires_signed_requests && !message.is_signed {
        return Err(Refusal::MessageUnsigned.into());
    }
    let tree = message.tree()?;
    let request = tree.root();
    addressed(request, &us.sso, &sp.entity_id, message.is_signed, now)?;
    let consumer = consumer_of(request, sp)?;
    let id = request.required("ID").map_err(NotAsked::from)?;
    let answered = |status| NotAsked::Answered {
        consumer: consumer.to_owned(),
        id: id.to_owned(),
        relay_state: message.relay_state.clone(),
        status,
    };
    let (force, passive) = (yes(request, "ForceAuthn")?, yes(request, "IsPassive")?);
    if force && passive {
        return Err(answered(Status::NoPassive));
    }
    let name_id_format = format_of(request, sp)?.ok_or_else(|| answered(Status::InvalidNameIdPolicy))?;
    let (assurance, class) = class_of(request)?.ok_or_else(|| answered(Status::NoAuthnContext))?;
    Ok(Asked {
        id: id.to_owned(),
        consumer: consumer.to_owned(),
        force,
        passive,
        name_id_format,
        subject: subject_of(request)?,
        assurance,
        class,
        relay_state: message.relay_state,
    })
}

/// From the registered application, to us, and just now. A signed message says to whom it goes, so that nobody can pass it
/// on to another (Bindings §3.4.5.2, §3.5.5.2).
pub(in crate::saml) fn addressed(
    message: Element<'_>,
    us: &str,
    issuer: &str,
    is_signed: bool,
    now: Timestamp,
) -> Result<(), Refusal> {
    if message.the_child(names::ISSUER)?.trimmed()? != issuer {
        return Err(Refusal::MessageIssuer);
    }
    match message.attribute("Destination") {
        Some(destination) if destination == us => {}
        None if !is_signed => {}
        _ => return Err(Refusal::Destination),
    }
    let issued = moment(message.required("IssueInstant")?)?;
    if issued > now.plus(SKEW) {
        return Err(Refusal::IssuedAhead);
    }
    if issued.plus(OLDEST) < now {
        return Err(Refusal::IssuedLongAgo);
    }
    Ok(())
}

/// Where the answer goes: one of the registered places, by address or by index, not by both (§3.4.1).
fn consumer_of<'s>(request: Element<'_>, sp: &'s ServiceProvider) -> Result<&'s str, Refusal> {
    if request
        .attribute("ProtocolBinding")
        .is_some_and(|uri| uri != names::BINDING_POST)
    {
        return Err(Refusal::ProtocolBinding);
    }
    let (url, index) = (
        request.attribute("AssertionConsumerServiceURL"),
        request.attribute("AssertionConsumerServiceIndex"),
    );
    let found = match (url, index) {
        (Some(_), Some(_)) => return Err(Refusal::ConsumerTwice),
        (Some(url), None) => sp.consumer_at(url),
        (None, Some(index)) => {
            let index: Option<u16> = index.parse().ok();
            let mut consumers = sp.consumers.iter();
            consumers.find(|consumer| Some(consumer.index) == index)
        }
        (None, None) => sp.consumers.first(),
    };
    found
        .map(|consumer| consumer.url.as_str())
        .ok_or(Refusal::Consumer)
}

/// Which kind of name; nothing if the application may not be told by the one it wants.
fn format_of(request: Element<'_>, sp: &ServiceProvider) -> Result<Option<NameIdFormat>, Refusal> {
    let policy = request.child(names::NAME_ID_POLICY)?;
    let wanted = policy.and_then(|policy| policy.attribute("Format"));
    let mut formats = sp.name_id_formats.iter().copied();
    Ok(match wanted {
        None | Some(names::UNSPECIFIED) => formats.next(),
        Some(uri) => formats.find(|format| format_uri(*format) == uri),
    })
}

fn subject_of(request: Element<'_>) -> Result<Option<String>, Refusal> {
    let Some(subject) = request.child(names::SUBJECT)? else {
        return Ok(None);
    };
    let name = subject.the_child(names::NAME_ID)?.trimmed()?;
    Ok(Some(name.to_owned()))
}

/// How sure it must be, and as which class that is told (§3.3.2.2.1); nothing if we have no class that would do. Of several
/// any one will do, so the least is asked.
fn class_of(request: Element<'_>) -> Result<Option<(Option<Assurance>, Option<String>)>, Refusal> {
    let Some(requested) = request.child(names::REQUESTED_AUTHN_CONTEXT)? else {
        return Ok(Some((None, None)));
    };
    let at_least = match requested.attribute("Comparison") {
        None | Some("exact") => false,
        Some("minimum") => true,
        Some(_) => return Ok(None),
    };
    let mut known = Vec::new();
    for class in requested.children_named(names::AUTHN_CONTEXT_CLASS)? {
        let class = class.trimmed()?;
        if let Some(assurance) = assurance_of(class) {
            known.push((assurance, class.to_owned()));
        }
    }
    let least = known.into_iter().min_by_key(|(assurance, _)| *assurance);
    Ok(least.map(|(assurance, class)| {
        let two = Some(assurance).filter(|assurance| *assurance == Assurance::Two);
        (two, (!at_least).then_some(class))
    }))
}

fn assurance_of(class: &str) -> Option<Assurance> {
    match class {
        names::TWO_FACTORS_CLASS => Some(Assurance::Two),
        names::PASSWORD_CLASS
        | names::UNSPECIFIED_CLASS
        | "urn:oasis:names:tc:SAML:2.0:ac:classes:Password" => Some(Assurance::One),
        _ => None,
    }
}

/// An `xs:boolean`.
fn yes(request: Element<'_>, name: &str) -> Result<bool, Refusal> {
    match request.attribute(name) {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(_) => Err(Refusal::BadBoolean),
    }
}
