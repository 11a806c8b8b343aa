//! A message that somebody's browser brings: from the binding to a tree that is read, and whether a pinned key signed it.
//! Whoever reads a signed one reads what was signed and nothing else.

use super::Refusal;
use super::binding::{self, Carried, Parameter};
use super::gate::Gated;
use super::keys::PinnedKeys;
use super::names::Name;
use super::signature::{self, Verified};
use super::structure;
use super::tree::Tree;

/// How it came.
#[derive(Debug, Clone, Copy)]
pub enum Incoming<'a> {
    /// In an address; the query as it was sent.
    Query(&'a str),
    /// In a form.
    Form {
        /// The message, in base64.
        message: &'a str,
        /// `RelayState`.
        relay_state: Option<&'a str>,
    },
}

/// A message of the expected name.
pub struct Message {
    text: Text,
    /// Whether a pinned key signed it.
    pub is_signed: bool,
    /// `RelayState`.
    pub relay_state: Option<String>,
}

enum Text {
    Verified(Verified),
    Plain(Vec<u8>),
}

impl Message {
    /// Takes it. A signature that is there must hold: who has no keys to verify it with has no use for the message.
    pub fn receive(
        incoming: Incoming<'_>,
        parameter: Parameter,
        name: Name,
        keys: Option<&PinnedKeys>,
    ) -> Result<Self, Refusal> {
        let (carried, mut is_signed) = match incoming {
            Incoming::Query(query) if binding::is_signed(query)? => {
                let keys = keys.ok_or(Refusal::NoCertificate)?;
                (binding::read_redirect(query, parameter, keys)?, true)
            }
            Incoming::Query(query) => (binding::read_unsigned_redirect(query, parameter)?, false),
            Incoming::Form { message, relay_state } => (of_form(message, relay_state)?, false),
        };
        let verified = {
            let tree = Tree::read(Gated::pass(&carried.message)?)?;
            structure::message(tree.root(), name)?;
            match (structure::has_signature(tree.root())?, incoming) {
                (false, _) => None,
                // In a query the signature is a parameter (Bindings §3.4.4.1).
                (true, Incoming::Query(_)) => return Err(Refusal::SignatureElsewhere),
                (true, Incoming::Form { .. }) => {
                    let keys = keys.ok_or(Refusal::NoCertificate)?;
                    is_signed = true;
                    Some(signature::verify(tree.root(), keys)?)
                }
            }
        };
        Ok(Self {
            text: verified.map_or(Text::Plain(carried.message), Text::Verified),
            is_signed,
            relay_state: carried.relay_state,
        })
    }

    /// What it says.
    pub fn tree(&self) -> Result<Tree<'_>, Refusal> {
        match &self.text {
            Text::Verified(verified) => verified.tree(),
            Text::Plain(text) => Tree::read(Gated::pass(text)?),
        }
    }
}

fn of_form(message: &str, relay_state: Option<&str>) -> Result<Carried, Refusal> {
    if relay_state.is_some_and(|text| text.len() > binding::LONGEST_RELAY_STATE) {
        return Err(Refusal::RelayStateTooLong);
    }
    Ok(Carried {
        message: binding::read_post(message)?,
        relay_state: relay_state.map(str::to_owned),
    })
}
