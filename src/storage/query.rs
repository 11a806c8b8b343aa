//! One SQL text, run on whichever database there is.

/// Runs a statement that returns rows: `fetch!(fetch_optional as Row, tx, "SELECT …", value, …)`, the method being
/// sqlx's `fetch_optional`, `fetch_one` or `fetch_all`.
macro_rules! fetch {
    ($method:ident as $row:ty, $tx:expr, $sql:literal $(, $value:expr)* $(,)?) => {{
        let answer = match $tx.connection() {
            $crate::storage::db::Connection::Sqlite(connection) => {
                sqlx::query_as::<sqlx::Sqlite, $row>($sql)$(.bind($value))*.$method(&mut **connection).await
            }
            $crate::storage::db::Connection::Postgres(connection) => {
                sqlx::query_as::<sqlx::Postgres, $row>($sql)$(.bind($value))*.$method(&mut **connection).await
            }
        };
        $tx.settle(answer)
    }};
}

/// Runs a statement that changes rows and answers how many.
macro_rules! execute {
    ($tx:expr, $sql:literal $(, $value:expr)* $(,)?) => {{
        let answer = match $tx.connection() {
            $crate::storage::db::Connection::Sqlite(connection) => {
                sqlx::query::<sqlx::Sqlite>($sql)$(.bind($value))*
                    .execute(&mut **connection).await.map(|done| done.rows_affected())
            }
            $crate::storage::db::Connection::Postgres(connection) => {
                sqlx::query::<sqlx::Postgres>($sql)$(.bind($value))*
                    .execute(&mut **connection).await.map(|done| done.rows_affected())
            }
        };
        $tx.settle(answer)
    }};
}

pub(super) use {execute, fetch};
