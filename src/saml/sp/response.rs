//! Whether a provider's answer is for us, from it, now, and in answer to what this browser asked (SECURITY.md S5). What must
//! be there and is not is refused like what is wrong.

use std::time::Duration;

use super::arrival;
use super::open::{Opened, open};
use crate::domain::arrival::Arrival;
use crate::domain::connection::{Mapping, SamlProvider};
use crate::domain::evidence::Evidence;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Stage;
use crate::saml::Refusal;
use crate::saml::assertion::{Assertion, Conditions, Confirmation, Envelope};
use crate::saml::keys::{OwnKey, PinnedKeys};

/// How far clocks may differ.
const SKEW: Duration = Duration::from_mins(2);

/// An assertion that was issued longer ago is refused whatever it says of itself: so long we have to remember it.
const OLDEST: Duration = Duration::from_hours(1);

/// What an answer is held against.
pub struct Expected<'a> {
    /// Who we are to the provider.
    pub us: &'a super::ServiceProvider,
    /// The provider, as it was configured.
    pub provider: &'a SamlProvider,
    /// Which attributes say what.
    pub mapping: &'a Mapping,
    /// What it answers.
    pub awaited: Awaited<'a>,
    /// What time it is.
    pub now: Timestamp,
}

/// What an answer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Awaited<'a> {
    /// The one request of this browser.
    Request(&'a str),
    /// None: the provider began.
    Nothing,
}

/// An answer that holds, once.
#[derive(Debug)]
pub struct Received {
    /// The assertion's name, which is to be remembered …
    pub assertion_id: String,
    /// … until it would be refused anyway.
    pub until: Timestamp,
    /// Who came.
    pub arrival: Arrival,
    /// What shows it.
    pub evidence: Evidence,
}

/// Why an answer was refused, how far it came, and whom it named as far as that was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Why.
    pub why: Refusal,
    /// How far.
    pub stage: Stage,
    /// Whom it named.
    pub subject: Option<String>,
    /// What it showed of itself.
    pub evidence: Option<Box<Evidence>>,
}

/// Reads an answer.
pub fn read_response(message: &[u8], expected: &Expected<'_>, own: &OwnKey) -> Result<Received, Refused> {
    let at = |stage: Stage| {
        move |why: Refusal| Refused {
            why,
            stage,
            subject: None,
            evidence: None,
        }
    };
    if expected.awaited == Awaited::Nothing && !expected.provider.idp_initiated {
        return Err(at(Stage::Response)(Refusal::Unsolicited));
    }
    let keys = PinnedKeys::of(&expected.provider.certificates).map_err(at(Stage::Provider))?;
    let opened = open(message, &keys, own, expected.now).map_err(|why| at(why.stage())(why))?;
    let named = |stage| {
        let subject = Some(opened.assertion.subject.value.clone());
        let evidence = Some(Box::new(opened.evidence.clone()));
        move |why: Refusal| Refused {
            why,
            stage,
            subject,
            evidence,
        }
    };
    let until = holds(&opened, expected).map_err(named(Stage::Conditions))?;
    let read = arrival::read(&opened.assertion, expected.mapping);
    let (arrival, sources) = read.map_err(named(Stage::Attributes))?;
    Ok(Received {
        assertion_id: opened.assertion.id,
        until,
        arrival,
        evidence: Evidence {
            sources,
            ..opened.evidence
        },
    })
}

/// Every condition; answers until when the assertion must be remembered.
fn holds(opened: &Opened, expected: &Expected<'_>) -> Result<Timestamp, Refusal> {
    let Opened {
        envelope, assertion, ..
    } = opened;
    let now = expected.now;
    envelope_holds(envelope, expected)?;
    if assertion.issuer != expected.provider.entity_id {
        return Err(Refusal::AssertionIssuer);
    }
    if assertion.issued > now.plus(SKEW) || assertion.authentication.at > now.plus(SKEW) {
        return Err(Refusal::IssuedAhead);
    }
    if assertion.issued.plus(OLDEST) < now {
        return Err(Refusal::IssuedLongAgo);
    }
    conditions_hold(&assertion.conditions, expected)?;
    confirmed(assertion, expected)?;
    if assertion
        .authentication
        .until
        .is_some_and(|until| until.plus(SKEW) <= now)
    {
        return Err(Refusal::SessionOver);
    }
    Ok(assertion.issued.plus(OLDEST + SKEW))
}

fn envelope_holds(envelope: &Envelope, expected: &Expected<'_>) -> Result<(), Refusal> {
    if envelope.issuer != expected.provider.entity_id {
        return Err(Refusal::ResponseIssuer);
    }
    if envelope.destination.as_deref() != Some(&expected.us.acs) {
        return Err(Refusal::Destination);
    }
    if envelope.issued > expected.now.plus(SKEW) {
        return Err(Refusal::IssuedAhead);
    }
    answers(envelope.in_response_to.as_deref(), expected.awaited)
}

/// An answer says which request it answers; what answers none says nothing.
fn answers(in_response_to: Option<&str>, awaited: Awaited<'_>) -> Result<(), Refusal> {
    match (awaited, in_response_to) {
        (Awaited::Request(request), Some(answered)) if request == answered => Ok(()),
        (Awaited::Request(_), _) => Err(Refusal::InResponseTo),
        (Awaited::Nothing, None) => Ok(()),
        (Awaited::Nothing, Some(_)) => Err(Refusal::UnexpectedInResponseTo),
    }
}

fn conditions_hold(conditions: &Conditions, expected: &Expected<'_>) -> Result<(), Refusal> {
    let (Some(from), Some(until)) = (conditions.not_before, conditions.not_on_or_after) else {
        return Err(Refusal::NoWindow);
    };
    if from > expected.now.plus(SKEW) {
        return Err(Refusal::NotYetValid);
    }
    if until.plus(SKEW) <= expected.now {
        return Err(Refusal::Expired);
    }
    if conditions.audiences.is_empty() {
        return Err(Refusal::NoAudience);
    }
    let names_us = |audiences: &Vec<String>| audiences.contains(&expected.us.entity_id);
    if conditions.audiences.iter().all(names_us) {
        Ok(())
    } else {
        Err(Refusal::Audience)
    }
}

/// One bearer confirmation must hold whole. If none does, the first one says why.
fn confirmed(assertion: &Assertion, expected: &Expected<'_>) -> Result<(), Refusal> {
    let mut first = None;
    for confirmation in &assertion.confirmations {
        match confirmation_holds(confirmation, expected) {
            Ok(()) => return Ok(()),
            Err(why) => first = first.or(Some(why)),
        }
    }
    Err(first.unwrap_or(Refusal::NoBearer))
}

fn confirmation_holds(confirmation: &Confirmation, expected: &Expected<'_>) -> Result<(), Refusal> {
    if confirmation.recipient.as_deref() != Some(&expected.us.acs) {
        return Err(Refusal::Recipient);
    }
    if confirmation.not_before.is_some() {
        return Err(Refusal::BearerNotBefore);
    }
    let until = confirmation.not_on_or_after.ok_or(Refusal::NoExpiry)?;
    if until.plus(SKEW) <= expected.now {
        return Err(Refusal::BearerExpired);
    }
    answers(confirmation.in_response_to.as_deref(), expected.awaited)
}
