//! Certificates of providers: what a person needs to know one by. Nothing here trusts one; whose they are is configured.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use x509_parser::parse_x509_certificate;

use super::time::Timestamp;

/// What a certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// Whom it names.
    pub subject: String,
    /// When it ends.
    pub ends_at: Timestamp,
}

impl Certificate {
    /// Reads DER in base64; nothing if it is no certificate.
    pub fn read(base64: &str) -> Option<Self> {
        let der = STANDARD.decode(base64).ok()?;
        let (_, certificate) = parse_x509_certificate(&der).ok()?;
        let ends = certificate.validity().not_after.timestamp();
        let subject = certificate.subject().to_string();
        Some(Self {
            sha256: digest::digest(&digest::SHA256, &der)
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            subject: subject
                .chars()
                .filter(|c| !super::text::misleads(*c))
                .take(200)
                .collect(),
            ends_at: Timestamp::from_millis(ends.saturating_mul(1000)),
        })
    }
}
