//! An access token that somebody presents: ours, in time, not revoked, and what it stands on still stands.

use super::Provider;
use super::access_token::AccessTokenClaims;
use super::holder::{ApplicationFacts, Holder};
use super::live::{Facts, Standing};
use crate::domain::access::{Address, Context, PermissionSet, SecondFactor};
use crate::domain::id::ApplicationId;
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx, families, revoked_tokens};

/// A token that is alive, and who it speaks for now.
pub(super) struct Presented {
    pub(super) claims: AccessTokenClaims,
    pub(super) holder: Holder,
}

impl Presented {
    /// What a token stands for; nothing if it is dead, for whatever reason.
    pub(super) async fn read(
        provider: &Provider,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, StorageError> {
        let claims = AccessTokenClaims::verify(&provider.keyring, &provider.issuer, |_| true, token, now);
        let Ok(claims) = claims else { return Ok(None) };
        let mut snapshot = provider.db.snapshot().await?;
        let mut tx = snapshot.tx();
        if revoked_tokens::contains(&mut tx, &claims.jti).await? {
            return Ok(None);
        }
        let holder = holder(&mut tx, &claims, now).await?;
        Ok(holder.map(|holder| Self { claims, holder }))
    }
}

async fn holder(
    tx: &mut Tx<'_>,
    claims: &AccessTokenClaims,
    now: Timestamp,
) -> Result<Option<Holder>, StorageError> {
    let ceiling = claims.scope.ceiling();
    if let Some(id) = claims.family() {
        let family = families::by_id(tx, id).await?;
        let Some(family) = family.filter(|family| family.is_alive(now)) else {
            return Ok(None);
        };
        let facts = Facts::load(tx, &Standing::from(&family)).await?;
        let live = facts.and_then(|facts| facts.judge(&person(ceiling, now)));
        return Ok(live.map(Holder::Person));
    }
    let Ok(id) = claims.sub.parse::<ApplicationId>() else {
        return Ok(None);
    };
    let facts = ApplicationFacts::load(tx, id).await?;
    let context = ApplicationFacts::context(ceiling, now);
    let acting = facts.and_then(|facts| facts.judge(&context));
    Ok(acting.map(Holder::Application))
}

/// Whoever presents a token is somewhere else than its person.
fn person(ceiling: Option<PermissionSet>, now: Timestamp) -> Context {
    Context {
        now,
        ceiling,
        address: Address::NotThePersons,
        second_factor: SecondFactor::Missing,
    }
}
