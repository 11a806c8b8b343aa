//! A database with as little in it as a row needs around it: Acme and Umbrella, Alice, her session there, and Fleet.

use std::sync::Arc;

use doorward::config::StorageConfig;
use doorward::domain::access::BuiltInRole;
use doorward::domain::id::{ActivationId, ApplicationId, MembershipId, OrganizationId, SessionId, UserId};
use doorward::domain::secret::Purpose;
use doorward::keyring::Keyring;
use doorward::random;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::{
    self, Db, Lane, Snapshot, StorageError, Tx, activations, applications, organizations, roles, sessions,
    users,
};
use tempfile::TempDir;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::samples::{self, NOW};
use crate::harness::{Database, Engine, Raw};

/// A database of a test's own.
pub(crate) struct Store {
    pub(crate) db: Db,
    pub(crate) config: StorageConfig,
    pub(crate) engine: Engine,
    pub(crate) acme: OrganizationId,
    pub(crate) umbrella: OrganizationId,
    pub(crate) alice: UserId,
    /// Alice's at Acme, as its owner.
    pub(crate) membership: MembershipId,
    pub(crate) session: SessionId,
    pub(crate) activation: ActivationId,
    pub(crate) fleet: ApplicationId,
    _database: Option<Database>,
    _folder: TempDir,
}

impl Store {
    /// A database with the few rows that others refer to.
    pub(crate) async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, database) = engine.storage(&folder).await;
        let db = storage::open(&config).await.unwrap();
        let acme = samples::organization("acme");
        let umbrella = samples::organization("umbrella");
        let alice = samples::user("alice@acme.example");
        let fleet = samples::application(acme.id);
        let session = samples::session(alice.id);
        let membership = random::id(NOW);
        let activation = random::id(NOW);
        let store = Self {
            db,
            config,
            engine,
            acme: acme.id,
            umbrella: umbrella.id,
            alice: alice.id,
            membership,
            session: session.id,
            activation,
            fleet: fleet.id,
            _database: database,
            _folder: folder,
        };
        commit!(store, |tx, acme, umbrella, alice, fleet, session| {
            organizations::insert(tx, &acme, NOW).await?;
            organizations::insert(tx, &umbrella, NOW).await?;
            users::insert(tx, &alice, NOW).await?;
            for role in BuiltInRole::ALL {
                roles::insert_built_in(tx, &role.with_id(random::id(NOW)), NOW).await?;
            }
            let owner = NewMembership {
                id: membership,
                organization: acme.id,
                user: alice.id,
                role: Some(roles::built_in(tx, BuiltInRole::Owner).await?.id),
            };
            memberships::insert(tx, &owner, NOW).await?;
            applications::insert(tx, &fleet, NOW).await?;
            let secret = samples::hash("alice's cookie", Purpose::Session);
            sessions::insert(tx, &session, &secret, &samples::origin()).await?;
            activations::activate(tx, activation, session.id, acme.id, NOW, NOW).await?;
            Ok(())
        })
        .unwrap();
        store
    }

    /// A look into the database.
    pub(crate) async fn snapshot(&self) -> Snapshot {
        self.db.snapshot().await.unwrap()
    }

    /// A connection beside Doorward's own.
    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(&self.config).await
    }

    /// The keys of this database, made now.
    pub(crate) async fn keyring(&self) -> Keyring {
        Keyring::open(&self.db, &self.config.keys_dir, NOW).await.unwrap()
    }

    /// Another node on the same database; on SQLite, where there is none, the same again.
    pub(crate) async fn another_node(&self) -> Db {
        match self.engine {
            Engine::Sqlite => self.db.clone(),
            Engine::Postgres => storage::open(&self.config).await.unwrap(),
        }
    }
}

/// What a test writes in a transaction, with what it borrows from outside cloned for each try:
/// `commit!(store, |tx, user| { users::insert(tx, &user, NOW).await })`.
macro_rules! commit {
    ($store:expr, |$tx:ident $(, $held:ident)*| $work:block) => {{
        $(let $held = ::std::clone::Clone::clone(&$held);)*
        let done: Result<_, doorward::storage::StorageError> = $store
            .db
            .write(doorward::storage::Lane::Free, move |$tx| {
                $(let $held = ::std::clone::Clone::clone(&$held);)*
                Box::pin(async move { $work })
            })
            .await;
        done
    }};
}

pub(crate) use commit;

/// Twenty at once try the same in a transaction each; answers what each was told.
pub(crate) async fn twenty<T, F>(store: &Store, lane: Lane, f: F) -> Vec<Result<T, StorageError>>
where
    T: Send + 'static,
    F: for<'a, 't> Fn(u32, &'a mut Tx<'t>) -> storage::Work<'a, T, StorageError> + Send + Sync + 'static,
{
    let (f, start) = (Arc::new(f), Arc::new(Barrier::new(20)));
    let mut tries = JoinSet::new();
    for number in 0..20 {
        let (db, f, start) = (store.db.clone(), Arc::clone(&f), Arc::clone(&start));
        tries.spawn(async move {
            start.wait().await;
            db.write(lane, move |tx| f(number, tx)).await
        });
    }
    tries.join_all().await
}
