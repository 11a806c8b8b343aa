//! What somebody held in an organization when a review started. Kept as it was, in names, whatever becomes of the things
//! that it names.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::domain::access::{
    Gives, Grant, GrantOrigin, Holdings, Member, Permission, PermissionSet, Standing,
};
use crate::domain::time::Timestamp;

/// What a membership came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Whether it let them act.
    pub status: String,
    /// Its role.
    pub role: Option<String>,
    /// The names of their groups, sorted.
    pub groups: Vec<String>,
    /// What they were given, themselves or by a group; what had ended is left out.
    pub grants: Vec<HeldGrant>,
    /// Every permission that they could come to use, at whichever hour: on all products under `*`, and what they hold
    /// beyond that on one product under its id.
    pub permissions: BTreeMap<String, Vec<String>>,
}

/// What somebody was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldGrant {
    /// Its id.
    pub id: String,
    /// The group that has it, if it is not their own.
    pub group: Option<String>,
    /// The role that it gives.
    pub role: Option<String>,
    /// The permissions that it gives by name.
    pub permissions: Option<Vec<String>>,
    /// The one product that it is limited to.
    pub product: Option<String>,
    /// From when on it counts.
    pub starts_at: Option<String>,
    /// Until when it counts.
    pub ends_at: Option<String>,
    /// The hours of the week at which it counts.
    pub schedule: Option<Value>,
}

impl Held {
    /// What a member holds; nothing of somebody who is none.
    pub fn by(member: &Member, now: Timestamp) -> Option<Self> {
        let membership = member.membership.as_ref()?;
        let mut groups: Vec<_> = member.groups.iter().map(|group| group.name.clone()).collect();
        groups.sort();
        let live = |grant: &&Grant| !matches!(grant.standing(now), Standing::Ended(_));
        let holdings = Holdings::at_most(membership.role.as_ref(), &member.grants, now);
        let beyond = holdings.beyond_everywhere();
        let beyond = beyond
            .into_iter()
            .map(|(product, held)| (product.to_string(), names(held)));
        Some(Self {
            status: membership.status.to_string(),
            role: membership.role.as_ref().map(|role| role.name.clone()),
            groups,
            grants: member.grants.iter().filter(live).map(HeldGrant::of).collect(),
            permissions: [("*".to_owned(), names(holdings.everywhere()))]
                .into_iter()
                .chain(beyond)
                .collect(),
        })
    }
}

impl HeldGrant {
    fn of(grant: &Grant) -> Self {
        let text = |time: Option<Timestamp>| time.map(|time| time.to_string());
        Self {
            id: grant.id.to_string(),
            group: match &grant.origin {
                GrantOrigin::Direct => None,
                GrantOrigin::Group { name, .. } => Some(name.clone()),
            },
            role: grant.role().map(|role| role.name.clone()),
            permissions: match &grant.gives {
                Gives::Role(_) => None,
                Gives::Permissions(given) => Some(names(*given)),
            },
            product: grant.product.map(|product| product.to_string()),
            starts_at: text(grant.starts_at),
            ends_at: text(grant.ends_at),
            schedule: grant
                .schedule
                .as_ref()
                .and_then(|schedule| serde_json::to_value(schedule).ok()),
        }
    }
}

fn names(permissions: PermissionSet) -> Vec<String> {
    permissions
        .iter()
        .map(Permission::as_str)
        .map(str::to_owned)
        .collect()
}
