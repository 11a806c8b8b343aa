//! What is so grave that whoever asks proves themselves anew (RFC 9470): the answer says so, in words that a client knows.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use crate::harness::{Answer, House, Person, Visitor, on_both};

const ACME: &str = "/v2/organizations/acme";
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
        assert_eq!(fresh.delete(ACME).await.problem(), "unmet", "there is Bob, still");
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
}
