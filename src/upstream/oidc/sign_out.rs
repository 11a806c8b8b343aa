//! Where a browser is sent to sign out at its provider too (OpenID Connect RP-Initiated Logout 1.0 §2).

use super::discovery::Discovery;
use crate::domain::connection::OidcProvider;
use crate::domain::secret::Secret;
use crate::domain::time::Timestamp;
use crate::upstream::{Failure, Upstream};

/// A sign-out that begins here.
pub struct SigningOut<'s> {
    /// The id token that somebody came with: what tells the provider whose session it is.
    pub id_token: Option<&'s str>,
    /// Where the provider sends the browser back to, if that is registered there.
    pub back: &'s str,
    /// What comes back with it.
    pub state: &'s Secret,
}

impl Upstream {
    /// The address at a provider where its session ends; nothing if it takes no sign-outs.
    pub async fn sign_out_address(
        &self,
        provider: &OidcProvider,
        signing_out: &SigningOut<'_>,
        now: Timestamp,
    ) -> Result<Option<String>, Failure> {
        let known = self.providers.known(&self.outbound, &provider.issuer, now);
        Ok(address(&known.await?.discovery, &provider.client_id, signing_out))
    }
}

fn address(discovery: &Discovery, client_id: &str, signing_out: &SigningOut<'_>) -> Option<String> {
    let mut address = discovery.end_session_endpoint.clone()?;
    let mut query = address.query_pairs_mut();
    if let Some(id_token) = signing_out.id_token {
        query.append_pair("id_token_hint", id_token);
    }
    query
        .append_pair("client_id", client_id)
        .append_pair("post_logout_redirect_uri", signing_out.back)
        .append_pair("state", signing_out.state.expose());
    drop(query);
    Some(address.into())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ISSUER: &str = "https://login.acme.example";

    fn discovery(end: &Value) -> Discovery {
        let document = json!({
            "issuer": ISSUER, "jwks_uri": format!("{ISSUER}/keys"), "token_endpoint": format!("{ISSUER}/token"),
            "authorization_endpoint": format!("{ISSUER}/authorize"), "end_session_endpoint": end,
        });
        Discovery::read(ISSUER, document.to_string().as_bytes()).unwrap()
    }

    fn told(end: &Value, id_token: Option<&str>) -> Option<String> {
        let state = Secret::received("the state");
        let signing_out = SigningOut {
            id_token,
            back: "https://door.example/signed-out?a=b",
            state: &state,
        };
        address(&discovery(end), "door & ward", &signing_out)
    }

    #[test]
    fn a_provider_is_told_whose_session_ends_and_where_to_go_on() {
        assert_eq!(
            told(&json!("https://login.acme.example/out?tenant=7"), Some("a.b.c")).as_deref(),
            Some(concat!(
                "https://login.acme.example/out?tenant=7&id_token_hint=a.b.c&client_id=door+%26+ward",
                "&post_logout_redirect_uri=https%3A%2F%2Fdoor.example%2Fsigned-out%3Fa%3Db&state=the+state",
            ))
        );
        let without = told(&json!("https://login.acme.example/out"), None).unwrap();
        assert!(!without.contains("id_token_hint"), "{without}");
    }

    #[test]
    fn up6_a_provider_without_a_sound_place_for_it_is_not_asked() {
        for end in [
            json!(null),
            json!("http://login.acme.example/out"),
            json!("javascript:alert(1)"),
            json!("/out"),
        ] {
            assert_eq!(told(&end, None), None, "{end}");
        }
    }
}
