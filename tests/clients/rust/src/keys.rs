//! A key of its own, with a certificate for the time of a test.

use openssl::asn1::Asn1Time;
use openssl::error::ErrorStack;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509Builder, X509NameBuilder};
use samael::crypto::CertificateDer;

pub struct Pair {
    pub private: PKey<Private>,
    pub certificate: CertificateDer,
}

impl Pair {
    pub fn new() -> Result<Self, ErrorStack> {
        let private = PKey::from_rsa(Rsa::generate(2048)?)?;
        let mut name = X509NameBuilder::new()?;
        name.append_entry_by_text("CN", "samael")?;
        let name = name.build();
        let mut certificate = X509Builder::new()?;
        certificate.set_subject_name(&name)?;
        certificate.set_issuer_name(&name)?;
        certificate.set_pubkey(&private)?;
        certificate.set_not_before(&*Asn1Time::days_from_now(0)?)?;
        certificate.set_not_after(&*Asn1Time::days_from_now(2)?)?;
        certificate.sign(&private, MessageDigest::sha256())?;
        let certificate = CertificateDer::from(certificate.build().to_der()?);
        Ok(Self { private, certificate })
    }
}
