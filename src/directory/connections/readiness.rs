//! What a connection lacks to be enabled: each a code, and a sentence for whoever sets it up.

use crate::domain::connection::{ClientAuthentication, Provider};
use crate::domain::time::Timestamp;

/// What is missing; nothing if it can be enabled.
pub fn lacks(provider: &Provider, has_secret: bool, now: Timestamp) -> Vec<(&'static str, String)> {
    let mut lacking = Vec::new();
    let mut lacks = |code, told: &str| lacking.push((code, told.to_owned()));
    match provider {
        Provider::Oidc(oidc) => {
            if oidc.authentication != ClientAuthentication::PrivateKeyJwt && !has_secret {
                lacks(
                    "no_client_secret",
                    "there is no client secret: set the one that the provider gave",
                );
            }
        }
        Provider::Saml(saml) => {
            if saml.certificates.is_empty() {
                lacks(
                    "no_certificate",
                    "its metadata has no signing certificate, so nothing that it says could be verified",
                );
            }
            if saml.valid_until.is_some_and(|until| until <= now) {
                lacks(
                    "metadata_expired",
                    "its metadata was good until a moment that is past: import it again",
                );
            }
        }
    }
    lacking
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::connection::{OidcProvider, SamlBinding, SamlEndpoint, SamlProvider};

    const NOW: Timestamp = Timestamp::from_millis(1_795_339_800_000);

    fn codes(provider: &Provider, has_secret: bool) -> Vec<&'static str> {
        let found = lacks(provider, has_secret, NOW);
        found.into_iter().map(|(code, _)| code).collect()
    }

    #[test]
    fn a_client_has_a_secret_or_needs_none() {
        let of = |authentication| {
            Provider::Oidc(OidcProvider {
                issuer: "https://login.acme.example".to_owned(),
                client_id: "doorward".to_owned(),
                authentication,
                scopes: Vec::new(),
            })
        };
        assert_eq!(
            codes(&of(ClientAuthentication::ClientSecretBasic), false),
            ["no_client_secret"]
        );
        assert!(codes(&of(ClientAuthentication::ClientSecretPost), true).is_empty());
        assert!(codes(&of(ClientAuthentication::PrivateKeyJwt), false).is_empty());
    }

    #[test]
    fn s4_what_nobody_could_verify_is_never_enabled() {
        let of = |certificates: &[&str], valid_until| {
            Provider::Saml(SamlProvider {
                entity_id: "https://idp.acme.example".to_owned(),
                sso: SamlEndpoint {
                    binding: SamlBinding::Redirect,
                    url: "https://idp.acme.example/sso".to_owned(),
                },
                slo: None,
                certificates: certificates.iter().map(|one| (*one).to_owned()).collect(),
                metadata_url: None,
                metadata_fingerprint: None,
                valid_until,
                signs_requests: false,
                idp_initiated: false,
            })
        };
        assert!(codes(&of(&["MII"], None), false).is_empty());
        assert_eq!(
            codes(&of(&[], Some(NOW)), false),
            ["no_certificate", "metadata_expired"]
        );
    }
}
