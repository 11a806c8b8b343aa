//! Single logout (SAML 2.0 Core §3.7): the same two messages whoever begins, and whichever of us is the identity provider.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::assertion::optional_moment;
use super::binding::{self, Parameter};
use super::idp::addressed;
use super::incoming::{Incoming, Message};
use super::keys::{OwnKey, PinnedKeys};
use super::write::Escaped;
use super::{Refusal, names, signature};
use crate::domain::connection::{SamlBinding, SamlEndpoint};
use crate::domain::time::Timestamp;

/// How long a request of ours is good.
const LIFETIME: Duration = Duration::from_mins(5);
/// How long a request may matter: it is not taken twice within that time.
pub const REMEMBERED: Duration = Duration::from_mins(15);

/// Who speaks to whom.
#[derive(Debug, Clone, Copy)]
pub struct Parties<'a> {
    /// Our entity id.
    pub us: &'a str,
    /// Where messages come to us.
    pub our_place: &'a str,
    /// The other's entity id.
    pub them: &'a str,
}

/// Somebody wants a person signed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutRequest {
    /// Its `ID`.
    pub id: String,
    /// Whom, by their name between the two.
    pub name_id: String,
    /// Of which kind that is.
    pub format: String,
    /// Which of their sessions; all if none is named.
    pub sessions: Vec<String>,
    /// Handed back untouched.
    pub relay_state: Option<String>,
}

/// How somebody's sign-out went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogoutResponse {
    /// The request that it answers.
    pub in_response_to: String,
    /// Whether the person is signed out everywhere there.
    pub succeeded: bool,
    /// Handed back untouched.
    pub relay_state: Option<String>,
}

/// How a browser takes a message along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sending {
    /// It is redirected to this address.
    Redirect(String),
    /// It posts these fields to this address.
    Post {
        /// Where.
        url: String,
        /// What, name and value.
        fields: Vec<(&'static str, String)>,
    },
}

impl LogoutRequest {
    /// Takes a request. It must be signed (Profiles §4.4.4.1): anybody else's would sign people out (SECURITY.md SA37).
    pub fn receive(
        incoming: Incoming<'_>,
        parties: Parties<'_>,
        keys: &PinnedKeys,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let message = Message::receive(incoming, Parameter::Request, names::LOGOUT_REQUEST, Some(keys))?;
        if !message.is_signed {
            return Err(Refusal::MessageUnsigned);
        }
        let tree = message.tree()?;
        let request = tree.root();
        addressed(request, parties.our_place, parties.them, true, now)?;
        if optional_moment(request, "NotOnOrAfter")?.is_some_and(|until| until <= now) {
            return Err(Refusal::MessageExpired);
        }
        let name = request.the_child(names::NAME_ID)?;
        let sessions = request.children_named(names::SESSION_INDEX)?.into_iter();
        let sessions = sessions.map(|session| session.trimmed().map(str::to_owned));
        Ok(Self {
            id: request.required("ID")?.to_owned(),
            name_id: name.trimmed()?.to_owned(),
            format: name.attribute("Format").unwrap_or(names::UNSPECIFIED).to_owned(),
            sessions: sessions.collect::<Result<_, _>>()?,
            relay_state: message.relay_state,
        })
    }

    /// The request for somebody's place.
    pub fn to_xml(&self, parties: Parties<'_>, place: &str, now: Timestamp) -> String {
        let sessions = self
            .sessions
            .iter()
            .map(|session| format!("<samlp:SessionIndex>{}</samlp:SessionIndex>", Escaped(session)));
        format!(
            concat!(
                r#"<samlp:LogoutRequest xmlns:samlp="{protocol}" xmlns:saml="{assertion}" ID="{id}" Version="2.0""#,
                r#" IssueInstant="{now}" Destination="{place}" NotOnOrAfter="{until}">"#,
                r#"<saml:Issuer>{us}</saml:Issuer><saml:NameID Format="{format}">{name_id}</saml:NameID>"#,
                r#"{sessions}</samlp:LogoutRequest>"#,
            ),
            protocol = names::PROTOCOL_NS,
            assertion = names::ASSERTION_NS,
            id = Escaped(&self.id),
            now = now,
            place = Escaped(place),
            until = now.plus(LIFETIME),
            us = Escaped(parties.us),
            format = Escaped(&self.format),
            name_id = Escaped(&self.name_id),
            sessions = sessions.collect::<Vec<_>>().concat(),
        )
    }
}

impl LogoutResponse {
    /// Takes an answer, which must be signed like a request.
    pub fn receive(
        incoming: Incoming<'_>,
        parties: Parties<'_>,
        keys: &PinnedKeys,
        now: Timestamp,
    ) -> Result<Self, Refusal> {
        let message = Message::receive(incoming, Parameter::Response, names::LOGOUT_RESPONSE, Some(keys))?;
        if !message.is_signed {
            return Err(Refusal::MessageUnsigned);
        }
        let tree = message.tree()?;
        let response = tree.root();
        addressed(response, parties.our_place, parties.them, true, now)?;
        let status = response.the_child(names::STATUS)?;
        let code = status.the_child(names::STATUS_CODE)?.required("Value")?;
        Ok(Self {
            in_response_to: response.required("InResponseTo")?.to_owned(),
            succeeded: code == names::SUCCESS,
            relay_state: message.relay_state,
        })
    }

    /// The answer of the given `ID` for somebody's place. Where not everybody was reached, it says so (§3.7.3.2).
    pub fn to_xml(&self, id: &str, parties: Parties<'_>, place: &str, now: Timestamp) -> String {
        let partial = if self.succeeded {
            String::new()
        } else {
            let code = format!("{}PartialLogout", names::STATUS_PREFIX);
            format!(r#"<samlp:StatusCode Value="{code}"></samlp:StatusCode>"#)
        };
        format!(
            concat!(
                r#"<samlp:LogoutResponse xmlns:samlp="{protocol}" xmlns:saml="{assertion}" ID="{id}" Version="2.0""#,
                r#" IssueInstant="{now}" Destination="{place}" InResponseTo="{request}"><saml:Issuer>{us}</saml:Issuer>"#,
                r#"<samlp:Status><samlp:StatusCode Value="{success}">{partial}</samlp:StatusCode></samlp:Status>"#,
                r#"</samlp:LogoutResponse>"#,
            ),
            protocol = names::PROTOCOL_NS,
            assertion = names::ASSERTION_NS,
            id = Escaped(id),
            now = now,
            place = Escaped(place),
            request = Escaped(&self.in_response_to),
            us = Escaped(parties.us),
            success = names::SUCCESS,
            partial = partial,
        )
    }
}

/// Signs a message for somebody's endpoint, by its binding.
///
/// # Errors
///
/// Never for a message of ours.
pub fn send(
    message: &str,
    parameter: Parameter,
    relay_state: Option<&str>,
    to: &SamlEndpoint,
    key: &OwnKey,
) -> Result<Sending, Refusal> {
    Ok(match to.binding {
        SamlBinding::Redirect => {
            let query = binding::write_redirect(parameter, message, relay_state, Some(key));
            let joint = if to.url.contains('?') { '&' } else { '?' };
            Sending::Redirect(format!("{}{joint}{query}", to.url))
        }
        SamlBinding::Post => {
            let signed = signature::sign(message, key)?;
            let mut fields = vec![(parameter.name(), binding::write_post(&signed))];
            fields.extend(relay_state.map(|text| ("RelayState", text.to_owned())));
            Sending::Post {
                url: to.url.clone(),
                fields,
            }
        }
    })
}
