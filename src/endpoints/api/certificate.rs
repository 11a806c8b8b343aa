//! Certificates of providers and applications, as programs read them: enough to compare.

use serde::Serialize;
use utoipa::ToSchema;

use crate::saml::keys::certificate_facts;

/// A certificate.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CertificateShown {
    /// SHA-256 of it, in hex.
    sha256: String,
    /// Whom it names.
    subject: String,
    /// When it ends.
    #[schema(format = DateTime)]
    ends_at: String,
}

impl CertificateShown {
    /// Those of a list (DER in base64) that can be read.
    pub(super) fn all(certificates: &[String]) -> Vec<Self> {
        let read = certificates.iter().filter_map(|one| certificate_facts(one).ok());
        read.map(|facts| Self {
            sha256: facts.fingerprint,
            subject: facts.subject,
            ends_at: facts.not_after.to_string(),
        })
        .collect()
    }
}
