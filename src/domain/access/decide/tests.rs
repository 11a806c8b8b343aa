//! Decisions, one case at a time, with their reasons.

use super::super::cast::{
    NOON, acme, acme_asking, alice, application, bob, by_field_team, ended, globex, grant_of, mallory,
    member, noon, on, organization_key, product, role, superuser, under, unproved,
};
use super::super::permission::Permission::{DeviceRead, DeviceWrite, OrganizationDelete};
use super::super::{
    Address, BuiltInRole, Gives, Grant, Member, OrganizationKeySubject, PermissionSet, Proved, SecondFactor,
    WayIn,
};
use super::*;
use crate::domain::membership::MembershipStatus;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;

const READING: PermissionSet = PermissionSet::of(&[DeviceRead]);
const WRITING: PermissionSet = PermissionSet::of(&[DeviceWrite]);

/// The kinds of reason, after `+` when allowed and `-` when refused.
fn told(decision: &Decision) -> String {
    let sign = if decision.allowed { "+" } else { "-" };
    let kinds: Vec<&str> = decision.because.iter().map(Reason::kind).collect();
    format!("{sign} {}", kinds.join(" "))
}

/// What is told to whoever asks for `device:write` on all products.
fn asked(subject: &Subject, organization: &OrganizationFacts, context: &Context) -> String {
    told(&decide(subject, organization, None, DeviceWrite, context))
}

/// The same in Acme at noon, on one product.
fn asked_on(number: u128, subject: &Subject) -> String {
    told(&decide(
        subject,
        &acme(),
        Some(product(number)),
        DeviceWrite,
        &noon(),
    ))
}

#[test]
fn alice_may_delete_her_organization_by_her_role() {
    let decision = decide(&alice(), &acme(), None, OrganizationDelete, &noon());
    let owner = role(BuiltInRole::Owner);
    let because = vec![Reason::Role {
        id: owner.id,
        name: owner.name,
    }];
    assert_eq!(
        decision,
        Decision {
            allowed: true,
            because
        }
    );
}

#[test]
fn everything_that_gives_a_permission_is_named() {
    let operator = Gives::Role(role(BuiltInRole::Operator));
    let by_group = by_field_team(Grant {
        gives: operator,
        ..grant_of(PermissionSet::EMPTY)
    });
    let grants = vec![by_group, on(1, grant_of(WRITING)), grant_of(READING)];
    let bob = Subject::Member(Member {
        grants,
        ..member(2, Some(role(BuiltInRole::Developer)))
    });
    assert_eq!(asked_on(1, &bob), "+ role grant grant");
    assert_eq!(asked_on(2, &bob), "+ role grant");
    assert_eq!(asked(&bob, &acme(), &noon()), "+ role grant");
}

#[test]
fn a_grant_on_one_product_gives_nothing_on_another_and_nothing_on_all() {
    let bob = bob(vec![on(1, grant_of(WRITING))]);
    assert_eq!(asked_on(1, &bob), "+ grant");
    assert_eq!(asked_on(2, &bob), "- outside_product");
    assert_eq!(asked(&bob, &acme(), &noon()), "- outside_product");
}

#[test]
fn grants_that_nearly_give_a_permission_are_named_with_all_that_is_in_their_way() {
    let sundays = r#"{"timezone":"UTC","windows":[{"days":["sun"],"from":"08:00","to":"12:00"}]}"#;
    let bob = bob(vec![
        Grant {
            starts_at: Some(Timestamp::from_millis(NOON.millis() + 1)),
            ..grant_of(WRITING)
        },
        Grant {
            schedule: Some(serde_json::from_str(sundays).unwrap()),
            ..grant_of(WRITING)
        },
        on(1, ended(grant_of(WRITING))),
        grant_of(READING),
    ]);
    assert_eq!(asked_on(1, &bob), "- grant_not_yet outside_schedule grant_ended");
    let elsewhere = "- grant_not_yet outside_schedule grant_ended outside_product";
    assert_eq!(asked_on(2, &bob), elsewhere);
    assert_eq!(asked(&bob, &acme(), &noon()), elsewhere);
    assert_eq!(
        asked(&bob, &acme(), &under(READING)),
        format!("{elsewhere} above_ceiling")
    );
}

#[test]
fn a_member_whom_nothing_gives_the_permission_is_told_just_that() {
    let bob = bob(vec![grant_of(READING)]);
    assert_eq!(asked(&bob, &acme(), &noon()), "- nothing_gives_it");
    assert_eq!(asked(&bob, &acme(), &under(READING)), "- nothing_gives_it");
}

#[test]
fn the_ceiling_of_a_token_or_key_cuts_everyone() {
    let key = Subject::OrganizationKey(organization_key(PermissionSet::ALL));
    for subject in [
        alice(),
        superuser(UserStatus::Active),
        application(vec![grant_of(WRITING)]),
        key,
    ] {
        assert_eq!(asked(&subject, &acme(), &under(READING)), "- above_ceiling");
        assert!(decide(&subject, &acme(), None, DeviceWrite, &under(WRITING)).allowed);
    }
}

#[test]
fn mallory_is_no_member_and_no_grant_helps_her() {
    assert_eq!(asked(&mallory(), &acme(), &noon()), "- no_membership");
}

#[test]
fn a_member_of_another_organization_learns_nothing_but_that() {
    let mut stranger = member(3, Some(role(BuiltInRole::Owner)));
    if let Some(membership) = &mut stranger.membership {
        membership.organization = globex();
        membership.status = MembershipStatus::Suspended;
    }
    assert_eq!(
        asked(&Subject::Member(stranger), &acme(), &noon()),
        "- other_organization"
    );
}

#[test]
fn every_condition_that_refuses_is_named() {
    let mut bob = member(2, Some(role(BuiltInRole::Developer)));
    bob.user_status = UserStatus::Suspended;
    if let Some(membership) = &mut bob.membership {
        membership.status = MembershipStatus::Inactive;
    }
    assert_eq!(
        asked(
            &Subject::Member(bob),
            &acme_asking(&["198.51.100.0/24"], true),
            &unproved()
        ),
        "- user_suspended membership_inactive address_not_allowed second_factor_missing"
    );
}

#[test]
fn an_address_that_is_not_the_persons_is_never_held_against_them() {
    let fenced = acme_asking(&["198.51.100.0/24"], false);
    let asked_from = |address| asked(&alice(), &fenced, &Context { address, ..noon() });
    assert_eq!(asked_from(Address::NotThePersons), "+ role");
    assert_eq!(asked_from(Address::Known([198, 51, 100, 1].into())), "+ role");
    assert_eq!(
        asked_from(Address::Known([192, 0, 2, 7].into())),
        "- address_not_allowed"
    );
}

#[test]
fn a_second_factor_is_asked_of_people_and_not_of_keys() {
    let careful = acme_asking(&[], true);
    let asked_with = |second_factor| {
        asked(
            &alice(),
            &careful,
            &Context {
                proved: Proved::by_any_way(second_factor),
                ..noon()
            },
        )
    };
    assert_eq!(asked_with(SecondFactor::Proved), "+ role");
    assert_eq!(asked_with(SecondFactor::NotAsked), "+ role");
    assert_eq!(asked_with(SecondFactor::Missing), "- second_factor_missing");
    assert_eq!(asked(&alice(), &acme(), &unproved()), "+ role");
}

#[test]
fn where_a_connection_is_required_only_owners_come_by_another_way_and_only_with_a_second_factor() {
    let asked_of = |subject: &Subject, second_factor, way_in| {
        let proved = Proved {
            second_factor,
            way_in,
        };
        asked(subject, &acme(), &Context { proved, ..noon() })
    };
    let ana = Subject::Member(member(2, Some(role(BuiltInRole::Admin))));
    for subject in [&alice(), &ana, &superuser(UserStatus::Active)] {
        assert!(asked_of(subject, SecondFactor::Missing, WayIn::Right).starts_with('+'));
        assert_eq!(
            asked_of(subject, SecondFactor::Missing, WayIn::Wrong),
            "- connection_required"
        );
    }
    for glass_breaker in [&alice(), &superuser(UserStatus::Active)] {
        assert!(asked_of(glass_breaker, SecondFactor::Proved, WayIn::Wrong).starts_with('+'));
    }
    assert_eq!(
        asked_of(&ana, SecondFactor::Proved, WayIn::Wrong),
        "- connection_required"
    );
}

#[test]
fn a_superuser_may_do_everything_unless_suspended_deleted_or_kept_out_by_policy() {
    let told_to = |status| asked(&superuser(status), &acme(), &noon());
    assert_eq!(told_to(UserStatus::Active), "+ superuser");
    assert_eq!(told_to(UserStatus::Suspended), "- user_suspended");
    assert_eq!(told_to(UserStatus::Deleted), "- user_deleted");
    assert_eq!(asked_on(1, &superuser(UserStatus::Active)), "+ superuser");
    assert_eq!(
        asked(
            &superuser(UserStatus::Active),
            &acme_asking(&["198.51.100.0/24"], true),
            &unproved()
        ),
        "- address_not_allowed second_factor_missing"
    );
}

#[test]
fn an_application_acts_by_its_grants_while_it_is_switched_on() {
    assert_eq!(
        asked(&application(vec![]), &acme(), &noon()),
        "- nothing_gives_it"
    );
    let mut application = application(vec![grant_of(WRITING)]);
    assert_eq!(asked(&application, &acme(), &noon()), "+ grant");
    if let Subject::Application(facts) = &mut application {
        facts.active = false;
    }
    assert_eq!(asked(&application, &acme(), &noon()), "- application_inactive");
}

#[test]
fn an_organizations_key_is_good_until_it_expires_or_is_revoked() {
    let key = organization_key(WRITING);
    assert_eq!(
        asked_on(1, &Subject::OrganizationKey(key.clone())),
        "+ key_permission"
    );
    let over = OrganizationKeySubject {
        expires_at: NOON,
        revoked: true,
        ..key
    };
    assert_eq!(
        asked(&Subject::OrganizationKey(over), &acme(), &noon()),
        "- key_revoked key_expired"
    );
    let reading = Subject::OrganizationKey(organization_key(READING));
    assert_eq!(asked(&reading, &acme(), &noon()), "- nothing_gives_it");
}
