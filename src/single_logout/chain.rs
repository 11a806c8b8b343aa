//! A sign-out on its way: the next who is to hear of it, or where it leads when all have.

use std::collections::BTreeSet;

use url::Url;

use super::message::{Asking, Ended};
use super::{SingleLogout, SingleLogoutError};
use crate::domain::connection::Provider;
use crate::domain::id::ConnectionId;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::session::Session;
use crate::domain::sign_out::{Party, SignOut, Stop, Then};
use crate::domain::time::Timestamp;
use crate::random;
use crate::saml::logout::LogoutResponse;
use crate::storage::{
    Lane, StorageError, Tx, connections, saml_sessions, service_providers, sign_outs, upstream_sessions,
};

/// What is next.
pub enum Step {
    /// Somebody is asked.
    Ask(Asking),
    /// Whoever asked us is answered.
    Answer(Ended),
    /// The browser goes here.
    Address(String),
    /// Everybody has heard.
    SignedOut,
}

impl SingleLogout {
    /// Notes who must hear that a session is over, before it is. Answers the handle by which its browser goes on, or nothing if
    /// nobody must.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn begin(
        &self,
        browser: &SecretHash,
        session: &Session,
        then: &Then,
        now: Timestamp,
    ) -> Result<Option<Secret>, StorageError> {
        let rest = {
            let mut snapshot = self.db.snapshot().await?;
            stops(&mut snapshot.tx(), session).await?
        };
        let asked_by = match then {
            Then::Answer { party, .. } => Some(*party),
            Then::SignedOut | Then::Address(_) => None,
        };
        let rest: Vec<_> = rest
            .into_iter()
            .filter(|stop| Some(stop.party()) != asked_by)
            .collect();
        if rest.is_empty() {
            return Ok(None);
        }
        let handle = random::secret();
        let (hash, browser) = (handle.hash(Purpose::SignOut), browser.clone());
        let state = SignOut {
            rest,
            waits_for: None,
            is_partial: false,
            then: then.clone(),
        };
        let work = self.db.write(Lane::Free, move |tx| {
            let (hash, browser, state) = (hash.clone(), browser.clone(), state.clone());
            Box::pin(async move { sign_outs::insert(tx, &hash, &browser, &state, now).await })
        });
        let stored: Result<(), StorageError> = work.await;
        stored?;
        Ok(Some(handle))
    }

    /// Goes on in the browser that it belongs to. Who was asked and gave no answer is left behind; so is whoever can't be asked.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn next(
        &self,
        handle: &Secret,
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Step>, SingleLogoutError> {
        loop {
            let id = super::taken::message_id();
            let taken = self.take(handle, browser, id.clone(), now).await?;
            let Some((stop, state)) = taken else {
                return Ok(None);
            };
            let Some(stop) = stop else {
                return self.finish(state.then, !state.is_partial, now).await.map(Some);
            };
            match self.ask(&stop, id, handle.expose(), now).await {
                Ok(asking) => return Ok(Some(Step::Ask(asking))),
                Err(SingleLogoutError::Storage(error)) => return Err(error.into()),
                Err(why) => {
                    tracing::info!(party = ?stop.party(), %why, "nobody can be asked to sign out there")
                }
            }
        }
    }

    /// Where a sign-out leads of which everybody has heard, or everybody but some.
    ///
    /// # Errors
    ///
    /// Whoever asked can't be answered.
    pub async fn finish(
        &self,
        then: Then,
        is_whole: bool,
        now: Timestamp,
    ) -> Result<Step, SingleLogoutError> {
        Ok(match then {
            Then::SignedOut => Step::SignedOut,
            Then::Address(address) => Step::Address(address),
            Then::Answer {
                party,
                in_response_to,
                relay_state,
            } => {
                let answer = LogoutResponse {
                    in_response_to,
                    succeeded: is_whole,
                    relay_state,
                };
                match self
                    .answer(party, &answer, &super::taken::message_id(), now)
                    .await
                {
                    Ok(ended) => Step::Answer(ended),
                    Err(SingleLogoutError::Storage(error)) => return Err(error.into()),
                    Err(why) => {
                        tracing::warn!(?party, %why, "whoever asked to sign out can't be answered");
                        Step::SignedOut
                    }
                }
            }
        })
    }

    /// Somebody has answered: nothing comes of it unless they were the one who was asked.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn heard(
        &self,
        from: Party,
        answer: &LogoutResponse,
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<Option<Secret>, StorageError> {
        let Some(handle) = answer.relay_state.clone().map(Secret::received) else {
            return Ok(None);
        };
        let request = answer.in_response_to.clone();
        let is_theirs = move |(party, id): &(Party, String)| *party == from && *id == request;
        let heard = self
            .note(&handle, browser, is_theirs, answer.succeeded, now)
            .await?;
        Ok(heard.then_some(handle))
    }

    /// A browser came back from an `OpenID` provider, whose answer says nothing else.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn came_back(
        &self,
        from: ConnectionId,
        handle: &Secret,
        browser: &SecretHash,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let is_theirs = move |(party, _): &(Party, String)| *party == Party::Connection(from);
        self.note(handle, browser, is_theirs, true, now).await?;
        Ok(())
    }

    /// Notes the answer of whoever is waited for; answers whether it was theirs.
    async fn note(
        &self,
        handle: &Secret,
        browser: &SecretHash,
        is_theirs: impl Fn(&(Party, String)) -> bool + Clone + Send + Sync + 'static,
        succeeded: bool,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let (hash, browser) = (handle.hash(Purpose::SignOut), browser.clone());
        let work = self.db.write(Lane::Free, move |tx| {
            let (hash, browser, is_theirs) = (hash.clone(), browser.clone(), is_theirs.clone());
            Box::pin(async move {
                let found = sign_outs::find(tx, &hash, &browser, now).await?;
                let Some(mut state) = found.filter(|state| state.waits_for.as_ref().is_some_and(&is_theirs))
                else {
                    return Ok(false);
                };
                state.waits_for = None;
                state.is_partial |= !succeeded;
                sign_outs::update(tx, &hash, &state).await?;
                Ok(true)
            })
        });
        work.await
    }

    /// The next to be asked, and how far it is then; none, and it is over and forgotten.
    async fn take(
        &self,
        handle: &Secret,
        browser: &SecretHash,
        id: String,
        now: Timestamp,
    ) -> Result<Option<(Option<Stop>, SignOut)>, StorageError> {
        let (hash, browser) = (handle.hash(Purpose::SignOut), browser.clone());
        let work = self.db.write(Lane::Free, move |tx| {
            let (hash, browser, id) = (hash.clone(), browser.clone(), id.clone());
            Box::pin(async move {
                let Some(mut state) = sign_outs::find(tx, &hash, &browser, now).await? else {
                    return Ok(None);
                };
                state.is_partial |= state.waits_for.is_some();
                if state.rest.is_empty() {
                    sign_outs::remove(tx, &hash).await?;
                    return Ok(Some((None, state)));
                }
                let stop = state.rest.remove(0);
                state.waits_for = Some((stop.party(), id));
                sign_outs::update(tx, &hash, &state).await?;
                Ok(Some((Some(stop), state)))
            })
        });
        work.await
    }
}

impl SingleLogout {
    /// What the form that begins a sign-out must allow on its way through all who must hear of it: browsers check the whole
    /// chain of redirects. Providers lead on to other hosts of theirs.
    ///
    /// # Errors
    ///
    /// The database failed.
    pub async fn form_action(&self, session: &Session) -> Result<Vec<String>, StorageError> {
        let mut snapshot = self.db.snapshot().await?;
        let tx = &mut snapshot.tx();
        let mut sources = BTreeSet::new();
        for stop in stops(tx, session).await? {
            let address = match stop {
                Stop::Application(there) => {
                    let sp = service_providers::of(tx, there.application).await?;
                    sp.and_then(|sp| sp.slo).map(|slo| slo.url)
                }
                Stop::Connection(there) => {
                    let found = connections::by_id(tx, there.connection).await?;
                    found.and_then(|found| match found.provider {
                        Provider::Oidc(provider) => Some(provider.issuer),
                        Provider::Saml(provider) => provider.slo.map(|slo| slo.url),
                    })
                }
            };
            let url = address.and_then(|address| Url::parse(&address).ok());
            sources.extend(url.map(|url| match url.scheme() {
                "https" => "https:".to_owned(),
                _ => url.origin().ascii_serialization(),
            }));
        }
        Ok(sources.into_iter().collect())
    }
}

/// The applications where the person is signed in by this session, and last the providers that they came by, as far as they
/// take sign-outs.
async fn stops(tx: &mut Tx<'_>, session: &Session) -> Result<Vec<Stop>, StorageError> {
    let mut found = Vec::new();
    for there in saml_sessions::of_session(tx, session.id).await? {
        let sp = service_providers::of(tx, there.application).await?;
        if sp.is_some_and(|sp| sp.slo.is_some()) {
            found.push(Stop::Application(there));
        }
    }
    for there in upstream_sessions::of_session(tx, session.id).await? {
        let connection = connections::by_id(tx, there.connection).await?;
        if connection.is_some_and(|connection| connection.takes_sign_outs()) {
            found.push(Stop::Connection(there));
        }
    }
    Ok(found)
}
