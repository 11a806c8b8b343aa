//! Keys that were pinned for somebody, which their signatures are verified with. A key that came with the message it would
//! verify is never among them.

use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::prelude::{FromDer, X509Certificate};
use x509_parser::public_key::PublicKey;

pub use super::own_key::{NewKey, OwnKey};

use super::Refusal;
use crate::domain::time::Timestamp;

/// The most keys of one provider: one in use, one to come, and some that are forgotten.
const MOST_PINNED: usize = 8;

/// The keys that a provider signs with, as an administrator gave them to us; at least one.
pub struct PinnedKeys(Vec<PinnedKey>);

struct PinnedKey {
    kind: Kind,
    public: Vec<u8>,
    fingerprint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Rsa,
    P256,
    P384,
}

/// An algorithm that we sign and verify with; there are no others (SECURITY.md S3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1.5 with SHA-256: what everybody knows.
    RsaSha256,
    /// With SHA-384.
    RsaSha384,
    /// With SHA-512.
    RsaSha512,
    /// ECDSA on P-256 with SHA-256.
    EcdsaSha256,
    /// ECDSA on P-384 with SHA-384.
    EcdsaSha384,
}

/// What a certificate says that people want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFacts {
    /// SHA-256 of it, in hex.
    pub fingerprint: String,
    /// Whom it names.
    pub subject: String,
    /// From when it is good.
    pub not_before: Timestamp,
    /// Until when. A pinned key verifies after that too (saml2int §3.1.1): it is told, not enforced.
    pub not_after: Timestamp,
}

impl Algorithm {
    const ALL: [Self; 5] = [
        Self::RsaSha256,
        Self::RsaSha384,
        Self::RsaSha512,
        Self::EcdsaSha256,
        Self::EcdsaSha384,
    ];

    /// Its name in XML signatures and in `SigAlg`.
    pub const fn uri(self) -> &'static str {
        match self {
            Self::RsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
            Self::RsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
            Self::RsaSha512 => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
            Self::EcdsaSha256 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
            Self::EcdsaSha384 => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        }
    }

    /// The algorithm of this name.
    pub fn named(uri: &str) -> Result<Self, Refusal> {
        let found = Self::ALL.into_iter().find(|algorithm| algorithm.uri() == uri);
        found.ok_or(Refusal::SignatureMethod)
    }

    /// What people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RsaSha256 => "RSA-SHA256",
            Self::RsaSha384 => "RSA-SHA384",
            Self::RsaSha512 => "RSA-SHA512",
            Self::EcdsaSha256 => "ECDSA-SHA256",
            Self::EcdsaSha384 => "ECDSA-SHA384",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::RsaSha256 | Self::RsaSha384 | Self::RsaSha512 => Kind::Rsa,
            Self::EcdsaSha256 => Kind::P256,
            Self::EcdsaSha384 => Kind::P384,
        }
    }

    fn verification(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::RsaSha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaSha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::RsaSha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            // XML signatures write r and s side by side (RFC 4050 §3.3).
            Self::EcdsaSha256 => &signature::ECDSA_P256_SHA256_FIXED,
            Self::EcdsaSha384 => &signature::ECDSA_P384_SHA384_FIXED,
        }
    }
}

impl PinnedKeys {
    /// The keys of these certificates, DER in base64.
    pub fn of<S: AsRef<str>>(certificates: &[S]) -> Result<Self, Refusal> {
        if certificates.is_empty() {
            return Err(Refusal::NoKeys);
        }
        if certificates.len() > MOST_PINNED {
            return Err(Refusal::TooManyCertificates);
        }
        let keys = certificates
            .iter()
            .map(|text| PinnedKey::of(&der_of(text.as_ref())?));
        Ok(Self(keys.collect::<Result<_, _>>()?))
    }

    /// Which of them made this signature: the fingerprint of its certificate.
    pub(super) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<&str, Refusal> {
        let mut fitting = self
            .0
            .iter()
            .filter(|key| key.kind == algorithm.kind())
            .peekable();
        fitting.peek().ok_or(Refusal::OtherKind)?;
        let made_it = |key: &&PinnedKey| {
            let public = UnparsedPublicKey::new(algorithm.verification(), &key.public);
            public.verify(message, signature).is_ok()
        };
        let maker = fitting.find(made_it).ok_or(Refusal::SignatureInvalid)?;
        Ok(&maker.fingerprint)
    }
}

impl PinnedKey {
    fn of(der: &[u8]) -> Result<Self, Refusal> {
        let (_, certificate) = X509Certificate::from_der(der).map_err(|_| Refusal::BadCertificate)?;
        let info = certificate.public_key();
        let kind = match info.parsed().map_err(|_| Refusal::BadCertificate)? {
            PublicKey::RSA(key) if (2048..=8192).contains(&bits(key.modulus)) => Kind::Rsa,
            PublicKey::EC(_) => {
                let curve = info.algorithm.parameters.as_ref();
                let curve = curve.and_then(|curve| curve.as_oid().ok());
                match curve.map(|curve| curve.to_id_string()).as_deref() {
                    Some("1.2.840.10045.3.1.7") => Kind::P256,
                    Some("1.3.132.0.34") => Kind::P384,
                    _ => return Err(Refusal::WeakKey),
                }
            }
            _ => return Err(Refusal::WeakKey),
        };
        Ok(Self {
            kind,
            public: info.subject_public_key.data.to_vec(),
            fingerprint: fingerprint(der),
        })
    }
}

/// The bits of a number, most significant byte first.
fn bits(number: &[u8]) -> usize {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    let first = number.first().map_or(0, |byte| byte.leading_zeros());
    number.len() * 8 - usize::try_from(first).unwrap_or(8)
}

/// A certificate's DER from its base64, with line breaks or without.
pub(super) fn der_of(text: &str) -> Result<Vec<u8>, Refusal> {
    let dense: String = text.split_ascii_whitespace().collect();
    STANDARD.decode(dense).map_err(|_| Refusal::BadCertificate)
}

/// SHA-256 of a certificate, in hex.
pub(super) fn fingerprint(der: &[u8]) -> String {
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, der);
    let digits = hash.as_ref().iter().map(|byte| format!("{byte:02x}"));
    digits.collect::<Vec<_>>().concat()
}

/// What a certificate (DER in base64) says, whose key must be one that we verify with.
pub fn certificate_facts(text: &str) -> Result<CertificateFacts, Refusal> {
    let der = der_of(text)?;
    PinnedKey::of(&der)?;
    let (_, certificate) = X509Certificate::from_der(&der).map_err(|_| Refusal::BadCertificate)?;
    let moment =
        |time: x509_parser::time::ASN1Time| Timestamp::from_millis(time.timestamp().saturating_mul(1000));
    Ok(CertificateFacts {
        fingerprint: fingerprint(&der),
        subject: certificate.subject().to_string(),
        not_before: moment(certificate.validity().not_before),
        not_after: moment(certificate.validity().not_after),
    })
}
