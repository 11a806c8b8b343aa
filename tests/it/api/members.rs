//! Members: who may change whom, and what ends when somebody may not act any more. OR3, OR4.

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{PRODUCTS, audited};
use crate::harness::{Answer, House, Member, Person, on_both};

const MEMBERS: &str = "/v2/organizations/acme/members";

fn of(member: &Member) -> String {
    format!("{MEMBERS}/{}", member.user)
}

fn emails(list: &Value) -> Vec<&str> {
    let data = list["data"].as_array().unwrap();
    let mut emails: Vec<&str> = data
        .iter()
        .map(|one| one["user"]["email"].as_str().unwrap())
        .collect();
    emails.sort_unstable();
    emails
}

/// Two who own Acme, neither above it; Alice is gone.
async fn two_owners(house: &House) -> [Member; 2] {
    let owners = [
        house.employ("olga", BuiltInRole::Owner).await,
        house.employ("otto", BuiltInRole::Owner).await,
    ];
    owners[0]
        .api
        .delete(&format!("{MEMBERS}/{}", Person::Alice.email()))
        .await
        .done();
    owners
}

on_both! {
    async fn members_are_listed_found_and_searched(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.employ("val_1", BuiltInRole::Viewer).await;
        let all = vera.api.get(&format!("{MEMBERS}?total=true")).await.found();
        assert_eq!(all["total"], 4);
        assert_eq!(
            emails(&all),
            ["alice@acme.example", "bob@acme.example", "val_1@acme.example", "vera@acme.example"]
        );
        for (query, found) in [
            ("query=V", 2),
            ("query=VERA", 1),
            ("query=bob%20b", 1),
            ("query=becker", 0),
            ("query=%25", 0),
            ("query=val_1@", 1),
            ("query=v%25", 0),
            ("status=active", 4),
            ("status=suspended", 0),
        ] {
            let list = vera.api.get(&format!("{MEMBERS}?{query}&total=true")).await.found();
            assert_eq!((list["data"].as_array().unwrap().len(), &list["total"]), (found, &json!(found)), "{query}");
        }
        assert_eq!(vera.api.get(&format!("{MEMBERS}?status=gone")).await.problem(), "invalid_request");
        let by_email = vera.api.get(&format!("{MEMBERS}/Bob@ACME.example")).await.found();
        assert_eq!(by_email["user"], json!({ "id": house.acme.bob.to_string(), "email": "bob@acme.example", "name": "Bob Becker" }));
        assert_eq!((&by_email["role"], &by_email["status"]), (&json!("operator"), &json!("active")));
        for stranger in ["mallory@umbrella.example", "nobody@acme.example", "usr_x", "bob"] {
            assert_eq!(vera.api.get(&format!("{MEMBERS}/{stranger}")).await.problem(), "not_found", "{stranger}");
        }
    }

    async fn a_role_changes_at_once(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let raised = ana.api.patch(&of(&vera), &json!({ "role": "developer" })).await;
        assert_eq!(raised.found()["role"], "developer");
        vera.api.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        assert_eq!(ana.api.patch(&of(&vera), &json!({ "role": null })).await.found()["role"], Value::Null);
        assert_eq!(vera.api.get(PRODUCTS).await.problem(), "permission_denied");
        assert_eq!(ana.api.patch(&of(&vera), &json!({ "role": "king" })).await.pointer(), "/role");
        assert_eq!(ana.api.patch(&of(&vera), &json!({ "role": 5 })).await.pointer(), "/role");
        assert_eq!(ana.api.patch(&of(&vera), &json!({ "status": null })).await.pointer(), "/status");
        assert_eq!(ana.api.patch(&of(&vera), &json!({ "user": {} })).await.pointer(), "/user");
        let told = audited(&house, "member.role_changed").await;
        assert!(told.iter().any(|(_, told)| told["from"] == "viewer" && told["to"] == "developer"), "{told:?}");
    }

    async fn or3_nobody_gives_more_than_they_hold_or_changes_who_holds_more(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let above = ana.api.patch(&of(&vera), &json!({ "role": "owner" })).await;
        assert_eq!((above.status, above.problem()), (StatusCode::FORBIDDEN, "exceeds_own_permissions".to_owned()));
        let alice = format!("{MEMBERS}/{}", Person::Alice.email());
        for change in [json!({ "role": "viewer" }), json!({ "status": "suspended" })] {
            assert_eq!(ana.api.patch(&alice, &change).await.problem(), "exceeds_own_permissions");
        }
        assert_eq!(ana.api.delete(&alice).await.problem(), "exceeds_own_permissions");
        house.grant(vera.user, PermissionSet::of(&[Permission::OrganizationDelete]), None).await;
        assert_eq!(ana.api.delete(&of(&vera)).await.problem(), "exceeds_own_permissions", "by grant too");
        let (_, narrow) = house.key(Some(ana.user), PermissionSet::of(&[Permission::MemberWrite])).await;
        let bob = format!("{MEMBERS}/{}", Person::Bob.email());
        assert_eq!(narrow.delete(&bob).await.problem(), "exceeds_own_permissions", "a key holds what it was made with");
    }

    async fn whoever_is_suspended_or_removed_is_out_at_once_and_only_here(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let umbrella = "/v2/organizations/umbrella/products";
        for path in [PRODUCTS, umbrella] {
            bob.get(path).await.found();
        }
        let place = format!("{MEMBERS}/{}", Person::Bob.email());
        alice.patch(&place, &json!({ "status": "suspended" })).await.found();
        assert_eq!(key.get(PRODUCTS).await.problem(), "unauthenticated");
        assert_eq!(bob.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        bob.get(umbrella).await.found();

        alice.patch(&place, &json!({ "status": "active" })).await.found();
        key.get(PRODUCTS).await.found();
        assert_eq!(bob.get(PRODUCTS).await.problem(), "sign_in_again", "the session was ended");
        alice.delete(&place).await.done();
        assert_eq!(key.get(PRODUCTS).await.problem(), "unauthenticated");
        assert_eq!(bob.get(PRODUCTS).await.problem(), "not_found");
        bob.get(umbrella).await.found();
        house.join(house.acme.bob, house.acme.id).await;
        assert_eq!(key.get(PRODUCTS).await.problem(), "unauthenticated", "an old key does not come back");
        for action in ["member.suspended", "member.reactivated", "member.removed"] {
            assert_eq!(audited(&house, action).await.len(), 1, "{action}");
        }
    }

    async fn or4_the_last_owner_stays(house) {
        let [olga, otto] = two_owners(&house).await;
        olga.api.patch(&of(&otto), &json!({ "role": "admin" })).await.found();
        for change in [json!({ "role": "admin" }), json!({ "role": null }), json!({ "status": "inactive" })] {
            let answer = olga.api.patch(&of(&olga), &change).await;
            assert_eq!((answer.status, answer.problem()), (StatusCode::CONFLICT, "last_owner".to_owned()), "{change}");
        }
        assert_eq!(olga.api.delete(&of(&olga)).await.problem(), "last_owner");
        olga.api.patch(&of(&otto), &json!({ "role": "owner" })).await.found();
        olga.api.patch(&of(&otto), &json!({ "status": "suspended" })).await.found();
        assert_eq!(olga.api.delete(&of(&olga)).await.problem(), "last_owner", "one who can't act owns nothing");
    }

    async fn or4_two_owners_who_remove_each_other_leave_one(house) {
        let [olga, otto] = two_owners(&house).await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let (who, whom) = if number % 2 == 0 { (&olga, &otto) } else { (&otto, &olga) };
            let request = match number % 4 {
                0 | 1 => who.api.request("DELETE", &of(whom)),
                _ => who.api.request("PATCH", &of(whom)).json(&json!({ "role": "viewer" })),
            };
            tries.spawn(Answer::of(request));
        }
        let answers = tries.join_all().await;
        let failed: Vec<_> = answers.iter().filter(|answer| answer.status.is_server_error()).collect();
        assert!(failed.is_empty(), "{failed:?}");
        let left = match olga.api.get(MEMBERS).await {
            answer if answer.status == StatusCode::OK => answer,
            _ => otto.api.get(MEMBERS).await,
        };
        let owners = left.found()["data"].as_array().unwrap().iter().filter(|one| one["role"] == "owner").count();
        assert_eq!(owners, 1);
    }
}
