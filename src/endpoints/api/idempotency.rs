//! `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): the same POST twice makes one thing.
//!
//! The answer is stored in the transaction that made the thing. What is shown once is not stored with it.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::header::LOCATION;
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::Value;

use super::code::Code;
use super::etag::as_json;
use super::problem::Problem;
use crate::directory::Requester;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::storage::idempotency_keys::{self, IdempotencyKey, StoredAnswer};
use crate::storage::{StorageError, Tx};

/// The header of a request, as it came.
pub struct Once {
    sent: Vec<Option<String>>,
    route: String,
}

/// A request that is to happen once, or that did not ask for it.
#[derive(Clone)]
pub(super) struct Attempt(Option<Request>);

#[derive(Clone)]
struct Request {
    key: String,
    hash: SecretHash,
}

/// The answer to a request that made something.
pub struct Made {
    status: u16,
    body: String,
    location: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Once {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let sent = parts.headers.get_all("idempotency-key").iter();
        Ok(Self {
            sent: sent.map(|key| key.to_str().ok().map(str::to_owned)).collect(),
            route: format!("{} {}", parts.method, parts.uri.path()),
        })
    }
}

impl Once {
    /// Reads the key, 1 to 255 visible ASCII characters, and ties it to the route and the body.
    pub(super) fn tie(self, body: &SecretHash) -> Result<Attempt, Problem> {
        let key = match self.sent.as_slice() {
            [] => return Ok(Attempt(None)),
            [Some(key)] if (1..=255).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) => {
                key.clone()
            }
            _ => {
                let wanted = "Idempotency-Key must be 1 to 255 visible ASCII characters, sent once";
                return Err(Problem::new(Code::InvalidRequest, wanted));
            }
        };
        let digest = URL_SAFE_NO_PAD.encode(body.as_bytes());
        let hash = Secret::received(format!("{}\n{digest}", self.route)).hash(Purpose::RequestBody);
        Ok(Attempt(Some(Request { key, hash })))
    }
}

impl Once {
    /// The same for a request without a body.
    pub(super) fn tie_bare(self) -> Result<Attempt, Problem> {
        self.tie(&Secret::received("").hash(Purpose::RequestBody))
    }
}

impl Attempt {
    /// The attempt at one item of a batch.
    pub(super) fn nth(&self, item: usize) -> Self {
        Self(self.0.as_ref().map(|request| Request {
            key: format!("{} {item}", request.key),
            hash: request.hash.clone(),
        }))
    }

    /// The answer that was given to the same request before, if it was made before. Asked after the access check.
    pub(super) async fn made_before(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
    ) -> Result<Option<Made>, Problem> {
        let Some(request) = &self.0 else { return Ok(None) };
        let key = request.key(tx, requester).await?;
        let Some(stored) = idempotency_keys::find(tx, &key).await? else {
            return Ok(None);
        };
        if stored.request_hash != request.hash {
            let reused = "this Idempotency-Key came with another request before";
            return Err(Problem::new(Code::IdempotencyKeyReused, reused));
        }
        if stored.shown_once {
            return Err(Problem::already_created(stored.body));
        }
        Ok(Some(Made {
            status: stored.status,
            body: stored.body,
            location: None,
        }))
    }

    /// Stores the answer with what was made.
    pub(super) async fn made(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
        location: String,
        shown: &impl Serialize,
    ) -> Result<Made, Problem> {
        let body = serde_json::to_string(shown).expect("what is shown is made of strings and numbers");
        self.keep(tx, requester, &body, false).await?;
        Ok(Made::created(location, body))
    }

    /// The same for what shows a secret: only the id is stored.
    pub(super) async fn made_with_secret(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
        id: &str,
    ) -> Result<(), Problem> {
        self.keep(tx, requester, id, true).await
    }

    async fn keep(
        &self,
        tx: &mut Tx<'_>,
        requester: &Requester,
        body: &str,
        shown_once: bool,
    ) -> Result<(), Problem> {
        let Some(request) = &self.0 else { return Ok(()) };
        let key = request.key(tx, requester).await?;
        let answer = StoredAnswer {
            request_hash: request.hash.clone(),
            status: StatusCode::CREATED.as_u16(),
            body: body.to_owned(),
            shown_once,
        };
        if idempotency_keys::insert(tx, &key, &answer, requester.now).await? {
            return Ok(());
        }
        // Somebody else stored it since it was looked for: as if contended, and nothing was done.
        Err(StorageError::Contended(1).into())
    }
}

impl Request {
    async fn key(&self, tx: &mut Tx<'_>, requester: &Requester) -> Result<IdempotencyKey, Problem> {
        Ok(IdempotencyKey {
            caller: requester.recognise(tx).await?.name(),
            key: self.key.clone(),
        })
    }
}

impl Made {
    fn created(location: String, body: String) -> Self {
        Self {
            status: 201,
            body,
            location: Some(location),
        }
    }

    /// No answer yet.
    pub(super) fn empty() -> Self {
        Self {
            status: 201,
            body: String::new(),
            location: None,
        }
    }

    /// What was made, for an answer that tells of many.
    pub(super) fn into_value(self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// An answer that adds what is shown once.
    pub(super) fn with_secret(location: String, shown: &impl Serialize, name: &str, secret: &Secret) -> Self {
        let mut shown = serde_json::to_value(shown).expect("what is shown is made of strings and numbers");
        shown[name] = Value::from(secret.expose());
        Self::created(location, shown.to_string())
    }
}

impl IntoResponse for Made {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::CREATED);
        let mut response = (status, as_json(), self.body).into_response();
        if let Some(location) = self.location.and_then(|to| HeaderValue::from_str(&to).ok()) {
            response.headers_mut().insert(LOCATION, location);
        }
        response
    }
}
