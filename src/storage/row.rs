//! From columns to domain types, fallibly and with the name of what lies.

use std::str::FromStr;
use std::time::Duration;

use super::StorageError;
use crate::domain::secret::SecretHash;
use crate::domain::time::Timestamp;

/// A table's row under conversion: knows its name for the error.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    table: &'static str,
    key: &'a str,
}

impl<'a> Row<'a> {
    /// The row of `table` with this key.
    pub(super) fn of(table: &'static str, key: &'a str) -> Self {
        Self { table, key }
    }

    /// The complaint about one column.
    pub(super) fn corrupt(self, column: &'static str) -> StorageError {
        StorageError::Corrupt {
            table: self.table,
            column,
            row: self.key.to_owned(),
        }
    }

    /// A column in its type's text form.
    pub(super) fn parse<T: FromStr>(self, column: &'static str, text: &str) -> Result<T, StorageError> {
        text.parse().map_err(|_| self.corrupt(column))
    }

    /// A column that may be empty.
    pub(super) fn parse_optional<T: FromStr>(
        self,
        column: &'static str,
        text: Option<&str>,
    ) -> Result<Option<T>, StorageError> {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// A column of words separated by single spaces.
    pub(super) fn parse_list<T: FromStr>(
        self,
        column: &'static str,
        text: &str,
    ) -> Result<Vec<T>, StorageError> {
        text.split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| self.parse(column, word))
            .collect()
    }

    /// A column of 32 bytes.
    pub(super) fn hash(self, column: &'static str, bytes: &[u8]) -> Result<SecretHash, StorageError> {
        SecretHash::from_stored(bytes).ok_or_else(|| self.corrupt(column))
    }

    /// A column of whole seconds.
    pub(super) fn seconds(self, column: &'static str, seconds: i64) -> Result<Duration, StorageError> {
        u64::try_from(seconds)
            .map(Duration::from_secs)
            .map_err(|_| self.corrupt(column))
    }

    /// A value that a conversion of our own refused.
    pub(super) fn some<T>(self, column: &'static str, value: Option<T>) -> Result<T, StorageError> {
        value.ok_or_else(|| self.corrupt(column))
    }
}

/// A nullable column of Unix milliseconds.
pub(super) fn timestamp(millis: Option<i64>) -> Option<Timestamp> {
    millis.map(Timestamp::from_millis)
}

/// Words separated by single spaces.
pub(super) fn join<T: ToString>(words: impl IntoIterator<Item = T>) -> String {
    words
        .into_iter()
        .map(|word| word.to_string())
        .collect::<Vec<_>>()
        .join(" ")
}
