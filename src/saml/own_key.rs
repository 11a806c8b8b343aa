//! Our own keys for SAML, with the certificates that others verify and encrypt with.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeySize, OaepPrivateDecryptingKey, PrivateDecryptingKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use zeroize::Zeroizing;

use super::keys::Algorithm;
use crate::domain::time::Timestamp;

const MADE: &str = "the operating system has randomness";

/// Our own key for SAML: signs our messages and, if it is one of RSA, opens what was encrypted for us.
pub struct OwnKey {
    pair: Pair,
    certificate: String,
}

enum Pair {
    Rsa {
        signing: RsaKeyPair,
        opening: OaepPrivateDecryptingKey,
    },
    P256(EcdsaKeyPair),
}

/// A key of ours that was just made, before it is sealed.
pub struct NewKey {
    /// PKCS #8.
    pub private: Zeroizing<Vec<u8>>,
    /// Our own word for it: DER in base64.
    pub certificate: String,
}

impl OwnKey {
    /// From what is stored: PKCS #8, and the certificate.
    pub fn read(private: &[u8], certificate: &str) -> Option<Self> {
        let pair = match PrivateDecryptingKey::from_pkcs8(private) {
            Ok(opening) => Pair::Rsa {
                signing: RsaKeyPair::from_pkcs8(private).ok()?,
                opening: OaepPrivateDecryptingKey::new(opening).ok()?,
            },
            Err(_) => Pair::P256(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, private).ok()?),
        };
        Some(Self {
            pair,
            certificate: certificate.to_owned(),
        })
    }

    /// A new RSA key of 3072 bits with a certificate of its own, for ten years from yesterday: clocks differ.
    pub fn generate(common_name: &str, now: Timestamp) -> NewKey {
        let pair = RsaKeyPair::generate(KeySize::Rsa3072).expect(MADE);
        let der: Pkcs8V1Der<'_> = pair.as_der().expect(MADE);
        NewKey::of(der.as_ref(), common_name, now)
    }

    /// A new ECDSA key on P-256, likewise.
    pub fn generate_p256(common_name: &str, now: Timestamp) -> NewKey {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).expect(MADE);
        let der = pair.to_pkcs8v1().expect(MADE);
        NewKey::of(der.as_ref(), common_name, now)
    }

    /// The certificate, DER in base64.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// What it signs with.
    pub const fn algorithm(&self) -> Algorithm {
        match self.pair {
            Pair::Rsa { .. } => Algorithm::RsaSha256,
            Pair::P256(_) => Algorithm::EcdsaSha256,
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "blinds the private key; aws-lc takes no bytes from outside"
    )]
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa { signing, .. } => {
                let mut made = vec![0; signing.public_modulus_len()];
                signing
                    .sign(&RSA_PKCS1_SHA256, &random, message, &mut made)
                    .expect("an RSA key signs");
                made
            }
            Pair::P256(signing) => {
                let made = signing.sign(&random, message).expect("an ECDSA key signs");
                made.as_ref().to_vec()
            }
        }
    }

    /// What opens; nothing if it only signs.
    pub(super) fn opening(&self) -> Option<&OaepPrivateDecryptingKey> {
        match &self.pair {
            Pair::Rsa { opening, .. } => Some(opening),
            Pair::P256(_) => None,
        }
    }
}

impl NewKey {
    fn of(der: &[u8], common_name: &str, now: Timestamp) -> Self {
        let private = Zeroizing::new(der.to_vec());
        Self {
            certificate: certificate::self_signed(&private, common_name, now),
            private,
        }
    }
}

mod certificate {
    use std::time::Duration;

    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, date_time_ymd};

    use crate::domain::time::Timestamp;

    const TEN_YEARS: Duration = Duration::from_hours(10 * 365 * 24);

    pub(super) fn self_signed(private: &[u8], common_name: &str, now: Timestamp) -> String {
        let pair = KeyPair::try_from(private).expect("a key of ours can sign a certificate");
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        let day = |at: Timestamp| {
            let at = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or_default();
            let date = at.to_zoned(jiff::tz::TimeZone::UTC).date();
            let unsigned = |number: i8| u8::try_from(number).unwrap_or(1);
            date_time_ymd(date.year().into(), unsigned(date.month()), unsigned(date.day()))
        };
        params.not_before = day(now.minus(Duration::from_hours(24)));
        params.not_after = day(now.plus(TEN_YEARS));
        let certificate = params.self_signed(&pair).expect("the name is a plain text");
        STANDARD.encode(certificate.der())
    }
}
