//! RP-Initiated Logout 1.0: an application sends its person here to sign out. Whoever asks without proof is asked back,
//! and nobody is sent where no application registered.

use std::time::Duration;

use reqwest::StatusCode;

use super::back_end::{BackEnd, Tokens, events};
use super::forgery::{hmac_signed, with_header, with_signature};
use super::refusal::{is_page, says_nothing};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};
use doorward::domain::oauth::RedirectUri;

const BYE: &str = "https://fleet.acme.example/bye";
const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;

/// A client with somewhere to go after signing out.
async fn mast(house: &House) -> BackEnd {
    let id = house
        .register("Acme Mast", |application| {
            let two = [BYE, "https://fleet.acme.example/bye?from=doorward"];
            application.post_logout_redirect_uris =
                two.map(|uri| RedirectUri::register(uri).unwrap()).to_vec();
            application.scope = "openid offline_access".parse().unwrap();
        })
        .await;
    BackEnd::of(house, id)
}

/// Bob, signed in at Mast.
async fn bob_at_mast(house: &House) -> (BackEnd, Visitor, Tokens) {
    let mast = mast(house).await;
    let bob = house.signed_in(Person::Bob).await;
    let tokens = mast.signs_in(&bob, &[("scope", "openid")]).await;
    (mast, bob, tokens)
}

/// Where an application sends somebody.
fn logout(fields: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish();
    format!("/oauth2/logout?{query}")
}

async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/").await.status == StatusCode::OK
}

/// Signed out, and sent exactly there.
#[track_caller]
fn is_sent_to(answer: &Answer, place: &str) {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
    assert_eq!(answer.location(), place, "{answer:?}");
}

/// Asked whether they mean it.
#[track_caller]
fn is_asked(answer: &Answer, case: &str) {
    assert_eq!(answer.status, StatusCode::OK, "{case}: {answer:?}");
    assert_eq!(answer.heading(), "Sign out?", "{case}");
}

on_both! {
    async fn bob_signs_out_at_the_application_and_is_out_everywhere(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        let desk = BackEnd::of(&house, house.acme.desk);
        let others = desk.signs_in(&bob, &[]).await;
        let asked = [("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE), ("state", "a b&c=d#e")];
        let answer = bob.get(&logout(&asked)).await;
        is_sent_to(&answer, &format!("{BYE}?state=a+b%26c%3Dd%23e"));
        assert!(answer.cookies().iter().any(|cookie| cookie.contains("session=;")), "{answer:?}");
        assert!(!is_signed_in(&bob).await);
        mast.has_lost(&tokens, "signed out").await;
        desk.has_lost(&others, "signed out everywhere").await;
        assert_eq!(events(&house, "user.signed_out").await, 1);
    }

    async fn what_was_agreed_to_last_outlives_it(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        let offline = mast.signs_in(&bob, &[("scope", "openid offline_access")]).await;
        bob.get(&logout(&[("id_token_hint", tokens.id())])).await;
        mast.has_lost(&tokens, "signed out").await;
        mast.is_open_to(&offline.access, "offline").await;
        mast.refreshed(&offline).await;
    }

    async fn without_an_address_the_house_says_good_bye(house) {
        let (_mast, bob, tokens) = bob_at_mast(&house).await;
        let answer = bob.get(&logout(&[("id_token_hint", tokens.id()), ("state", "unasked")])).await;
        is_sent_to(&answer, "/signed-out");
        let page = bob.get("/signed-out").await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(!is_signed_in(&bob).await);
    }

    async fn without_proof_bob_is_asked_first(house) {
        let (mast, bob, _) = bob_at_mast(&house).await;
        let asked = logout(&[("client_id", &mast.id), ("post_logout_redirect_uri", BYE), ("state", "the state")]);
        let page = bob.get(&asked).await;
        is_asked(&page, "without a hint");
        assert!(page.body.contains("Acme Mast") && page.body.contains(Person::Bob.email()), "{page:?}");
        assert!(page.header("content-security-policy").contains("form-action 'self' https://fleet.acme.example;"), "{page:?}");
        assert!(is_signed_in(&bob).await, "asking is no signing out");
        for csrf in ["", "x"] {
            let fields = [("csrf", csrf), ("client_id", &mast.id), ("post_logout_redirect_uri", BYE)];
            let forged = bob.post("/sign-out", &fields).await;
            says_nothing(&forged);
            assert!(forged.status.is_client_error(), "{forged:?}");
        }
        assert!(is_signed_in(&bob).await);
        is_sent_to(&bob.submit(&page, &[]).await, &format!("{BYE}?state=the+state"));
        assert!(!is_signed_in(&bob).await);

        let bob = house.signed_in(Person::Bob).await;
        let page = bob.get("/oauth2/logout").await;
        is_asked(&page, "nobody in particular asks");
        is_sent_to(&bob.submit(&page, &[]).await, "/signed-out");
    }

    async fn az1_az2_nobody_is_sent_where_no_application_registered(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        for other in [
            "https://fleet.acme.example/bye/",
            "https://fleet.acme.example/Bye",
            "https://FLEET.acme.example/bye",
            "HTTPS://fleet.acme.example/bye",
            "https://fleet.acme.example/bye#",
            "https://fleet.acme.example/bye#x",
            "https://fleet.acme.example/bye?",
            "https://fleet.acme.example/bye?x",
            "https://fleet.acme.example/bye?from=Doorward",
            "https://fleet.acme.example:443/bye",
            "https://fleet.acme.example/x/../bye",
            "https://fleet.acme.example/%62ye",
            "https://fleet.acme.example/by",
            "https://fleet.acme.example",
            "https://fleet.acme.example.evil.example/bye",
            "https://evil.example@fleet.acme.example/bye",
            "https://fleet.acme.example@evil.example/bye",
            "https://evil.example\\@fleet.acme.example/bye",
            "http://fleet.acme.example/bye",
            " https://fleet.acme.example/bye",
            "//fleet.acme.example/bye",
            "/signed-out",
            "javascript:alert(1)",
            crate::harness::cast::CALLBACK,
        ] {
            for who in [("id_token_hint", tokens.id()), ("client_id", mast.id.as_str())] {
                let answer = bob.get(&logout(&[who, ("post_logout_redirect_uri", other)])).await;
                is_page(&answer, BAD_REQUEST, "bad_redirect", other);
            }
        }
        assert!(is_signed_in(&bob).await, "and nobody was signed out");
        let other = logout(&[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", "https://fleet.acme.example/bye?from=doorward"), ("state", "s")]);
        is_sent_to(&bob.get(&other).await, "https://fleet.acme.example/bye?from=doorward&state=s");
    }

    async fn an_address_needs_an_application_that_registered_it(house) {
        let (mast, bob, _) = bob_at_mast(&house).await;
        let address = ("post_logout_redirect_uri", BYE);
        let desk = house.acme.desk.to_string();
        is_page(&bob.get(&logout(&[address])).await, BAD_REQUEST, "bad_redirect", "nobody's");
        for who in [desk.as_str(), "app_01k9zzzzzzzzzzzzzzzzzzzzzz", "nobody"] {
            is_page(&bob.get(&logout(&[("client_id", who), address])).await, BAD_REQUEST, "bad_redirect", who);
        }
        house.switch_off(mast.id.parse().unwrap()).await;
        is_page(&bob.get(&logout(&[("client_id", &mast.id), address])).await, BAD_REQUEST, "bad_redirect", "switched off");
        assert!(is_signed_in(&bob).await);
        let stranger = house.visitor().get(&logout(&[("client_id", &desk), address])).await;
        is_page(&stranger, BAD_REQUEST, "bad_redirect", "whoever comes");
    }

    async fn whoever_is_not_signed_in_goes_straight_on(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        let asked = logout(&[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE), ("state", "s")]);
        let stranger = house.visitor();
        is_sent_to(&stranger.get(&asked).await, &format!("{BYE}?state=s"));
        assert!(is_signed_in(&bob).await, "somebody else's browser ends nothing of Bob's");
        mast.is_open_to(&tokens.access, "nor of his tokens").await;
        is_sent_to(&stranger.get("/oauth2/logout").await, "/signed-out");
        is_sent_to(&bob.get(&asked).await, &format!("{BYE}?state=s"));
        is_sent_to(&bob.get(&asked).await, &format!("{BYE}?state=s"));
    }

    async fn somebody_elses_hint_is_no_proof(house) {
        let (_mast, _bob, tokens) = bob_at_mast(&house).await;
        let alice = house.signed_in(Person::Alice).await;
        let asked = logout(&[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE)]);
        let page = alice.get(&asked).await;
        is_asked(&page, "Bob's hint in Alice's browser");
        assert!(page.body.contains(Person::Alice.email()), "{page:?}");
        assert!(is_signed_in(&alice).await);
        let other_bob = house.signed_in(Person::Bob).await;
        is_asked(&other_bob.get(&asked).await, "Bob's hint in another browser of Bob's");
        is_sent_to(&alice.submit(&page, &[]).await, BYE);
        assert!(!is_signed_in(&alice).await && is_signed_in(&other_bob).await);
    }

    async fn a_hint_of_a_session_that_ended_is_no_proof(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        bob.get(&logout(&[("id_token_hint", tokens.id())])).await;
        bob.sign_in(Person::Bob).await;
        is_asked(&bob.get(&logout(&[("id_token_hint", tokens.id())])).await, "the session before");
        let now = mast.signs_in(&bob, &[("scope", "openid")]).await;
        house.wait(Duration::from_millis(1));
        house.end_activation(now.claims()["sid"].as_str().unwrap()).await;
        is_asked(&bob.get(&logout(&[("id_token_hint", now.id())])).await, "an activation that was ended");
    }

    async fn a_hint_that_expired_is_good_and_survives_its_key(house) {
        let (_mast, bob, tokens) = bob_at_mast(&house).await;
        let instance = &house.instance;
        for _ in 0..2 {
            house.wait(Duration::from_hours(3));
            let at_once = doorward::directory::signing_keys::When::AtOnce;
            let host = doorward::audit::Actor::Host;
            doorward::directory::signing_keys::rotate(&instance.db, &instance.keyring, at_once, host, house.clock.now()).await.unwrap();
            assert!(is_signed_in(&bob).await);
        }
        is_sent_to(&bob.get(&logout(&[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE)])).await, BYE);
        assert!(!is_signed_in(&bob).await);
    }

    async fn jw1_jw2_jw6_only_an_id_token_of_ours_is_a_hint(house) {
        let (mast, bob, tokens) = bob_at_mast(&house).await;
        let unsigned = with_header(tokens.id(), |header| header["alg"] = "none".into());
        for (case, hint) in [
            ("an access token", tokens.access.clone()),
            ("a refresh token", tokens.refresh().to_owned()),
            ("alg none", unsigned.clone()),
            ("alg none, no signature", with_signature(&unsigned, &[])),
            ("no signature", with_signature(tokens.id(), &[])),
            ("HS256", hmac_signed(tokens.id(), b"")),
            ("no token", "x".to_owned()),
        ] {
            let answer = bob.get(&logout(&[("id_token_hint", &hint), ("client_id", &mast.id)])).await;
            is_page(&answer, BAD_REQUEST, "bad_request", case);
        }
        let mismatch = [("id_token_hint", tokens.id()), ("client_id", &house.acme.desk.to_string())];
        is_page(&bob.get(&logout(&mismatch)).await, BAD_REQUEST, "bad_request", "another client_id");
        for doubled in ["id_token_hint=x&id_token_hint=y", "client_id=x&client_id=y", "state=a&state=b", "post_logout_redirect_uri=a&post_logout_redirect_uri=b"] {
            let asked = if doubled.starts_with('i') { format!("/oauth2/logout?{doubled}") } else { format!("/oauth2/logout?{doubled}&id_token_hint={}", tokens.id()) };
            let answer = bob.get(&asked).await;
            is_page(&answer, BAD_REQUEST, "bad_request", doubled);
        }
        assert!(is_signed_in(&bob).await);
        let same = [("id_token_hint", tokens.id()), ("client_id", &mast.id), ("ui_locales", "de"), ("logout_hint", "bob")];
        is_sent_to(&bob.get(&logout(&same)).await, "/signed-out");
    }

    async fn a_post_becomes_the_same_request_by_get(house) {
        let (_mast, bob, tokens) = bob_at_mast(&house).await;
        let fields = [("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE), ("state", "s")];
        let from = bob.request("POST", "/oauth2/logout").header("origin", "https://fleet.acme.example");
        let answer = Answer::of(from.header("sec-fetch-site", "cross-site").form(&fields)).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        assert!(answer.location().starts_with("/oauth2/logout?id_token_hint="), "{answer:?}");
        assert!(is_signed_in(&bob).await, "a cross-site POST does nothing yet");
        is_sent_to(&bob.get(&answer.location()).await, &format!("{BYE}?state=s"));
        assert!(!is_signed_in(&bob).await);
    }

    async fn signing_out_hands_over_nothing(house) {
        let (_mast, bob, tokens) = bob_at_mast(&house).await;
        let state = "<script>\"&</script>\r\nset-cookie: x=y";
        let asked = logout(&[("client_id", tokens.claims()["client_id"].as_str().unwrap()), ("post_logout_redirect_uri", BYE), ("state", state)]);
        let page = bob.get(&asked).await;
        is_asked(&page, "odd state");
        assert!(!page.body.contains("<script>\""), "{page:?}");
        let answer = bob.get(&logout(&[("id_token_hint", tokens.id()), ("post_logout_redirect_uri", BYE), ("state", state)])).await;
        assert_eq!(answer.parameter("state").as_deref(), Some(state));
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(!answer.location().contains(tokens.id()), "{answer:?}");
        assert_eq!(bob.arrives(&authorize(&house.acme.desk.to_string(), &[])).await.heading(), "Sign in");
    }
}
