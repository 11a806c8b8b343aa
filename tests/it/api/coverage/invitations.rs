//! Routes of invitations.

use super::Route;

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    Vec::new()
}
