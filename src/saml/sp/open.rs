//! From the bytes of a response to what its provider signed of it, in the one order that is safe.

use crate::domain::evidence::{Evidence, Signature, Signed, Sources};
use crate::domain::time::Timestamp;
use crate::saml::assertion::{Assertion, Envelope};
use crate::saml::gate::Gated;
use crate::saml::keys::{OwnKey, PinnedKeys};
use crate::saml::signature::{self, Verified};
use crate::saml::structure::{self, Content};
use crate::saml::tree::{Element, Tree};
use crate::saml::{Refusal, encryption};

/// A response of which the assertion was verified. Whether it is for us, now, in answer to something, is not known yet.
#[derive(Debug)]
pub struct Opened {
    /// What the response says besides; proven only if it was signed itself.
    pub envelope: Envelope,
    /// What its provider signed about somebody.
    pub assertion: Assertion,
    /// By which keys, and whether it was encrypted.
    pub evidence: Evidence,
}

/// What a provider signed about somebody, and who signed it.
struct Vouched {
    assertion: Assertion,
    signature: Signature,
}

/// Verifies a response with the provider's pinned keys.
pub fn open(message: &[u8], keys: &PinnedKeys, own: &OwnKey, now: Timestamp) -> Result<Opened, Refusal> {
    let gated = Gated::pass(message)?;
    let tree = Tree::read(gated)?;
    let response = structure::response(tree.root())?;
    if response.has_signature {
        let verified = signature::verify(response.root, keys)?;
        return signed(verified, keys, own, now);
    }
    let envelope = Envelope::read(&response)?;
    envelope.status.succeeded()?;
    let (vouched, encrypted) = match response.content {
        Content::Nothing => return Err(Refusal::NoAssertion),
        Content::Plain(assertion) => (signed_assertion(assertion, keys)?, false),
        Content::Encrypted(encrypted) => {
            let text = encryption::open_in_place(gated.as_str(), encrypted, own)?;
            let tree = Tree::read(Gated::pass(text.as_bytes())?)?;
            let Content::Plain(assertion) = structure::response(tree.root())?.content else {
                return Err(Refusal::UnexpectedEncryption);
            };
            (signed_assertion(assertion, keys)?, true)
        }
    };
    Ok(opened(
        envelope,
        vouched.assertion,
        vec![vouched.signature],
        encrypted,
        now,
    ))
}

/// A response that was signed itself: only what was verified is looked at from here on. An assertion's own signature must
/// hold too.
fn signed(verified: Verified, keys: &PinnedKeys, own: &OwnKey, now: Timestamp) -> Result<Opened, Refusal> {
    let envelope = {
        let tree = verified.tree()?;
        Envelope::read(&structure::response(tree.root())?)?
    };
    envelope.status.succeeded()?;
    let is_encrypted = {
        let tree = verified.tree()?;
        matches!(structure::response(tree.root())?.content, Content::Encrypted(_))
    };
    let verified = if is_encrypted {
        verified.opened(own)?
    } else {
        verified
    };
    let tree = verified.tree()?;
    let mut signatures = vec![made_by(&verified, Signed::Response)];
    let assertion = match structure::response(tree.root())?.content {
        Content::Nothing => return Err(Refusal::NoAssertion),
        Content::Encrypted(_) => return Err(Refusal::UnexpectedEncryption),
        Content::Plain(assertion) if structure::has_signature(assertion)? => {
            let vouched = signed_assertion(assertion, keys)?;
            signatures.push(vouched.signature);
            vouched.assertion
        }
        Content::Plain(_) => Assertion::read(&verified)?,
    };
    Ok(opened(envelope, assertion, signatures, is_encrypted, now))
}

fn signed_assertion(assertion: Element<'_>, keys: &PinnedKeys) -> Result<Vouched, Refusal> {
    if !structure::has_signature(assertion)? {
        return Err(Refusal::Unsigned);
    }
    let verified = signature::verify(assertion, keys)?;
    Ok(Vouched {
        assertion: Assertion::read(&verified)?,
        signature: made_by(&verified, Signed::Assertion),
    })
}

fn made_by(verified: &Verified, of: Signed) -> Signature {
    let signer = verified.signer();
    Signature {
        of,
        key: Some(signer.fingerprint.clone()),
        algorithm: signer.algorithm.name(),
    }
}

fn opened(
    envelope: Envelope,
    assertion: Assertion,
    signatures: Vec<Signature>,
    encrypted: bool,
    now: Timestamp,
) -> Opened {
    let evidence = Evidence {
        signatures,
        encrypted,
        issued: assertion.issued,
        received: now,
        sources: Sources::default(),
    };
    Opened {
        envelope,
        assertion,
        evidence,
    }
}
