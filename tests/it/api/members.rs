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
            ("query=becker", 1),
            ("query=BECK%20bo", 1),
            ("query=ecker", 0),
            ("query=a%20b%20c", 0),
            ("role=viewer", 2),
            ("role=owner&query=al", 1),
            ("role=king", 0),
            ("query=%25", 0),
            ("query=val_1@", 1),
            ("query=v%25", 0),
            ("status=active", 4),
            ("status=suspended", 0),
        ] {
            let list = vera.api.get(&format!("{MEMBERS}?{query}&total=true")).await.found();
            assert_eq!((list["data"].as_array().unwrap().len(), &list["total"]), (found, &json!(found)), "{query}");
        }
        for query in ["status=gone", "query=a%20b%20c%20d", "name=bob"] {
            assert_eq!(vera.api.get(&format!("{MEMBERS}?{query}")).await.problem(), "invalid_request");
        }
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
        assert!(told.iter().any(|(_, told)| told["before"]["role"] == "viewer" && told["after"]["role"] == "developer"), "{told:?}");
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

    async fn people_are_found_whatever_the_case_or_unicode_form(house) {
        let zoe = house.employ("zoe", BuiltInRole::Viewer).await;
        let renamed = zoe.api.patch("/v2/users/me", &json!({ "name": "Zoe\u{308} \u{d1}and\u{fa}" })).await;
        assert_eq!(renamed.found()["name"], "Zo\u{eb} \u{d1}and\u{fa}");
        for query in ["zo%C3%AB", "ZOE%CC%88", "%C3%B1AND", "ZOE@acme"] {
            let list = zoe.api.get(&format!("{MEMBERS}?query={query}")).await.found();
            assert_eq!(emails(&list), ["zoe@acme.example"], "{query}");
        }
        assert_eq!(emails(&zoe.api.get(&format!("{MEMBERS}?query=zoe%20n")).await.found()), [""; 0]);
    }

    async fn a_member_is_put_to_rest_and_comes_back_with_all_they_had(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("{MEMBERS}/{}", Person::Bob.email());
        let bob = house.in_browser(Person::Bob).await;
        bob.get(PRODUCTS).await.found();
        let active = alice.get(&place).await.found();
        assert_eq!((&active["status_reason"], &active["status_since"]), (&Value::Null, &Value::Null));
        assert_eq!(active["joined_at"], "2026-11-22T09:30:00Z");
        assert_eq!(active["last_sign_in_at"], "2026-11-22T09:30:00Z");
        assert_eq!(active["managed"], false);

        house.wait(std::time::Duration::from_mins(1));
        let rest = json!({ "status": "inactive", "reason": " On leave " });
        let resting = alice.patch(&place, &rest).await.found();
        assert_eq!((&resting["status"], &resting["status_reason"]), (&json!("inactive"), &json!("On leave")));
        assert_eq!(resting["status_since"], "2026-11-22T09:31:00Z");
        assert_eq!(bob.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(alice.patch(&place, &rest).await.found(), resting, "the same again changes nothing");
        let other = json!({ "status": "inactive", "reason": "Gone fishing" });
        assert_eq!(alice.patch(&place, &other).await.pointer(), "/reason");
        assert_eq!(alice.patch(&place, &json!({ "status": "suspended" })).await.pointer(), "/status");

        let back = alice.patch(&place, &json!({ "status": "active" })).await.found();
        assert_eq!((&back["role"], &back["status_reason"]), (&json!("operator"), &Value::Null));
        let again = house.visitor();
        assert_eq!(again.sign_in(Person::Bob).await.location(), "/", "the old password is kept");
        for (action, moment) in [("member.deactivated", "after"), ("member.reactivated", "before")] {
            let told = audited(&house, action).await;
            let away = json!({ "status": "inactive", "reason": "On leave" });
            assert_eq!((told.len(), &told[0].1[moment]), (1, &away), "{action}");
        }
    }

    async fn a_reason_comes_with_a_status_and_is_one_honest_line(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("{MEMBERS}/{}", Person::Bob.email());
        for reason in ["two\nlines", "\u{202E}evael", &"x".repeat(501)] {
            let change = json!({ "status": "suspended", "reason": reason });
            assert_eq!(alice.patch(&place, &change).await.pointer(), "/reason");
        }
        assert_eq!(alice.patch(&place, &json!({ "reason": "on leave" })).await.pointer(), "/reason");
    }

    async fn or9_nobody_assigns_what_is_not_theirs_to_assign(house) {
        let alice = house.in_browser(Person::Alice).await;
        let place = format!("{MEMBERS}/{}", Person::Bob.email());
        for field in ["superuser", "email_verified", "managed", "managed_by", "status_since", "email", "organization"] {
            let answer = alice.patch(&place, &json!({ field: true })).await;
            assert_eq!(answer.pointer(), format!("/{field}"));
        }
    }

    async fn a_batch_changes_each_or_tells_why_not(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let batch = format!("{MEMBERS}/batch");
        let items = json!({ "items": [
            { "user": vera.email, "role": "developer" },
            { "user": Person::Alice.email(), "role": "viewer" },
            { "user": "mallory@umbrella.example", "remove": true },
            { "user": vera.user.to_string(), "status": "suspended", "reason": "review" },
            { "user": vera.email, "remove": true, "role": "viewer" },
            { "user": Person::Bob.email(), "remove": true },
            { "user": Person::Bob.email(), "role": null },
        ]});
        let answer = ana.api.post(&batch, &items).await.found();
        let results = answer["results"].as_array().unwrap();
        let statuses: Vec<_> = results.iter().map(|one| one["status"].as_u64().unwrap()).collect();
        assert_eq!(statuses, [200, 403, 404, 200, 400, 204, 404]);
        assert_eq!(results[3]["value"]["role"], "developer");
        assert_eq!(results[3]["value"]["status_reason"], "review");
        assert_eq!(results[1]["problem"]["code"], "exceeds_own_permissions");
        assert_eq!(ana.api.post(&batch, &json!({ "items": [] })).await.pointer(), "/items");
        let unknown = json!({ "items": [{ "user": vera.email, "superuser": true }] });
        assert_eq!(ana.api.post(&batch, &unknown).await.pointer(), "/items/0/superuser");
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
