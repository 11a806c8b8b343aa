//! What there is to administer over `/v2`: one file a noun. Each only describes.

mod access;
mod access_reviews;
mod alerts;
mod api_keys;
mod application_saml;
mod applications;
mod audit_logs;
mod billing;
mod connections;
mod domains;
mod grants;
mod groups;
mod invitations;
mod limits;
mod me;
mod members;
mod organizations;
mod portal_links;
mod products;
mod reports;
mod roles;
mod scim_tokens;
mod security;
mod sessions;
mod usage;
mod users;

use super::flag::{Flag, Takes};
use super::verb::Noun;

/// Every noun, in the order of the help.
pub(super) const ALL: &[Noun] = &[
    organizations::NOUN,
    members::NOUN,
    users::NOUN,
    invitations::NOUN,
    groups::NOUN,
    roles::NOUN,
    grants::NOUN,
    access::NOUN,
    access_reviews::NOUN,
    reports::NOUN,
    products::NOUN,
    applications::NOUN,
    api_keys::NOUN,
    scim_tokens::NOUN,
    sessions::NOUN,
    audit_logs::NOUN,
    alerts::NOUN,
    connections::NOUN,
    portal_links::NOUN,
    domains::NOUN,
    security::NOUN,
    limits::NOUN,
    usage::NOUN,
    billing::NOUN,
    me::NOUN,
];

/// Somebody.
const USER: Flag = Flag::text("user", "Who: an id or an email address").required();

/// The items of a batch.
const ITEMS: Flag = Flag::new("file", Takes::Items, "A JSON array; `-` reads standard input")
    .as_field("items")
    .required();

/// A role that may be taken away.
const ROLE: Flag = Flag::text("role", "The role, by its name").nullable();
