//! XML signatures, in the one profile that SAML needs (SAML 2.0 Core §5.4) and nothing beyond it. [`Verified`] is made here
//! and nowhere else: whoever reads what somebody signed reads that.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Refusal;
use super::encryption;
use super::gate::Gated;
use super::keys::{Algorithm, OwnKey, PinnedKeys};
use super::names::{self, Name};
use super::structure::{self, Content};
use super::tree::{Element, Tree};

/// The longest list of prefixes, in bytes and in number.
const LONGEST_PREFIX_LIST: usize = 256;
const MOST_PREFIXES: usize = 16;

const DIGESTS: [(&str, &digest::Algorithm); 3] = [
    ("http://www.w3.org/2001/04/xmlenc#sha256", &digest::SHA256),
    ("http://www.w3.org/2001/04/xmldsig-more#sha384", &digest::SHA384),
    ("http://www.w3.org/2001/04/xmlenc#sha512", &digest::SHA512),
];

/// The canonical bytes that a pinned key signed, without the signature. Nothing else of the document is in them.
pub struct Verified {
    canonical: String,
    signer: Signer,
}

/// Which pinned key signed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// SHA-256 of its certificate, in hex.
    pub fingerprint: String,
    /// By which algorithm.
    pub algorithm: Algorithm,
}

impl Verified {
    /// What was signed, parsed once more from the very bytes.
    pub fn tree(&self) -> Result<Tree<'_>, Refusal> {
        Tree::read(Gated::pass(self.canonical.as_bytes())?)
    }

    /// Who signed it.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// A response with its encrypted assertion opened in its place. The signature covers the ciphertext, and so what it
    /// says to the one who can open it.
    pub fn opened(&self, key: &OwnKey) -> Result<Self, Refusal> {
        let tree = self.tree()?;
        let Content::Encrypted(encrypted) = structure::response(tree.root())?.content else {
            return Err(Refusal::UnexpectedEncryption);
        };
        Ok(Self {
            canonical: encryption::open_in_place(&self.canonical, encrypted, key)?,
            signer: self.signer.clone(),
        })
    }
}

/// The prefixes whose namespaces are written whether they are used or not, and the digest's algorithm and value.
struct Reference<'t> {
    prefixes: Vec<&'t str>,
    digest: &'static digest::Algorithm,
    value: Vec<u8>,
}

/// Verifies an element's own signature, which [`structure`] found in its place.
pub fn verify(element: Element<'_>, keys: &PinnedKeys) -> Result<Verified, Refusal> {
    let signature = element.the_child(names::SIGNATURE)?;
    // pysaml2 gives it a name, to which nothing refers.
    signature.has_only_attributes(&["Id"]).map_err(shape)?;
    let children = signature.children().map_err(shape)?;
    let (info, value) = match children.as_slice() {
        [info, value] => (info, value),
        [info, value, key_info] if key_info.is(names::KEY_INFO) => (info, value),
        _ => return Err(Refusal::SignatureShape),
    };
    let [info, value] = named([*info, *value], [names::SIGNED_INFO, names::SIGNATURE_VALUE])?;
    info.has_only_attributes(&[]).map_err(shape)?;
    let [canonicalization, method, reference] = exactly(
        info,
        [
            names::CANONICALIZATION_METHOD,
            names::SIGNATURE_METHOD,
            names::REFERENCE,
        ],
    )
    .map_err(|wrong| several_references(info, wrong))?;
    if algorithm_of(canonicalization)? != names::EXC_C14N {
        return Err(Refusal::CanonicalizationMethod);
    }
    let algorithm = Algorithm::named(algorithm_of(method)?)?;
    let reference = read_reference(reference, element)?;

    // The signature first: what a stranger wrote into SignedInfo costs us nothing more.
    value.has_only_attributes(&[]).map_err(shape)?;
    let made = decode(value)?;
    let fingerprint = keys.verify(algorithm, info.canonical(None, &[])?.as_bytes(), &made)?;

    let canonical = element.canonical(Some(signature), &reference.prefixes)?;
    let found = digest::digest(reference.digest, canonical.as_bytes());
    if found.as_ref() != reference.value {
        return Err(Refusal::DigestInvalid);
    }
    Ok(Verified {
        canonical,
        signer: Signer {
            fingerprint: fingerprint.to_owned(),
            algorithm,
        },
    })
}

fn read_reference<'t>(reference: Element<'t>, signed: Element<'_>) -> Result<Reference<'t>, Refusal> {
    reference.has_only_attributes(&["URI"]).map_err(shape)?;
    let about = reference.attribute("URI").and_then(|uri| uri.strip_prefix('#'));
    if about.is_none() || about != signed.attribute("ID") {
        return Err(Refusal::ReferenceElsewhere);
    }
    let [transforms, method, value] = exactly(
        reference,
        [names::TRANSFORMS, names::DIGEST_METHOD, names::DIGEST_VALUE],
    )?;
    let prefixes = read_transforms(transforms)?;
    let method = algorithm_of(method)?;
    let digest = DIGESTS.iter().find(|(uri, _)| *uri == method);
    value.has_only_attributes(&[]).map_err(shape)?;
    Ok(Reference {
        prefixes,
        digest: digest.ok_or(Refusal::DigestMethod)?.1,
        value: decode(value)?,
    })
}

/// Exactly two: the signature is left out, then the rest is canonicalized. Answers with the list of prefixes.
fn read_transforms(transforms: Element<'_>) -> Result<Vec<&str>, Refusal> {
    transforms.has_only_attributes(&[]).map_err(shape)?;
    let [enveloped, canonical] =
        exactly(transforms, [names::TRANSFORM; 2]).map_err(|_| Refusal::Transforms)?;
    if algorithm_of(enveloped).map_err(|_| Refusal::Transforms)? != names::ENVELOPED {
        return Err(Refusal::Transforms);
    }
    canonical.has_only_attributes(&["Algorithm"]).map_err(shape)?;
    if canonical.required("Algorithm").map_err(shape)? != names::EXC_C14N {
        return Err(Refusal::Transforms);
    }
    let parameters = match canonical.children().map_err(shape)?.as_slice() {
        [] => return Ok(Vec::new()),
        [parameters] if parameters.is(names::INCLUSIVE_NAMESPACES) => *parameters,
        _ => return Err(Refusal::SignatureParameters),
    };
    parameters.has_only_attributes(&["PrefixList"]).map_err(shape)?;
    if parameters.has_elements() {
        return Err(Refusal::SignatureParameters);
    }
    let list = parameters.required("PrefixList").map_err(shape)?;
    let prefixes: Vec<_> = list.split_ascii_whitespace().collect();
    if list.len() > LONGEST_PREFIX_LIST || prefixes.len() > MOST_PREFIXES {
        return Err(Refusal::PrefixList);
    }
    Ok(prefixes)
}

/// An algorithm without parameters.
fn algorithm_of(element: Element<'_>) -> Result<&str, Refusal> {
    element.has_only_attributes(&["Algorithm"]).map_err(shape)?;
    if element.has_elements() || !element.trimmed().map_err(shape)?.is_empty() {
        return Err(Refusal::SignatureParameters);
    }
    element.required("Algorithm").map_err(shape)
}

/// The children of an element, which are these in this order.
fn exactly<const N: usize>(element: Element<'_>, names: [Name; N]) -> Result<[Element<'_>; N], Refusal> {
    let children = element.children().map_err(shape)?;
    let children = children.try_into().map_err(|_| Refusal::SignatureShape)?;
    named(children, names)
}

fn named<const N: usize>(elements: [Element<'_>; N], names: [Name; N]) -> Result<[Element<'_>; N], Refusal> {
    let all = elements.iter().zip(names).all(|(element, name)| element.is(name));
    if all {
        Ok(elements)
    } else {
        Err(Refusal::SignatureShape)
    }
}

/// None, or more than one reference is told by its own name.
fn several_references(info: Element<'_>, wrong: Refusal) -> Refusal {
    match info.children_named(names::REFERENCE) {
        Ok(references) if references.len() != 1 => Refusal::References,
        _ => wrong,
    }
}

fn shape(_: Refusal) -> Refusal {
    Refusal::SignatureShape
}

/// Base64 with white space in it.
fn decode(element: Element<'_>) -> Result<Vec<u8>, Refusal> {
    let dense: String = element.text().map_err(shape)?.split_ascii_whitespace().collect();
    STANDARD.decode(dense).map_err(|_| Refusal::SignatureShape)
}

/// Signs a message that we wrote: its root has an `ID`, and `Issuer` as its first child.
///
/// # Errors
///
/// What we wrote is no message: never for one of ours.
pub fn sign(document: &str, key: &OwnKey) -> Result<String, Refusal> {
    let tree = Tree::read(Gated::pass(document.as_bytes())?)?;
    let root = tree.root();
    let issuer = root.the_child(names::ISSUER)?;
    let signature = signature_of(root, key)?;
    let (before, after) = document.split_at(issuer.place().end);
    Ok([before, &signature, after].concat())
}

/// The signature of an element. `SignedInfo` is written in its canonical form.
fn signature_of(element: Element<'_>, key: &OwnKey) -> Result<String, Refusal> {
    let digest = digest::digest(&digest::SHA256, element.canonical(None, &[])?.as_bytes());
    let info = format!(
        concat!(
            r#"<ds:SignedInfo xmlns:ds="{ds}">"#,
            r#"<ds:CanonicalizationMethod Algorithm="{c14n}"></ds:CanonicalizationMethod>"#,
            r#"<ds:SignatureMethod Algorithm="{method}"></ds:SignatureMethod>"#,
            r##"<ds:Reference URI="#{id}"><ds:Transforms>"##,
            r#"<ds:Transform Algorithm="{enveloped}"></ds:Transform>"#,
            r#"<ds:Transform Algorithm="{c14n}"></ds:Transform></ds:Transforms>"#,
            r#"<ds:DigestMethod Algorithm="{digest_method}"></ds:DigestMethod>"#,
            r#"<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"#,
        ),
        ds = names::SIGNATURE_NS,
        c14n = names::EXC_C14N,
        method = key.algorithm().uri(),
        id = element.required("ID")?,
        enveloped = names::ENVELOPED,
        digest_method = DIGESTS[0].0,
        digest = STANDARD.encode(digest),
    );
    let value = STANDARD.encode(key.sign(info.as_bytes()));
    Ok(format!(
        concat!(
            r#"<ds:Signature xmlns:ds="{ds}">{info}<ds:SignatureValue>{value}</ds:SignatureValue>"#,
            r#"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"#,
            r#"</ds:Signature>"#,
        ),
        ds = names::SIGNATURE_NS,
        info = info,
        value = value,
        certificate = key.certificate(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    const MESSAGE: &str = concat!(
        r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_1" Version="2.0">"#,
        r#"<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">a &amp; b</saml:Issuer>"#,
        r#"</samlp:AuthnRequest>"#,
    );

    fn verified(document: &str, keys: &PinnedKeys) -> Result<String, Refusal> {
        let tree = Tree::read(Gated::pass(document.as_bytes())?)?;
        structure::message(tree.root(), names::AUTHN_REQUEST)?;
        verify(tree.root(), keys).map(|verified| verified.canonical)
    }

    #[test]
    fn what_we_sign_is_verified_by_the_pinned_key_and_by_no_other() {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let [ours, other] = [(); 2].map(|()| OwnKey::generate("doorward", now));
        let key = OwnKey::read(&ours.private, &ours.certificate).unwrap();
        let [pinned, wrong] = [ours, other].map(|key| PinnedKeys::of(&[key.certificate]).unwrap());
        let signed = sign(MESSAGE, &key).unwrap();
        assert_eq!(verified(&signed, &pinned).as_deref(), Ok(MESSAGE));
        assert_eq!(verified(&signed, &wrong), Err(Refusal::SignatureInvalid));
        assert_eq!(
            verified(&signed.replace("a &amp; b", "evil"), &pinned),
            Err(Refusal::DigestInvalid)
        );
    }
}
