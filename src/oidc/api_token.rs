//! Access tokens for Doorward's own API: what they allow, and whether they still do.
//!
//! What such a token said of roles and permissions when it was made is not read here: each call decides afresh.

use super::Provider;
use super::access_token::AccessTokenClaims;
use super::live::Standing;
use crate::config::PublicUrl;
use crate::domain::access::{Address, Context, PermissionSet, SecondFactor};
use crate::domain::id::{ApplicationId, FamilyId, OrganizationId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::{BadToken, Keyring};
use crate::storage::{StorageError, Tx, families};

/// A token of ours for the API, not expired. Whether what it stands on still stands is asked in each transaction.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// The application that got it.
    pub application: ApplicationId,
    /// The one organization it acts in.
    pub organization: OrganizationId,
    /// The most it can be used for.
    pub ceiling: PermissionSet,
    family: FamilyId,
    user: UserId,
}

/// The audience of such tokens: `{issuer}/v2`.
pub fn api_audience(issuer: &PublicUrl) -> String {
    issuer.at("/v2")
}

impl ApiToken {
    /// Reads a token that must be for the API and nothing else.
    pub fn verify(
        keyring: &Keyring,
        issuer: &PublicUrl,
        token: &str,
        now: Timestamp,
    ) -> Result<Self, BadToken> {
        let audience = api_audience(issuer);
        let for_us = |claims: &AccessTokenClaims| claims.aud == audience;
        let claims = AccessTokenClaims::verify(keyring, issuer, for_us, token, now)?;
        Ok(Self {
            application: claims.client_id.parse().map_err(|_| BadToken)?,
            organization: claims.org.id.parse().map_err(|_| BadToken)?,
            ceiling: claims.scope.api_ceiling(),
            family: claims.family().ok_or(BadToken)?,
            user: claims.sub.parse().map_err(|_| BadToken)?,
        })
    }

    /// The same with what a running server has.
    pub fn of(provider: &Provider, token: &str, now: Timestamp) -> Result<Self, BadToken> {
        Self::verify(&provider.keyring, &provider.issuer, token, now)
    }

    /// Whose it is, as long as family, session, membership and application are alive.
    pub async fn bearer(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<UserId>, StorageError> {
        let family = families::by_id(tx, self.family).await?;
        let Some(family) = family.filter(|family| family.revoked_at.is_none()) else {
            return Ok(None);
        };
        let same = family.user == self.user
            && family.application == self.application
            && family.organization == self.organization;
        let standing = Standing {
            application: family.application,
            user: family.user,
            organization: family.organization,
            activation: family.activation,
        };
        // Ceiling, address and second factor are the access check's to judge, with words of its own.
        let context = Context {
            now,
            ceiling: None,
            address: Address::NotThePersons,
            second_factor: SecondFactor::NotAsked,
        };
        let alive = same && standing.live(tx, &context).await?.is_some();
        Ok(alive.then_some(self.user))
    }
}
