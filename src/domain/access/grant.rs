//! Grants: what gives a user, group or application a role or permissions, for a time or for good.
//!
//! Owns when a grant is in force. Whether its subject may act at all is decided by `conditions.rs`.

use super::permission_set::PermissionSet;
use super::role::Role;
use super::schedule::Schedule;
use crate::domain::id::{GrantId, GroupId, ProductId};
use crate::domain::time::Timestamp;

/// One grant of the organization asked about, as it reaches one subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// Its row.
    pub id: GrantId,
    /// How it reaches the subject.
    pub origin: GrantOrigin,
    /// What it gives.
    pub gives: Gives,
    /// The one product it is limited to; on all products when absent.
    pub product: Option<ProductId>,
    /// From when on it is in force, this point included; always was when absent.
    pub starts_at: Option<Timestamp>,
    /// Until when it is in force, this point excluded; for good when absent.
    pub ends_at: Option<Timestamp>,
    /// The hours of the week it is limited to; at all hours when absent.
    pub schedule: Option<Schedule>,
}

/// How a grant reaches its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantOrigin {
    /// Given to the user or application itself.
    Direct,
    /// Given to a group that the user is in.
    Group {
        /// The group's row.
        id: GroupId,
        /// The group's name, as shown.
        name: String,
    },
}

/// What a grant gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gives {
    /// A role, with whatever it holds at the time of asking.
    Role(Role),
    /// Permissions by name.
    Permissions(PermissionSet),
}

/// Where a grant stands at a point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    InForce,
    /// It starts later, at this point.
    NotYet(Timestamp),
    /// It ended, at this point.
    Ended(Timestamp),
    /// It has started and not ended, but not at this hour of the week.
    OutsideSchedule,
}

impl Grant {
    /// What it gives when in force.
    pub fn permissions(&self) -> PermissionSet {
        match &self.gives {
            Gives::Role(role) => role.permissions,
            Gives::Permissions(permissions) => *permissions,
        }
    }

    /// The role it gives, if it gives one.
    pub fn role(&self) -> Option<&Role> {
        match &self.gives {
            Gives::Role(role) => Some(role),
            Gives::Permissions(_) => None,
        }
    }

    /// Where it stands at `now`. One that ends before it starts never is in force.
    pub fn standing(&self, now: Timestamp) -> Standing {
        if let Some(starts_at) = self.starts_at.filter(|starts_at| now < *starts_at) {
            return Standing::NotYet(starts_at);
        }
        if let Some(ends_at) = self.ends_at.filter(|ends_at| *ends_at <= now) {
            return Standing::Ended(ends_at);
        }
        match &self.schedule {
            Some(schedule) if !schedule.covers(now) => Standing::OutsideSchedule,
            _ => Standing::InForce,
        }
    }

    /// Whether it counts at `now`.
    pub fn in_force(&self, now: Timestamp) -> bool {
        self.standing(now) == Standing::InForce
    }

    /// When it is in force next, if it is not at `now` and ever will be.
    pub fn in_force_after(&self, now: Timestamp) -> Option<Timestamp> {
        if self.in_force(now) {
            return None;
        }
        let earliest = self.starts_at.map_or(now, |starts_at| starts_at.max(now));
        let opens = match &self.schedule {
            Some(schedule) if !schedule.covers(earliest) => schedule.opens_after(earliest)?,
            _ => earliest,
        };
        self.in_force(opens).then_some(opens)
    }

    /// Until when one that is in force at `now` stays so without a break, `latest` at most. Schedules change at whole
    /// minutes, so those are what is looked at.
    pub fn holds_until(&self, now: Timestamp, latest: Timestamp) -> Timestamp {
        let end = self.ends_at.map_or(latest, |ends_at| ends_at.min(latest));
        let Some(schedule) = &self.schedule else {
            return end;
        };
        let minute = |timestamp: Timestamp| timestamp.millis().div_euclid(60_000);
        (minute(now) + 1..=minute(end))
            .map(|minute| Timestamp::from_millis(minute * 60_000))
            .find(|moment| !schedule.covers(*moment))
            .map_or(end, |closed| closed.min(end))
    }
}

#[cfg(test)]
mod tests {
    use super::super::cast::{NOON, grant_of};
    use super::*;
    use std::time::Duration;

    const HOUR: Duration = Duration::from_hours(1);
    const INSTANT: Duration = Duration::from_millis(1);

    #[test]
    fn a_grant_holds_until_its_end_or_the_end_of_its_window() {
        let latest = NOON.plus(Duration::from_mins(5));
        let open = grant_of(PermissionSet::ALL);
        assert_eq!(open.holds_until(NOON, latest), latest);
        let ends_at = NOON.plus(Duration::from_mins(2));
        assert_eq!(
            Grant {
                ends_at: Some(ends_at),
                ..open.clone()
            }
            .holds_until(NOON, latest),
            ends_at
        );
        let windows = r#"{"timezone":"UTC","windows":[{"days":["mon","tue","wed","thu","fri","sat","sun"],
            "from":"00:00","to":"12:03"}]}"#;
        let schedule = serde_json::from_str(windows).unwrap();
        let closes_at = NOON.plus(Duration::from_mins(3));
        assert_eq!(
            Grant {
                schedule: Some(schedule),
                ..open
            }
            .holds_until(NOON, latest),
            closes_at
        );
    }

    #[test]
    fn a_grant_counts_from_its_start_until_just_before_its_end() {
        let grant = Grant {
            starts_at: Some(NOON),
            ends_at: Some(NOON.plus(HOUR)),
            ..grant_of(PermissionSet::ALL)
        };
        assert_eq!(grant.standing(NOON.minus(INSTANT)), Standing::NotYet(NOON));
        assert_eq!(grant.standing(NOON), Standing::InForce);
        assert!(grant.in_force(NOON.plus(HOUR).minus(INSTANT)));
        assert_eq!(grant.standing(NOON.plus(HOUR)), Standing::Ended(NOON.plus(HOUR)));
    }

    #[test]
    fn a_grant_without_limits_always_counts() {
        let grant = grant_of(PermissionSet::ALL);
        assert!(grant.in_force(Timestamp::from_millis(i64::MIN)));
        assert!(grant.in_force(Timestamp::from_millis(i64::MAX)));
    }

    #[test]
    fn a_grant_with_a_schedule_counts_only_at_its_hours() {
        let mornings = r#"{"timezone":"UTC","windows":[{"days":["mon"],"from":"08:00","to":"12:00"}]}"#;
        let grant = Grant {
            schedule: Some(serde_json::from_str(mornings).unwrap()),
            ..grant_of(PermissionSet::ALL)
        };
        assert_eq!(grant.standing(NOON), Standing::OutsideSchedule);
        assert!(grant.in_force(NOON.minus(HOUR)));
    }

    #[test]
    fn a_grant_that_ends_before_it_starts_never_counts() {
        let grant = Grant {
            starts_at: Some(NOON.plus(HOUR)),
            ends_at: Some(NOON.minus(HOUR)),
            ..grant_of(PermissionSet::ALL)
        };
        for now in [NOON.minus(HOUR + HOUR), NOON, NOON.plus(HOUR + HOUR)] {
            assert!(!grant.in_force(now));
        }
    }
}
