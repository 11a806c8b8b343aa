//! Routes of organizations themselves: settings, limits, usage.

use super::Route;

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    Vec::new()
}
