//! Calls: who asks, by header or cookie, and one transaction in which it is decided and done.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::Method;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;

use super::code::Code;
use super::dry_run;
use super::problem::Problem;
use crate::directory::{self, Credential, DirectoryError, Requester};
use crate::domain::id::OrganizationId;
use crate::domain::organization::OrganizationName;
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::oidc::ApiToken;
use crate::random;
use crate::sign_in;
use crate::storage::{Lane, StorageError, Tx, Work, organizations};
use crate::web::{
    AppState, CookieKind, Cookies, TraceId, authorization, is_same_origin, origin, verify_csrf,
};

/// How a key begins, so that secret scanners know it.
const KEY_PREFIX: &str = "dw_";

/// The header that answers a session's CSRF token.
const CSRF_HEADER: &str = "x-csrf-token";

/// A request of the API with its credential: shown, not yet judged.
pub struct Call {
    pub(super) state: AppState,
    pub(super) requester: Requester,
    pub(super) trace: TraceId,
    /// Whether what is asked is only to be rehearsed.
    pub(super) dry_run: bool,
}

impl FromRequestParts<AppState> for Call {
    type Rejection = Problem;

    /// A bearer token beats cookies, comes once and in the header alone (RFC 6750 §2.1, RFC 9700 §4.3.2).
    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let now = state.clock.now();
        let credential = match parts.headers.get_all(AUTHORIZATION).iter().count() {
            0 => cookie(parts, state, now).await?,
            1 => bearer(parts, state, now)?,
            _ => {
                let twice = "the header Authorization was sent more than once";
                return Err(Problem::new(Code::InvalidRequest, twice));
            }
        };
        let dry_run = dry_run::asked(parts.uri.query().unwrap_or_default())?;
        let Ok(trace) = TraceId::from_request_parts(parts, state).await;
        Ok(Self {
            trace,
            dry_run,
            state: state.clone(),
            requester: Requester {
                credential,
                now,
                origin: Some(origin(parts, state)),
                keyring: state.provider.keyring.clone(),
            },
        })
    }
}

fn bearer(parts: &Parts, state: &AppState, now: Timestamp) -> Result<Credential, Problem> {
    let header = authorization(&parts.headers).and_then(|header| header.split_once(' '));
    let token = match header {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => return Err(Problem::unauthenticated()),
    };
    if token.starts_with(KEY_PREFIX) {
        return Ok(Credential::Key(Secret::received(token).hash(Purpose::ApiKey)));
    }
    let token = ApiToken::of(&state.provider, token, now);
    token
        .map(Credential::Token)
        .map_err(|_| Problem::unauthenticated())
}

/// A session's cookie, which browsers send along whoever wrote the page: what changes something needs the session's own
/// token too, and must not come from elsewhere (SE4).
async fn cookie(parts: &Parts, state: &AppState, now: Timestamp) -> Result<Credential, Problem> {
    let cookies = Cookies::of(&parts.headers, &state.config.public_url);
    let secret = cookies
        .get(CookieKind::Session)
        .ok_or_else(Problem::unauthenticated)?;
    let hash = secret.hash(Purpose::Session);
    let mut snapshot = state.provider.db.snapshot().await?;
    let signed_in = sign_in::current(&mut snapshot.tx(), &hash, now).await?;
    drop(snapshot);
    let signed_in = signed_in.ok_or_else(Problem::unauthenticated)?;
    let safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(&parts.method);
    if !safe {
        let sent = parts
            .headers
            .get(CSRF_HEADER)
            .and_then(|header| header.to_str().ok());
        let own = sent.is_some_and(|sent| verify_csrf(&secret, sent).is_ok());
        if !own || !is_same_origin(&parts.headers, state.config.public_url.as_str()) {
            let wanted = "a change by cookie needs the session's X-CSRF-Token and comes from this very site";
            return Err(Problem::new(Code::ForbiddenOrigin, wanted));
        }
    }
    // A full disk must not keep anybody from reading.
    if let Err(error) = sign_in::touch(&state.provider.db, &signed_in.session, now).await {
        tracing::warn!(%error, "can't note that a session is in use");
    }
    Ok(Credential::Session(hash))
}

impl Call {
    /// The present, the same for all of this call.
    pub(super) fn now(&self) -> Timestamp {
        self.requester.now
    }

    /// Refuses a dry run, of what has none.
    pub(super) fn is_in_earnest(&self) -> Result<(), Problem> {
        if self.dry_run {
            let never = "dry_run: this can't be rehearsed, so nothing was done";
            return Err(Problem::new(Code::InvalidRequest, never));
        }
        Ok(())
    }

    /// Reads in one view.
    pub(super) async fn read<I, T, F>(&self, input: I, f: F) -> Result<T, Problem>
    where
        I: Send + Sync + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Requester, &'a I) -> Work<'a, T, Problem>,
    {
        let mut tried = self.read_once(&input, &f).await;
        if let Err(problem) = &tried
            && let Some(organization) = problem.to_activate
        {
            self.activate(organization).await?;
            tried = self.read_once(&input, &f).await;
        }
        tried
    }

    async fn read_once<I, T, F>(&self, input: &I, f: &F) -> Result<T, Problem>
    where
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Requester, &'a I) -> Work<'a, T, Problem>,
    {
        let mut snapshot = self.state.provider.db.snapshot().await?;
        let mut tx = snapshot.tx();
        self.count_use(&mut tx).await?;
        f(&mut tx, &self.requester, input).await
    }

    /// Decides and writes in one transaction, which may run more than once. Whoever asks for a dry run of what has none
    /// is refused: it must never be done in earnest.
    pub(super) async fn write<I, T, F>(&self, lane: Lane, input: I, f: F) -> Result<T, Problem>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Requester, &'a I) -> Work<'a, T, Problem>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        self.is_in_earnest()?;
        let shared = Arc::new((self.requester.clone(), input));
        self.in_turn(|| {
            let shared = Arc::clone(&shared);
            self.state.provider.db.write(lane, move |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move { f(tx, &shared.0, &shared.1).await })
            })
        })
        .await
    }

    /// Does the same and undoes it: whatever would refuse it refuses it now.
    pub(super) async fn rehearse<I, T, F>(
        &self,
        lane: Lane,
        input: Arc<(Requester, I)>,
        f: F,
    ) -> Result<T, Problem>
    where
        I: Send + Sync + 'static,
        T: Send + 'static,
        F: for<'a, 't> Fn(&'a mut Tx<'t>, &'a Requester, &'a I) -> Work<'a, T, Problem>
            + Copy
            + Send
            + Sync
            + 'static,
    {
        self.in_turn(|| {
            let shared = Arc::clone(&input);
            self.state.provider.db.rehearse(lane, move |tx| {
                let shared = Arc::clone(&shared);
                Box::pin(async move { f(tx, &shared.0, &shared.1).await })
            })
        })
        .await
    }

    /// Tries something once, and once more if the session has to be let act for the organization first.
    async fn in_turn<T, W: Future<Output = Result<T, Problem>>>(
        &self,
        attempt: impl Fn() -> W,
    ) -> Result<T, Problem> {
        let mut snapshot = self.state.provider.db.snapshot().await?;
        self.count_use(&mut snapshot.tx()).await?;
        drop(snapshot);
        let mut tried = attempt().await;
        if let Err(problem) = &tried
            && let Some(organization) = problem.to_activate
        {
            self.activate(organization).await?;
            tried = attempt().await;
        }
        tried
    }

    /// Lets the session act for an organization that its person belongs to.
    async fn activate(&self, organization: OrganizationId) -> Result<(), Problem> {
        let (requester, id) = (self.requester.clone(), random::id(self.now()));
        let work = self.state.provider.db.write(Lane::Free, move |tx| {
            let requester = requester.clone();
            Box::pin(async move { directory::activate(tx, &requester, organization, id).await })
        });
        let activated: Result<(), DirectoryError> = work.await;
        Ok(activated?)
    }

    /// Counts the use of a key that is good, once for each call.
    async fn count_use(&self, tx: &mut Tx<'_>) -> Result<(), Problem> {
        if matches!(self.requester.credential, Credential::Key(_)) {
            let recognised = self.requester.recognise(tx).await?;
            if let (Some(key), Some(origin)) = (recognised.key_id(), &self.requester.origin) {
                self.state.key_uses.count(key, origin, self.now());
            }
        }
        Ok(())
    }

    /// The lane of writes on the organization that a path names.
    pub(super) async fn lane_of(&self, organization: &str) -> Result<Lane, Problem> {
        let mut snapshot = self.state.provider.db.snapshot().await?;
        let id = organization_named(&mut snapshot.tx(), organization).await?;
        Ok(Lane::Organization(id))
    }
}

/// The organization that a path names, by id or name. Where there is none, an id that nobody has: that it does not exist
/// is told by the access check, after it knows who asks.
pub(super) async fn organization_named(tx: &mut Tx<'_>, text: &str) -> Result<OrganizationId, StorageError> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let named = match OrganizationName::parse(text) {
        Ok(name) => organizations::by_name(tx, &name).await?,
        Err(_) => None,
    };
    Ok(named.map_or_else(|| OrganizationId::from_uuid(uuid::Uuid::nil()), |found| found.id))
}

/// An id in a path; what is no id names nothing.
pub(super) fn id_named<T: std::str::FromStr>(text: &str) -> Result<T, DirectoryError> {
    text.parse().map_err(|_| DirectoryError::NotFound)
}
