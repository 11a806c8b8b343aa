//! Assertions for one application's eyes: AES-128-GCM under a key that RSA-OAEP carries (XML Encryption 1.1 §5.2.4, §5.5.2).

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::rsa::{OAEP_SHA1_MGF1SHA1, OaepPublicEncryptingKey, PublicEncryptingKey};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use crate::random;
use crate::saml::{Refusal, keys, names};

/// The public key that an application wants its assertions encrypted to.
pub struct EncryptionKey(OaepPublicEncryptingKey);

impl EncryptionKey {
    /// The key of a certificate, DER in base64.
    pub fn of(certificate: &str) -> Result<Self, Refusal> {
        let der = keys::der_of(certificate)?;
        let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| Refusal::BadCertificate)?;
        let key = PublicEncryptingKey::from_der(certificate.public_key().raw)
            .ok()
            .filter(|key| (2048..=8192).contains(&key.key_size_bits()));
        let key = key.and_then(|key| OaepPublicEncryptingKey::new(key).ok());
        key.map(Self).ok_or(Refusal::WeakEncryptionKey)
    }

    /// `saml:EncryptedAssertion` around an assertion that stands by itself. SHA-1 in OAEP hides nothing that a broken hash
    /// would show, and is what every service provider knows.
    pub(super) fn encrypted_assertion(&self, assertion: &str) -> String {
        let content_key = Zeroizing::new(random::bytes::<16>());
        let nonce = random::bytes::<12>();
        let mut sealed = assertion.as_bytes().to_vec();
        let key = UnboundKey::new(&AES_128_GCM, &*content_key).expect("the key has its length");
        LessSafeKey::new(key)
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut sealed)
            .expect("an assertion is not too long");
        let content = [nonce.as_slice(), &sealed].concat();
        let mut room = vec![0; self.0.ciphertext_size()];
        let wrapped = self
            .0
            .encrypt(&OAEP_SHA1_MGF1SHA1, &*content_key, &mut room, None)
            .expect("16 bytes fit into the smallest key");
        format!(
            concat!(
                r#"<saml:EncryptedAssertion xmlns:saml="{saml}"><xenc:EncryptedData xmlns:xenc="{xenc}""#,
                r#" Type="http://www.w3.org/2001/04/xmlenc#Element">"#,
                r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2009/xmlenc11#aes128-gcm"></xenc:EncryptionMethod>"#,
                r#"<ds:KeyInfo xmlns:ds="{ds}"><xenc:EncryptedKey>"#,
                r#"<xenc:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p">"#,
                r#"<ds:DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"></ds:DigestMethod>"#,
                r#"</xenc:EncryptionMethod><xenc:CipherData><xenc:CipherValue>{wrapped}</xenc:CipherValue>"#,
                r#"</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue>{content}"#,
                r#"</xenc:CipherValue></xenc:CipherData></xenc:EncryptedData></saml:EncryptedAssertion>"#,
            ),
            saml = names::ASSERTION_NS,
            xenc = names::ENCRYPTION_NS,
            ds = names::SIGNATURE_NS,
            wrapped = STANDARD.encode(wrapped),
            content = STANDARD.encode(content),
        )
    }
}
