//! What holds for every subject, organization, permission, product and circumstance.

use proptest::prelude::*;

use super::cast::{acme, globex, id, superuser};
use super::strategies::{any_context, any_grant, any_member, any_policy, any_subject, products};
use super::{
    Context, Decision, Grant, Member, MembershipFacts, OrganizationFacts, Permission, PermissionSet, Reason,
    Subject, decide, effective,
};
use crate::domain::id::ProductId;
use crate::domain::membership::MembershipStatus;
use crate::domain::user::UserStatus;

struct Answer {
    product: Option<ProductId>,
    permission: Permission,
    decision: Decision,
}

/// Every question there is, with its answer.
fn answers(subject: &Subject, organization: &OrganizationFacts, context: &Context) -> Vec<Answer> {
    let mut answers = Vec::new();
    for product in products() {
        for permission in Permission::ALL {
            let decision = decide(subject, organization, product, permission, context);
            answers.push(Answer {
                product,
                permission,
                decision,
            });
        }
    }
    answers
}

/// Whether each question is answered with yes, in the order of [`answers`].
fn yes(subject: &Subject, organization: &OrganizationFacts, context: &Context) -> Vec<bool> {
    answers(subject, organization, context)
        .iter()
        .map(|answer| answer.decision.allowed)
        .collect()
}

/// Whether whatever `fewer` allows, `more` allows too.
fn only_adds(fewer: &[bool], more: &[bool]) -> bool {
    fewer.iter().zip(more).all(|(before, after)| !before || *after)
}

/// Nothing at all is allowed, and nothing is listed.
fn refused(subject: &Subject, organization: &OrganizationFacts, context: &Context) -> bool {
    !yes(subject, organization, context).contains(&true) && effective(subject, organization, context).is_err()
}

/// The grants of `subject`, were it to have any.
fn grants_of(subject: &mut Subject) -> Option<&mut Vec<Grant>> {
    match subject {
        Subject::Member(member) => Some(&mut member.grants),
        Subject::Application(application) => Some(&mut application.grants),
        Subject::Superuser(_) | Subject::OrganizationKey(_) => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_grant_only_adds(
        mut subject in any_subject(), grant in any_grant(),
        organization in any_policy(), context in any_context(),
    ) {
        let before = yes(&subject, &organization, &context);
        if let Some(grants) = grants_of(&mut subject) {
            grants.push(grant.clone());
        }
        prop_assert!(only_adds(&before, &yes(&subject, &organization, &context)));
    }

    #[test]
    fn a_grant_that_is_not_in_force_is_as_good_as_none(
        mut subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let before = yes(&subject, &organization, &context);
        if let Some(grants) = grants_of(&mut subject) {
            grants.retain(|grant| grant.in_force(context.now));
        }
        prop_assert_eq!(before, yes(&subject, &organization, &context));
    }

    #[test]
    fn a_grant_on_one_product_changes_nothing_on_others(
        mut subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let before = answers(&subject, &organization, &context);
        let limit = products()[1];
        if let Some(grants) = grants_of(&mut subject) {
            grants.retain(|grant| grant.product != limit);
        }
        for (before, after) in before.iter().zip(answers(&subject, &organization, &context)) {
            let same = before.decision.allowed == after.decision.allowed;
            prop_assert!(before.product == limit || same, "{:?} {}", before.product, before.permission);
        }
    }

    #[test]
    fn a_ceiling_only_removes_and_lets_through_only_what_it_names(
        subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let free = Context { ceiling: None, ..context.clone() };
        let under_ceiling = answers(&subject, &organization, &context);
        for (cut, uncut) in under_ceiling.iter().zip(yes(&subject, &organization, &free)) {
            let named = context.ceiling.is_none_or(|ceiling| ceiling.contains(cut.permission));
            prop_assert_eq!(cut.decision.allowed, uncut && named, "{}", cut.permission);
        }
    }

    #[test]
    fn a_key_limited_to_products_opens_what_it_would_without_on_those_and_nothing_else(
        subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let free = Context { only_on: None, ..context.clone() };
        let limited = answers(&subject, &organization, &context);
        for (cut, uncut) in limited.iter().zip(yes(&subject, &organization, &free)) {
            let reached = context.only_on.as_ref()
                .is_none_or(|only_on| cut.product.is_some_and(|product| only_on.contains(&product)));
            prop_assert_eq!(cut.decision.allowed, uncut && reached, "{:?} {}", cut.product, cut.permission);
        }
    }

    #[test]
    fn a_suspended_or_inactive_member_is_always_refused(
        member in any_member(), suspended: bool, organization in any_policy(), context in any_context(),
    ) {
        let status = if suspended { MembershipStatus::Suspended } else { MembershipStatus::Inactive };
        let membership = member.membership.clone().map(|membership| MembershipFacts { status, ..membership });
        let suspended = Subject::Member(Member { membership, ..member });
        prop_assert!(refused(&suspended, &organization, &context));
    }

    #[test]
    fn a_suspended_or_deleted_user_is_always_refused_even_a_superuser(
        member in any_member(), deleted: bool, organization in any_policy(), context in any_context(),
    ) {
        let user_status = if deleted { UserStatus::Deleted } else { UserStatus::Suspended };
        prop_assert!(refused(&superuser(user_status), &organization, &context));
        let member = Subject::Member(Member { user_status, ..member });
        prop_assert!(refused(&member, &organization, &context));
    }

    #[test]
    fn without_a_membership_only_superusers_applications_and_organization_keys_act(
        mut subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        if let Subject::Member(member) = &mut subject {
            member.membership = None;
        }
        let is_member = matches!(subject, Subject::Member(_));
        prop_assert!(!is_member || refused(&subject, &organization, &context));
    }

    #[test]
    fn a_subject_of_another_organization_is_always_refused_and_told_nothing_else(
        mut subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let own = match &mut subject {
            Subject::Member(Member { membership, .. }) => membership.as_mut().map(|it| &mut it.organization),
            Subject::Application(application) => Some(&mut application.organization),
            Subject::OrganizationKey(key) => Some(&mut key.organization),
            Subject::Superuser(_) => None,
        };
        let Some(own) = own else { return Ok(()) };
        *own = globex();

        prop_assert!(refused(&subject, &organization, &context));
        for Answer { decision, .. } in answers(&subject, &organization, &context) {
            prop_assert_eq!(decision.because, vec![Reason::OtherOrganization]);
        }
    }

    #[test]
    fn where_the_same_organization_asks_it_never_counts_as_another(
        subject in any_subject(), context in any_context(),
    ) {
        let own = OrganizationFacts { id: subject.organization().unwrap_or(id(1)), ..acme() };
        for Answer { decision, .. } in answers(&subject, &own, &context) {
            prop_assert!(!decision.because.contains(&Reason::OtherOrganization));
        }
    }

    #[test]
    fn decisions_and_the_list_agree_on_every_permission_and_product(
        subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        let list = effective(&subject, &organization, &context);
        for Answer { product, permission, decision } in answers(&subject, &organization, &context) {
            match list.clone() {
                Ok(list) => prop_assert_eq!(decision.allowed, list.on(product).contains(permission)),
                Err(because) => {
                    prop_assert!(!decision.allowed && decision.because.starts_with(&because), "{:?}", decision);
                }
            }
        }
    }

    #[test]
    fn a_product_lists_something_and_nothing_that_is_held_everywhere(
        subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        if let Ok(list) = effective(&subject, &organization, &context) {
            for beyond in list.by_product.values() {
                prop_assert!(!beyond.is_empty());
                prop_assert_eq!(beyond.intersection(list.everywhere), PermissionSet::EMPTY);
            }
        }
    }

    #[test]
    fn every_decision_has_reasons_that_all_speak_for_it(
        subject in any_subject(), organization in any_policy(), context in any_context(),
    ) {
        for Answer { decision, .. } in answers(&subject, &organization, &context) {
            prop_assert!(!decision.because.is_empty());
            let one_sided = decision.because.iter().all(|reason| reason.allows() == decision.allowed);
            prop_assert!(one_sided, "{:?}", decision);
        }
    }
}
