//! What the provider remembers from one request to the next: who a client is, what a token says, and what it stands on.
//!
//! Only facts are remembered, never a judgement: that is made anew at each use, by time and access. A fact is forgotten
//! with the next change to anything that it depends on, so the request after a change sees it.

use std::sync::Arc;

use super::Provider;
use super::access_token::AccessTokenClaims;
use super::holder::ApplicationFacts;
use super::live::{Facts, Live, Standing};
use crate::domain::access::Context;
use crate::domain::id::{ApplicationId, FamilyId};
use crate::domain::oauth::{Application, Family};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::keyring::MAX_BYTES;
use crate::storage::{
    Cache, Changes, Db, Mark, StorageError, Topic, Tx, applications, families, revoked_tokens,
};

/// How many of each are remembered.
const MOST: usize = 16 * 1024;

/// What is remembered.
pub(super) struct Memory {
    clients: Cache<ApplicationId, Arc<Application>>,
    tokens: Cache<SecretHash, Arc<AccessTokenClaims>>,
    people: Cache<FamilyId, Arc<Person>>,
    programs: Cache<ApplicationId, Arc<ApplicationFacts>>,
}

/// A family and what it stands on, as read at one moment.
pub(super) struct Person {
    pub(super) family: Family,
    facts: Option<Arc<Facts>>,
    mark: Mark,
}

impl Memory {
    /// An empty one, which follows the changes of one database.
    pub(super) fn of(db: &Db) -> Self {
        let changes = db.changes();
        Self {
            clients: Cache::new(changes.clone(), MOST),
            tokens: Cache::new(changes.clone(), MOST),
            people: Cache::new(changes.clone(), MOST),
            programs: Cache::new(changes.clone(), MOST),
        }
    }
}

impl Person {
    /// Whether nothing of it has changed since.
    pub(super) fn is_current(&self, changes: &Changes) -> bool {
        self.mark.is_current(changes)
    }

    /// What it comes to now, if it is alive and everything it stands on is.
    pub(super) fn live(&self, context: &Context) -> Option<Live> {
        let facts = self.facts.as_ref();
        let facts = facts.filter(|_| self.family.is_alive(context.now))?;
        facts.judge(context)
    }

    /// Reads all of it in a transaction that is under way.
    pub(super) async fn load(
        tx: &mut Tx<'_>,
        id: FamilyId,
    ) -> Result<Option<(Family, Option<Arc<Facts>>)>, StorageError> {
        let Some(family) = families::by_id(tx, id).await? else {
            return Ok(None);
        };
        let facts = Facts::load(tx, &Standing::from(&family)).await?;
        Ok(Some((family, facts)))
    }
}

impl Provider {
    /// An application that is switched on.
    pub(super) async fn client(
        &self,
        id: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<Arc<Application>>, StorageError> {
        if let Some(known) = self.memory.clients.get(&id, now) {
            return Ok(Some(known));
        }
        let moment = self.db.changes().moment();
        let mut glance = self.db.glance().await?;
        let found = applications::active(&mut glance.tx(), id).await?;
        let found = found.map(Arc::new);
        if let Some(application) = &found {
            let mark = moment.mark(&[Topic::Application(id)]);
            self.memory.clients.put(id, Arc::clone(application), mark, now);
        }
        Ok(found)
    }

    /// What a token of ours says that is in time and was not revoked by itself. What it stands on is asked elsewhere.
    pub(super) async fn claims(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<Option<Arc<AccessTokenClaims>>, StorageError> {
        if token.len() > MAX_BYTES {
            return Ok(None);
        }
        let hash = Secret::received(token).hash(Purpose::AccessToken);
        if let Some(known) = self.memory.tokens.get(&hash, now) {
            return Ok(known.is_timely(now).then_some(known));
        }
        let claims = AccessTokenClaims::verify(&self.keyring, &self.issuer, |_| true, token, now);
        let Ok(claims) = claims else { return Ok(None) };
        let Some(descends) = claims.descends() else {
            return Ok(None);
        };
        let moment = self.db.changes().moment();
        let mut glance = self.db.glance().await?;
        if revoked_tokens::contains(&mut glance.tx(), &claims.jti).await? {
            return Ok(None);
        }
        let claims = Arc::new(claims);
        let mark = moment.mark(&[descends]);
        self.memory.tokens.put(hash, Arc::clone(&claims), mark, now);
        Ok(Some(claims))
    }

    /// A family, dead or alive, with what it stands on.
    pub(super) async fn person(
        &self,
        id: FamilyId,
        now: Timestamp,
    ) -> Result<Option<Arc<Person>>, StorageError> {
        if let Some(known) = self.memory.people.get(&id, now) {
            return Ok(Some(known));
        }
        let moment = self.db.changes().moment();
        let mut snapshot = self.db.snapshot().await?;
        let Some((family, facts)) = Person::load(&mut snapshot.tx(), id).await? else {
            return Ok(None);
        };
        let mut topics = vec![
            Topic::Family(id),
            Topic::Application(family.application),
            Topic::User(family.user),
            Topic::Organization(family.organization),
        ];
        if let Some((session, activation)) = facts.as_ref().and_then(|facts| facts.session()) {
            topics.extend([Topic::Session(session.id), Topic::Activation(activation.id)]);
        }
        let mark = moment.mark(&topics);
        let person = Arc::new(Person {
            family,
            facts,
            mark: mark.clone(),
        });
        // Where something is gone it is not known what would bring it back.
        if person.facts.is_some() {
            self.memory.people.put(id, Arc::clone(&person), mark, now);
        }
        Ok(Some(person))
    }

    /// What an application that acts for itself stands on; nothing if it is switched off.
    pub(super) async fn program(
        &self,
        id: ApplicationId,
        now: Timestamp,
    ) -> Result<Option<Arc<ApplicationFacts>>, StorageError> {
        if let Some(known) = self.memory.programs.get(&id, now) {
            return Ok(Some(known));
        }
        let moment = self.db.changes().moment();
        let mut snapshot = self.db.snapshot().await?;
        let found = ApplicationFacts::load(&mut snapshot.tx(), id).await?;
        if let Some(facts) = &found {
            let topics = [Topic::Application(id), Topic::Organization(facts.organization())];
            self.memory
                .programs
                .put(id, Arc::clone(facts), moment.mark(&topics), now);
        }
        Ok(found)
    }
}
