//! The OpenID provider, as applications and their people see it.

mod authorize_by_post;
mod authorize_parameters;
mod client_authentication;
mod code;
mod code_race;
mod prompt;
mod redirect;
mod refusal;
mod sign_in_to_an_application;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

/// One part of a token, read without asking whether it is good: 0 is the header, 1 the claims.
fn part_of(token: &str, part: usize) -> Value {
    let part = token.split('.').nth(part).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

fn claims_of(token: &str) -> Value {
    part_of(token, 1)
}
