//! The only SQL. One [`Db`], one [`Tx`], and one file of plain functions per aggregate.
//!
//! Each statement is one text that both databases run. Rows are converted to domain types in one place per
//! table; a row that the domain does not admit is a [`StorageError::Corrupt`] that names it. Nothing here decides
//! who may do what, and nothing here draws ids, secrets or time.

pub mod access_facts;
pub mod acting_sessions;
pub mod activations;
pub mod api_keys;
pub mod applications;
pub mod attempts;
pub mod audit_events;
pub mod authorization_codes;
pub mod authorization_requests;
pub mod avatars;
pub mod billing;
mod cache;
mod changes;
pub mod claims;
pub mod consents;
mod db;
pub mod domains;
pub mod email_changes;
mod error;
pub mod families;
pub mod grant_lists;
pub mod grants;
pub mod group_members;
pub mod groups;
pub mod idempotency_keys;
pub mod instance;
pub mod invitation_lists;
pub mod invitations;
pub mod known_devices;
mod lane;
pub mod limits;
pub mod managed_users;
pub mod members;
pub mod memberships;
mod migrate;
mod open;
pub mod organization_deletion;
pub mod organization_lists;
pub mod organizations;
pub mod outbox;
mod page;
pub mod passwords;
mod postgres;
pub mod products;
pub mod profiles;
mod query;
pub mod refresh_tokens;
pub mod revoked_tokens;
pub mod roles;
mod row;
pub mod security;
pub mod session_lists;
pub mod sessions;
pub mod sign_ins;
pub mod signing_keys;
mod sqlite;
mod stats;
pub mod usage;
mod user_words;
pub mod users;
mod writer;

pub use cache::Cache;
pub use changes::{Changes, Mark, Moment, Topic};
pub use db::{Db, Glance, Snapshot, Tx, Work};
pub use error::StorageError;
pub use lane::Lane;
pub use open::{open, require_existing};
pub use page::{Listed, Page};
pub use stats::Stats;
