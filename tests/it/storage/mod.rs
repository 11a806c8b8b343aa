//! Storage, as every room above it relies on it: one suite, both databases.

mod activations;
mod applications;
mod audit;
mod batches;
mod cache;
mod changes;
mod codes;
mod corruption;
mod coverage;
mod grants;
mod groups;
mod invitations;
mod keys;
mod lanes;
mod limits;
mod listed;
mod memberships;
mod migrations;
mod observations;
mod opening;
mod organizations;
mod outbox;
mod people;
mod plans;
mod races;
mod refresh_tokens;
mod roles;
mod samples;
mod schema;
mod sessions;
mod store;
mod transactions;
mod users;
mod waiting;

use samples::NOW;
use store::{Store, commit, twenty};
