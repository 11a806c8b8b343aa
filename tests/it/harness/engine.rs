//! Which database a story runs on: each runs on both.

use doorward::config::StorageConfig;
use tempfile::TempDir;

use super::postgres;

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// A new, empty database, and what keeps it.
    pub(crate) async fn storage(self, folder: &TempDir) -> (StorageConfig, Option<postgres::Database>) {
        let database = match self {
            Self::Sqlite => None,
            Self::Postgres => Some(postgres::database().await),
        };
        let config = StorageConfig {
            data_dir: folder.path().join("data"),
            keys_dir: folder.path().join("keys"),
            database_url: database.as_ref().map(|database| database.url().to_owned()),
        };
        (config, database)
    }
}

/// One story, told on both databases: `on_both! { async fn name(house) { … } }`, or with less than a whole house:
/// `async fn name(store: Store) { … }`.
macro_rules! on_both {
    ($($(#[$doc:meta])* async fn $name:ident($house:ident) $story:block)*) => {
        $crate::harness::on_both! { $($(#[$doc])* async fn $name($house: $crate::harness::House) $story)* }
    };
    ($($(#[$doc:meta])* async fn $name:ident($house:ident: $kind:ty) $story:block)*) => {$(
        $(#[$doc])*
        mod $name {
            #[expect(clippy::allow_attributes, reason = "not every story uses what is around it")]
            #[allow(unused_imports)]
            use super::*;

            async fn story($house: $kind) $story

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                story(<$kind>::open($crate::harness::Engine::Sqlite).await).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                story(<$kind>::open($crate::harness::Engine::Postgres).await).await;
            }
        }
    )*};
}

pub(crate) use on_both;
