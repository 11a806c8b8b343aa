//! Explanations: a decision with all that surrounds it, for people who ask why.
//!
//! Owns what is told besides the decision, which is `decide`'s own. Never decides.

use std::fmt;

use super::context::{Context, OrganizationFacts};
use super::decide::{decide, would_give};
use super::grant::Grant;
use super::permission::Permission;
use super::reason::{CitedGrant, Reason};
use super::subject::Subject;
use crate::domain::id::ProductId;
use crate::domain::time::Timestamp;

/// A decision and what surrounds it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Explanation {
    /// Whether the permission may be used.
    pub allowed: bool,
    /// Every reason for that, see [`super::Decision`].
    pub because: Vec<Cause>,
    /// When something refuses the subject altogether, what gives it the permission all the same, for nothing.
    pub otherwise: Vec<Cause>,
}

/// A reason, and when it is none any more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The reason.
    pub reason: Reason,
    /// When the grant it is about is next in force, if it is not now and ever will be.
    pub in_force_from: Option<Timestamp>,
}

/// Explains what `decide` answers to the same question.
pub fn explain(
    subject: &Subject,
    organization: &OrganizationFacts,
    product: Option<ProductId>,
    permission: Permission,
    context: &Context,
) -> Explanation {
    let decision = decide(subject, organization, product, permission, context);
    let told = |reasons: Vec<Reason>| reasons.into_iter().map(|reason| Cause::at(reason, context.now));
    let says_it_all = decision.because.iter().any(Reason::says_it_all);
    let otherwise = if decision.allowed || says_it_all {
        Vec::new()
    } else {
        would_give(subject, product, permission, context)
    };
    Explanation {
        allowed: decision.allowed,
        because: told(decision.because).collect(),
        otherwise: told(otherwise).collect(),
    }
}

impl Explanation {
    /// What nobody here is told: whoever it is about does not belong here.
    pub fn of_nobody() -> Self {
        Self::default().refused_by(vec![Reason::NoMembership])
    }

    /// The same for somebody who is two things at once, a member and a superuser: what allows either allows them.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self.allowed, other.allowed) {
            (true, _) => self,
            (false, true) => other,
            (false, false) => Self {
                allowed: false,
                because: united(self.because, other.because),
                otherwise: united(self.otherwise, other.otherwise),
            },
        }
    }

    /// The same when these reasons refuse the subject besides.
    #[must_use]
    pub fn refused_by(self, refusals: Vec<Reason>) -> Self {
        if refusals.is_empty() {
            return self;
        }
        let untimed = |reason| Cause {
            reason,
            in_force_from: None,
        };
        let refusals: Vec<Cause> = refusals.into_iter().map(untimed).collect();
        let (against, otherwise) = if self.allowed {
            (Vec::new(), self.because)
        } else {
            (self.because, self.otherwise)
        };
        Self {
            allowed: false,
            because: united(refusals, against),
            otherwise,
        }
    }
}

fn united(mut causes: Vec<Cause>, others: Vec<Cause>) -> Vec<Cause> {
    for cause in others {
        if !causes.contains(&cause) {
            causes.push(cause);
        }
    }
    causes
}

impl Cause {
    fn at(reason: Reason, now: Timestamp) -> Self {
        let in_force_from = reason.grant().and_then(|grant| grant.in_force_after(now));
        Self {
            reason,
            in_force_from,
        }
    }
}

/// The reason in one plain sentence, and when it is none any more in another.
impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.reason)?;
        match self.in_force_from {
            Some(from) => write!(f, " It is next in force from {from}."),
            None => Ok(()),
        }
    }
}

impl Reason {
    /// The grant it is about, if it is about one.
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Grant(CitedGrant(grant))
            | Self::GrantNotYet(CitedGrant(grant), _)
            | Self::GrantEnded(CitedGrant(grant), _)
            | Self::OutsideSchedule(CitedGrant(grant))
            | Self::OutsideProduct(CitedGrant(grant)) => Some(grant),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::cast::{NOON, acme, alice, bob, grant_of, mallory, member, noon, on, role, under};
    use super::super::permission::Permission::{DeviceRead, DeviceWrite};
    use super::super::strategies::{any_context, any_policy, any_subject, products};
    use super::super::{BuiltInRole, PermissionSet, decide};
    use super::*;
    use crate::domain::membership::MembershipStatus;

    const WRITING: PermissionSet = PermissionSet::of(&[DeviceWrite]);

    fn kinds(causes: &[Cause]) -> Vec<&'static str> {
        causes.iter().map(|cause| cause.reason.kind()).collect()
    }

    fn asked(subject: &Subject) -> Explanation {
        explain(subject, &acme(), None, DeviceWrite, &noon())
    }

    fn suspended(mut bob: super::super::Member) -> Subject {
        if let Some(membership) = &mut bob.membership {
            membership.status = MembershipStatus::Suspended;
        }
        Subject::Member(bob)
    }

    #[test]
    fn whoever_is_refused_altogether_is_told_what_would_give_it_or_that_nothing_would() {
        let told = asked(&suspended(member(2, Some(role(BuiltInRole::Operator)))));
        assert_eq!(kinds(&told.because), ["membership_suspended"]);
        assert_eq!(kinds(&told.otherwise), ["role"]);
        let told = asked(&suspended(member(2, None)));
        assert_eq!(kinds(&told.because), ["membership_suspended", "nothing_gives_it"]);
        assert!(told.otherwise.is_empty());
    }

    #[test]
    fn a_stranger_is_told_nothing_of_what_she_might_hold() {
        assert_eq!(asked(&mallory()), Explanation::of_nobody());
    }

    #[test]
    fn a_grant_tells_when_it_is_next_in_force() {
        let mondays = r#"{"timezone":"UTC","windows":[{"days":["mon"],"from":"08:00","to":"10:00"}]}"#;
        let shift = Grant {
            schedule: Some(serde_json::from_str(mondays).unwrap()),
            ..grant_of(WRITING)
        };
        let told = asked(&bob(vec![shift]));
        assert_eq!(kinds(&told.because), ["outside_schedule"]);
        let from = told.because[0].in_force_from.unwrap();
        assert_eq!(from.to_string(), "2026-11-30T08:00:00Z");
        let elsewhere = asked(&bob(vec![on(1, grant_of(WRITING))]));
        assert_eq!(
            elsewhere.because[0].in_force_from, None,
            "it is in force, only not here"
        );
    }

    #[test]
    fn what_refuses_besides_turns_the_reasons_for_into_those_that_help_nothing() {
        let told = asked(&alice()).refused_by(vec![Reason::KeyRevoked]);
        assert!(!told.allowed);
        assert_eq!(
            (kinds(&told.because), kinds(&told.otherwise)),
            (vec!["key_revoked"], vec!["role"])
        );
        let nothing = asked(&bob(Vec::new())).refused_by(vec![Reason::KeyExpired(NOON)]);
        assert_eq!(kinds(&nothing.because), ["key_expired", "nothing_gives_it"]);
    }

    #[test]
    fn whoever_is_two_things_is_allowed_by_either_and_told_the_reasons_of_both() {
        let reading = || explain(&alice(), &acme(), None, DeviceRead, &noon());
        let cut = || explain(&alice(), &acme(), None, DeviceRead, &under(WRITING));
        assert_eq!(cut().or(reading()), reading());
        assert_eq!(reading().or(cut()), reading());
        let nothing = explain(&bob(Vec::new()), &acme(), None, DeviceRead, &noon());
        assert_eq!(
            kinds(&cut().or(nothing).because),
            ["above_ceiling", "nothing_gives_it"]
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn an_explanation_is_the_decision_and_what_it_adds_speaks_for_the_other_side(
            subject in any_subject(), organization in any_policy(), context in any_context(),
        ) {
            for (product, permission) in products().into_iter().flat_map(|product| Permission::ALL.map(|one| (product, one))) {
                let told = explain(&subject, &organization, product, permission, &context);
                let decision = decide(&subject, &organization, product, permission, &context);
                let because: Vec<_> = told.because.iter().map(|cause| cause.reason.clone()).collect();
                prop_assert_eq!((told.allowed, because), (decision.allowed, decision.because));
                prop_assert!(told.otherwise.iter().all(|cause| cause.reason.allows() && !told.allowed));
            }
        }

        #[test]
        fn a_grant_is_next_in_force_when_it_says_and_not_an_hour_before(
            grant in super::super::strategies::any_grant(), hour in -48_i64..48,
        ) {
            let now = Timestamp::from_millis(NOON.millis() + hour * 3_600_000);
            let hours = (1..24 * 14).map(|later| Timestamp::from_millis(now.millis() + later * 3_600_000));
            let expected = hours.clone().find(|hour| grant.in_force(*hour)).filter(|_| !grant.in_force(now));
            prop_assert_eq!(grant.in_force_after(now), expected);
        }
    }
}
