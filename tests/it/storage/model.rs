//! Random organizations: what storage loads is decided as a model says that knows neither SQL nor `decide`.

use std::collections::BTreeSet;

use doorward::domain::access::ApplicationSubject;
use doorward::domain::access::{
    Address, Context, Gives, Grant, OrganizationFacts, Permission, PermissionSet, Policy, Proved, Role,
    RoleName, Subject, decide, effective,
};
use doorward::domain::description::Description;
use doorward::domain::id::{GroupId, MembershipId, ProductId, UserId};
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::products::{self, NewProduct};
use doorward::storage::roles::{self, OwnRole};
use doorward::storage::{group_members, groups, users};
use serde_json::json;

use super::{NOW, Store, commit, samples};
use crate::harness::{Dice, on_both};

const HOUR: i64 = 3_600_000;
const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

/// What the model knows of a grant.
#[derive(Clone)]
struct Given {
    subject: usize,
    permissions: PermissionSet,
    product: Option<usize>,
    starts: Option<i64>,
    ends: Option<i64>,
    /// Days, counted from a Thursday as 1970 is, and the hours from and to.
    hours: Option<(BTreeSet<usize>, i64, i64)>,
}

/// What the model knows of an organization: members come first among subjects, then groups, then an application.
struct Model {
    roles: Vec<Option<PermissionSet>>,
    groups: Vec<BTreeSet<usize>>,
    given: Vec<Given>,
}

const MEMBERS: usize = 5;
const GROUPS: usize = 3;
const APPLICATION: usize = MEMBERS + GROUPS;

impl Given {
    fn counts(&self, at: i64) -> bool {
        let begun = self.starts.is_none_or(|starts| starts <= at);
        let over = self.ends.is_some_and(|ends| ends <= at);
        let open = self.hours.as_ref().is_none_or(|(days, from, to)| {
            let (day, hour) = (usize::try_from(at / (24 * HOUR) % 7).unwrap(), at / HOUR % 24);
            let before = (day + 6) % 7;
            if from < to {
                days.contains(&day) && (*from..*to).contains(&hour)
            } else {
                days.contains(&day) && *from <= hour || days.contains(&before) && hour < *to
            }
        });
        begun && !over && open
    }
}

impl Model {
    fn allows(&self, subject: usize, product: Option<usize>, permission: Permission, at: i64) -> bool {
        let by_role = self
            .roles
            .get(subject)
            .copied()
            .flatten()
            .is_some_and(|role| role.contains(permission));
        let reaches = |given: &Given| {
            let in_group = given.subject >= MEMBERS
                && given.subject < APPLICATION
                && self.groups[given.subject - MEMBERS].contains(&subject);
            (given.subject == subject || in_group)
                && (given.product.is_none() || given.product == product)
                && given.permissions.contains(permission)
                && given.counts(at)
        };
        by_role || self.given.iter().any(reaches)
    }
}

fn some_permissions(dice: &mut Dice) -> PermissionSet {
    dice.some(&Permission::ALL, 6).into_iter().collect()
}

/// A grant as the model and as storage know it, of a role if the throw says so.
fn any_grant(dice: &mut Dice, roles: &[Role], products: &[ProductId]) -> (Given, Grant) {
    let role = dice.once_in(3).then(|| dice.one(roles).clone());
    let permissions = role
        .as_ref()
        .map_or_else(|| some_permissions(dice), |role| role.permissions);
    let product = dice.once_in(3).then(|| dice.below(products.len()));
    let time = |dice: &mut Dice| NOW.millis() + (i64::try_from(dice.below(96)).unwrap() - 48) * HOUR;
    let starts = dice.once_in(4).then(|| time(dice));
    let ends = dice.once_in(4).then(|| time(dice));
    let hours = dice.once_in(4).then(|| {
        let days: BTreeSet<usize> = (0..=dice.below(4)).map(|_| dice.below(7)).collect();
        (
            days,
            i64::try_from(dice.below(24)).unwrap(),
            i64::try_from(dice.below(24)).unwrap(),
        )
    });
    let schedule = hours.as_ref().map(|(days, from, to)| {
        let days: Vec<_> = days.iter().map(|day| DAYS[*day]).collect();
        let window = json!({ "days": days, "from": format!("{from:02}:00"), "to": format!("{to:02}:00") });
        serde_json::from_value(json!({ "timezone": "UTC", "windows": [window] })).unwrap()
    });
    let grant = Grant {
        gives: role.map_or(Gives::Permissions(permissions), Gives::Role),
        product: product.map(|product| products[product]),
        starts_at: starts.map(Timestamp::from_millis),
        ends_at: ends.map(Timestamp::from_millis),
        schedule,
        ..samples::grant()
    };
    let subject = dice.below(APPLICATION + 1);
    (
        Given {
            subject,
            permissions,
            product,
            starts,
            ends,
            hours,
        },
        grant,
    )
}

on_both! {
    async fn a_random_organization_is_decided_as_the_model_says(store: Store) {
        for seed in 0..4 {
            let mut dice = Dice::seeded(seed);
            let products: Vec<ProductId> = (0..2).map(|_| random::id(NOW)).collect();
            let own: Vec<OwnRole> = (0..3)
                .map(|number| OwnRole {
                    id: random::id(NOW),
                    name: RoleName::parse(&format!("role-{seed}-{number}")).unwrap(),
                    description: Description::default(),
                    permissions: some_permissions(&mut dice),
                })
                .collect();
            let roles: Vec<Role> =
                own.iter().map(|role| Role { id: role.id, name: role.name.to_string(), permissions: role.permissions }).collect();
            let people: Vec<(UserId, MembershipId, Option<usize>)> =
                (0..MEMBERS).map(|_| (random::id(NOW), random::id(NOW), dice.once_in(2).then(|| dice.below(3)))).collect();
            let made: Vec<_> = (0..GROUPS).map(|number| samples::group(&format!("Group {seed} {number}"))).collect();
            let in_groups: Vec<BTreeSet<usize>> =
                (0..GROUPS).map(|_| (0..MEMBERS).filter(|_| dice.once_in(2)).collect()).collect();
            let grants: Vec<(Given, Grant)> = (0..25).map(|_| any_grant(&mut dice, &roles, &products)).collect();
            let model = Model {
                roles: people.iter().map(|(.., role)| role.map(|role| roles[role].permissions)).collect(),
                groups: in_groups.clone(),
                given: grants.iter().map(|(given, _)| given.clone()).collect(),
            };
            let (acme, fleet) = (store.acme, samples::application(store.acme));
            let application = fleet.id;
            commit!(store, |tx, fleet, own, people, made, in_groups, grants, products| {
                doorward::storage::applications::insert(tx, &fleet, NOW).await?;
                for (number, id) in products.iter().enumerate() {
                    let name = format!("product-{seed}-{number}").parse().unwrap();
                    let product = NewProduct { id: *id, organization: acme, name, display_name: samples::name("P") };
                    products::insert(tx, &product, NOW).await?;
                }
                for role in &own {
                    roles::insert(tx, acme, role, NOW).await?;
                }
                for (number, (user, membership, role)) in people.iter().enumerate() {
                    let mut person = samples::user(&format!("p{seed}-{number}@acme.example"));
                    person.id = *user;
                    users::insert(tx, &person, NOW).await?;
                    let role = role.map(|role| own[role].id);
                    let new = NewMembership { id: *membership, organization: acme, user: *user, role };
                    memberships::insert(tx, &new, NOW).await?;
                }
                for (group, members) in made.iter().zip(&in_groups) {
                    groups::insert(tx, acme, group).await?;
                    for member in members {
                        group_members::put(tx, acme, group.id, people[*member].1, false).await?;
                    }
                }
                let ids: Vec<GroupId> = made.iter().map(|group| group.id).collect();
                for (given, grant) in &grants {
                    let subject = match given.subject {
                        member if member < MEMBERS => GrantSubject::Member(people[member].1),
                        APPLICATION => GrantSubject::Application(fleet.id),
                        group => GrantSubject::Group(ids[group - MEMBERS]),
                    };
                    grants::insert(tx, acme, subject, grant, NOW).await?;
                }
                Ok(())
            })
            .unwrap();

            let facts = OrganizationFacts { id: acme, policy: Policy::default() };
            let mut allowed = 0;
            let mut snapshot = store.snapshot().await;
            for number in (0..MEMBERS).chain([APPLICATION]) {
                let subject = if number == APPLICATION {
                    let grants = grants::of_application(&mut snapshot.tx(), application).await.unwrap();
                    Subject::Application(ApplicationSubject { id: application, organization: acme, active: true, grants })
                } else {
                    let member = memberships::member(&mut snapshot.tx(), people[number].0, acme).await.unwrap();
                    Subject::Member(member.unwrap())
                };
                for _ in 0..25 {
                    let at = NOW.millis() + i64::try_from(dice.below(96 * 60)).unwrap() * 60_000 - 48 * HOUR;
                    let context = Context {
                        now: Timestamp::from_millis(at),
                        ceiling: None,
 only_on: None,
                        address: Address::NotThePersons,
                        proved: Proved::NOT_ASKED,
                    };
                    let listed = effective(&subject, &facts, &context).unwrap();
                    for (place, product) in [(None, None), (Some(0), Some(products[0])), (Some(1), Some(products[1]))] {
                        for permission in Permission::ALL {
                            let expected = model.allows(number, place, permission, at);
                            let decision = decide(&subject, &facts, product, permission, &context);
                            assert_eq!(decision.allowed, expected, "seed {seed}: {number} {permission} {place:?} {at}");
                            assert_eq!(listed.on(product).contains(permission), expected, "seed {seed}: the list");
                            allowed += usize::from(expected);
                        }
                    }
                }
            }
            assert!(allowed > 100, "seed {seed}: {allowed} is too few to tell anything");
        }
    }
}
