//! TK3, TK9, TK10, TK12, R9: a refresh token is good once, for its own client, for what was agreed to; an answer that
//! got lost can be asked for again, and a copy gives itself away.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use serde_json::json;

use super::back_end::{BackEnd, Tokens, bob_at_desk, events};
use super::refusal::is_no_token;
use super::{claims_of, userinfo_with};
use crate::harness::cast::{RESOURCE, SECRET};
use crate::harness::{Answer, House, Person, on_both};
use doorward::domain::access::{Permission, Policy};
use doorward::domain::oauth::{GrantType, Scope};
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::session::SessionLimits;
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::storage::refresh_tokens;

const GRACE: Duration = Duration::from_secs(10);
const INSTANT: Duration = Duration::from_millis(1);

/// Many ask at once with the same token; answers what they got.
async fn race(house: &House, runners: usize) {
    let desk = Arc::new(BackEnd::of(house, house.acme.desk));
    let bob = house.signed_in(Person::Bob).await;
    for round in 0..3 {
        let first = desk.signs_in(&bob, &[]).await;
        let refreshed = events(house, "token.refreshed").await;
        let tries: Vec<_> = (0..runners)
            .map(|_| {
                let (desk, token) = (Arc::clone(&desk), first.refresh().to_owned());
                tokio::spawn(async move { desk.refresh(&token).await })
            })
            .collect();
        let mut won: Vec<Tokens> = Vec::new();
        for answer in tries {
            won.push(Tokens::of(&answer.await.unwrap()));
        }
        let successors: std::collections::BTreeSet<_> = won.iter().map(Tokens::refresh).collect();
        assert_eq!(successors.len(), 1, "round {round}: a fork");
        let different: std::collections::BTreeSet<_> = won.iter().map(|tokens| &tokens.access).collect();
        assert_eq!(different.len(), runners, "round {round}");
        let one_more = refreshed + 1;
        assert_eq!(
            events(house, "token.refreshed").await,
            one_more,
            "round {round}: one was rotated"
        );
        desk.refreshed(&won[0]).await;
    }
    assert_eq!(events(house, "refresh_token.reused").await, 0);
}

on_both! {
    async fn a_refresh_token_is_changed_for_the_next(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        house.wait(Duration::from_mins(4));
        let second = desk.refreshed(&first).await;
        assert_ne!(second.refresh(), first.refresh());
        assert_eq!((&second.body["token_type"], &second.body["expires_in"]), (&json!("Bearer"), &json!(300)));
        assert_eq!(second.body["scope"], first.body["scope"]);
        assert!(!second.has("id_token"), "Desk did not ask for one: {}", second.body);
        desk.is_open_to(&first.access, "the first lives as long as it would have").await;
        desk.is_open_to(&second.access, "and so does the second").await;

        let (before, after) = (first.claims(), second.claims());
        for same in ["iss", "sub", "aud", "client_id", "scope", "sid", "auth_time", "acr", "amr", "org", "roles", "permissions"] {
            assert_eq!(after[same], before[same], "{same}");
        }
        let now = house.clock.now().seconds();
        assert_eq!((&after["iat"], &after["exp"]), (&json!(now), &json!(now + 300)));
        let family = |claims: &serde_json::Value| claims["jti"].as_str().unwrap().split_once('.').unwrap().0.to_owned();
        assert_eq!(family(&after), family(&before));
        assert_ne!(after["jti"], before["jti"]);

        house.wait(Duration::from_mins(4));
        desk.is_closed_to(&first.access, "its time is over").await;
        let third = desk.refreshed(&second).await;
        desk.is_open_to(&third.access, "and on it goes").await;
        assert_eq!(events(&house, "token.refreshed").await, 2);
    }

    async fn tk10_whose_answer_got_lost_asks_again_for_ten_seconds(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        house.wait(GRACE);
        let again = desk.refreshed(&first).await;
        assert_eq!(again.refresh(), second.refresh(), "the very same successor");
        assert_ne!(again.access, second.access, "with an access token of its own");
        desk.is_open_to(&again.access, "the new one").await;
        desk.is_open_to(&second.access, "and the one that got lost").await;
        assert_eq!(events(&house, "token.refreshed").await, 1, "nothing was rotated twice");
        let third = desk.refreshed(&again).await;
        assert_ne!(third.refresh(), second.refresh());
    }

    async fn tk10_a_successor_that_was_used_is_handed_to_nobody_and_nothing_dies(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        let third = desk.refreshed(&second).await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "the successor is spent");
        desk.is_open_to(&second.access, "the family lives").await;
        assert_eq!(desk.refreshed(&second).await.refresh(), third.refresh());
        desk.refreshed(&third).await;
        assert_eq!(events(&house, "refresh_token.reused").await, 0);
    }

    async fn tk9_a_copy_that_comes_late_takes_the_family_with_it(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let elsewhere = desk.signs_in(&bob, &[]).await;
        let second = desk.refreshed(&first).await;
        house.wait(GRACE + INSTANT);
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "a copy");
        desk.has_lost(&second, "the successor").await;
        desk.is_closed_to(&first.access, "the first access token").await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "once more");
        assert_eq!(events(&house, "refresh_token.reused").await, 1, "told once");
        desk.refreshed(&elsewhere).await;
        desk.signs_in(&bob, &[]).await;
    }

    async fn tk9_a_grandparent_gives_itself_away_too(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        house.wait(GRACE + INSTANT);
        let third = desk.refreshed(&second).await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "two generations old");
        desk.has_lost(&third, "the youngest").await;
    }

    async fn tk9_a_copy_gives_itself_away_even_where_its_owner_may_not_go(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        house.wait(GRACE + INSTANT);
        let mfa = Policy { require_mfa: true, ..Policy::default() };
        house.set_policy(mfa, SessionLimits::INSTANCE).await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "a copy, while nobody may");
        assert_eq!(events(&house, "refresh_token.reused").await, 1);
        house.set_policy(Policy::default(), SessionLimits::INSTANCE).await;
        desk.has_lost(&second, "the thief was seen").await;
    }

    async fn tk10_of_twenty_one_rotates_and_all_get_the_same(house) {
        race(&house, 20).await;
    }

    async fn tk10_of_fifty_one_rotates_and_all_get_the_same(house) {
        race(&house, 50).await;
    }

    async fn tk3_a_refresh_token_is_its_own_clients(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let fleet = BackEnd::of(&house, house.acme.fleet);
        let others = [BackEnd::of(&house, house.acme.parasol), BackEnd::public(&house)];
        for other in others.iter().chain([&fleet]) {
            is_no_token(&other.refresh(first.refresh()).await, "invalid_grant", "another's");
        }
        let second = desk.refreshed(&first).await;
        is_no_token(&fleet.refresh(first.refresh()).await, "invalid_grant", "another's, spent");
        house.wait(GRACE + INSTANT);
        is_no_token(&fleet.refresh(first.refresh()).await, "invalid_grant", "another's, late");
        desk.refreshed(&second).await;
        assert_eq!(events(&house, "refresh_token.reused").await, 0, "nobody ends what is not theirs");
    }

    async fn tk15_a_refresh_token_alone_is_not_enough(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        for (case, secret) in [("no secret", None), ("another", Some("wrong")), ("an empty one", Some(""))] {
            is_no_token(&desk.with_secret(secret).refresh(first.refresh()).await, "invalid_client", case);
        }
        desk.refreshed(&first).await;
    }

    async fn tk12_a_scope_never_widens(house) {
        let desk = BackEnd::of(&house, house.acme.desk);
        let bob = house.signed_in(Person::Bob).await;
        let first = desk.signs_in(&bob, &[("scope", "openid email")]).await;
        for wider in ["openid email profile", "profile", "openid device:read", "openid  email", "offline_access"] {
            is_no_token(&desk.refresh_with(first.refresh(), &[("scope", wider)]).await, "invalid_scope", wider);
        }
        let narrow = Tokens::of(&desk.refresh_with(first.refresh(), &[("scope", "openid")]).await);
        assert_eq!((&narrow.body["scope"], &narrow.claims()["scope"]), (&json!("openid"), &json!("openid")));
        let told = userinfo_with(&bob, &narrow.access).await.json();
        assert_eq!(told, json!({ "sub": house.acme.bob.to_string() }));
        is_no_token(&desk.refresh_with(narrow.refresh(), &[("scope", "openid profile")]).await, "invalid_scope", "nor later");
        let whole = desk.refreshed(&narrow).await;
        assert_eq!(whole.body["scope"], "email openid", "less was asked for once, not for good");
    }

    async fn tk12_fewer_words_are_never_more_permissions(house) {
        let desk = BackEnd::of(&house, house.acme.desk);
        let bob = house.signed_in(Person::Bob).await;
        let first = desk.signs_in(&bob, &[("scope", "openid device:read")]).await;
        assert!(first.allows(Permission::DeviceRead) && !first.allows(Permission::DeviceWrite));
        let narrow = Tokens::of(&desk.refresh_with(first.refresh(), &[("scope", "openid")]).await);
        assert_eq!(narrow.claims()["permissions"], json!({ "*": [] }), "device:read was not asked for");
        let told = desk.introspect(&narrow.access).await;
        assert_eq!(told["permissions"], json!({ "*": [] }), "{told}");
    }

    async fn tk12_a_refresh_is_for_the_audiences_that_were_authorized(house) {
        const OTHER: &str = "https://firmware.acme.example";
        let id = house
            .register("Acme Twins", |application| application.resources = vec![RESOURCE.to_owned(), OTHER.to_owned()])
            .await;
        let twins = BackEnd::of(&house, &id);
        let bob = house.signed_in(Person::Bob).await;
        let plain = twins.signs_in(&bob, &[]).await;
        for (case, resource) in [("registered, not asked for", RESOURCE), ("unknown", "https://evil.example")] {
            is_no_token(&twins.refresh_with(plain.refresh(), &[("resource", resource)]).await, "invalid_target", case);
        }
        assert_eq!(twins.refreshed(&plain).await.claims()["aud"], id);
        let one = twins.signs_in(&bob, &[("resource", RESOURCE)]).await;
        is_no_token(&twins.refresh_with(one.refresh(), &[("resource", OTHER)]).await, "invalid_target", "the other");
        let v2 = format!("{}/v2", house.url);
        is_no_token(&twins.refresh_with(one.refresh(), &[("resource", &v2)]).await, "invalid_target", "our own API");
        let both = [("resource", RESOURCE), ("resource", OTHER)];
        is_no_token(&twins.refresh_with(one.refresh(), &both).await, "invalid_target", "both");
        let again = twins.refreshed(&one).await;
        assert_eq!(again.claims()["aud"], RESOURCE);
        let named = Tokens::of(&twins.refresh_with(again.refresh(), &[("resource", RESOURCE)]).await);
        assert_eq!(named.claims()["aud"], RESOURCE);
    }

    async fn r9_a_public_client_rotates_as_everybody_does(house) {
        let pocket = BackEnd::public(&house);
        let bob = house.signed_in(Person::Bob).await;
        let first = pocket.signs_in(&bob, &[]).await;
        let second = pocket.refreshed(&first).await;
        assert_ne!(second.refresh(), first.refresh());
        let another = house.register("Acme Other Pocket", |application| {
            application.authentication = doorward::domain::oauth::ClientAuthentication::Public;
        });
        let fields = [("grant_type", "refresh_token"), ("refresh_token", second.refresh()), ("client_id", &another.await)];
        is_no_token(&bob.post("/oauth2/token", &fields).await, "invalid_grant", "another public client");
        house.wait(GRACE + INSTANT);
        is_no_token(&pocket.refresh(first.refresh()).await, "invalid_grant", "a copy");
        is_no_token(&pocket.refresh(second.refresh()).await, "invalid_grant", "and so for all");
    }

    async fn only_who_registered_for_refresh_tokens_has_any(house) {
        let bob = house.signed_in(Person::Bob).await;
        let id = house
            .register("Acme Once", |application| {
                application.grant_types = vec![GrantType::AuthorizationCode];
                application.scope = Scope::parse("openid offline_access").unwrap();
            })
            .await;
        let once = BackEnd::of(&house, id);
        let tokens = once.signs_in(&bob, &[("scope", "openid offline_access")]).await;
        assert!(!tokens.has("refresh_token"), "{}", tokens.body);
        let (desk, _bob, other) = bob_at_desk(&house).await;
        is_no_token(&once.refresh(other.refresh()).await, "unauthorized_client", "it never asked");
        desk.refreshed(&other).await;
    }

    async fn an_id_token_comes_with_a_refresh_only_where_it_is_asked_for(house) {
        let id = house
            .register("Acme Log", |application| {
                application.id_token_on_refresh = true;
                application.id_token_algorithm = SigningAlgorithm::Es256;
            })
            .await;
        let log = BackEnd::of(&house, &id);
        let bob = house.signed_in(Person::Bob).await;
        let first = log.signs_in(&bob, &[]).await;
        house.wait(Duration::from_mins(9));
        let second = log.refreshed(&first).await;
        let (before, after) = (claims_of(first.id()), claims_of(second.id()));
        assert_eq!(before["nonce"], "the nonce");
        assert!(after.get("nonce").is_none(), "OpenID Connect Core §12.2: {after}");
        for same in ["iss", "sub", "aud", "auth_time", "sid", "acr", "amr", "email", "name"] {
            assert_eq!(after[same], before[same], "{same}");
        }
        assert_eq!(after["iat"], house.clock.now().seconds());
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, second.access.as_bytes());
        let at_hash = base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, &hash.as_ref()[..16]);
        assert_eq!(after["at_hash"], at_hash);
        let narrow = Tokens::of(&log.refresh_with(second.refresh(), &[("scope", "email")]).await);
        assert!(!narrow.has("id_token"), "without openid there is none: {}", narrow.body);
    }

    async fn what_is_no_refresh_token_is_refused(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let code = bob.code(&desk.id).await;
        for (case, token) in [
            ("a guess", "x"),
            ("an access token", &first.access),
            ("an id token", first.id()),
            ("a code", &code),
            ("a longer one", &format!("{}x", first.refresh())),
            ("a shorter one", &first.refresh()[1..]),
            ("with a space", &format!("{} ", first.refresh())),
            ("its stored hash", &format!("{:?}", Secret::received(first.refresh()).hash(Purpose::RefreshToken))),
        ] {
            is_no_token(&desk.refresh(token).await, "invalid_grant", case);
        }
        is_no_token(&desk.refresh("").await, "invalid_request", "none");
        let twice = [("refresh_token", first.refresh())];
        is_no_token(&desk.refresh_with(first.refresh(), &twice).await, "invalid_request", "R12: twice");
        let swapped = [("grant_type", "authorization_code"), ("code", first.refresh())];
        is_no_token(&bob.token(&desk.id, &swapped).await, "invalid_grant", "TK8: as a code");
        desk.refreshed(&first).await;
    }

    async fn r4_a_refresh_token_in_the_query_is_not_read(house) {
        let (desk, bob, first) = bob_at_desk(&house).await;
        let query = format!("/oauth2/token?grant_type=refresh_token&refresh_token={}", first.refresh());
        let empty: [(&str, &str); 0] = [];
        let asked = bob.request("POST", &query).basic_auth(&desk.id, Some(SECRET)).form(&empty);
        let answer = Answer::of(asked).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        assert!(!answer.body.contains(first.refresh()), "{answer:?}");
        desk.refreshed(&first).await;
    }

    async fn refresh_tokens_are_stored_by_hash_and_their_successors_sealed_for_ten_seconds(house) {
        let (desk, _bob, first) = bob_at_desk(&house).await;
        let second = desk.refreshed(&first).await;
        let hash = Secret::received(first.refresh()).hash(Purpose::RefreshToken);
        let spent = || async {
            let mut snapshot = house.snapshot().await;
            let found = refresh_tokens::find(&mut snapshot.tx(), &hash).await.unwrap().unwrap();
            found.spent.unwrap()
        };
        let sealed = spent().await.sealed_successor.unwrap();
        let plain = second.refresh().as_bytes();
        assert!(!sealed.windows(plain.len()).any(|window| window == plain), "it lies there open");
        house.wait(GRACE);
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        assert_eq!(desk.refreshed(&first).await.refresh(), second.refresh(), "still in time");
        house.wait(INSTANT);
        doorward::jobs::forget_the_expired(house.db(), house.clock.now()).await.unwrap();
        assert!(spent().await.sealed_successor.is_none());
        desk.refreshed(&second).await;
        is_no_token(&desk.refresh(first.refresh()).await, "invalid_grant", "forgotten, and spent all the same");
        assert_eq!(events(&house, "refresh_token.reused").await, 1);
    }
}
