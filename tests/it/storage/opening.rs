//! `storage::open` and `require_existing`: who may, and what is refused in one sentence.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use doorward::config::StorageConfig;
use doorward::keyring::{Keyring, KeyringError, MasterKey};
use doorward::storage::{self, StorageError, users};
use sqlx::migrate::Migrator;
use tokio::sync::Barrier;
use tokio::task::JoinSet;

use super::{NOW, Store};
use crate::harness::{Engine, Raw, on_both};

on_both! {
    async fn a_database_is_opened_again_as_it_was(store: Store) {
        store.db.close().await;
        drop(store.db);
        let db = storage::open(&store.config).await.unwrap();
        let mut snapshot = db.snapshot().await.unwrap();
        let alice = storage::users::by_id(&mut snapshot.tx(), store.alice).await.unwrap();
        assert!(alice.is_some());
    }

    async fn a_folder_has_one_doorward_and_a_postgres_database_many(store: Store) {
        let another = storage::open(&store.config).await;
        match store.engine {
            Engine::Sqlite => {
                let refused = another.err().unwrap();
                assert!(matches!(refused, StorageError::FolderInUse(_)), "{refused}");
            }
            Engine::Postgres => drop(another.unwrap()),
        }
    }

    async fn a_newer_schema_is_refused(store: Store) {
        store.raw().await.run(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             SELECT 9999, 'from the future', success, checksum, 0 FROM _sqlx_migrations WHERE version = 1",
        )
        .await;
        store.db.close().await;
        drop(store.db);
        let refused = storage::open(&store.config).await.err().unwrap();
        assert!(matches!(refused, StorageError::NewerSchema(9999)), "{refused}");
    }

    async fn a_migration_that_was_edited_is_refused(store: Store) {
        let twisted = match store.engine {
            Engine::Sqlite => "X'00'",
            Engine::Postgres => "'\\x00'",
        };
        store.raw().await.run(&format!("UPDATE _sqlx_migrations SET checksum = {twisted}")).await;
        store.db.close().await;
        drop(store.db);
        let refused = storage::open(&store.config).await.err().unwrap();
        assert!(matches!(refused, StorageError::Migration(_)), "{refused}");
    }

    async fn a_host_command_needs_a_database_that_is_there(store: Store) {
        storage::require_existing(&store.config).unwrap();
        let mut elsewhere = store.config.clone();
        elsewhere.data_dir = elsewhere.data_dir.join("elsewhere");
        let answer = storage::require_existing(&elsewhere);
        assert_eq!(answer.is_err(), store.engine == Engine::Sqlite);
        assert!(!elsewhere.data_dir.exists(), "asking makes nothing");
        assert_eq!(storage::open_to_read(&elsewhere).await.is_err(), store.engine == Engine::Sqlite);
    }

    async fn beside_whoever_has_it_open_a_database_is_read_and_not_written(store: Store) {
        let beside = storage::open_to_read(&store.config).await.unwrap();
        let mut snapshot = beside.snapshot().await.unwrap();
        let tx = &mut snapshot.tx();
        assert!(users::by_id(tx, store.alice).await.unwrap().is_some());
        assert!(users::set_superuser(tx, store.alice, true).await.is_err());
    }
}

#[tokio::test]
async fn a_data_folder_and_what_is_in_it_is_its_owners_alone() {
    let store = Store::open(Engine::Sqlite).await;
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(store.config.data_dir.clone()), 0o700);
    for file in ["doorward.db", "doorward.db-wal", "doorward.db-shm"] {
        assert_eq!(mode(store.config.data_dir.join(file)), 0o600, "{file}");
    }
}

#[tokio::test]
async fn closing_folds_the_write_ahead_log_into_the_file() {
    let store = Store::open(Engine::Sqlite).await;
    let log = store.config.data_dir.join("doorward.db-wal");
    assert!(fs::metadata(&log).unwrap().len() > 0);
    store.db.close().await;
    assert!(!log.exists());
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let (config, _) = Engine::Sqlite.storage(&folder).await;
    fs::create_dir(&config.data_dir).unwrap();
    fs::write(
        config.data_dir.join("doorward.db"),
        "not a database, but a letter".repeat(100),
    )
    .unwrap();
    assert!(storage::open(&config).await.is_err());
}

#[tokio::test]
async fn both_databases_have_the_same_migrations() {
    let names = |folder: &str| {
        let path = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
        let mut names: Vec<_> = fs::read_dir(path)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    let migrator = Migrator::new(std::path::Path::new("migrations/sqlite"))
        .await
        .unwrap();
    assert_eq!(migrator.iter().count(), sqlite.len(), "every file is a migration");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_share_one_schema_and_one_set_of_keys() {
    let folder = tempfile::tempdir().unwrap();
    let (config, _database) = Engine::Postgres.storage(&folder).await;
    MasterKey::create(&config.keys_dir).unwrap();
    for start in starts(vec![config.clone(); 8]).await {
        start.unwrap();
    }
    let mut raw = Raw::connect(&config).await;
    assert_eq!(
        (raw.count("instance").await, raw.count("signing_keys").await),
        (1, 6)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_nodes_with_keys_of_their_own_the_first_has_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let (config, _database) = Engine::Postgres.storage(&folder).await;
    let with_keys_of_its_own = |number| StorageConfig {
        keys_dir: folder.path().join(format!("keys-{number}")),
        ..config.clone()
    };
    let started = starts((0..4).map(with_keys_of_its_own).collect()).await;
    let (first, others): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
    assert_eq!((first.len(), others.len()), (1, 3));
    for other in others {
        let refused = other.unwrap_err();
        assert!(
            matches!(refused, KeyringError::Wrong { .. } | KeyringError::Missing(_)),
            "{refused}"
        );
    }
}

/// Starts a node for each configuration, all at once.
async fn starts(configs: Vec<StorageConfig>) -> Vec<Result<(), KeyringError>> {
    let together = Arc::new(Barrier::new(configs.len()));
    let mut nodes = JoinSet::new();
    for config in configs {
        let together = Arc::clone(&together);
        nodes.spawn(async move {
            let db = storage::open(&config).await?;
            together.wait().await;
            Keyring::open(&db, &config.keys_dir, NOW).await.map(drop)
        });
    }
    nodes.join_all().await
}
