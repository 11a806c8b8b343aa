//! Encrypted assertions: AES-GCM under a key that RSA-OAEP carries, and nothing else. Whatever goes wrong with a secret goes
//! wrong in one way: nobody learns from our answers what a ciphertext holds.

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OAEP_SHA256_MGF1SHA256, OaepAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::Refusal;
use super::keys::OwnKey;
use super::names;
use super::tree::Element;

const SHA1: &str = "http://www.w3.org/2000/09/xmldsig#sha1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";
const MGF1_SHA1: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha1";
const MGF1_SHA256: &str = "http://www.w3.org/2009/xmlenc11#mgf1sha256";

/// How the content is encrypted.
type Cipher = &'static aws_lc_rs::aead::Algorithm;

/// The document's text with the plain assertion where the encrypted one stood, so that it finds the namespaces it was
/// encrypted among. Neither gated nor verified.
pub(super) fn open_in_place(text: &str, encrypted: Element<'_>, key: &OwnKey) -> Result<String, Refusal> {
    let plain = open(encrypted, key)?;
    let place = encrypted.place();
    Ok([&text[..place.start], &plain, &text[place.end..]].concat())
}

/// The plain text of an encrypted assertion.
fn open(encrypted: Element<'_>, key: &OwnKey) -> Result<Zeroizing<String>, Refusal> {
    let data = encrypted.the_child(names::ENCRYPTED_DATA).map_err(shape)?;
    let keys: Vec<_> = encrypted
        .and_below()
        .filter(|element| element.is(names::ENCRYPTED_KEY))
        .collect();
    let [encrypted_key] = keys.as_slice() else {
        return Err(Refusal::EncryptionShape);
    };
    let cipher = cipher_of(data)?;
    let transport = transport_of(*encrypted_key)?;
    let wrapped = cipher_value(*encrypted_key)?;
    let content = cipher_value(data)?;
    decipher(cipher, transport, &wrapped, content, key).ok_or(Refusal::Undecipherable)
}

/// Nothing here tells which step failed: what was no key is replaced by one that opens nothing.
fn decipher(
    cipher: Cipher,
    transport: &'static OaepAlgorithm,
    wrapped: &[u8],
    mut content: Vec<u8>,
    own: &OwnKey,
) -> Option<Zeroizing<String>> {
    let opening = own.opening()?;
    let mut room = Zeroizing::new(vec![0; opening.min_output_size()]);
    let opened = opening.decrypt(transport, wrapped, &mut room, None);
    let nothing = vec![0; cipher.key_len()];
    let (content_key, good) = match opened {
        Ok(content_key) if content_key.len() == cipher.key_len() => (&*content_key, true),
        _ => (nothing.as_slice(), false),
    };
    let content_key = LessSafeKey::new(UnboundKey::new(cipher, content_key).ok()?);
    let (nonce, sealed) = content.split_at_mut_checked(12)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let plain = content_key.open_in_place(nonce, Aad::empty(), sealed).ok()?;
    let plain = str::from_utf8(plain).ok().filter(|_| good)?;
    Some(Zeroizing::new(plain.to_owned()))
}

fn cipher_of(data: Element<'_>) -> Result<Cipher, Refusal> {
    let method = data.the_child(names::ENCRYPTION_METHOD).map_err(shape)?;
    match method.required("Algorithm").map_err(shape)? {
        "http://www.w3.org/2009/xmlenc11#aes128-gcm" => Ok(&AES_128_GCM),
        "http://www.w3.org/2009/xmlenc11#aes192-gcm" => Ok(&AES_192_GCM),
        "http://www.w3.org/2009/xmlenc11#aes256-gcm" => Ok(&AES_256_GCM),
        "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
        | "http://www.w3.org/2001/04/xmlenc#aes192-cbc"
        | "http://www.w3.org/2001/04/xmlenc#aes256-cbc" => Err(Refusal::EncryptedWithCbc),
        "http://www.w3.org/2001/04/xmlenc#tripledes-cbc" => Err(Refusal::EncryptedWithTripleDes),
        _ => Err(Refusal::EncryptionMethod),
    }
}

fn transport_of(encrypted_key: Element<'_>) -> Result<&'static OaepAlgorithm, Refusal> {
    let method = encrypted_key.the_child(names::ENCRYPTION_METHOD).map_err(shape)?;
    let children = method.children().map_err(shape)?;
    let known = |child: &Element<'_>| child.is(names::DIGEST_METHOD) || child.is(names::MGF);
    if !children.iter().all(known) {
        return Err(Refusal::KeyTransport);
    }
    let algorithm = |name| -> Result<Option<&str>, Refusal> {
        let child = method.child(name).map_err(shape)?;
        child
            .map(|child| child.required("Algorithm").map_err(shape))
            .transpose()
    };
    let (digest, mask) = (algorithm(names::DIGEST_METHOD)?, algorithm(names::MGF)?);
    match method.required("Algorithm").map_err(shape)? {
        "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p" => match (digest, mask) {
            (None | Some(SHA1), None | Some(MGF1_SHA1)) => Ok(&OAEP_SHA1_MGF1SHA1),
            _ => Err(Refusal::KeyTransport),
        },
        "http://www.w3.org/2009/xmlenc11#rsa-oaep" => match (digest, mask) {
            (None | Some(SHA1), None | Some(MGF1_SHA1)) => Ok(&OAEP_SHA1_MGF1SHA1),
            (Some(SHA256), Some(MGF1_SHA256)) => Ok(&OAEP_SHA256_MGF1SHA256),
            _ => Err(Refusal::KeyTransport),
        },
        "http://www.w3.org/2001/04/xmlenc#rsa-1_5" => Err(Refusal::KeyTransportRsa15),
        _ => Err(Refusal::KeyTransport),
    }
}

fn cipher_value(element: Element<'_>) -> Result<Vec<u8>, Refusal> {
    let data = element.the_child(names::CIPHER_DATA).map_err(shape)?;
    let value = data.the_child(names::CIPHER_VALUE).map_err(shape)?;
    let dense: String = value.text().map_err(shape)?.split_ascii_whitespace().collect();
    STANDARD.decode(dense).map_err(|_| Refusal::EncryptionShape)
}

fn shape(_: Refusal) -> Refusal {
    Refusal::EncryptionShape
}
