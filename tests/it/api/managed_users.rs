//! Whose user is it? DESIGN §4, sentence by sentence: what an organization may do with a person, and what it may not.

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{PRODUCTS, audited};
use crate::harness::{Answer, House, Member, Person, on_both};

const MEMBERS: &str = "/v2/organizations/acme/members";

fn place(member: &Member) -> String {
    format!("/v2/users/{}", member.user)
}

/// What an admin of Acme would change of a person: nothing of note.
async fn tries(admin: &Member, whom: &str) -> Answer {
    admin
        .api
        .patch(&format!("/v2/users/{whom}"), &json!({ "language": "de" }))
        .await
}

/// An admin, and somebody whom Acme manages as they agreed to it themselves.
async fn agreed(house: &House, name: &str) -> Member {
    house.own_domain(house.acme.id, "acme.example").await;
    let member = house.employ(name, BuiltInRole::Viewer).await;
    house.give_password(member.user).await;
    let browser = house.in_browser_as(&member.email).await;
    browser.put_bare("/v2/users/me/managed-by/acme").await.done();
    member
}

on_both! {
    async fn the_organization_that_invited_somebody_manages_their_account(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let seen = ana.api.get(&place(&eve)).await.found();
        assert_eq!(seen["managed_by"], house.acme.id.to_string());
        assert_eq!(ana.api.get("/v2/users/EVE@acme.example").await.found(), seen);
        assert_eq!(ana.api.get(&format!("{MEMBERS}/{}", eve.user)).await.found()["managed"], true);
        let change = json!({ "name": "Eve Evans", "timezone": "Europe/Berlin", "phone": "+4930123456" });
        let now = ana.api.patch(&place(&eve), &change).await.found();
        assert_eq!((&now["name"], &now["timezone"]), (&json!("Eve Evans"), &json!("Europe/Berlin")));
        let me = eve.api.get("/v2/users/me").await.found();
        assert_eq!((&me["name"], &me["managed_by"]["name"]), (&json!("Eve Evans"), &json!("acme")));
        let told = audited(&house, "user.updated").await;
        assert_eq!((told[0].0.as_str(), &told[0].1["after"]), (ana.user.to_string().as_str(), &change));
    }

    async fn an_admin_acts_on_the_membership_of_whom_nobody_manages_and_not_on_the_person(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bob = house.acme.bob.to_string();
        ana.api.patch(&format!("{MEMBERS}/{bob}"), &json!({ "status": "suspended" })).await.found();
        for answer in [
            ana.api.get(&format!("/v2/users/{bob}")).await,
            tries(&ana, &bob).await,
            tries(&ana, "bob@acme.example").await,
            ana.api.delete(&format!("/v2/users/{bob}?confirm=bob@acme.example")).await,
        ] {
            assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
        }
        let nobody = ana.api.get("/v2/users/usr_01kaxw3vd0f1wvj1d2sahtfxyz").await;
        let detail = |answer: &Answer| answer.json()["detail"].clone();
        assert_eq!(detail(&nobody), detail(&tries(&ana, &bob).await), "as if there were no such person");
    }

    async fn what_another_organization_does_with_the_same_person_is_invisible(house) {
        house.join(house.acme.bob, house.acme.umbrella).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let place = format!("{MEMBERS}/{}", house.acme.bob);
        let before = ana.api.get(&place).await.found();
        let mallory = house.in_browser(Person::Mallory).await;
        let change = json!({ "status": "suspended", "reason": "at Umbrella" });
        mallory.patch(&format!("/v2/organizations/umbrella/members/{}", house.acme.bob), &change).await.found();
        assert_eq!(ana.api.get(&place).await.found(), before);
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
    }

    async fn a_superuser_is_nobodys_to_manage(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let alice = house.in_browser(Person::Alice).await;
        alice.patch(&place(&eve), &json!({ "superuser": true })).await.found();
        assert_eq!(tries(&ana, &eve.email).await.problem(), "not_found");
        assert_eq!(eve.api.get("/v2/users/me").await.found()["managed_by"], Value::Null);
    }

    async fn only_with_exactly_one_membership_here(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        ana.api.delete(&format!("{MEMBERS}/{}", eve.user)).await.done();
        assert_eq!(tries(&ana, &eve.email).await.problem(), "not_found", "she belongs nowhere");
    }

    async fn managed_by_is_cleared_for_good_when_a_second_membership_is_accepted(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        house.own_domain(house.acme.id, "acme.example").await;
        house.join(eve.user, house.acme.umbrella).await;
        assert_eq!(tries(&ana, &eve.email).await.problem(), "not_found");
        assert_eq!(ana.api.get(&format!("{MEMBERS}/{}", eve.user)).await.found()["managed"], false);
        let browser = house.in_browser_as(&eve.email).await;
        browser.delete("/v2/users/me/memberships/umbrella").await.done();
        assert_eq!(tries(&ana, &eve.email).await.problem(), "not_found", "for good");
        let again = browser.put_bare("/v2/users/me/managed-by/acme").await;
        assert_eq!(again.json()["errors"][0]["code"], "never_managed");
    }

    async fn or_the_email_domain_is_verified_here_and_the_person_confirmed_it(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let fay = agreed(&house, "fay").await;
        assert_eq!(tries(&ana, &fay.email).await.found()["language"], "de");
        assert_eq!(audited(&house, "user.agreed_to_be_managed").await[0].0, fay.user.to_string());
        let gus = house.employ("gus", BuiltInRole::Viewer).await;
        assert_eq!(tries(&ana, &gus.email).await.problem(), "not_found", "the domain alone is not enough");
    }

    async fn an_agreement_ends_with_the_domain(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let fay = agreed(&house, "fay").await;
        let alice = house.in_browser(Person::Alice).await;
        alice.delete("/v2/organizations/acme/domains/acme.example").await.done();
        assert_eq!(tries(&ana, &fay.email).await.problem(), "not_found");
        assert_eq!(ana.api.get(&format!("{MEMBERS}/{}", fay.user)).await.found()["managed"], false);
        alice.put_bare("/v2/organizations/acme/domains/acme.example").await.found();
        assert_eq!(tries(&ana, &fay.email).await.problem(), "not_found", "she has to say so again");
    }

    async fn nobody_agrees_but_the_person_themselves_in_their_browser_and_lately(house) {
        house.own_domain(house.acme.id, "acme.example").await;
        let bob = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        assert_eq!(key.put_bare("/v2/users/me/managed-by/acme").await.status, StatusCode::FORBIDDEN);
        assert_eq!(bob.put_bare("/v2/users/me/managed-by/umbrella").await.problem(), "not_found");
        house.wait(std::time::Duration::from_mins(16));
        assert_eq!(bob.put_bare("/v2/users/me/managed-by/acme").await.problem(), "insufficient_user_authentication");
    }

    async fn nobody_is_managed_by_an_organization_whose_domain_it_is_not(house) {
        let bob = house.in_browser(Person::Bob).await;
        let codes = async || {
            let answer = bob.put_bare("/v2/users/me/managed-by/acme").await;
            let errors = answer.json()["errors"].clone();
            errors.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(codes().await, ["domain_not_verified"]);
        house.own_domain(house.acme.umbrella, "acme.example").await;
        assert_eq!(codes().await, ["domain_not_verified"], "another's domain does not count");
        house.join(house.acme.bob, house.acme.umbrella).await;
        assert_eq!(codes().await, ["other_memberships", "domain_not_verified"]);
        let alice = house.in_browser(Person::Alice).await;
        let alices = alice.put_bare("/v2/users/me/managed-by/acme").await;
        assert!(alices.body.contains("superuser"), "{alices:?}");
    }

    async fn only_on_someone_who_may_nowhere_do_more_than_the_admin_may(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let owen = house.invited("owen", BuiltInRole::Owner).await;
        assert_eq!(tries(&ana, &owen.email).await.problem(), "not_found", "never an admin on an owner");
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        house.grant(eve.user, PermissionSet::of(&[Permission::OrganizationDelete]), None).await;
        assert_eq!(tries(&ana, &eve.email).await.problem(), "not_found", "by grant too");
        let (_, narrow) = house.key(Some(ana.user), PermissionSet::of(&[Permission::MemberWrite])).await;
        let dan = house.invited("dan", BuiltInRole::Viewer).await;
        assert_eq!(narrow.get(&place(&dan)).await.problem(), "not_found", "a key holds what it was made with");
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        assert_eq!(tries(&olga, &owen.email).await.found()["language"], "de");
    }

    async fn whoever_may_not_change_members_changes_no_person(house) {
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let max = house.employ("max", BuiltInRole::Manager).await;
        for answer in [max.api.get(&place(&eve)).await, tries(&max, &eve.email).await, eve.api.get(&place(&eve)).await] {
            assert_eq!(answer.problem(), "not_found");
        }
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.get(&place(&eve)).await.problem(), "not_found");
        assert_eq!(house.nobody().get(&place(&eve)).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn an_email_only_within_a_domain_verified_here_and_the_old_address_is_told(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let browser = house.in_browser_as(&eve.email).await;
        house.own_domain(house.acme.umbrella, "umbrella.example").await;
        let give = async |email: &str| ana.api.patch(&place(&eve), &json!({ "email": email })).await;
        for email in ["eve@acme.example.org", "eve2@acme.example", "eve@umbrella.example"] {
            assert_eq!(give(email).await.pointer(), "/email", "{email}");
        }
        house.own_domain(house.acme.id, "acme.example").await;
        assert_eq!(give("eve@sub.acme.example").await.pointer(), "/email");
        let now = give("eva@acme.example").await.found();
        assert_eq!((&now["email"], &now["email_verified"]), (&json!("eva@acme.example"), &json!(true)));
        assert!(house.letter_to(&eve.email).await.text.contains("eva@acme.example"));
        browser.get("/v2/users/me").await.found();
        assert_eq!(give("bob@acme.example").await.problem(), "taken");
        assert_eq!(audited(&house, "user.email_changed").await.len(), 1);
        let own = house.invited("adam", BuiltInRole::Admin).await;
        let change = json!({ "email": "adam2@acme.example" });
        assert_eq!(own.api.patch(&place(&own), &change).await.pointer(), "/email", "one's own goes by a link");
    }

    async fn a_password_is_never_set(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        for field in ["password", "password_hash", "credentials"] {
            let answer = ana.api.patch(&place(&eve), &json!({ field: "a new password, at last" })).await;
            assert_eq!(answer.pointer(), format!("/{field}"));
        }
        house.in_browser_as(&eve.email).await;
    }

    async fn suspending_the_person_everywhere_is_a_superusers(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let refused = ana.api.patch(&place(&eve), &json!({ "status": "suspended" })).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        house.in_browser_as(&eve.email).await;
    }

    async fn the_managing_organization_deletes_only_from_inactive_and_with_the_address_typed(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let eve = house.invited("eve", BuiltInRole::Viewer).await;
        let delete = async |confirm: &str| ana.api.delete(&format!("{}?confirm={confirm}", place(&eve))).await;
        let early = delete("eve@acme.example").await;
        assert_eq!((early.status, early.problem()), (StatusCode::CONFLICT, "unmet_preconditions".to_owned()));
        let member = format!("{MEMBERS}/{}", eve.user);
        ana.api.patch(&member, &json!({ "status": "suspended" })).await.found();
        assert_eq!(delete("eve@acme.example").await.problem(), "unmet_preconditions");
        ana.api.patch(&member, &json!({ "status": "inactive" })).await.found();
        assert_eq!(delete("eve@elsewhere.example").await.pointer(), "confirm");
        delete("EVE@acme.example").await.done();
        assert_eq!(ana.api.get(&member).await.problem(), "not_found");
        assert_eq!(ana.api.get(&place(&eve)).await.problem(), "not_found");
        assert_eq!(audited(&house, "user.deleted").await[0].0, ana.user.to_string());
        assert_eq!(audited(&house, "member.removed").await.len(), 1);
    }
}
