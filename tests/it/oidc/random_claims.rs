//! What a token claims, after random acts of an administrator, is what a model of five lines says: the union of a role
//! and of grants, direct and by group, everywhere and on products.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::back_end::bob_at_desk;
use crate::harness::{Api, Dice, Person, on_both};
use doorward::domain::access::{BuiltInRole, Permission};

const ORGANIZATION: &str = "/v2/organizations/acme";

type Names = BTreeSet<String>;

/// All that Bob was given, besides his role: on one product, or everywhere.
type Given = Vec<(Option<String>, Names)>;

fn names(permissions: impl IntoIterator<Item = Permission>) -> Names {
    permissions
        .into_iter()
        .map(|permission| permission.as_str().to_owned())
        .collect()
}

fn expected(role: &Names, given: &Given) -> BTreeMap<String, Names> {
    let on = |place: Option<&String>| -> Names {
        let here = given.iter().filter(|(product, _)| product.as_ref() == place);
        here.flat_map(|(_, names)| names.clone()).collect()
    };
    let everywhere: Names = role.union(&on(None)).cloned().collect();
    let products: Names = given.iter().filter_map(|(product, _)| product.clone()).collect();
    let beyond = products.into_iter().map(|product| {
        let names: Names = &on(Some(&product)) - &everywhere;
        (product, names)
    });
    let mut all: BTreeMap<_, _> = beyond.filter(|(_, names)| !names.is_empty()).collect();
    all.insert("*".to_owned(), everywhere);
    all
}

async fn made(alice: &Api, noun: &str, body: &Value) -> String {
    let made = alice
        .post(&format!("{ORGANIZATION}/{noun}"), body)
        .await
        .created();
    made["id"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_token_claims_what_random_acts_come_to(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (desk, browser, _) = bob_at_desk(&house).await;
        let bob = house.acme.bob.to_string();
        let products = [house.product("rover").await.to_string(), house.product("lander").await.to_string()];
        let mut dice = Dice::seeded(4);
        let (mut role, mut given) = (names(BuiltInRole::Operator.permissions().iter()), Given::new());
        for round in 0..12 {
            let some: Names = names(dice.some(&Permission::ALL, 4));
            let product = dice.once_in(2).then(|| dice.one(&products).clone());
            let mut grant = json!({ "subject": bob, "permissions": some });
            if let Some(product) = &product {
                grant["product"] = json!(product);
            }
            match dice.below(3) {
                0 => {
                    let name = format!("role-{round}");
                    made(&alice, "roles", &json!({ "name": name, "permissions": some })).await;
                    alice.patch(&format!("{ORGANIZATION}/members/{bob}"), &json!({ "role": name })).await.found();
                    role = some;
                }
                _ if some.is_empty() => continue,
                1 => {
                    let group = made(&alice, "groups", &json!({ "name": format!("Group {round}") })).await;
                    grant["subject"] = json!(group);
                    made(&alice, "grants", &grant).await;
                    alice.put(&format!("{ORGANIZATION}/groups/{group}/members/{bob}"), &json!({})).await.found();
                    given.push((product, some));
                }
                _ => {
                    made(&alice, "grants", &grant).await;
                    given.push((product, some));
                }
            }
            let claims = desk.signs_in(&browser, &[("scope", "openid")]).await.claims();
            let claimed: BTreeMap<String, Names> = serde_json::from_value(claims["permissions"].clone()).unwrap();
            assert_eq!(claimed, expected(&role, &given), "round {round}");
        }
        assert!(!given.is_empty());
    }
}
