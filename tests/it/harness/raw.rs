//! A connection beside Doorward's own, for what Doorward would never do: damage rows, and look at schemas.

use doorward::config::StorageConfig;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// A connection of a test's own. Foreign keys don't bind it.
pub(crate) enum Raw {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Raw {
    /// Connects to the database of a configuration.
    pub(crate) async fn connect(config: &StorageConfig) -> Self {
        match &config.database_url {
            None => {
                let file = config.data_dir.join("doorward.db");
                let options = SqliteConnectOptions::new().filename(file).foreign_keys(false);
                Self::Sqlite(SqliteConnection::connect_with(&options).await.unwrap())
            }
            Some(url) => {
                let mut raw = Self::Postgres(PgConnection::connect(url).await.unwrap());
                raw.run("SET session_replication_role = replica").await;
                raw
            }
        }
    }

    /// Runs statements, whatever they are.
    pub(crate) async fn run(&mut self, sql: &str) {
        let sql = AssertSqlSafe(sql.to_owned());
        let done = match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.map(drop),
        };
        done.unwrap();
    }

    /// Whether a statement is refused.
    pub(crate) async fn refuses(&mut self, sql: &str) -> bool {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::raw_sql(sql).execute(connection).await.is_err(),
            Self::Postgres(connection) => sqlx::raw_sql(sql).execute(connection).await.is_err(),
        }
    }

    /// The first column of every row, a text.
    pub(crate) async fn texts(&mut self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_all(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_all(connection).await,
        }
        .unwrap()
    }

    /// The lines of a plan, whatever else a database tells beside them.
    pub(crate) async fn plan(&mut self, explain: &str) -> Vec<String> {
        let sql = AssertSqlSafe(explain.to_owned());
        match self {
            Self::Sqlite(connection) => {
                let rows: Vec<(i64, i64, i64, String)> =
                    sqlx::query_as(sql).fetch_all(connection).await.unwrap();
                rows.into_iter().map(|(.., line)| line).collect()
            }
            Self::Postgres(connection) => {
                let rows = sqlx::raw_sql(sql).fetch_all(connection).await.unwrap();
                rows.iter().map(|row| sqlx::Row::get(row, 0)).collect()
            }
        }
    }

    /// One whole number.
    pub(crate) async fn number(&mut self, sql: &str) -> i64 {
        let sql = AssertSqlSafe(sql.to_owned());
        match self {
            Self::Sqlite(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
            Self::Postgres(connection) => sqlx::query_scalar(sql).fetch_one(connection).await,
        }
        .unwrap()
    }

    /// How many rows a table has.
    pub(crate) async fn count(&mut self, table: &str) -> i64 {
        self.number(&format!("SELECT COUNT(*) FROM {table}")).await
    }
}
