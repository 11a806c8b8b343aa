//! What is so grave that whoever asks proves themselves anew (RFC 9470): the answer says so, in words that a client knows.

use std::time::Duration;

use doorward::domain::access::{Permission, PermissionSet};
use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Answer, House, Person, Raw, Visitor, on_both};

const ACME: &str = "/v2/organizations/acme";
const KEYS: &str = "/v2/organizations/acme/api-keys";
const SECURITY: &str = "/v2/organizations/acme/security";
const LATE: Duration = Duration::from_millis(15 * 60 * 1000 + 1);

fn is_challenged(answer: &Answer, why: &str) {
    let told = (answer.status, answer.problem());
    let wanted = (
        StatusCode::UNAUTHORIZED,
        "insufficient_user_authentication".to_owned(),
    );
    assert_eq!(told, wanted, "{why}: {answer:?}");
    let challenge = answer.header("www-authenticate");
    assert!(challenge.starts_with("Bearer "), "{challenge}");
    for part in ["error=\"insufficient_user_authentication\"", "max_age=\"900\""] {
        assert!(challenge.contains(part), "{challenge}");
    }
}

/// Signs in by the password alone, on a device that was trusted a day ago.
async fn by_password_alone(house: &House, visitor: &Visitor) {
    let (app, _) = house.set_up_app(visitor).await;
    visitor.submit(&visitor.get("/sign-out").await, &[]).await;
    house.wait(Duration::from_secs(30));
    let page = visitor
        .get(&visitor.sign_in(Person::Alice).await.location())
        .await;
    let code = app.code(house.clock.now());
    visitor.submit(&page, &[("code", &code), ("trust", "1")]).await;
    visitor.submit(&visitor.get("/sign-out").await, &[]).await;
    house.wait(Duration::from_hours(24));
    assert_eq!(visitor.sign_in(Person::Alice).await.location(), "/");
}

on_both! {
    async fn security_settings_take_a_fresh_proof_and_reading_them_does_not(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.wait(LATE);
        let change = json!({ "password_history": 3 });
        is_challenged(&alice.patch(SECURITY, &change).await, "too late");
        alice.get(SECURITY).await.found();
        let alice = house.in_browser(Person::Alice).await;
        alice.patch(SECURITY, &change).await.found();
    }

    async fn an_organization_is_deleted_only_by_one_who_was_asked_just_now(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.wait(LATE);
        is_challenged(&alice.delete(ACME).await, "too late");
        let fresh = house.in_browser(Person::Alice).await;
        assert_eq!(fresh.delete(ACME).await.problem(), "unmet_preconditions", "there is Bob, still");
    }

    async fn whoever_has_a_second_factor_proves_it_anew_too(house) {
        let alice = house.visitor();
        alice.sign_in(Person::Alice).await;
        by_password_alone(&house, &alice).await;
        let csrf = alice.get("/").await.field("csrf");
        let asks = async || {
            let request = alice.request("PATCH", SECURITY).header("x-csrf-token", &csrf);
            let request = request.header("origin", &house.url).header("content-type", "application/merge-patch+json");
            Answer::of(request.body(json!({ "password_history": 3 }).to_string())).await
        };
        is_challenged(&asks().await, "a password alone, though a minute old");
        let again = alice.get("/sign-in?to=security&reason=again").await;
        assert!(again.body.contains("show once more that it\u{2019}s you"), "{again:?}");
    }

    async fn a_key_is_made_by_one_who_was_asked_just_now(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.wait(LATE);
        let key = json!({ "name": "CI", "expires_in": "90d", "scopes": ["device:read"] });
        is_challenged(&alice.post(KEYS, &key).await, "too late");
        let fresh = house.in_browser(Person::Alice).await;
        let made = fresh.post(KEYS, &key).await.created();
        assert!(made["secret"].as_str().or(made["key"].as_str()).is_some(), "{made}");
    }

    async fn a_key_may_do_it_that_names_it_was_made_that_way_and_was_not_made_to_last(house) {
        let change = json!({ "password_history": 3 });
        let alice = house.in_browser(Person::Alice).await;
        let made = async |days: &str| {
            let key = json!({ "name": "Policy", "expires_in": days, "scopes": ["organization:write"] });
            let made = alice.post(KEYS, &key).await.created();
            let secret = made["secret"].as_str().or(made["key"].as_str()).unwrap().to_owned();
            (made["id"].as_str().unwrap().to_owned(), house.bearer(&secret))
        };
        let (id, short) = made("90d").await;
        let (_, long) = made("91d").await;
        house.wait(LATE);
        short.patch(SECURITY, &change).await.found();
        is_challenged(&long.patch(SECURITY, &change).await, "made to last");
        let (_, read) = house.key(Some(house.acme.alice), PermissionSet::of(&[Permission::OrganizationRead])).await;
        assert_eq!(read.patch(SECURITY, &change).await.problem(), "permission_denied", "not among its scopes");

        // As keys were that were made before their makers had to prove themselves.
        let no = if house.storage().database_url.is_some() { "FALSE" } else { "0" };
        Raw::connect(house.storage()).await.run(&format!("UPDATE api_keys SET made_fresh = {no} WHERE id = '{id}'")).await;
        is_challenged(&short.patch(SECURITY, &change).await, "made by whoever was signed in");
    }
}
