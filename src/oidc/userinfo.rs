//! Userinfo (OpenID Connect Core §5.3): who the person is, on live state.

use serde::Serialize;

use super::holder::Holder;
use super::id_token::Profile;
use super::presented::Presented;
use super::{ErrorCode, OAuthError, ProtocolError, Provider};
use crate::domain::time::Timestamp;

/// The answer.
#[derive(Debug, Serialize)]
pub struct Userinfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

/// Answers for any living access token of a person with `openid`. Errors are those of RFC 6750 §3.1.
pub async fn userinfo(provider: &Provider, token: &str, now: Timestamp) -> Result<Userinfo, ProtocolError> {
    let presented = Presented::read(provider, token, now).await?.ok_or_else(refused)?;
    let Holder::Person(live) = &presented.holder else {
        return Err(refused().into());
    };
    let scope = &presented.claims.scope;
    if !scope.contains("openid") {
        return Err(ErrorCode::InsufficientScope
            .because("the token lacks the scope openid")
            .into());
    }
    Ok(Userinfo {
        sub: live.facts.user.id.to_string(),
        profile: Profile::of(&live.facts.user, scope),
    })
}

fn refused() -> OAuthError {
    ErrorCode::InvalidToken.because("the token is not valid or no longer so")
}
