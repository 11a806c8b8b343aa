//! Links that people make and take back themselves: after a fresh proof by a credential of their own (UP2).

use std::time::Duration;

use doorward::storage::identities;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{account, manage_bob, role};
use crate::api::audited;
use crate::harness::provider::{Away, Provider};
use crate::harness::{Api, House, Person, Visitor, on_both};

fn bob() -> Value {
    json!({ "sub": "00u-bob", "email": "bob@acme.example", "email_verified": true })
}

/// Signs in on the way to the page of connected services.
async fn signs_in_to_link(visitor: &Visitor, person: Person) {
    let page = visitor.get("/sign-in?to=connections").await;
    let answer = visitor.sign_in_on(&page, person.email(), person.password()).await;
    assert_eq!(answer.location(), "/account/connections", "{answer:?}");
}

async fn linked(house: &House) -> i64 {
    let mut snapshot = house.snapshot().await;
    identities::count_of_user(&mut snapshot.tx(), house.acme.bob)
        .await
        .unwrap()
}

on_both! {
    async fn up2_an_account_that_is_somebodys_own_is_linked_by_their_word(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let answer = visitor.comes(&house, &provider, connection, &bob()).await;
        assert_eq!(answer.location(), "/upstream/link", "nobody manages Bob");
        let page = visitor.get("/upstream/link").await;
        assert!(page.body.contains("bob@acme.example") && page.body.contains("/sign-in?to=connections"), "{page:?}");
        assert_eq!(linked(&house).await, 0);
        signs_in_to_link(&visitor, Person::Bob).await;
        assert_eq!(linked(&house).await, 0, "signing in is not saying so");
        let page = visitor.get("/account/connections").await;
        assert!(page.body.contains("Link it to this account"), "{page:?}");
        assert_eq!(visitor.submit(&page, &[]).await.location(), "/");
        assert_eq!(linked(&house).await, 1);
        let told = audited(&house, "identity.linked").await;
        assert_eq!(told[0].1["actor"], house.acme.bob.to_string());
        let csrf = visitor.get("/").await.field("csrf");
        let again = [("csrf", csrf.as_str()), ("link", &page.field("link"))];
        assert_eq!(visitor.post("/account/connections", &again).await.status, StatusCode::GONE, "once");
        let again = house.visitor();
        assert_eq!(again.comes(&house, &provider, connection, &bob()).await.location(), "/");
    }

    async fn up2_a_link_takes_a_proof_of_now_and_the_forms_own_token(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.signed_in(Person::Bob).await;
        house.wait(Duration::from_mins(16));
        visitor.comes(&house, &provider, connection, &bob()).await;
        let page = visitor.get("/account/connections").await;
        let answer = visitor.submit(&page, &[]).await;
        assert_eq!(answer.location(), "/sign-in?to=connections&reason=again", "{answer:?}");
        assert_eq!(linked(&house).await, 0);
        let forged = visitor.post("/account/connections", &[("csrf", "x"), ("link", &page.field("link"))]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        signs_in_to_link(&visitor, Person::Bob).await;
        let page = visitor.get("/account/connections").await;
        assert_eq!(visitor.submit(&page, &[]).await.location(), "/");
        assert_eq!(linked(&house).await, 1);
    }

    async fn whoever_is_no_member_joins_by_saying_so_or_not_at_all(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let mallory = json!({ "sub": "00u-mallory", "email": "mallory@umbrella.example", "email_verified": true });
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &mallory).await;
        signs_in_to_link(&visitor, Person::Mallory).await;
        let page = visitor.get("/account/connections").await;
        assert!(page.body.contains("Link it, and join Acme"), "{page:?}");
        let user = account(&house, "mallory@umbrella.example").await.unwrap();
        let answer = visitor.submit(&page, &[]).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "the button was not pressed: {answer:?}");
        assert_eq!(role(&house, user).await, None);
        house.change_connection(connection, |connection| connection.creates_members = false).await;
        visitor.comes(&house, &provider, connection, &mallory).await;
        let page = visitor.get("/account/connections").await;
        assert!(page.body.contains("nothing to link yet"), "{page:?}");
        house.change_connection(connection, |connection| connection.creates_members = true).await;
        visitor.comes(&house, &provider, connection, &mallory).await;
        let page = visitor.get("/account/connections").await;
        assert_eq!(visitor.submit(&page, &[("join", "1")]).await.location(), "/");
        assert_eq!(role(&house, user).await, Some(None));
    }

    async fn one_is_linked_from_ones_own_page_to_oneself_alone(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.signed_in(Person::Bob).await;
        let page = visitor.get("/account/connections").await;
        assert!(page.body.contains("Connect Acme Entra"), "{page:?}");
        let begin = format!("/account/connections/{connection}");
        let away = Away::of(connection, &visitor.get(&begin).await);
        assert_eq!(visitor.returns(&house, &provider, &away, &bob()).await.location(), "/upstream/link");
        assert_eq!(visitor.get("/upstream/link").await.location(), "/account/connections");
        assert_eq!(linked(&house).await, 0, "not without one's word");
        // Somebody else in the same browser can't take it.
        let page = visitor.get("/account/connections").await;
        let reference = page.field("link");
        let out = visitor.get("/").await;
        visitor.submit(&out, &[]).await;
        signs_in_to_link(&visitor, Person::Alice).await;
        let hers = visitor.get("/account/connections").await;
        assert!(!hers.body.contains(&reference), "{hers:?}");
        let csrf = visitor.get("/").await.field("csrf");
        let taken = visitor.post("/account/connections", &[("csrf", &csrf), ("link", &reference)]).await;
        assert_eq!(taken.status, StatusCode::GONE);
        // To a stranger there is no such connection.
        let mallory = house.signed_in(Person::Mallory).await;
        assert_eq!(mallory.get(&begin).await.status, StatusCode::NOT_FOUND);
        assert_eq!(house.visitor().get(&begin).await.location(), "/sign-in?to=connections");
    }

    async fn an_account_there_is_one_persons_here(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        for person in [Person::Bob, Person::Alice] {
            let visitor = house.signed_in(person).await;
            let away = Away::of(connection, &visitor.get(&format!("/account/connections/{connection}")).await);
            let answer = visitor.returns(&house, &provider, &away, &bob()).await;
            if person == Person::Bob {
                let page = visitor.get("/account/connections").await;
                assert_eq!(visitor.submit(&page, &[]).await.location(), "/account/connections");
            } else {
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
                assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("identity_taken"));
            }
        }
    }

    async fn twenty_presses_make_one_link(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.signed_in(Person::Bob).await;
        let away = Away::of(connection, &visitor.get(&format!("/account/connections/{connection}")).await);
        visitor.returns(&house, &provider, &away, &bob()).await;
        let page = visitor.get("/account/connections").await;
        let (csrf, reference) = (page.field("csrf"), page.field("link"));
        let all = (0..20).map(|_| {
            let (visitor, csrf, reference) = (visitor.again(), csrf.clone(), reference.clone());
            tokio::spawn(async move {
                visitor.post("/account/connections", &[("csrf", &csrf), ("link", &reference)]).await.location()
            })
        });
        let mut made = 0;
        for one in all.collect::<Vec<_>>() {
            made += usize::from(one.await.unwrap() == "/account/connections");
        }
        assert_eq!((made, linked(&house).await), (1, 1));
    }

    async fn m9_what_is_connected_is_shown_and_taken_back(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        manage_bob(&house).await;
        let by_provider = house.visitor();
        by_provider.comes(&house, &provider, connection, &bob()).await;
        let visitor = house.signed_in(Person::Bob).await;
        let agreed = visitor.agrees(&crate::harness::visitor::authorize(&house.acme.fleet.to_string(), &[])).await;
        assert!(agreed.location().contains("code="));
        let page = visitor.get("/account/connections").await;
        assert!(page.body.contains("Acme Entra · Acme") && page.body.contains("Acme Fleet"), "{page:?}");
        let csrf = page.field("csrf");
        let fleet = [("csrf", csrf.as_str()), ("application", &house.acme.fleet.to_string()), ("organization", &house.acme.id.to_string())];
        assert_eq!(visitor.post("/account/connections", &fleet).await.location(), "/account/connections");
        assert!(!visitor.get("/account/connections").await.body.contains("Acme Fleet"));

        let api = Api::of(visitor.again()).await;
        let listed = api.get("/v2/users/me/identities").await.found();
        let identity = &listed["data"][0];
        assert_eq!((&identity["subject"], &identity["connection"]["name"], &identity["organization"]["name"]), (&json!("00u-bob"), &json!("Acme Entra"), &json!("acme")));
        let path = format!("/v2/users/me/identities/{}", identity["id"].as_str().unwrap());
        let alice = house.in_browser(Person::Alice).await;
        assert_eq!(alice.delete(&path).await.status, StatusCode::NOT_FOUND);
        house.wait(Duration::from_mins(16));
        assert_eq!(api.delete(&path).await.problem(), "insufficient_user_authentication");
        let fresh = house.in_browser(Person::Bob).await;
        assert_eq!(fresh.delete(&path).await.status, StatusCode::NO_CONTENT);
        assert_eq!(linked(&house).await, 0);
        assert_eq!(audited(&house, "identity.unlinked").await.len(), 1);
        // What its word opened is over there.
        let answer = by_provider.arrives(&crate::harness::visitor::authorize(&house.acme.desk.to_string(), &[])).await;
        assert_eq!(answer.heading(), "Sign in", "{answer:?}");
    }
}
