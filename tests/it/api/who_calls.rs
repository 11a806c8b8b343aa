//! Who calls: keys, tokens and cookies; strangers, members and nobody. SE4, R4.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet, Policy};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::session::SessionLimits;
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use serde_json::json;

use super::{PRODUCTS, audited, product};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, on_both};

const READING: PermissionSet = PermissionSet::of(&[Permission::OrganizationRead]);

/// A token for the API, of an application that Bob agrees to.
pub(super) async fn token(house: &House, person: Person, scope: &str) -> String {
    let audience = format!("{}/v2", house.url);
    let all = scope.to_owned();
    let client = house
        .register("Console", move |application| {
            application.admin_api = true;
            application.scope = all.parse().unwrap();
        })
        .await;
    let visitor = house.signed_in(person).await;
    let asked = authorize(
        &client,
        &[
            ("scope", scope),
            ("resource", &audience),
            ("organization", "acme"),
        ],
    );
    let code = visitor.arrives(&asked).await.code();
    let tokens = visitor
        .token(&client, &[("code", &code), ("resource", &audience)])
        .await;
    tokens.found()["access_token"].as_str().unwrap().to_owned()
}

on_both! {
    async fn nobody_is_told_how_to_be_somebody(house) {
        let nobody = house.nobody();
        let none = nobody.get(PRODUCTS).await;
        assert_eq!((none.status, none.problem()), (StatusCode::UNAUTHORIZED, "unauthenticated".to_owned()));
        assert_eq!(none.header("www-authenticate"), "Bearer realm=\"Doorward\"");
        for header in ["Bearer dw_nothing", "Bearer x.y.z", "Bearer ", "Bearer", "Basic YTpi", "dw_nothing", ""] {
            let answer = Answer::of(nobody.request("GET", PRODUCTS).header("authorization", header)).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{header}");
            let elsewhere = "/v2/organizations/nowhere/products";
            let nowhere = Answer::of(nobody.request("GET", elsewhere).header("authorization", header)).await;
            assert_eq!(nowhere.status, StatusCode::UNAUTHORIZED, "existence is no stranger's: {header}");
        }
    }

    async fn r4_a_token_counts_in_its_header_once_and_nowhere_else(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let shown = vera.api.request("GET", PRODUCTS).build().unwrap();
        let header = shown.headers()["authorization"].to_str().unwrap().to_owned();
        let key = header.strip_prefix("Bearer ").unwrap();
        let nobody = house.nobody();
        for path in [format!("{PRODUCTS}?access_token={key}"), format!("{PRODUCTS}?api_key={key}")] {
            assert_eq!(nobody.get(&path).await.status, StatusCode::UNAUTHORIZED);
        }
        let form = nobody.request("POST", PRODUCTS).form(&[("access_token", key)]);
        assert_eq!(Answer::of(form).await.status, StatusCode::UNAUTHORIZED);
        let cookie = nobody.request("GET", PRODUCTS).header("cookie", format!("doorward_session={key}"));
        assert_eq!(Answer::of(cookie).await.status, StatusCode::UNAUTHORIZED);
        let twice = vera.api.request("GET", PRODUCTS).header("authorization", header.as_str());
        assert_eq!(Answer::of(twice).await.problem(), "invalid_request");
        let lower = nobody.request("GET", PRODUCTS).header("authorization", format!("bearer {key}"));
        assert_eq!(Answer::of(lower).await.status, StatusCode::OK);
    }

    async fn se4_a_cookie_changes_nothing_without_its_token_or_from_elsewhere(house) {
        let alice = house.in_browser(Person::Alice).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let hers = mallory.browser().get("/").await.field("csrf");
        let body = json!({ "name": "rover" });
        for csrf in ["", "x", &hers] {
            let request = alice.browser().request("POST", PRODUCTS).header("x-csrf-token", csrf).json(&body);
            assert_eq!(Answer::of(request).await.problem(), "forbidden_origin", "{csrf}");
        }
        let bare = alice.browser().request("POST", PRODUCTS).json(&body);
        assert_eq!(Answer::of(bare).await.problem(), "forbidden_origin");
        for (header, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = alice.request("POST", PRODUCTS).header(header, value).json(&body);
            assert_eq!(Answer::of(request).await.problem(), "forbidden_origin", "{header}: {value}");
        }
        assert_eq!(alice.get(PRODUCTS).await.found()["data"], json!([]));
        let own = alice.request("POST", PRODUCTS).header("origin", &house.url).json(&body);
        Answer::of(own).await.created();
    }

    async fn a_bearer_token_beats_the_cookie_beside_it(house) {
        let alice = house.in_browser(Person::Alice).await;
        let request = alice.browser().request("GET", PRODUCTS).bearer_auth("dw_wrong");
        assert_eq!(Answer::of(request).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_stranger_can_t_tell_an_organization_from_none(house) {
        let mallory = house.in_browser(Person::Mallory).await;
        let (_, key) = house.key_of(house.acme.umbrella, None, PermissionSet::ALL).await;
        for stranger in [mallory, key] {
            let there = stranger.get(PRODUCTS).await;
            let by_id = stranger.get(&format!("/v2/organizations/{}/products", house.acme.id)).await;
            let nowhere = stranger.get("/v2/organizations/nowhere/products").await;
            for answer in [&there, &by_id, &nowhere] {
                assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "not_found".to_owned()));
                assert_eq!(answer.json()["detail"], nowhere.json()["detail"]);
            }
        }
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        let acme = format!("SELECT COUNT(*) FROM activations WHERE organization_id = '{}'", house.acme.id);
        assert_eq!(raw.number(&acme).await, 0, "Mallory's session never acted for Acme");
    }

    async fn a_member_without_the_permission_is_told_which(house) {
        let bob = house.in_browser(Person::Bob).await;
        let refused = bob.post(PRODUCTS, &json!({ "name": "rover" })).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "permission_denied".to_owned()));
        assert_eq!(refused.json()["permission"], "product:create");
    }

    async fn a_session_acts_for_an_organization_from_its_first_use_until_it_is_idle(house) {
        let limits = SessionLimits { idle: Duration::from_mins(10), max: Duration::from_hours(1) };
        house.set_policy(Policy::default(), limits).await;
        let bob = house.in_browser(Person::Bob).await;
        for _ in 0..3 {
            bob.get(PRODUCTS).await.found();
            house.wait(Duration::from_mins(9));
        }
        assert_eq!(audited(&house, "session.activated").await.len(), 1);
        house.wait(Duration::from_mins(2));
        let idle = bob.get(PRODUCTS).await;
        assert_eq!((idle.status, idle.problem()), (StatusCode::UNAUTHORIZED, "sign_in_again".to_owned()));
        house.in_browser(Person::Bob).await.get(PRODUCTS).await.found();
    }

    async fn a_key_is_good_in_its_organization_as_long_as_its_owner_is(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.join(vera.user, house.acme.umbrella).await;
        vera.api.get(PRODUCTS).await.found();
        assert_eq!(vera.api.get("/v2/organizations/umbrella/products").await.problem(), "not_found");
        house.set_member(vera.user, house.acme.id, MembershipStatus::Suspended).await;
        assert_eq!(vera.api.get(PRODUCTS).await.problem(), "unauthenticated");
        house.set_member(vera.user, house.acme.id, MembershipStatus::Active).await;
        vera.api.get(PRODUCTS).await.found();
        house.set_user(vera.user, UserStatus::Suspended).await;
        assert_eq!(vera.api.get(PRODUCTS).await.problem(), "unauthenticated");
        house.set_user(vera.user, UserStatus::Active).await;
        house.wait(Duration::from_hours(90 * 24));
        assert_eq!(vera.api.get(PRODUCTS).await.problem(), "unauthenticated");
    }

    async fn a_key_is_a_ceiling_and_never_more_than_its_owner(house) {
        let alice = house.in_browser(Person::Alice).await;
        product(&alice, "rover").await;
        let (_, reader) = house.key(Some(house.acme.alice), READING).await;
        reader.get(PRODUCTS).await.found();
        let above = reader.post(PRODUCTS, &json!({ "name": "lantern" })).await;
        assert_eq!(above.problem(), "permission_denied");
        assert!(above.json()["detail"].as_str().unwrap().contains("the token or key lacks"));
        assert!(above.header("www-authenticate").contains("error=\"insufficient_scope\", scope=\"product:create\""));
        let (_, bobs) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        assert_eq!(bobs.post(PRODUCTS, &json!({ "name": "lantern" })).await.problem(), "permission_denied");
        let (id, own) = house.key(None, PermissionSet::of(&[Permission::ProductCreate])).await;
        own.post(PRODUCTS, &json!({ "name": "torch" })).await.created();
        assert_eq!(own.get(PRODUCTS).await.problem(), "permission_denied");
        let made = audited(&house, "product.created").await;
        assert!(made.iter().any(|(actor, told)| *actor == id.to_string() && told["after"]["name"] == "torch"), "{made:?}");
    }

    async fn acts_of_a_superuser_go_by_the_owners_flag_and_are_told_as_such(house) {
        let (_, whole) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let umbrella = "/v2/organizations/umbrella/products";
        whole.post(umbrella, &json!({ "name": "rain" })).await.created();
        let (actor, told) = audited(&house, "product.created").await.pop().unwrap();
        assert_eq!((actor, &told["superuser"]), (house.acme.alice.to_string(), &json!(true)));
        let (_, part) = house.key(Some(house.acme.alice), READING).await;
        assert_eq!(part.get(umbrella).await.problem(), "not_found");
        product(&whole, "rover").await;
        let made = audited(&house, "product.created").await;
        let (_, told) = made.iter().find(|(_, told)| told["after"]["name"] == "rover").unwrap();
        assert!(told.get("superuser").is_none(), "at home she is the owner");
    }

    async fn a_token_is_a_ceiling_for_one_organization(house) {
        let token = token(&house, Person::Alice, "openid organization:read").await;
        let api = house.bearer(&token);
        api.get(PRODUCTS).await.found();
        let above = api.post(PRODUCTS, &json!({ "name": "rover" })).await;
        assert_eq!(above.problem(), "permission_denied");
        assert_eq!(api.get("/v2/organizations/umbrella/products").await.problem(), "not_found");
        house.wait(Duration::from_mins(5));
        assert_eq!(api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn a_token_without_a_word_for_the_api_allows_nothing(house) {
        let api = house.bearer(&token(&house, Person::Alice, "openid profile").await);
        assert_eq!(api.get(PRODUCTS).await.problem(), "permission_denied");
        let words = house.bearer(&token(&house, Person::Alice, "read").await);
        words.get(PRODUCTS).await.found();
    }

    async fn a_token_for_somebody_else_is_none_for_us(house) {
        let alice = house.signed_in(Person::Alice).await;
        let code = alice.code(&house.acme.desk.to_string()).await;
        let tokens = alice.redeem(&house.acme.desk.to_string(), &code).await.found();
        for kind in ["access_token", "id_token"] {
            let api = house.bearer(tokens[kind].as_str().unwrap());
            assert_eq!(api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED, "{kind}");
        }
    }

    async fn what_the_token_stands_on_is_asked_on_every_call(house) {
        let api = house.bearer(&token(&house, Person::Bob, "organization:read").await);
        api.get(PRODUCTS).await.found();
        house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Inactive).await;
        assert_eq!(api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
        house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Active).await;
        api.get(PRODUCTS).await.found();
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        raw.run("UPDATE families SET revoked_at = 1").await;
        assert_eq!(api.get(PRODUCTS).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn the_ip_allowlist_is_for_everybody(house) {
        let bob = house.in_browser(Person::Bob).await;
        let token = house.bearer(&token(&house, Person::Bob, "organization:read").await);
        let (_, key) = house.key(Some(house.acme.bob), READING).await;
        let (_, own) = house.key(None, READING).await;
        let ip_allowlist = vec!["192.0.2.0/24".parse().unwrap()];
        house.set_policy(Policy { ip_allowlist, ..Policy::default() }, SessionLimits::INSTANCE).await;
        for caller in [bob, token, key, own] {
            assert_eq!(caller.get(PRODUCTS).await.problem(), "address_not_allowed");
        }
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.get(PRODUCTS).await.problem(), "not_found", "and no stranger's to know");
    }

    async fn second_factors_are_people_s(house) {
        let bob = house.in_browser(Person::Bob).await;
        let (_, key) = house.key(Some(house.acme.bob), READING).await;
        house.set_policy(Policy { require_mfa: true, ..Policy::default() }, SessionLimits::INSTANCE).await;
        assert_eq!(bob.get(PRODUCTS).await.problem(), "second_factor_missing");
        key.get(PRODUCTS).await.found();
    }
}
