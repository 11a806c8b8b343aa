//! A migration is only done with sample data that survives it: one row per table from the first migration on, read
//! back through storage after the last.

use std::path::Path;

use doorward::config::StorageConfig;
use doorward::domain::secret::SecretHash;
use doorward::storage::consents::{self, ConsentKey};
use doorward::storage::idempotency_keys::{self, IdempotencyKey};
use doorward::storage::{
    self, Db, activations, api_keys, applications, attempts, audit_events, authorization_codes,
    authorization_requests, claims, families, instance, known_devices, memberships, organizations, passwords,
    refresh_tokens, revoked_tokens, sessions, sign_ins, signing_keys, users,
};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, PgConnection, SqliteConnection};

use super::NOW;
use crate::harness::{Database, Engine, Raw};

/// One row for each table that a migration made, as it made them. Written once, and never again: later columns come
/// by later migrations.
const ROWS: [&str; 9] = [
    include_str!("rows_of_0001.sql"),
    include_str!("rows_of_0002.sql"),
    include_str!("rows_of_0003.sql"),
    include_str!("rows_of_0004.sql"),
    include_str!("rows_of_0005.sql"),
    include_str!("rows_of_0006.sql"),
    include_str!("rows_of_0007.sql"),
    include_str!("rows_of_0008.sql"),
    include_str!("rows_of_0009.sql"),
];

/// A database of an age long gone, brought up to date by today's Doorward.
pub(super) struct Migrated {
    pub(super) db: Db,
    pub(super) raw: Raw,
    _folder: tempfile::TempDir,
    _database: Option<Database>,
}

impl Migrated {
    pub(super) async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (config, database) = engine.storage(&folder).await;
        let place = if engine == Engine::Sqlite {
            "sqlite"
        } else {
            "postgres"
        };
        let all = Migrator::new(Path::new("migrations").join(place)).await.unwrap();
        assert_eq!(
            all.iter().count(),
            ROWS.len(),
            "a new migration brings its own rows_of_NNNN.sql"
        );
        let blobs = if engine == Engine::Sqlite { "X'" } else { "'\\x" };
        for (version, rows) in (1..).zip(ROWS) {
            run_until(version, &all, &config).await;
            Raw::connect(&config).await.run(&rows.replace("X'", blobs)).await;
        }
        let db = storage::open(&config).await.unwrap();
        let raw = Raw::connect(&config).await;
        Self {
            db,
            raw,
            _folder: folder,
            _database: database,
        }
    }
}

/// Brings a database up to a version, and no further.
async fn run_until(version: i64, all: &Migrator, config: &StorageConfig) {
    let mut some = Migrator {
        migrations: all.migrations.clone(),
        ..Migrator::DEFAULT
    };
    some.migrations
        .to_mut()
        .retain(|migration| migration.version <= version);
    match &config.database_url {
        None => {
            std::fs::create_dir_all(&config.data_dir).unwrap();
            let file = config.data_dir.join("doorward.db");
            let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
            let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
            run(&some, &mut connection).await;
            connection.close().await.unwrap();
        }
        Some(url) => run(&some, &mut PgConnection::connect(url).await.unwrap()).await,
    }
}

async fn run<C: Migrate>(some: &Migrator, connection: &mut C) {
    some.run_direct(None, connection, false).await.unwrap();
}

crate::harness::on_both! {
    async fn every_table_has_a_sample(migrated: Migrated) {
        let mut migrated = migrated;
        let tables = match migrated.db {
            Db::Sqlite(_) => "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'",
            Db::Postgres(_) => {
                "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' \
                 AND table_name NOT LIKE '\\_sqlx%'"
            }
        };
        let tables = migrated.raw.texts(tables).await;
        assert!(tables.len() > 20);
        for table in tables {
            assert!(migrated.raw.count(&table).await > 0, "{table} has no sample: a new migration brings its own");
        }
    }

    async fn every_sample_is_still_read(migrated: Migrated) {
        let mut snapshot = migrated.db.snapshot().await.unwrap();
        let tx = &mut snapshot.tx();
        let id = "01kaxw3vd0f1wvj1d2sahtfxyz";
        let user = format!("usr_{id}").parse().unwrap();
        let organization = format!("org_{id}").parse().unwrap();
        let application = format!("app_{id}").parse().unwrap();
        let session = format!("ses_{id}").parse().unwrap();
        let activation = format!("act_{id}").parse().unwrap();
        let hash = SecretHash::from_stored(&[7; 32]).unwrap();

        assert_eq!(instance::master_key_id(tx).await.unwrap().unwrap(), "a-master-key");
        assert_eq!(signing_keys::all(tx).await.unwrap()[0].sealed_private, [1, 2, 3]);
        assert_eq!(organizations::by_id(tx, organization).await.unwrap().unwrap().name.as_str(), "acme");
        assert_eq!(users::by_id(tx, user).await.unwrap().unwrap().email.as_str(), "alice@acme.example");
        assert_eq!(passwords::of_user(tx, user).await.unwrap().unwrap().hash, "$argon2id$sample");
        let member = memberships::member(tx, user, organization).await.unwrap().unwrap();
        assert_eq!(member.membership.unwrap().role.unwrap().name, "owner");
        assert_eq!(member.groups[0].name, "Night watch");
        assert_eq!(member.grants[0].product, Some(format!("prd_{id}").parse().unwrap()));
        assert!(applications::active(tx, application).await.unwrap().unwrap().require_pkce);
        assert_eq!(sessions::by_id(tx, session).await.unwrap().unwrap().proofs.len(), 1);
        assert_eq!(activations::by_id(tx, activation).await.unwrap().unwrap().organization, organization);
        assert!(known_devices::is_known(tx, user, &hash).await.unwrap());
        assert_eq!(attempts::of(tx, &hash).await.unwrap().unwrap().count, 3);
        let request = format!("req_{id}").parse().unwrap();
        let waiting = authorization_requests::find(tx, request, &hash, NOW).await.unwrap().unwrap();
        assert_eq!(waiting.request.max_age, Some(300));
        let sign_in = sign_ins::find(tx, format!("sgn_{id}").parse().unwrap(), &hash, NOW).await.unwrap().unwrap();
        assert_eq!(sign_in.onward, doorward::domain::sign_in::Onward::Request(request));
        let key = ConsentKey { user, application, organization };
        assert!(consents::scope_of(tx, key).await.unwrap().unwrap().contains("email"));
        let family = format!("fam_{id}").parse().unwrap();
        assert_eq!(families::by_id(tx, family).await.unwrap().unwrap().activation, activation);
        assert_eq!(authorization_codes::find(tx, &hash).await.unwrap().unwrap().code.family, family);
        let refresh_token = refresh_tokens::find(tx, &hash).await.unwrap().unwrap();
        assert_eq!((refresh_token.family, refresh_token.spent.is_some()), (family, true));
        assert!(revoked_tokens::contains(tx, "fam_01kaxw3vd0f1wvj1d2sahtfxyz.unique").await.unwrap());
        let once = IdempotencyKey { caller: format!("key_{id}"), key: "once".to_owned() };
        assert_eq!(idempotency_keys::find(tx, &once).await.unwrap().unwrap().status, 201);
        assert_eq!(api_keys::by_secret(tx, &hash).await.unwrap().unwrap().use_count, 0);
        assert!(claims::is_open(tx, &hash, NOW).await.unwrap());
        assert_eq!(audit_events::all(tx).await.unwrap()[0].action, "user.created");
    }
}
