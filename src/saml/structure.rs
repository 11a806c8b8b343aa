//! The structure of a message: what may stand where, each thing once. Nothing that wraps a signature around another
//! document gets past here.

use std::collections::HashSet;

use super::Refusal;
use super::names::{self, Name};
use super::tree::Element;

/// What of SAML's protocol may stand inside a message. Everything else there is a message itself.
const PARTS_OF_MESSAGES: [&str; 13] = [
    "Status",
    "StatusCode",
    "StatusMessage",
    "StatusDetail",
    "Extensions",
    "NameIDPolicy",
    "RequestedAuthnContext",
    "Scoping",
    "IDPList",
    "IDPEntry",
    "GetComplete",
    "RequesterID",
    "SessionIndex",
];

/// A response whose parts each stand in their place.
pub struct Response<'t> {
    /// `samlp:Response`
    pub root: Element<'t>,
    /// Who issued it.
    pub issuer: Element<'t>,
    /// How it went.
    pub status: Element<'t>,
    /// Whether the response itself has a signature; nothing was verified yet.
    pub has_signature: bool,
    /// What it is about.
    pub content: Content<'t>,
}

/// What a response is about.
#[derive(Clone, Copy)]
pub enum Content<'t> {
    /// Nothing: it did not go well.
    Nothing,
    /// An assertion anybody can read.
    Plain(Element<'t>),
    /// An assertion for us alone.
    Encrypted(Element<'t>),
}

/// Reads the structure of a response.
pub fn response(root: Element<'_>) -> Result<Response<'_>, Refusal> {
    message(root, names::RESPONSE)?;
    let mut children = root.children()?.into_iter().peekable();
    let mut next = |name: Name| children.next_if(|child| child.is(name));
    let issuer = next(names::ISSUER).ok_or(Refusal::ElementMissing)?;
    let has_signature = next(names::SIGNATURE).is_some();
    let _ = next(names::EXTENSIONS);
    let status = next(names::STATUS).ok_or(Refusal::ElementMissing)?;
    let content = match children.next() {
        None => Content::Nothing,
        Some(child) if child.is(names::ASSERTION) => {
            assertion(child)?;
            Content::Plain(child)
        }
        Some(child) if child.is(names::ENCRYPTED_ASSERTION) => Content::Encrypted(child),
        Some(_) => return Err(Refusal::UnexpectedElement),
    };
    if children.next().is_some() {
        return Err(Refusal::UnexpectedElement);
    }
    Ok(Response {
        root,
        issuer,
        status,
        has_signature,
        content,
    })
}

/// What holds for every message, and for an assertion by itself: its name and version, its IDs, and that what can be signed
/// or be believed stands where it is looked for.
pub fn message(root: Element<'_>, name: Name) -> Result<(), Refusal> {
    if !root.is(name) {
        return Err(Refusal::UnexpectedRoot);
    }
    if root.required("Version")? != "2.0" {
        return Err(Refusal::UnsupportedVersion);
    }
    root.required("ID")?;
    ids_are_unique(root)?;
    no_message_in_a_message(root)?;
    one_assertion(root)?;
    signatures_in_their_place(root, names::ISSUER)
}

/// The same for metadata, whose signature comes before everything else.
pub fn metadata(root: Element<'_>) -> Result<(), Refusal> {
    if root.is(names::ENTITIES_DESCRIPTOR) {
        return Err(Refusal::SeveralProviders);
    }
    if !root.is(names::ENTITY_DESCRIPTOR) {
        return Err(Refusal::UnexpectedRoot);
    }
    ids_are_unique(root)?;
    for element in root.and_below().filter(|element| element.is(names::SIGNATURE)) {
        let first = root.children()?.into_iter().next();
        if !first.is_some_and(|first| first.is_same(element)) {
            return Err(Refusal::SignatureElsewhere);
        }
    }
    Ok(())
}

/// Whether an element has a signature of its own; [`message`] said that it is in its place.
pub fn has_signature(element: Element<'_>) -> Result<bool, Refusal> {
    Ok(element.child(names::SIGNATURE)?.is_some())
}

/// An assertion's own frame.
fn assertion(assertion: Element<'_>) -> Result<(), Refusal> {
    if assertion.required("Version")? != "2.0" {
        return Err(Refusal::UnsupportedVersion);
    }
    assertion.required("ID")?;
    let first = assertion.children()?.into_iter().next();
    match first {
        Some(first) if first.is(names::ISSUER) => Ok(()),
        _ => Err(Refusal::ElementMissing),
    }
}

/// No two elements, the root among them, answer to one ID, and none answers to one by another spelling. XML encryption
/// and signatures write `Id`; nothing refers to theirs.
fn ids_are_unique(root: Element<'_>) -> Result<(), Refusal> {
    let mut seen = HashSet::new();
    for element in root.and_below() {
        for (prefixed, local, value) in element.attributes() {
            if !local.eq_ignore_ascii_case("ID") {
                continue;
            }
            let writes_lower = [names::ENCRYPTION_NS, names::SIGNATURE_NS].map(Some);
            let spelled = local == "ID" || (local == "Id" && writes_lower.contains(&element.namespace()));
            if prefixed || !spelled {
                return Err(Refusal::DisguisedId);
            }
            if !is_id(value) {
                return Err(Refusal::BadId);
            }
            if !seen.insert(value) {
                return Err(Refusal::DuplicateId);
            }
        }
    }
    Ok(())
}

/// A name without a colon (xs:ID), in ASCII.
fn is_id(text: &str) -> bool {
    let first = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    text.len() <= 256
        && text.bytes().next().is_some_and(first)
        && text
            .bytes()
            .all(|byte| first(byte) || byte.is_ascii_digit() || matches!(byte, b'-' | b'.'))
}

fn no_message_in_a_message(root: Element<'_>) -> Result<(), Refusal> {
    let mut inside = root.and_below().skip(1);
    let message = inside.any(|element| {
        element.namespace() == Some(names::PROTOCOL_NS) && !PARTS_OF_MESSAGES.contains(&element.local())
    });
    if message {
        return Err(Refusal::NestedMessage);
    }
    Ok(())
}

fn one_assertion(root: Element<'_>) -> Result<(), Refusal> {
    let is_assertion =
        |element: &Element<'_>| element.is(names::ASSERTION) || element.is(names::ENCRYPTED_ASSERTION);
    let mut found = 0;
    for element in root.and_below().skip(1).filter(is_assertion) {
        if !element.parent().is_some_and(|parent| parent.is_same(root)) || root.is(names::ASSERTION) {
            return Err(Refusal::AssertionElsewhere);
        }
        found += 1;
    }
    if found > 1 {
        return Err(Refusal::SeveralAssertions);
    }
    Ok(())
}

/// Each signature is the second child, right after the issuer, of the message or of the assertion in it.
fn signatures_in_their_place(root: Element<'_>, after: Name) -> Result<(), Refusal> {
    for signature in root.and_below().filter(|element| element.is(names::SIGNATURE)) {
        let parent = signature.parent().ok_or(Refusal::UnexpectedRoot)?;
        let is_ours = parent.is_same(root)
            || (parent.is(names::ASSERTION) && parent.parent().is_some_and(|above| above.is_same(root)));
        if !is_ours {
            return Err(Refusal::SignatureElsewhere);
        }
        let children = parent.children()?;
        if children.iter().filter(|child| child.is(names::SIGNATURE)).count() > 1 {
            return Err(Refusal::SeveralSignatures);
        }
        match children.as_slice() {
            [issuer, second, ..] if issuer.is(after) && second.is_same(signature) => {}
            _ => return Err(Refusal::SignatureElsewhere),
        }
    }
    Ok(())
}
