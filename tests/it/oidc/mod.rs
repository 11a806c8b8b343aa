//! The OpenID provider, as applications and their people see it.

mod at_once;
mod authorize_by_post;
mod authorize_parameters;
mod back_end;
mod client_authentication;
mod client_credentials;
mod clients;
mod code;
mod code_race;
mod forgery;
mod id_token_hint;
mod introspection;
mod jwt;
mod jwt_claims;
mod key_rotation;
mod logout;
mod organization;
mod prompt;
mod random_claims;
mod random_why;
mod redirect;
mod refresh;
mod refresh_ends;
mod refusal;
mod revocation;
mod second_factor;
mod session_limits;
mod sign_in_to_an_application;
mod tokens;
mod userinfo;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::StatusCode;
use serde_json::Value;

use crate::harness::{Answer, Visitor};

/// One part of a token, read without asking whether it is good: 0 is the header, 1 the claims.
fn part_of(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

pub(crate) fn claims_of(token: &str) -> Value {
    part_of(token, 1)
}

/// Redeems a code that must be good.
async fn tokens_for(visitor: &Visitor, client_id: &str, code: &str) -> Value {
    let answer = visitor.redeem(client_id, code).await;
    assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
    answer.json()
}

/// What userinfo says to the access token of an answer.
async fn userinfo(visitor: &Visitor, tokens: &Value) -> Answer {
    userinfo_with(visitor, tokens["access_token"].as_str().unwrap()).await
}

async fn userinfo_with(visitor: &Visitor, token: &str) -> Answer {
    Answer::of(visitor.request("GET", "/oauth2/userinfo").bearer_auth(token)).await
}
