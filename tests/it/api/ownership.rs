//! Ownership goes from one to another in one step, and never to nobody. OR4, OR5.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::audited;
use super::who_calls::token;
use crate::harness::{Answer, Api, House, Person, Raw, on_both};

const TRANSFER: &str = "/v2/organizations/acme/transfer";
const MEMBERS: &str = "/v2/organizations/acme/members";

fn to(whom: &str) -> Value {
    json!({ "new_owner": whom })
}

/// The names of those who own Acme, or have another role there.
async fn holders(api: &Api, role: &str) -> Vec<String> {
    let found = api.get(MEMBERS).await.found();
    let data = found["data"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["role"] == role);
    let mut names: Vec<_> = data
        .map(|one| one["user"]["name"].as_str().unwrap().to_owned())
        .collect();
    names.sort_unstable();
    names
}

async fn letters(house: &House) -> i64 {
    Raw::connect(house.storage()).await.count("outbox").await
}

on_both! {
    async fn or5_an_owner_hands_on_to_an_admin_and_both_are_told(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alice = house.in_browser(Person::Alice).await;
        let answer = alice.post(TRANSFER, &to("ANA@acme.example")).await.found();
        assert_eq!((&answer["owner"]["name"], &answer["former_owner"]["name"]), (&json!("ana"), &json!("Alice Archer")));
        assert_eq!(holders(&ana.api, "owner").await, ["ana"]);
        assert_eq!(holders(&ana.api, "admin").await, ["Alice Archer"]);
        assert_eq!(letters(&house).await, 2);
        for email in [&*ana.email, Person::Alice.email()] {
            let letter = house.letter_to(email).await;
            assert_eq!(letter.header("Subject"), "Acme has a new owner");
            assert!(letter.text.contains("Alice Archer handed Acme over to ana"), "{letter:?}");
        }
        let [(actor, told)] = audited(&house, "organization.transferred").await.try_into().unwrap();
        assert_eq!(actor, house.acme.alice.to_string());
        let owner = |moment: &str| told[moment]["owner"].clone();
        assert_eq!((owner("before"), owner("after")), (json!(house.acme.alice.to_string()), json!(ana.user.to_string())));

        ana.api.post(TRANSFER, &to(&house.acme.alice.to_string())).await.found();
        assert_eq!(holders(&ana.api, "owner").await, ["Alice Archer"], "and back, by id");
    }

    async fn or5_only_an_active_admin_gets_it(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let names = [("otto", BuiltInRole::Owner), ("dana", BuiltInRole::Manager), ("sam", BuiltInRole::Admin), ("una", BuiltInRole::Admin)];
        let mut others = Vec::new();
        for (name, role) in names {
            others.push(house.employ(name, role).await);
        }
        house.set_member(others[2].user, house.acme.id, MembershipStatus::Suspended).await;
        house.set_user(others[3].user, UserStatus::Suspended).await;
        let mut wrong: Vec<String> = others.iter().map(|member| member.email.clone()).collect();
        wrong.extend([Person::Mallory.email(), "nobody@acme.example", "", "olga@acme.example", "admin"].map(str::to_owned));
        for whom in wrong {
            let refused = olga.api.post(TRANSFER, &to(&whom)).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, "/new_owner".to_owned()), "{whom}");
        }
        assert_eq!(holders(&olga.api, "owner").await, ["Alice Archer", "olga", "otto"]);
        assert_eq!(letters(&house).await, 0);
    }

    async fn or5_a_session_proves_itself_anew(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alice = house.in_browser(Person::Alice).await;
        house.wait(Duration::from_mins(15) + Duration::from_millis(1));
        let refused = alice.post(TRANSFER, &to(&ana.email)).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::UNAUTHORIZED, "insufficient_user_authentication".to_owned()));
        alice.get(MEMBERS).await.found();
        let alice = house.in_browser(Person::Alice).await;
        house.wait(Duration::from_mins(15));
        alice.post(TRANSFER, &to(&ana.email)).await.found();
    }

    async fn or5_a_token_is_no_way_around(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let narrow = house.bearer(&token(&house, Person::Alice, "write organization:read").await);
        assert_eq!(narrow.post(TRANSFER, &to(&ana.email)).await.problem(), "permission_denied");
        let named = house.bearer(&token(&house, Person::Alice, "organization:transfer member:read").await);
        named.post(TRANSFER, &to(&ana.email)).await.found();
        let (_, by_word) = house.key(Some(ana.user), PermissionSet::ALL.difference(PermissionSet::of(&[Permission::OrganizationTransfer]))).await;
        assert_eq!(by_word.post(TRANSFER, &to(Person::Alice.email())).await.problem(), "permission_denied");
        let (_, named) = house.key(Some(ana.user), PermissionSet::of(&[Permission::OrganizationTransfer])).await;
        named.post(TRANSFER, &to(Person::Alice.email())).await.found();
        assert_eq!(named.post(TRANSFER, &to(Person::Alice.email())).await.problem(), "permission_denied", "hers no longer");
    }

    async fn or5_one_who_was_only_granted_it_owns_nothing_to_hand_on(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.grant(ana.user, PermissionSet::of(&[Permission::OrganizationTransfer]), None).await;
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        for api in [&ana.api, &robot] {
            let refused = api.post(TRANSFER, &to(&ana.email)).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "forbidden".to_owned()));
        }
        assert_eq!(holders(&olga.api, "owner").await, ["Alice Archer", "olga"]);
    }

    async fn a_superuser_hands_on_for_an_only_owner(house) {
        let mal = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Admin)).await;
        let alice = house.in_browser(Person::Alice).await;
        let place = "/v2/organizations/umbrella/transfer";
        let answer = alice.post(place, &to(&mal.email)).await.found();
        assert_eq!(answer["former_owner"]["email"], Person::Mallory.email());
        house.employ_at(house.acme.umbrella, "max", Some(BuiltInRole::Owner)).await;
        let refused = alice.post(place, &to(Person::Mallory.email())).await;
        assert_eq!(refused.problem(), "invalid", "whose of the two?");
        let [(_, told)] = audited(&house, "organization.transferred").await.try_into().unwrap();
        assert_eq!(told["superuser"], true);
    }

    async fn or4_two_owners_who_transfer_at_once_leave_two(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let otto = house.employ("otto", BuiltInRole::Owner).await;
        house.employ("ana", BuiltInRole::Admin).await;
        house.employ("abe", BuiltInRole::Admin).await;
        olga.api.delete(&format!("{MEMBERS}/{}", house.acme.alice)).await.done();
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let who = if number % 2 == 0 { &olga } else { &otto };
            let whom = if number % 4 < 2 { "ana@acme.example" } else { "abe@acme.example" };
            tries.spawn(Answer::of(who.api.request("POST", TRANSFER).json(&to(whom))));
        }
        let answers = tries.join_all().await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        let done = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
        assert_eq!(done, 2, "{answers:?}");
        assert_eq!(holders(&olga.api, "owner").await, ["abe", "ana"]);
        assert_eq!(holders(&olga.api, "admin").await, ["olga", "otto"]);
    }

    async fn or4_a_transfer_beside_a_demotion_never_leaves_nobody(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        olga.api.delete(&format!("{MEMBERS}/{}", house.acme.alice)).await.done();
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let request = match number % 4 {
                0 => olga.api.request("POST", TRANSFER).json(&to(&ana.email)),
                1 => olga.api.request("DELETE", &format!("{MEMBERS}/{}", ana.user)),
                2 => ana.api.request("PATCH", &format!("{MEMBERS}/{}", olga.user)).json(&json!({ "role": "viewer" })),
                _ => olga.api.request("PATCH", &format!("{MEMBERS}/{}", olga.user)).json(&json!({ "status": "suspended" })),
            };
            tries.spawn(Answer::of(request));
        }
        let answers = tries.join_all().await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        let mut raw = Raw::connect(house.storage()).await;
        let owners = format!(
            "SELECT COUNT(*) FROM memberships m JOIN roles r ON r.id = m.role_id WHERE m.organization_id = '{}' \
             AND r.name = 'owner' AND m.status = 'active'",
            house.acme.id
        );
        assert_eq!(raw.number(&owners).await, 1);
    }
}
