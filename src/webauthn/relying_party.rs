//! Who asks: the public address, exactly, and whom it trusts to vouch for keys.

use url::Url;
use webauthn_rs::prelude::{AttestationCaList, Webauthn, WebauthnBuilder};

use crate::config::{PublicUrl, WebauthnConfig};
use crate::domain::passkey::Ceremony;

/// Who asks for passkeys.
#[derive(Debug, Clone)]
pub struct RelyingParty {
    pub(super) webauthn: Webauthn,
    pub(super) attested_by: Option<AttestationCaList>,
}

impl RelyingParty {
    /// The relying party of a public address: its id is the host, its one origin the address itself. Nothing if the
    /// host is an IP address, which passkeys can't be bound to (WebAuthn §5.1.2).
    pub fn of(public_url: &PublicUrl, config: &WebauthnConfig) -> Option<Self> {
        let origin = Url::parse(public_url.as_str()).ok()?;
        let host = origin.domain()?.to_owned();
        let webauthn = WebauthnBuilder::new(&host, &origin)
            .and_then(|builder| {
                builder
                    .rp_name("Doorward")
                    .timeout(Ceremony::LIFETIME)
                    .danger_set_user_presence_only_security_keys(true)
                    .build()
            })
            .ok()?;
        Some(Self {
            webauthn,
            attested_by: config.attested_by.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_is_no_name_has_no_passkeys() {
        let of = |url: &str| {
            RelyingParty::of(&PublicUrl::parse(url).unwrap(), &WebauthnConfig::default()).is_some()
        };
        assert!(of("https://id.example.com") && of("http://localhost:8080"));
        assert!(!of("https://192.0.2.7") && !of("http://[::1]:8080") && !of("http://127.0.0.1:8080"));
    }
}
