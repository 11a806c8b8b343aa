//! `/scim/v2`: where an organization's own directory keeps its users and groups (RFC 7643, RFC 7644). The organization is
//! the token's, so there is one address for all.
//!
//! A call shows a token (`call`), says what it wants (`body`, `question`), under which condition (`version`), and is
//! answered or refused in SCIM's own words (`failure`). `user` and `group` are what a resource looks like.

mod body;
pub mod bulk;
mod call;
pub mod discovery;
mod failure;
mod group;
pub mod groups;
mod question;
mod user;
pub mod users;
mod version;

pub use failure::{Failure, tell_failures};

/// What `schemas` says of errors, lists and the like begins with this.
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:2.0";

/// A user's schema (RFC 7643 §4.1).
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// A group's schema (RFC 7643 §4.2).
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// How many resources a list shows at most.
const MOST_SHOWN: usize = 200;

/// How many operations a bulk request may have.
const MOST_OPERATIONS: usize = 100;

/// How long a body may be, in bytes; of a bulk request, and of every other.
const BULK_BYTES: usize = 1024 * 1024;
const BODY_BYTES: usize = 256 * 1024;
