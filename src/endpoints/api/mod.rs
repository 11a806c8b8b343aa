//! `/v2`: the API. One file a noun, and in it one shape for every route: what it takes, what it shows, and one
//! transaction in which it is decided and done.
//!
//! A call shows a credential (`call`), says what it wants (`body`, `listing`), under which conditions (`etag`,
//! `idempotency`), and is answered or refused (`problem`) within its rate (`rate_limit`).

pub mod access;
pub mod alerts;
pub mod api_keys;
pub mod application_metadata;
pub mod application_saml;
pub mod applications;
mod audit_export;
pub mod audit_logs;
pub mod audit_proof;
pub mod audit_question;
pub mod avatars;
mod batch;
pub mod billing;
mod body;
mod call;
mod certificate;
mod code;
pub mod connection;
pub mod connection_mapping;
pub mod connections;
pub mod docs;
pub mod domains;
pub mod dry_run;
mod etag;
pub mod grants;
pub mod group_members;
pub mod groups;
mod idempotency;
pub mod invitation_batches;
pub mod invitations;
pub mod limits;
mod listing;
pub mod me;
pub mod member_batches;
pub mod members;
pub mod openapi;
pub mod organizations;
pub mod password_resets;
pub mod portal_links;
mod problem;
pub mod products;
mod profile_fields;
mod rate_limit;
pub mod report;
pub mod reports;
pub mod review;
pub mod review_completion;
pub mod review_item;
pub mod review_items;
pub mod reviews;
pub mod role_templates;
pub mod roles;
pub mod scim_tokens;
pub mod second_factors;
pub mod security;
mod service_provider;
pub mod sessions;
pub mod shown;
mod strict_json;
pub mod usage;
pub mod users;

pub(super) use body::is_one_of;
pub use code::Code;
pub use problem::{Problem, tell_problems};
pub use rate_limit::limit;
pub(super) use strict_json::parse as parse_strictly;
