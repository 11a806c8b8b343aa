//! How many connections there are, for those who watch the server.

use sqlx::{Database, Pool};

use super::Db;

/// The connections of one pool at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolStats {
    /// What the pool is for.
    pub name: &'static str,
    /// Connections in use.
    pub used: u32,
    /// Connections that wait for work.
    pub idle: u32,
    /// Connections there can be at most.
    pub most: u32,
}

impl PoolStats {
    fn of<D: Database>(name: &'static str, pool: &Pool<D>) -> Self {
        let open = pool.size();
        let idle = u32::try_from(pool.num_idle()).unwrap_or(open).min(open);
        Self {
            name,
            used: open - idle,
            idle,
            most: pool.options().get_max_connections(),
        }
    }
}

impl Db {
    /// Every pool of this database.
    pub fn pools(&self) -> Vec<PoolStats> {
        match self {
            Self::Sqlite(db) => vec![
                PoolStats::of("readers", &db.readers),
                PoolStats::of("writer", &db.writer),
            ],
            Self::Postgres(db) => vec![PoolStats::of("all", &db.pool)],
        }
    }
}
