//! Calls: the token that is shown, and one transaction in which everything is decided and done.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use serde_json::Value;

use super::failure::Failure;
use crate::directory::scim::tokens::PREFIX;
use crate::directory::{DirectoryError, Provisioner};
use crate::domain::id::OrganizationId;
use crate::domain::secret::{Purpose, Secret};
use crate::storage::scim_tokens::ScimToken;
use crate::storage::{Lane, StorageError, Tx, Work, scim_tokens};
use crate::web::{AppState, TraceId, authorization, bearer, origin};

/// A token's use is noted at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// A request with a token that was good a moment ago; what it does is decided once more where it is done.
pub struct Call {
    state: AppState,
    pub(super) provisioner: Provisioner,
    organization: OrganizationId,
    pub(super) trace: TraceId,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Failure;

    /// The token comes once, and in the header alone (RFC 6750 §2.1). No cookie, key or access token opens this.
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Failure> {
        let Ok(trace) = TraceId::from_request_parts(parts, state).await;
        let once = parts.headers.get_all(AUTHORIZATION).iter().count() == 1;
        let token = authorization(&parts.headers).and_then(bearer);
        let token = token.filter(|token| once && token.starts_with(PREFIX));
        let token = token.ok_or_else(Failure::unauthenticated)?;
        let provisioner = Provisioner {
            secret: Secret::received(token).hash(Purpose::ScimToken),
            now: state.clock.now(),
            origin: origin(parts, state),
            keyring: state.provider.keyring.clone(),
        };
        let mut snapshot = state.provider.db.snapshot().await?;
        let token = provisioner.recognise(&mut snapshot.tx()).await?;
        drop(snapshot);
        let call = Self {
            state: state.clone(),
            provisioner,
            organization: token.organization,
            trace,
        };
        // A full disk must not keep anybody from reading.
        if let Err(error) = call.note_use(&token).await {
            tracing::warn!(%error, "can't note that a SCIM token is in use");
        }
        Ok(call)
    }
}

impl Call {
    async fn note_use(&self, token: &ScimToken) -> Result<(), StorageError> {
        let (id, now) = (token.id, self.provisioner.now);
        let lately = |at| now.since(at) < NOTED_EVERY;
        if token.last_used_at.is_some_and(lately) {
            return Ok(());
        }
        let work = self.state.provider.db.write(Lane::Guarded, move |tx| {
            Box::pin(async move { scim_tokens::used(tx, id, now).await })
        });
        work.await
    }

    /// Where resources are.
    pub(super) fn base(&self) -> String {
        self.state.config.public_url.at("/scim/v2")
    }

    /// Reads in one view.
    pub(super) async fn read<I, T, F>(&self, input: I, f: F) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Provisioner, &'a I) -> Work<'a, T, Failure>,
    {
        let mut snapshot = self.state.provider.db.snapshot().await?;
        f(&mut snapshot.tx(), &self.provisioner, &input).await
    }

    /// Decides and writes in one transaction, which may run more than once, in the organization's lane.
    pub(super) async fn write<I, T, F>(&self, input: I, f: F) -> Result<T, Failure>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Provisioner, &'a I) -> Work<'a, T, Failure>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        let shared = Arc::new((self.provisioner.clone(), input));
        let lane = Lane::Organization(self.organization);
        let work = self.state.provider.db.write(lane, move |tx| {
            let shared = Arc::clone(&shared);
            Box::pin(async move { f(tx, &shared.0, &shared.1).await })
        });
        work.await
    }
}

/// An id in a path; what is no id names nothing, least of all somebody else's (SC2).
pub(super) fn id_named<T: std::str::FromStr>(text: &str) -> Result<T, DirectoryError> {
    text.parse().map_err(|_| DirectoryError::NotFound)
}

/// An object, as all that is sent here is.
pub(super) fn object(value: Value) -> Result<serde_json::Map<String, Value>, Failure> {
    match value {
        Value::Object(object) => Ok(object),
        _ => Err(Failure::syntax("the body is a JSON object")),
    }
}
