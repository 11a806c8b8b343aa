//! Access tokens for Doorward's own API: what they allow, and whether they still do.
//!
//! What such a token said of roles and permissions when it was made is not read here: each call decides afresh.

use super::Provider;
use super::access_token::AccessTokenClaims;
use super::live::{Facts, Standing};
use crate::config::PublicUrl;
use crate::domain::access::{Address, Context, PermissionSet, Proved};
use crate::domain::id::{ApplicationId, FamilyId, OrganizationId, UserId};
use crate::domain::session::{Assurance, Session};
use crate::domain::time::Timestamp;
use crate::keyring::{BadToken, Keyring};
use crate::storage::{StorageError, Tx, applications, families, revoked_tokens};

/// A token of ours for the API, not expired. Whether what it stands on still stands is asked in each transaction.
#[derive(Debug, Clone)]
pub struct ApiToken {
    /// The application that got it.
    pub application: ApplicationId,
    /// The one organization it acts in.
    pub organization: OrganizationId,
    /// The most it can be used for.
    pub ceiling: PermissionSet,
    /// When its person had last proved themselves; nothing if it is nobody's.
    authenticated_at: Option<Timestamp>,
    /// With two factors.
    surely: bool,
    jti: String,
    holder: TokenHolder,
}

#[derive(Debug, Clone, Copy)]
enum TokenHolder {
    Person(UserId, FamilyId),
    Application,
}

/// Who a token for the API speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bearer {
    /// A person, for whom an application acts, and whether they proved a second factor that counts in its organization.
    Person(UserId, Proved),
    /// The application itself.
    Application,
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
        let holder = match claims.family() {
            Some(family) => TokenHolder::Person(claims.sub.parse().map_err(|_| BadToken)?, family),
            None if claims.sub == claims.client_id => TokenHolder::Application,
            None => return Err(BadToken),
        };
        Ok(Self {
            application: claims.client_id.parse().map_err(|_| BadToken)?,
            organization: claims.org.id.parse().map_err(|_| BadToken)?,
            ceiling: claims.scope.api_ceiling(),
            authenticated_at: claims
                .auth_time
                .map(|at| Timestamp::from_millis(at.saturating_mul(1000))),
            surely: claims.acr.as_deref() == Some(Assurance::Two.acr()),
            jti: claims.jti,
            holder,
        })
    }

    /// Whether its person had proved themselves lately when it was made, with a second factor if they have one.
    pub fn is_fresh(&self, has_second_factor: bool, now: Timestamp) -> bool {
        let lately = |at| now.since(at) <= Session::FRESH;
        self.authenticated_at.is_some_and(lately) && (self.surely || !has_second_factor)
    }

    /// The same with what a running server has.
    pub fn of(provider: &Provider, token: &str, now: Timestamp) -> Result<Self, BadToken> {
        Self::verify(&provider.keyring, &provider.issuer, token, now)
    }

    /// Who it speaks for, as long as it was not revoked, its application may use the API, and, if it is a person's, their
    /// family, session and membership are alive.
    pub async fn bearer(&self, tx: &mut Tx<'_>, now: Timestamp) -> Result<Option<Bearer>, StorageError> {
        let application = applications::active(tx, self.application).await?;
        let may = application.is_some_and(|application| application.admin_api);
        if !may || revoked_tokens::contains(tx, &self.jti).await? {
            return Ok(None);
        }
        match self.holder {
            TokenHolder::Application => Ok(Some(Bearer::Application)),
            TokenHolder::Person(user, family) => {
                let factor = self.person(tx, user, family, now).await?;
                Ok(factor.map(|factor| Bearer::Person(user, factor)))
            }
        }
    }

    /// What of a second factor its person proved, if all that it stands on is alive.
    async fn person(
        &self,
        tx: &mut Tx<'_>,
        user: UserId,
        family: FamilyId,
        now: Timestamp,
    ) -> Result<Option<Proved>, StorageError> {
        let family = families::by_id(tx, family).await?;
        let Some(family) = family.filter(|family| family.is_alive(now)) else {
            return Ok(None);
        };
        let same = family.user == user
            && family.application == self.application
            && family.organization == self.organization;
        // Ceiling, address and second factor are the access check's to judge, with words of its own.
        let context = Context {
            now,
            ceiling: None,
            only_on: None,
            address: Address::NotThePersons,
            proved: Proved::NOT_ASKED,
        };
        let facts = Facts::load(tx, &Standing::from(&family)).await?;
        let alive = facts.filter(|facts| same && facts.judge(&context).is_some());
        Ok(alive.map(|facts| facts.proved(now)))
    }
}
