//! Random acts by random people: whatever succeeds, nobody has gained what the one who did it did not hold. OR3.

use std::collections::{BTreeMap, BTreeSet};

use doorward::domain::access::{BuiltInRole, Grant, Permission, PermissionSet, Standing};
use doorward::domain::id::{ProductId, UserId};
use doorward::storage::grants;
use doorward::storage::{Page, api_keys, group_members, groups, memberships};
use serde_json::{Value, json};

use super::{GRANTS, GROUPS, ROLES, grant, group, role, seat};
use crate::harness::{Dice, House, Member, Person, on_both};

/// What is held: permissions, each on one product or on all.
type Held = BTreeSet<(Option<ProductId>, Permission)>;

/// Whether all of it is held by somebody who holds that.
fn beyond(gain: &Held, held: &Held) -> Held {
    gain.iter()
        .filter(|(product, permission)| {
            !held.contains(&(None, *permission)) && !held.contains(&(*product, *permission))
        })
        .copied()
        .collect()
}

/// Everything there is to gain by, by name: members, groups, the application, the organization's keys.
struct World {
    most: BTreeMap<String, Held>,
    now: BTreeMap<String, Held>,
}

fn of_grants<'a>(grants: impl Iterator<Item = &'a Grant>) -> Held {
    let each = grants.flat_map(|grant| {
        grant
            .permissions()
            .iter()
            .map(|permission| (grant.product, permission))
    });
    each.collect()
}

fn everywhere(permissions: PermissionSet) -> Held {
    permissions.iter().map(|permission| (None, permission)).collect()
}

impl World {
    async fn look(house: &House, people: &[UserId]) -> Self {
        let (acme, now) = (house.acme.id, house.clock.now());
        let mut snapshot = house.snapshot().await;
        let tx = &mut snapshot.tx();
        let (mut most, mut held) = (BTreeMap::new(), BTreeMap::new());
        for user in people {
            let member = memberships::member(tx, *user, acme).await.unwrap().unwrap();
            let role = member.membership.and_then(|membership| membership.role);
            let role = everywhere(role.map_or(PermissionSet::EMPTY, |role| role.permissions));
            let lasting = member
                .grants
                .iter()
                .filter(|grant| !matches!(grant.standing(now), Standing::Ended(_)));
            most.insert(
                user.to_string(),
                role.union(&of_grants(lasting)).copied().collect(),
            );
            let counting = member.grants.iter().filter(|grant| grant.in_force(now));
            held.insert(
                user.to_string(),
                role.union(&of_grants(counting)).copied().collect(),
            );
        }
        for group in groups::list(tx, acme, &groups::Filter::default(), &Page::first(200))
            .await
            .unwrap()
        {
            most.insert(
                group.id.to_string(),
                of_grants(grants::of_group(tx, group.id).await.unwrap().iter()),
            );
            // A lead hands on what the group has.
            for entry in group_members::list(tx, group.id, &Page::first(200))
                .await
                .unwrap()
            {
                assert!(people.contains(&entry.user), "nobody else comes in");
            }
        }
        let fleet = grants::of_application(tx, house.acme.fleet).await.unwrap();
        most.insert(house.acme.fleet.to_string(), of_grants(fleet.iter()));
        for key in api_keys::of_organization(tx, acme, &Page::first(200))
            .await
            .unwrap()
        {
            if key.user.is_none() {
                most.insert(key.id.to_string(), everywhere(key.permissions));
            }
        }
        Self { most, now: held }
    }
}

fn names(of: &[Permission]) -> Vec<&'static str> {
    of.iter().map(|permission| permission.as_str()).collect()
}

/// Something that somebody could try.
fn act(dice: &mut Dice, round: usize, people: &[Member], things: &Things) -> (&'static str, String, Value) {
    let permissions = names(&dice.some(&MIXED, 3));
    let user = dice.one(people).user;
    let group = dice.one(&things.groups);
    match dice.below(11) {
        0..=2 => {
            let subjects = [user.to_string(), group.clone(), things.fleet.clone()];
            let mut given = json!({ "subject": dice.one(&subjects), "permissions": permissions });
            if dice.once_in(4) {
                given["role"] = json!(dice.one(&things.roles).rsplit('/').next());
                given.as_object_mut().unwrap().remove("permissions");
            }
            if dice.once_in(3) {
                given["product"] = json!(dice.one(&things.products).to_string());
            }
            if dice.once_in(4) {
                given["starts_at"] = json!("2026-12-01T00:00:00Z");
            }
            if dice.once_in(4) {
                given["ends_at"] = json!("2027-01-01T00:00:00Z");
            }
            ("POST", GRANTS.to_owned(), given)
        }
        3 => (
            "POST",
            ROLES.to_owned(),
            json!({ "name": format!("random-{round}"), "permissions": permissions }),
        ),
        4 => (
            "PATCH",
            dice.one(&things.roles).clone(),
            json!({ "permissions": permissions }),
        ),
        5 | 6 => ("PUT", seat(group, user), json!({})),
        7 => ("PUT", seat(group, user), json!({ "lead": dice.once_in(2) })),
        8 => {
            let role = dice.one(&["viewer", "operator", "admin", "owner"]);
            (
                "PATCH",
                format!("/v2/organizations/acme/members/{user}"),
                json!({ "role": role }),
            )
        }
        9 => {
            let key =
                json!({ "name": "x", "expires_in": "1d", "scopes": permissions, "owner": "organization" });
            ("POST", "/v2/organizations/acme/api-keys".to_owned(), key)
        }
        _ => (
            "PATCH",
            dice.one(&things.grants).clone(),
            json!({ "ends_at": null, "starts_at": null }),
        ),
    }
}

/// What is there to be tried on.
struct Things {
    roles: Vec<String>,
    groups: Vec<String>,
    grants: Vec<String>,
    products: Vec<ProductId>,
    fleet: String,
}

/// What is handed around.
const MIXED: [Permission; 8] = [
    Permission::RoleWrite,
    Permission::GroupWrite,
    Permission::MemberWrite,
    Permission::ApiKeyWrite,
    Permission::DeviceRead,
    Permission::DeviceWrite,
    Permission::FirmwareWrite,
    Permission::OrganizationDelete,
];

on_both! {
    async fn or3_no_act_of_anybody_gives_what_they_do_not_hold(house) {
        let mut dice = Dice::seeded(3);
        let alice = house.in_browser(Person::Alice).await;
        let mut people = vec![
            house.employ("olga", BuiltInRole::Owner).await,
            house.employ("ana", BuiltInRole::Admin).await,
            house.employ("vera", BuiltInRole::Viewer).await,
        ];
        let products = vec![house.product("rover").await, house.product("lantern").await];
        for name in ["rita", "ron", "ruth"] {
            let member = house.employ_at(house.acme.id, name, None).await;
            let handing = dice.some(&MIXED[..4], 4).into_iter().chain([Permission::MemberRead]).collect();
            house.grant(member.user, handing, None).await;
            house.grant(member.user, dice.some(&MIXED[4..], 2).into_iter().collect(), Some(*dice.one(&products))).await;
            house.grant(member.user, dice.some(&MIXED[4..], 2).into_iter().collect(), None).await;
            people.push(member);
        }
        let mut things =
            Things { roles: Vec::new(), groups: Vec::new(), grants: Vec::new(), products, fleet: house.acme.fleet.to_string() };
        for (number, permissions) in [&MIXED[..1], &MIXED[1..2], &MIXED[4..6], &MIXED[7..]].into_iter().enumerate() {
            things.roles.push(role(&alice, &format!("role-{number}"), &names(permissions)).await);
            let team = group(&alice, &format!("Group {number}")).await;
            things.grants.push(grant(&alice, &team, &names(permissions)).await);
            alice.put(&seat(&team, people[number].user), &json!({ "lead": true })).await.found();
            things.groups.push(team);
        }
        let lent = json!({ "subject": people[3].user.to_string(), "permissions": ["firmware:write"], "ends_at": "2026-12-01T00:00:00Z" });
        things.grants.push(alice.post(GRANTS, &lent).await.location());
        assert!(things.groups.iter().all(|id| !id.is_empty() && !GROUPS.is_empty()));

        let users: Vec<UserId> = people.iter().map(|member| member.user).collect();
        let mut before = World::look(&house, &users).await;
        let mut outcomes = BTreeMap::<u16, usize>::new();
        for round in 0..250 {
            let actor = dice.below(people.len());
            let (method, path, body) = act(&mut dice, round, &people, &things);
            let request = people[actor].api.request(method, &path).json(&body);
            let answer = crate::harness::Answer::of(request).await;
            *outcomes.entry(answer.status.as_u16()).or_default() += 1;
            assert!(!answer.status.is_server_error(), "{answer:?}");
            if !answer.status.is_success() {
                continue;
            }
            if method == "POST" && path == GRANTS {
                things.grants.push(answer.location());
            } else if path == ROLES {
                things.roles.push(answer.location());
            }
            let after = World::look(&house, &users).await;
            let held = &before.now[&people[actor].user.to_string()];
            for (subject, most) in &after.most {
                let had = before.most.get(subject).cloned().unwrap_or_default();
                let gain = beyond(most, &had);
                let stolen = beyond(&gain, held);
                let told = format!("round {round}: {} {method} {path} {body}", people[actor].email);
                assert!(stolen.is_empty(), "{told} gave {subject} {stolen:?}");
            }
            before = after;
        }
        let done: usize = outcomes.iter().filter(|(status, _)| **status < 300).map(|(_, times)| times).sum();
        let refused = outcomes.get(&403).copied().unwrap_or_default();
        assert!(done > 25 && refused > 25, "too one-sided to tell anything: {outcomes:?}");
    }
}
