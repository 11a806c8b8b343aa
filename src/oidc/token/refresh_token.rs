//! `grant_type=refresh_token` (RFC 6749 §6): each refresh token once, for its successor (RFC 9700 §4.14.2).
//!
//! An answer can get lost on its way. So the client may ask again for ten seconds, and gets the very successor that was
//! made the first time, as long as nobody has used that. Whoever comes later holds a copy: the family dies.

use std::sync::Arc;
use std::time::Duration;

use super::{Descent, Entitled, audience, context};
use crate::audit::{self, Actor, Event, Origin};
use crate::domain::access::Context;
use crate::domain::oauth::{Application, Family, Scope};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::keyring::{Keyring, open_with, seal_with};
use crate::oidc::holder::Holder;
use crate::oidc::live::Live;
use crate::oidc::memory::Person;
use crate::oidc::{ErrorCode, OAuthError, Parameters, ProtocolError, Provider};
use crate::random;
use crate::storage::refresh_tokens::{self, StoredRefreshToken, Successor};
use crate::storage::{Changes, Lane, StorageError, Tx, activations, families, sessions};

/// How long after a refresh token was spent its client may ask for the successor again.
pub const GRACE: Duration = Duration::from_secs(10);

/// How often it is noted that a session is in use.
const SEEN_EVERY: Duration = Duration::from_mins(1);

/// What came of a refresh token.
enum Outcome {
    /// It was spent for the successor that was drawn.
    Rotated(Live),
    /// It had been spent a moment ago; this is what was sealed then.
    Again(Live, Vec<u8>),
    /// Nothing.
    Refused,
}

/// Spends a refresh token.
pub(super) async fn redeem(
    provider: &Provider,
    client: &Application,
    parameters: &Parameters,
    origin: Origin,
    now: Timestamp,
) -> Result<Entitled, ProtocolError> {
    let presented = Secret::received(parameters.required("refresh_token")?);
    let hash = presented.hash(Purpose::RefreshToken);
    let person = person_of(provider, client, &hash, now)
        .await?
        .ok_or_else(refused)?;
    let family = &person.family;
    let scope = narrowed(parameters, &family.scope)?;
    let audience = audience(client, &family.resources, parameters)?;
    let successor = random::secret();
    let rotation = Rotation {
        hash,
        successor: Successor {
            hash: successor.hash(Purpose::RefreshToken),
            sealed: seal_with(&presented, "refresh token", successor.expose().as_bytes()),
        },
        context: context(client, scope.ceiling_within(&family.scope), &origin, now),
        person: Arc::clone(&person),
        changes: provider.db.changes().clone(),
        origin,
        keyring: provider.keyring.clone(),
    };
    let work = provider.db.write(Lane::Guarded, move |tx| {
        let rotation = rotation.clone();
        Box::pin(async move { rotation.turn(tx).await })
    });
    let outcome: Result<Outcome, StorageError> = work.await;
    let (live, refresh_token) = match outcome? {
        Outcome::Rotated(live) => (live, successor),
        Outcome::Again(live, sealed) => {
            let plain = open_with(&presented, "refresh token", &sealed).ok_or_else(refused)?;
            (live, Secret::received(plain))
        }
        Outcome::Refused => return Err(refused().into()),
    };
    Ok(Entitled {
        holder: Holder::Person(live),
        audience,
        family: Some(Descent {
            family: family.id,
            activation: family.activation,
            ends_at: family.expires_at,
            nonce: None,
            refresh_token: Some(refresh_token),
            with_id_token: client.id_token_on_refresh && scope.contains("openid"),
        }),
        scope,
    })
}

fn refused() -> OAuthError {
    ErrorCode::InvalidGrant.because("the refresh token is not valid or no longer so")
}

/// Whose token it is; nothing if it is another client's, or over.
async fn person_of(
    provider: &Provider,
    client: &Application,
    hash: &SecretHash,
    now: Timestamp,
) -> Result<Option<Arc<Person>>, StorageError> {
    let token = {
        let mut glance = provider.db.glance().await?;
        refresh_tokens::find(&mut glance.tx(), hash).await?
    };
    // One that was spent is looked at however old it is: it may be a copy.
    let counts = |token: &StoredRefreshToken| token.spent.is_some() || now < token.expires_at;
    let Some(token) = token.filter(counts) else {
        return Ok(None);
    };
    let person = provider.person(token.family, now).await?;
    Ok(person.filter(|person| person.family.application == client.id))
}

/// All of what was agreed to, or a part of it: never more (RFC 6749 §6).
fn narrowed(parameters: &Parameters, agreed: &Scope) -> Result<Scope, OAuthError> {
    let Some(asked) = parameters.one("scope")? else {
        return Ok(agreed.clone());
    };
    let asked = Scope::parse(asked).map_err(|error| ErrorCode::InvalidScope.because(error.to_string()))?;
    if asked.is_within(agreed) {
        Ok(asked)
    } else {
        Err(ErrorCode::InvalidScope.because("scope names more than was agreed to"))
    }
}

/// One try to spend a refresh token.
#[derive(Clone)]
struct Rotation {
    hash: SecretHash,
    successor: Successor,
    context: Context,
    person: Arc<Person>,
    changes: Changes,
    origin: Origin,
    keyring: Keyring,
}

impl Rotation {
    async fn turn(&self, tx: &mut Tx<'_>) -> Result<Outcome, StorageError> {
        let now = self.context.now;
        let live = self.live(tx).await?;
        let spends = match &live {
            Some(_) => refresh_tokens::spend(tx, &self.hash, &self.successor, now).await?,
            None => false,
        };
        match live {
            Some(live) if spends => {
                self.rotated(tx, &live).await?;
                Ok(Outcome::Rotated(live))
            }
            live => self.came_again(tx, live).await,
        }
    }

    /// What was read before is as good as read now, as long as nothing of it has changed since.
    async fn live(&self, tx: &mut Tx<'_>) -> Result<Option<Live>, StorageError> {
        if self.person.is_current(&self.changes) {
            return Ok(self.person.live(&self.context));
        }
        let read = Person::load(tx, self.person.family.id).await?;
        Ok(read.and_then(|(family, facts)| {
            facts
                .filter(|_| family.is_alive(self.context.now))?
                .judge(&self.context)
        }))
    }

    async fn rotated(&self, tx: &mut Tx<'_>, live: &Live) -> Result<(), StorageError> {
        let (now, family) = (self.context.now, &self.person.family);
        let ends_at = family.expires_at.min(now.plus(Family::IDLE));
        refresh_tokens::insert(tx, &self.successor.hash, family.id, ends_at, now).await?;
        if let Some((session, activation)) = live.facts.session()
            && now.since(activation.last_seen_at) >= SEEN_EVERY
        {
            activations::seen(tx, activation.id, now).await?;
            sessions::seen(tx, session.id, now).await?;
        }
        // No target: whoever wants those of a family looks among its person's.
        let event = Event::of("token.refreshed", Actor::Application(family.application))
            .in_place_of(family.user)
            .within(family.organization)
            .with("family", family.id.to_string())
            .from(&self.origin);
        audit::record(tx, &self.keyring, &event, now).await
    }

    /// It was spent before, or its person may do nothing now. A copy ends the family then too: its thief would still
    /// have it when they may again.
    async fn came_again(&self, tx: &mut Tx<'_>, live: Option<Live>) -> Result<Outcome, StorageError> {
        let stored = refresh_tokens::find(tx, &self.hash).await?;
        let Some(spent) = stored.and_then(|stored| stored.spent) else {
            return Ok(Outcome::Refused);
        };
        if self.context.now.since(spent.at) > GRACE {
            self.end_family(tx).await?;
            return Ok(Outcome::Refused);
        }
        let successor = refresh_tokens::find(tx, &spent.successor).await?;
        let unspent = successor.is_some_and(|successor| successor.spent.is_none());
        Ok(match (live, spent.sealed_successor) {
            (Some(live), Some(sealed)) if unspent => Outcome::Again(live, sealed),
            _ => Outcome::Refused,
        })
    }

    async fn end_family(&self, tx: &mut Tx<'_>) -> Result<(), StorageError> {
        let (now, family) = (self.context.now, &self.person.family);
        if !families::revoke(tx, family.id, now).await? {
            return Ok(());
        }
        let event = Event::of("refresh_token.reused", Actor::Application(family.application))
            .in_place_of(family.user)
            .within(family.organization)
            .on(family.id)
            .refused()
            .from(&self.origin);
        audit::record(tx, &self.keyring, &event, now).await
    }
}
