//! What a provider publishes of itself (OpenID Connect Discovery §3), as far as it matters to us.

use serde::Deserialize;
use url::Url;

use crate::domain::upstream::Stage;
use crate::upstream::Failure;

/// A discovery document that was read and is in order.
#[derive(Debug, Clone)]
pub(in crate::upstream) struct Discovery {
    /// Where browsers are sent.
    pub(in crate::upstream) authorization_endpoint: Url,
    /// Where codes are redeemed.
    pub(in crate::upstream) token_endpoint: Url,
    /// Where the keys are.
    pub(in crate::upstream) jwks_uri: Url,
    /// Where more is told of somebody, if anywhere.
    pub(in crate::upstream) userinfo_endpoint: Option<Url>,
    /// Where browsers are signed out, if anywhere (RP-Initiated Logout 1.0 §2.1).
    pub(in crate::upstream) end_session_endpoint: Option<Url>,
    /// Whether every answer names its issuer (RFC 9207 §3).
    pub(in crate::upstream) names_itself: bool,
    /// What our assertions may be signed with; RS256 if it isn't said.
    pub(in crate::upstream) assertion_algorithms: Option<Vec<String>>,
}

/// The document as it comes. Doubled names are refused.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    token_endpoint_auth_signing_alg_values_supported: Option<Vec<String>>,
}

impl Discovery {
    /// Where the document of an issuer is (OpenID Connect Discovery §4).
    pub(in crate::upstream) fn address(issuer: &str) -> Result<Url, Failure> {
        let issuer = issuer.trim_end_matches('/');
        let address = format!("{issuer}/.well-known/openid-configuration");
        address
            .parse()
            .map_err(|_| broken("the issuer is not an address"))
    }

    /// Reads the document of an issuer, which has to be that issuer's own, letter for letter (§4.3).
    pub(in crate::upstream) fn read(issuer: &str, document: &[u8]) -> Result<Self, Failure> {
        let document: Document = serde_json::from_slice(document)
            .map_err(|error| broken(&format!("its discovery document can't be read: {error}")))?;
        if document.issuer != issuer {
            let told = format!(
                "its discovery document is of the issuer {:?}, the connection's is {issuer:?}",
                document.issuer
            );
            return Err(Failure::at(Stage::Provider, "wrong_issuer", told));
        }
        // A provider that is asked without TLS, as it is allowed to be, may have its places there too.
        let plain = issuer.starts_with("http://");
        let place = |name: &str, text: &str| {
            let url = Url::parse(text).ok();
            let url = url.filter(|url| url.scheme() == "https" || plain && url.scheme() == "http");
            url.ok_or_else(|| broken(&format!("its {name} is no https:// address")))
        };
        Ok(Self {
            authorization_endpoint: place("authorization_endpoint", &document.authorization_endpoint)?,
            token_endpoint: place("token_endpoint", &document.token_endpoint)?,
            jwks_uri: place("jwks_uri", &document.jwks_uri)?,
            userinfo_endpoint: match &document.userinfo_endpoint {
                Some(text) => Some(place("userinfo_endpoint", text)?),
                None => None,
            },
            // Nobody is kept out because a sign-out leads nowhere.
            end_session_endpoint: document
                .end_session_endpoint
                .and_then(|text| place("end_session_endpoint", &text).ok()),
            names_itself: document.authorization_response_iss_parameter_supported,
            assertion_algorithms: document.token_endpoint_auth_signing_alg_values_supported,
        })
    }
}

fn broken(detail: &str) -> Failure {
    Failure::at(Stage::Provider, "bad_discovery", detail)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn document() -> Value {
        json!({
            "issuer": "https://login.acme.example/v2", "jwks_uri": "https://keys.acme.example/",
            "authorization_endpoint": "https://login.acme.example/authorize",
            "token_endpoint": "https://login.acme.example/token", "anything": ["else"],
        })
    }

    fn read(issuer: &str, document: &Value) -> Result<Discovery, &'static str> {
        Discovery::read(issuer, document.to_string().as_bytes()).map_err(|failure| failure.refusal)
    }

    #[test]
    fn up6_a_document_is_of_its_issuer_letter_for_letter() {
        let issuer = "https://login.acme.example/v2";
        assert!(read(issuer, &document()).is_ok());
        for other in [
            "https://login.acme.example/v2/",
            "https://login.acme.example",
            "https://LOGIN.acme.example/v2",
            "http://login.acme.example/v2",
        ] {
            assert_eq!(read(other, &document()).err(), Some("wrong_issuer"), "{other}");
        }
        assert_eq!(
            Discovery::address(issuer).unwrap().as_str(),
            "https://login.acme.example/v2/.well-known/openid-configuration"
        );
        assert_eq!(
            Discovery::address("https://a.example/").unwrap().as_str(),
            "https://a.example/.well-known/openid-configuration"
        );
    }

    #[test]
    fn up6_what_is_missing_or_leads_elsewhere_is_refused() {
        for name in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            for value in [
                Value::Null,
                json!("http://a.example/"),
                json!("javascript:alert(1)"),
                json!("/x"),
                json!(7),
            ] {
                let mut changed = document();
                changed[name] = value.clone();
                assert_eq!(
                    read("https://login.acme.example/v2", &changed).err(),
                    Some("bad_discovery"),
                    "{name} {value}"
                );
            }
        }
        for rubbish in ["", "<html>", "[]", "{}", "{\"issuer\":\"a\",\"issuer\":\"b\"}"] {
            assert!(Discovery::read("a", rubbish.as_bytes()).is_err(), "{rubbish}");
        }
    }
}
