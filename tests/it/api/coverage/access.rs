//! Routes of who may do what: roles, groups, grants.

use super::Route;

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    Vec::new()
}
