//! An access token that somebody presents: ours, in time, not revoked, and what it stands on still stands.

use std::sync::Arc;

use super::Provider;
use super::access_token::AccessTokenClaims;
use super::holder::Holder;
use crate::domain::access::{Address, Context, PermissionSet, Proved};
use crate::domain::id::ApplicationId;
use crate::domain::time::Timestamp;
use crate::storage::StorageError;

/// A token that is alive, and who it speaks for now.
pub(super) struct Presented {
    pub(super) claims: Arc<AccessTokenClaims>,
    pub(super) holder: Holder,
}

impl Presented {
    /// What a token stands for; nothing if it is dead, for whatever reason.
    pub(super) async fn read(
        provider: &Provider,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Self>, StorageError> {
        let Some(claims) = provider.claims(token, now).await? else {
            return Ok(None);
        };
        let holder = holder(provider, &claims, now).await?;
        Ok(holder.map(|holder| Self { claims, holder }))
    }
}

async fn holder(
    provider: &Provider,
    claims: &AccessTokenClaims,
    now: Timestamp,
) -> Result<Option<Holder>, StorageError> {
    if let Some(id) = claims.family() {
        let person = provider.person(id, now).await?;
        let live = person.and_then(|person| {
            person.live(&elsewhere(claims.scope.ceiling_within(&person.family.scope), now))
        });
        return Ok(live.map(Holder::Person));
    }
    let Ok(id) = claims.sub.parse::<ApplicationId>() else {
        return Ok(None);
    };
    let facts = provider.program(id, now).await?;
    let acting = facts.and_then(|facts| facts.judge(&claims.scope, now));
    Ok(acting.map(Holder::Application))
}

/// Whoever presents a person's token is somewhere else than they.
pub(super) fn elsewhere(ceiling: Option<PermissionSet>, now: Timestamp) -> Context {
    Context {
        now,
        ceiling,
        only_on: None,
        address: Address::NotThePersons,
        proved: Proved::NOTHING,
    }
}
