//! What others send of sign-outs: verified where it comes in, and carried on to where our cookies are if it came by a form.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::{SingleLogout, SingleLogoutError};
use crate::domain::id::{ApplicationId, SessionId};
use crate::domain::session::Session;
use crate::domain::sign_out::{Party, Then};
use crate::domain::time::Timestamp;
use crate::random;
use crate::saml::Refusal;
use crate::saml::incoming::Incoming;
use crate::saml::logout::{self, LogoutRequest, LogoutResponse};
use crate::storage::{
    Lane, StorageError, Tx, activations, logout_requests, saml_sessions, sessions, sign_outs,
    upstream_sessions,
};

/// A message that its sender signed.
#[derive(Serialize, Deserialize)]
pub enum Taken {
    /// Somebody is to be signed out.
    Request(LogoutRequest),
    /// Somebody was.
    Response(LogoutResponse),
}

/// Whom somebody wants signed out here.
pub struct Asked {
    /// Their sessions, which are alive.
    pub sessions: Vec<Session>,
    /// Where their sign-out leads.
    pub then: Then,
}

#[derive(Serialize, Deserialize)]
struct Carried {
    message: Taken,
    at: Timestamp,
}

impl SingleLogout {
    /// Takes a message.
    ///
    /// # Errors
    ///
    /// It is none of its sender's, or means nothing here.
    pub async fn take_request(
        &self,
        from: Party,
        incoming: Incoming<'_>,
        now: Timestamp,
    ) -> Result<Taken, SingleLogoutError> {
        let partner = self.partner(from, now).await?;
        let request = LogoutRequest::receive(incoming, partner.parties(), &partner.keys()?, now)?;
        Ok(Taken::Request(request))
    }

    /// Takes an answer.
    ///
    /// # Errors
    ///
    /// It is none of its sender's, or means nothing here.
    pub async fn take_response(
        &self,
        from: Party,
        incoming: Incoming<'_>,
        now: Timestamp,
    ) -> Result<Taken, SingleLogoutError> {
        let partner = self.partner(from, now).await?;
        let response = LogoutResponse::receive(incoming, partner.parties(), &partner.keys()?, now)?;
        Ok(Taken::Response(response))
    }

    /// Whom a request is about: only sessions that its sender knows, and once.
    ///
    /// # Errors
    ///
    /// It was taken before.
    pub async fn asked(
        &self,
        from: Party,
        request: LogoutRequest,
        now: Timestamp,
    ) -> Result<Asked, SingleLogoutError> {
        let then = Then::Answer {
            party: from,
            in_response_to: request.id.clone(),
            relay_state: request.relay_state.clone(),
        };
        let work = self.db.write(Lane::Guarded, move |tx| {
            let request = request.clone();
            Box::pin(async move {
                let until = now.plus(logout::REMEMBERED);
                if !logout_requests::use_once(tx, &sender(from), &request.id, until).await? {
                    return Ok(None);
                }
                let mut found = Vec::new();
                for id in meant(tx, from, &request).await? {
                    found.extend(sessions::by_id(tx, id).await?);
                }
                Ok(Some(found))
            })
        });
        let found: Result<Option<Vec<Session>>, StorageError> = work.await;
        let sessions = found?.ok_or(Refusal::Replayed)?;
        Ok(Asked { sessions, then })
    }

    /// A message that was verified, as a text for an address: whoever posted it can't read or change it there.
    pub fn carry(&self, from: Party, message: Taken, at: Timestamp) -> String {
        let carried = serde_json::to_vec(&Carried { message, at }).expect("a message is made of strings");
        URL_SAFE_NO_PAD.encode(self.keyring.seal(&context(from), &carried))
    }

    /// The message that such a text carries, if it was carried just now.
    pub fn carried(&self, from: Party, text: &str, now: Timestamp) -> Option<Taken> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let carried = self.keyring.open_sealed(&context(from), &sealed)?;
        let carried: Carried = serde_json::from_slice(&carried).ok()?;
        (now.since(carried.at) < sign_outs::LIFETIME).then_some(carried.message)
    }
}

/// The sessions that a request names. One that names none is about all of its person's (SAML 2.0 Core §3.7.1).
async fn meant(
    tx: &mut Tx<'_>,
    from: Party,
    request: &LogoutRequest,
) -> Result<Vec<SessionId>, StorageError> {
    match from {
        Party::Application(application) if request.sessions.is_empty() => {
            saml_sessions::sessions_of(tx, application, &request.name_id).await
        }
        Party::Application(application) => named(tx, application, request).await,
        Party::Connection(connection) => {
            let known = upstream_sessions::sessions_of(tx, connection, &request.name_id).await?;
            let named = |index: &Option<String>| {
                let mut sessions = request.sessions.iter();
                request.sessions.is_empty() || sessions.any(|session| Some(session) == index.as_ref())
            };
            Ok(known
                .into_iter()
                .filter(|(_, index)| named(index))
                .map(|(session, _)| session)
                .collect())
        }
    }
}

/// Those of an application: what another one's person is signed in by is none of its.
async fn named(
    tx: &mut Tx<'_>,
    application: ApplicationId,
    request: &LogoutRequest,
) -> Result<Vec<SessionId>, StorageError> {
    let mut found = Vec::new();
    for index in &request.sessions {
        let Ok(activation) = index.parse() else { continue };
        let there = saml_sessions::find(tx, application, activation).await?;
        if there.is_some_and(|there| there.name_id == request.name_id) {
            let activation = activations::by_id(tx, activation).await?;
            found.extend(activation.map(|activation| activation.session));
        }
    }
    Ok(found)
}

fn sender(from: Party) -> String {
    match from {
        Party::Application(application) => application.to_string(),
        Party::Connection(connection) => connection.to_string(),
    }
}

fn context(from: Party) -> String {
    format!("sign-out by {}", sender(from))
}

/// A message's own name: 160 bits that begin as a name must (Core §1.3.4).
pub(super) fn message_id() -> String {
    let digits = random::bytes::<20>().map(|byte| format!("{byte:02x}"));
    format!("_{}", digits.concat())
}
