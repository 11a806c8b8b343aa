//! An authorization request that waits for its person, found again: read from its row, and checked again against what
//! its application is registered with now.

use axum::response::Response;

use super::{AppState, Caller, Fault, redirect};
use crate::domain::id::{AuthorizationRequestId, OrganizationId};
use crate::domain::oauth::Application;
use crate::domain::secret::Purpose;
use crate::oidc::OAuthError;
use crate::oidc::authorize::{Chosen, Destination, Next, next};
use crate::storage::authorization_requests::{self, WaitingRequest};
use crate::storage::{Lane, StorageError, applications};

/// A waiting request with its application and destination.
pub struct Waiting {
    /// The row.
    pub row: WaitingRequest,
    /// Who asks.
    pub application: Application,
    /// Where the answer goes.
    pub destination: Destination,
}

impl Waiting {
    /// The request of an id, if one is named: then it must be there, in this browser, and still in order.
    pub async fn find(
        state: &AppState,
        caller: &Caller,
        id: Option<AuthorizationRequestId>,
    ) -> Result<Option<Self>, Fault> {
        let Some(id) = id else { return Ok(None) };
        let browser = caller.known_browser()?.hash(Purpose::Browser);
        let mut snapshot = state.provider.db.snapshot().await?;
        let mut tx = snapshot.tx();
        let row = authorization_requests::find(&mut tx, id, &browser, state.clock.now()).await?;
        let row = row.ok_or(Fault::ExpiredFlow)?;
        let application = applications::active(&mut tx, row.application)
            .await?
            .ok_or(Fault::UnknownClient)?;
        let (uri, sent) = (&row.request.redirect_uri, row.request.state.as_deref());
        let destination = Destination::validate(&application, uri, sent, &state.provider.issuer);
        let destination = destination.ok_or(Fault::BadRedirect)?;
        Ok(Some(Self {
            row,
            application,
            destination,
        }))
    }

    /// The request that an address names.
    pub async fn require(state: &AppState, caller: &Caller, id: &str) -> Result<Self, Fault> {
        let id = id.parse().map_err(|_| Fault::ExpiredFlow)?;
        Self::find(state, caller, Some(id))
            .await?
            .ok_or(Fault::ExpiredFlow)
    }

    /// Where it goes on.
    pub fn address(&self) -> String {
        format!("/oauth2/authorize/{}", self.row.id)
    }

    /// What the person has said so far.
    pub fn chosen(&self, caller: &Caller, agreed: Option<OrganizationId>) -> Chosen {
        Chosen {
            since: self.row.created_at,
            organization: self.row.chosen_organization,
            agreed,
            address: caller.origin.address,
            put_off: self.row.put_off,
        }
    }

    /// What is next for it.
    pub async fn next(
        &self,
        state: &AppState,
        caller: &Caller,
        agreed: Option<OrganizationId>,
    ) -> Result<Next, Fault> {
        let (signed_in, chosen) = (caller.signed_in.as_ref(), self.chosen(caller, agreed));
        let mut snapshot = state.provider.db.snapshot().await?;
        let mut tx = snapshot.tx();
        let now = state.clock.now();
        Ok(next(
            &mut tx,
            &self.application,
            &self.row.request,
            signed_in,
            chosen,
            now,
        )
        .await?)
    }

    /// Remembers for which organization the person comes.
    pub async fn choose(&self, state: &AppState, organization: OrganizationId) -> Result<(), Fault> {
        let id = self.row.id;
        let work = state.provider.db.write(Lane::Free, move |tx| {
            Box::pin(async move { authorization_requests::choose_organization(tx, id, organization).await })
        });
        let done: Result<(), StorageError> = work.await;
        Ok(done?)
    }

    /// Answers it with an error, once.
    pub async fn refuse(&self, state: &AppState, error: &OAuthError) -> Result<Response, Fault> {
        let id = self.row.id;
        let work = state.provider.db.write(Lane::Free, move |tx| {
            Box::pin(async move { authorization_requests::consume(tx, id).await })
        });
        let consumed: Result<bool, StorageError> = work.await;
        if consumed? {
            Ok(redirect(self.destination.refuse(error).expose()))
        } else {
            Err(Fault::ExpiredFlow)
        }
    }
}
