//! Access: who may do what, decided by one pure function.
//!
//! [`decide`] answers whether a subject may use a permission in an organization, and names every reason.
//! [`effective`] lists all that a subject may do there, for the claims of tokens. Both read the same sources
//! behind the same conditions, so they can't disagree. Live requests and dry runs call these too, and [`explain()`],
//! which tells what surrounds a decision.
//!
//! What happens, in order: conditions may refuse (isolation, statuses, IP allowlist, second factor); then
//! every source in force (the membership's role, grants, a superuser's or a key's own permissions) is cut to
//! the ceiling of the token or key in use; a permission is allowed when at least one source still gives it.
//!
//! This room never loads anything and never asks the clock. Whoever loads the facts answers for these three:
//! a [`Member`]'s grants and groups are those of the organization asked about, a product asked about belongs
//! to it, and the ceiling is that of the token or key really presented.

mod conditions;
mod context;
mod decide;
mod effective;
mod explain;
mod grant;
mod group;
mod holdings;
mod permission;
mod permission_set;
mod reason;
mod role;
mod role_name;
mod role_template;
mod schedule;
mod scope_words;
mod source;
mod subject;

#[cfg(test)]
mod cast;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod strategies;

pub use conditions::{key_address_refusal, key_refusals};
pub use context::{Address, Context, Grace, OrganizationFacts, Policy, Proved, SecondFactor, WayIn};
pub use decide::{Decision, decide};
pub use effective::{Effective, effective};
pub use explain::{Cause, Explanation, explain};
pub use grant::{Gives, Grant, GrantOrigin, Standing};
pub use group::{GroupKind, UnknownGroupKind};
pub use holdings::Holdings;
pub use permission::{Permission, UnknownPermission};
pub use permission_set::PermissionSet;
pub use reason::{CitedGrant, Reason};
pub use role::{BuiltInRole, Role, UnknownRole};
pub use role_name::{RoleName, RoleNameError};
pub use role_template::RoleTemplate;
pub use schedule::{Schedule, ScheduleError};
pub use scope_words::allowed_by;
pub use subject::{
    ApplicationSubject, GroupName, Member, MembershipFacts, OrganizationKeySubject, Subject, Superuser,
};
