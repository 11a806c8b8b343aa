//! Storage, as every room above it relies on it: one suite, both databases.
