//! Storage, as every room above it relies on it: one suite, both databases.

mod activations;
mod applications;
mod codes;
mod keys;
mod memberships;
mod organizations;
mod races;
mod samples;
mod sessions;
mod store;
mod users;
mod waiting;

use samples::NOW;
use store::{Store, commit, twenty};
