//! Acme as dice would have it: roles, groups, products, and members with grants of every kind.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::id::ProductId;
use serde_json::{Value, json};

use super::{Api, Dice, House, Member};

/// Where all of it is.
pub(crate) const ACME: &str = "/v2/organizations/acme";

/// A random company.
pub(crate) struct Company {
    /// Who makes it: Alice, by a key.
    pub(crate) alice: Api,
    /// Who works there, besides the cast.
    pub(crate) members: Vec<Member>,
    /// The names of its own roles.
    pub(crate) roles: Vec<String>,
    /// The ids of its groups.
    pub(crate) groups: Vec<String>,
    /// The ids of its grants.
    pub(crate) grants: Vec<String>,
    pub(crate) products: Vec<ProductId>,
}

impl Company {
    /// Makes one, all of it by the API.
    pub(crate) async fn of(house: &House, dice: &mut Dice, members: usize) -> Self {
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let mut company = Self {
            alice,
            members: Vec::new(),
            roles: Vec::new(),
            groups: Vec::new(),
            grants: Vec::new(),
            products: Vec::new(),
        };
        for name in ["rover", "lander", "orbiter"] {
            company.products.push(house.product(name).await);
        }
        for number in 0..4 {
            let name = format!("role-{number}");
            let role = json!({ "name": name, "permissions": some(dice) });
            company.make("roles", &role).await;
            company.roles.push(name);
            let group = json!({ "name": format!("Group {number}") });
            company.groups.push(company.make("groups", &group).await);
        }
        for number in 0..members {
            let name = format!("member-{number}");
            let role = dice.once_in(2).then(|| *dice.one(&BuiltInRole::ALL));
            let member = house.employ_at(house.acme.id, &name, role).await;
            if dice.once_in(3) {
                let role = json!({ "role": dice.one(&company.roles) });
                company.alice.patch(&place_of(&member), &role).await.found();
            }
            company.members.push(member);
            for group in company.groups.clone() {
                if dice.once_in(3) {
                    let user = company.members[number].user;
                    let place = format!("{ACME}/groups/{group}/members/{user}");
                    company.alice.put(&place, &json!({})).await.found();
                }
            }
        }
        for _ in 0..members * 3 {
            let grant = company.any_grant(house, dice);
            let made = company.make("grants", &grant).await;
            company.grants.push(made);
        }
        company
    }

    /// Makes something, which must go well; answers its id.
    pub(crate) async fn make(&self, noun: &str, body: &Value) -> String {
        let made = self.alice.post(&format!("{ACME}/{noun}"), body).await.created();
        made["id"].as_str().unwrap().to_owned()
    }

    /// A grant to give: to a member or a group, for now, for later, or for some hours.
    pub(crate) fn any_grant(&self, house: &House, dice: &mut Dice) -> Value {
        let user = dice.one(&self.members).user.to_string();
        let subject = if dice.once_in(2) {
            user
        } else {
            dice.one(&self.groups).clone()
        };
        let mut grant = json!({ "subject": subject });
        if dice.once_in(3) {
            let own = dice.one(&self.roles).clone();
            let built_in = dice.one(&BuiltInRole::ALL).name().to_owned();
            grant["role"] = json!(if dice.once_in(2) { own } else { built_in });
        } else {
            grant["permissions"] = json!(some(dice));
        }
        if dice.once_in(2) {
            grant["product"] = json!(dice.one(&self.products).to_string());
        }
        let later = |hours: usize| {
            let later = Duration::from_hours(hours as u64);
            json!(house.clock.now().plus(later).to_string())
        };
        let start = if dice.once_in(3) { 1 + dice.below(100) } else { 0 };
        if start > 0 {
            grant["starts_at"] = later(start);
        }
        if dice.once_in(2) {
            grant["ends_at"] = later(start + 1 + dice.below(100));
        }
        if dice.once_in(3) {
            grant["schedule"] = any_schedule(dice);
        }
        grant
    }
}

/// Where a member is.
pub(crate) fn place_of(member: &Member) -> String {
    format!("{ACME}/members/{}", member.user)
}

/// One to six permissions.
pub(crate) fn some(dice: &mut Dice) -> Vec<&'static str> {
    let first = *dice.one(&Permission::ALL);
    let more = dice.some(&Permission::ALL, 5);
    let all: PermissionSet = more.into_iter().chain([first]).collect();
    all.iter().map(Permission::as_str).collect()
}

fn any_schedule(dice: &mut Dice) -> Value {
    let days: Vec<&str> = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        .into_iter()
        .filter(|_| !dice.once_in(3))
        .chain(["sun"])
        .collect();
    let days: std::collections::BTreeSet<&str> = days.into_iter().collect();
    let time = |dice: &mut Dice| format!("{:02}:{:02}", dice.below(24), 15 * dice.below(4));
    let window = json!({ "days": days, "from": time(dice), "to": time(dice) });
    json!({ "timezone": dice.one(&["UTC", "Europe/Berlin", "America/New_York"]), "windows": [window] })
}
