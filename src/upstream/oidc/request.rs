//! Where a browser is sent: the authorization request (OpenID Connect Core §3.1.2.1).

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::providers::Known;
use crate::domain::connection::OidcProvider;
use crate::domain::secret::Secret;
use crate::domain::upstream::Sent;
use crate::upstream::Hint;

/// The address of an authorization request, with PKCE, a nonce, and a state of this one sign-in.
pub(in crate::upstream) fn authorization_address(
    known: &Known,
    provider: &OidcProvider,
    callback: &str,
    state: &Secret,
    sent: &Sent,
    hint: &Hint,
) -> String {
    let mut address = known.discovery.authorization_endpoint.clone();
    let scope: Vec<_> = std::iter::once("openid")
        .chain(provider.scopes.iter().map(String::as_str))
        .collect();
    let mut query = address.query_pairs_mut();
    query
        .append_pair("response_type", "code")
        .append_pair("client_id", &provider.client_id)
        .append_pair("redirect_uri", callback)
        .append_pair("scope", &scope.join(" "))
        .append_pair("state", state.expose());
    if let Sent::Oidc {
        nonce,
        verifier,
        max_age,
    } = sent
    {
        query
            .append_pair("nonce", nonce)
            .append_pair("code_challenge", &challenge(verifier))
            .append_pair("code_challenge_method", "S256");
        if let Some(max_age) = max_age {
            query.append_pair("max_age", &max_age.to_string());
        }
    }
    if let Some(email) = &hint.email {
        query.append_pair("login_hint", email.as_str());
    }
    drop(query);
    address.into()
}

/// RFC 7636 §4.2.
fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }
}
