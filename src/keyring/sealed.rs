//! Sealing: encrypted and bound to its place, so that a bit of change opens nothing (AES-256-GCM).

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::hkdf;
use zeroize::Zeroizing;

use crate::domain::secret::Secret;
use crate::random;

/// Seals for whoever holds a secret of 256 random bits, and for nobody else: the secret itself is not kept.
pub fn seal_with(secret: &Secret, context: &str, plain: &[u8]) -> Vec<u8> {
    seal(
        &derive(secret.expose().as_bytes(), "doorward sealing with a secret"),
        context,
        plain,
    )
}

/// Opens what [`seal_with`] sealed with the same secret and context; nothing if a bit of it changed, or if it was no
/// text.
pub fn open_with(secret: &Secret, context: &str, sealed: &[u8]) -> Option<String> {
    let key = derive(secret.expose().as_bytes(), "doorward sealing with a secret");
    String::from_utf8(open(&key, context, sealed)?.to_vec()).ok()
}

/// Encrypts, bound to `context`: the nonce, then the ciphertext.
pub(super) fn seal(key: &[u8; 32], context: &str, plain: &[u8]) -> Vec<u8> {
    let nonce = random::bytes::<12>();
    let mut body = plain.to_vec();
    cipher(key)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut body)
        .expect("what is sealed is far below the cipher's limit");
    [nonce.as_slice(), &body].concat()
}

/// Decrypts what [`seal`] made with the same key and context; nothing if a bit of it changed.
pub(super) fn open(key: &[u8; 32], context: &str, sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let (nonce, body) = sealed.split_at_checked(12)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let plain = cipher(key)
        .open_in_place(nonce, Aad::from(context), &mut body)
        .ok()?;
    Some(Zeroizing::new(plain.to_vec()))
}

/// A key for one purpose (HKDF-SHA256, RFC 5869).
pub(super) fn derive(secret: &[u8], purpose: &str) -> Zeroizing<[u8; 32]> {
    let mut derived = Zeroizing::new([0; 32]);
    hkdf::Salt::new(hkdf::HKDF_SHA256, &[])
        .extract(secret)
        .expand(&[purpose.as_bytes()], hkdf::HKDF_SHA256)
        .and_then(|key| key.fill(derived.as_mut_slice()))
        .expect("32 bytes is one block of HKDF-SHA256");
    derived
}

fn cipher(key: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("the key has 32 bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_holder_of_the_secret_opens_it_and_only_whole() {
        let (hers, his) = (random::secret(), random::secret());
        let sealed = seal_with(&hers, "refresh token", b"the successor");
        assert_eq!(
            open_with(&hers, "refresh token", &sealed).unwrap(),
            "the successor"
        );
        assert!(open_with(&his, "refresh token", &sealed).is_none());
        assert!(open_with(&hers, "another place", &sealed).is_none());
        assert!(open_with(&hers, "refresh token", &sealed[..sealed.len() - 1]).is_none());
    }
}
