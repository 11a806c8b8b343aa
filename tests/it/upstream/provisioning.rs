//! What a connection's rules give at each sign-in, and take back.

use doorward::domain::access::BuiltInRole;
use doorward::domain::connection::{Mapped, MappingRule};
use doorward::domain::id::{ConnectionId, GroupId};
use doorward::storage::{memberships, roles};
use serde_json::{Value, json};

use super::{account, carol, role};
use crate::harness::provider::Provider;
use crate::harness::{House, Person, on_both};

async fn built_in(house: &House, role: BuiltInRole) -> Mapped {
    let mut snapshot = house.snapshot().await;
    Mapped::Role(roles::built_in(&mut snapshot.tx(), role).await.unwrap().id)
}

/// A connection whose rules give roles and a group by the values of `groups`.
async fn with_rules(house: &House, provider: &Provider) -> (ConnectionId, GroupId) {
    house.verified_domain(house.acme.id, "acme.example").await;
    let alice = house.in_browser(Person::Alice).await;
    let made = alice
        .post("/v2/organizations/acme/groups", &json!({ "name": "Drivers" }))
        .await
        .created();
    let group: GroupId = made["id"].as_str().unwrap().parse().unwrap();
    let rule = |value: &str, gives| MappingRule {
        value: value.to_owned(),
        gives,
    };
    let rules = vec![
        rule("fleet-admins", built_in(house, BuiltInRole::Admin).await),
        rule("fleet-viewers", built_in(house, BuiltInRole::Viewer).await),
        rule("fleet-owners", built_in(house, BuiltInRole::Owner).await),
        rule("fleet-drivers", Mapped::Group(group)),
    ];
    let connection = house
        .connection(house.acme.id, provider, |connection| {
            connection.mapping.rules = rules;
        })
        .await;
    (connection, group)
}

/// Carol, in these groups of her company's.
fn carol_in(groups: &[&str]) -> Value {
    let mut claims = carol();
    claims["groups"] = json!(groups);
    claims
}

async fn is_in(house: &House, group: GroupId) -> bool {
    let carol = account(house, "carol@acme.example").await.unwrap();
    let mut snapshot = house.snapshot().await;
    let member = memberships::member(&mut snapshot.tx(), carol, house.acme.id)
        .await
        .unwrap()
        .unwrap();
    member.groups.iter().any(|own| own.id == group)
}

on_both! {
    async fn up9_rules_give_what_they_name_and_take_back_what_they_gave(house) {
        let provider = Provider::start().await;
        let (connection, group) = with_rules(&house, &provider).await;
        for (groups, has_role, in_group) in [
            (&["fleet-drivers", "fleet-viewers"][..], Some("viewer"), true),
            (&["fleet-viewers", "fleet-admins"], Some("admin"), false),
            (&["fleet-admins", "fleet-drivers", "fleet-drivers"], Some("admin"), true),
            // What no rule names gives nothing, however it is spelled.
            (&["admin", "owner", "Fleet-Admins", "fleet-admins ", "fleet"], None, false),
            (&["fleet-drivers"], None, true),
            (&[], None, false),
        ] {
            let answer = house.visitor().comes(&house, &provider, connection, &carol_in(groups)).await;
            assert_eq!(answer.location(), "/", "{answer:?}");
            let carol = account(&house, "carol@acme.example").await.unwrap();
            assert_eq!(role(&house, carol).await, Some(has_role.map(str::to_owned)), "{groups:?}");
            assert_eq!(is_in(&house, group).await, in_group, "{groups:?}");
        }
        let told = crate::api::audited(&house, "member.role_changed").await;
        assert!(told.iter().all(|(_, told)| told["actor"] == connection.to_string()), "{told:?}");
    }

    async fn what_was_given_by_hand_stays(house) {
        let provider = Provider::start().await;
        let (connection, group) = with_rules(&house, &provider).await;
        house.visitor().comes(&house, &provider, connection, &carol_in(&["fleet-viewers"])).await;
        let alice = house.in_browser(Person::Alice).await;
        let member = "/v2/organizations/acme/members/carol@acme.example";
        alice.patch(member, &json!({ "role": "developer" })).await.found();
        alice.put(&format!("/v2/organizations/acme/groups/{group}/members/carol@acme.example"), &json!({})).await;
        for groups in [&["fleet-viewers", "fleet-drivers"][..], &[]] {
            house.visitor().comes(&house, &provider, connection, &carol_in(groups)).await;
            let carol = account(&house, "carol@acme.example").await.unwrap();
            assert_eq!(role(&house, carol).await, Some(Some("developer".to_owned())), "{groups:?}");
            assert!(is_in(&house, group).await, "{groups:?}");
        }
    }

    async fn or4_the_last_owner_stays_one(house) {
        let provider = Provider::start().await;
        let (connection, _) = with_rules(&house, &provider).await;
        house.visitor().comes(&house, &provider, connection, &carol_in(&["fleet-owners"])).await;
        let carol = account(&house, "carol@acme.example").await.unwrap();
        assert_eq!(role(&house, carol).await, Some(Some("owner".to_owned())));
        let alice = house.in_browser(Person::Alice).await;
        alice.patch("/v2/organizations/acme/members/alice@acme.example", &json!({ "role": "viewer" })).await.found();
        house.visitor().comes(&house, &provider, connection, &carol_in(&[])).await;
        assert_eq!(role(&house, carol).await, Some(Some("owner".to_owned())), "there is nobody else");
        let above = house.in_browser(Person::Alice).await;
        above.patch("/v2/organizations/acme/members/alice@acme.example", &json!({ "role": "owner" })).await.found();
        house.visitor().comes(&house, &provider, connection, &carol_in(&[])).await;
        assert_eq!(role(&house, carol).await, Some(None), "now there is");
    }

    async fn a_name_follows_where_the_account_is_the_companys(house) {
        let provider = Provider::start().await;
        let (connection, _) = with_rules(&house, &provider).await;
        house.visitor().comes(&house, &provider, connection, &carol()).await;
        let mut married = carol();
        married["name"] = json!("Carol Cole-Carter");
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &married).await;
        assert!(visitor.get("/").await.body.contains("Carol Cole-Carter"));
        for odd in [json!("Carol\u{202e}nimda"), json!(""), json!("x".repeat(500)), json!({ "x": 1 })] {
            married["name"] = odd.clone();
            assert_eq!(visitor.comes(&house, &provider, connection, &married).await.location(), "/", "{odd}");
            assert!(visitor.get("/").await.body.contains("Carol Cole-Carter"), "{odd}");
        }
    }
}
