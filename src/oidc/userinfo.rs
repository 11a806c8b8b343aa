//! Userinfo (OpenID Connect Core §5.3): who the person is, on live state.

use serde::Serialize;

use super::access_token::AccessTokenClaims;
use super::id_token::Profile;
use super::live::Standing;
use super::{ErrorCode, OAuthError, Provider};
use crate::domain::access::{Address, Context, SecondFactor};
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, families};

/// The answer.
#[derive(Debug, Serialize)]
pub struct Userinfo {
    sub: String,
    #[serde(flatten)]
    profile: Profile,
}

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum UserinfoError {
    /// Told to the client (RFC 6750 §3.1).
    #[error("{0}")]
    Refused(OAuthError),
    /// Not told.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Answers for any access token with `openid` whose family, session and person are alive.
pub async fn userinfo(provider: &Provider, token: &str, now: Timestamp) -> Result<Userinfo, UserinfoError> {
    let refused =
        || UserinfoError::Refused(ErrorCode::InvalidToken.because("the token is not valid or no longer so"));
    let claims = AccessTokenClaims::verify(&provider.keyring, &provider.issuer, |_| true, token, now);
    let claims = claims.map_err(|_| refused())?;
    if !claims.scope.contains("openid") {
        return Err(UserinfoError::Refused(
            ErrorCode::InsufficientScope.because("the token lacks the scope openid"),
        ));
    }
    let mut snapshot = provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let id = claims.family().ok_or_else(refused)?;
    let family = families::by_id(&mut tx, id)
        .await?
        .filter(|family| family.revoked_at.is_none());
    let family = family.ok_or_else(refused)?;
    let standing = Standing {
        application: family.application,
        user: family.user,
        organization: family.organization,
        activation: family.activation,
    };
    let context = Context {
        now,
        ceiling: None,
        address: Address::NotThePersons,
        second_factor: SecondFactor::Missing,
    };
    let live = standing.live(&mut tx, &context).await?.ok_or_else(refused)?;
    let profile = Profile::of(&live.user, &claims.scope);
    Ok(Userinfo {
        sub: live.user.id.to_string(),
        profile,
    })
}
