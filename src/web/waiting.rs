//! An authorization request that waits for its person, found again: read from its row, and checked again against what
//! its application is registered with now.

use super::{AppState, Caller, Fault};
use crate::config::PublicUrl;
use crate::domain::id::{AuthorizationRequestId, OrganizationId};
use crate::domain::oauth::{Answer, Application, AuthorizationRequest};
use crate::domain::secret::Purpose;
use crate::downstream::Recipient;
use crate::oidc::authorize::{Chosen, Destination, Next, next};
use crate::random;
use crate::storage::authorization_requests::{self, WaitingRequest};
use crate::storage::{Lane, StorageError, Tx, applications, service_providers};

/// A waiting request with its application and destination.
pub struct Waiting {
    /// The row.
    pub row: WaitingRequest,
    /// Who asks.
    pub application: Application,
    /// Where the answer goes.
    pub destination: AnswerTo,
}

/// Where an answer goes, and how a browser takes it there.
pub enum AnswerTo {
    /// It is redirected.
    Redirect(Destination),
    /// It posts a form.
    Post(Recipient),
}

impl AnswerTo {
    /// Where a request is answered, if its application has that registered now.
    async fn of(
        tx: &mut Tx<'_>,
        application: &Application,
        answer: &Answer,
        issuer: &PublicUrl,
    ) -> Result<Option<Self>, StorageError> {
        Ok(match answer {
            Answer::Code(asked) => {
                let (uri, sent) = (&asked.redirect_uri, asked.state.as_deref());
                Destination::validate(application, uri, sent, issuer).map(Self::Redirect)
            }
            Answer::Assertion(asked) => {
                let sp = service_providers::of(tx, application.id).await?;
                sp.and_then(|sp| Recipient::validate(&sp, asked)).map(Self::Post)
            }
        })
    }

    /// What a form's `form-action` must allow on the way there.
    pub fn form_action(&self) -> String {
        match self {
            Self::Redirect(destination) => destination.form_action(),
            Self::Post(recipient) => recipient.form_action(),
        }
    }

    /// The host that a person is shown.
    pub fn host(&self) -> &str {
        match self {
            Self::Redirect(destination) => destination.host(),
            Self::Post(recipient) => recipient.host(),
        }
    }
}

impl Waiting {
    /// A request that was just made.
    pub fn new(
        state: &AppState,
        application: Application,
        request: AuthorizationRequest,
        destination: AnswerTo,
    ) -> Self {
        let now = state.clock.now();
        let row = WaitingRequest {
            id: random::id(now),
            application: application.id,
            request,
            chosen_organization: None,
            put_off: false,
            created_at: now,
        };
        Self {
            row,
            application,
            destination,
        }
    }

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
        let (answer, issuer) = (&row.request.answer, &state.provider.issuer);
        let destination = AnswerTo::of(&mut tx, &application, answer, issuer).await?;
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
        let id = self.row.id;
        match self.destination {
            AnswerTo::Redirect(_) => format!("/oauth2/authorize/{id}"),
            AnswerTo::Post(_) => format!("/saml/idp/{}/sso/{id}", self.application.id),
        }
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
}
