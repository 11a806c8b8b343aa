//! AZ1–AZ3, AZ6, R1, R2: an answer goes to an address that its application registered, letter for letter, or nowhere.

use reqwest::StatusCode;

use super::refusal::is_page;
use crate::harness::cast::CALLBACK;
use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};
use doorward::domain::oauth::RedirectUri;

const BAD_REQUEST: StatusCode = StatusCode::BAD_REQUEST;

/// Everything but `https://fleet.acme.example/callback`.
const NOT_THE_CALLBACK: [&str; 69] = [
    // Another path.
    "https://fleet.acme.example/callback/../evil",
    "https://fleet.acme.example/callback/..",
    "https://fleet.acme.example/./callback",
    "https://fleet.acme.example/x/../callback",
    "https://fleet.acme.example/callback%2f..",
    "https://fleet.acme.example/callback/%2e%2e/evil",
    "https://fleet.acme.example/%2e/callback",
    "https://fleet.acme.example/callback;x",
    "https://fleet.acme.example/callback/",
    "https://fleet.acme.example//callback",
    "https://fleet.acme.example/callback/evil",
    "https://fleet.acme.example/callbackevil",
    "https://fleet.acme.example/callbac",
    "https://fleet.acme.example/",
    "https://fleet.acme.example",
    "https://fleet.acme.example/CALLBACK",
    "https://fleet.acme.example/Callback",
    "https://fleet.acme.example/%63allback",
    "https://fleet.acme.example/callbac%6b",
    "https://fleet.acme.example/callback%00",
    "https://fleet.acme.example/callback%0d%0aLocation:%20https://evil.example",
    "https://fleet.acme.example\\callback",
    "https://fleet.acme.example/\\callback",
    // A query or fragment.
    "https://fleet.acme.example/callback?",
    "https://fleet.acme.example/callback?x",
    "https://fleet.acme.example/callback?code=mine",
    "https://fleet.acme.example/callback#",
    "https://fleet.acme.example/callback#f",
    "https://fleet.acme.example/callback?x#f",
    // Another port or scheme.
    "https://fleet.acme.example:443/callback",
    "https://fleet.acme.example:8443/callback",
    "https://fleet.acme.example:/callback",
    "http://fleet.acme.example/callback",
    "HTTPS://fleet.acme.example/callback",
    "Https://fleet.acme.example/callback",
    "https:/fleet.acme.example/callback",
    "https:fleet.acme.example/callback",
    "https:///fleet.acme.example/callback",
    "https:\\\\fleet.acme.example/callback",
    "//fleet.acme.example/callback",
    "fleet.acme.example/callback",
    "/callback",
    "wss://fleet.acme.example/callback",
    "javascript:alert(1)//https://fleet.acme.example/callback",
    "data:text/html,https://fleet.acme.example/callback",
    "com.evil.app:/callback",
    // Another host.
    "https://fleet.acme.example.evil.example/callback",
    "https://fleet.acme.example@evil.example/callback",
    "https://evil.example\\@fleet.acme.example/callback",
    "https://evil.example#@fleet.acme.example/callback",
    "https://evil.example/https://fleet.acme.example/callback",
    "https://evil.example?https://fleet.acme.example/callback",
    "https://me@fleet.acme.example/callback",
    "https://:@fleet.acme.example/callback",
    "https://FLEET.acme.example/callback",
    "https://fleet.acme.example./callback",
    "https://sub.fleet.acme.example/callback",
    "https://acme.example/callback",
    "https://fl\u{435}et.acme.example/callback",
    "https://xn--flet-n4d.acme.example/callback",
    "https://\u{ff46}leet.acme.example/callback",
    "https://fleet\u{3002}acme.example/callback",
    // Something around or within it.
    " https://fleet.acme.example/callback",
    "https://fleet.acme.example/callback ",
    "https://fleet.acme.example/callback\t",
    "https://fleet.acme.example/callback\n",
    "https://fleet.acme.example/callback\r\n",
    "https://fleet.acme.example/callback\0",
    "https://fleet.acme.example/call\tback",
];

/// Everything but `http://127.0.0.1/done` on some port.
const NOT_THE_NATIVE_APPS: [&str; 27] = [
    "http://127.0.0.1.evil.example/done",
    "http://127.0.0.1.evil.example:80/done",
    "http://127.0.0.1:80@evil.example/done",
    "http://127.0.0.1:80.evil.example/done",
    "http://127.0.0.1@evil.example/done",
    "http://127.0.0.1:pass@evil.example:80/done",
    "http://localhost/done",
    "http://localhost:51004/done",
    "http://localhost.evil.example/done",
    "http://[::1]:51004/done",
    "http://0x7f.1/done",
    "http://0x7f000001/done",
    "http://2130706433/done",
    "http://127.1/done",
    "http://127.0.0.2/done",
    "http://0.0.0.0/done",
    "http://[::ffff:127.0.0.1]/done",
    "https://127.0.0.1:51004/done",
    "http://127.0.0.1:0/done",
    "http://127.0.0.1:/done",
    "http://127.0.0.1:65536/done",
    "http://127.0.0.1:-1/done",
    "http://127.0.0.1:51004/done/",
    "http://127.0.0.1:51004/done?x",
    "http://127.0.0.1:51004/done#f",
    "http://127.0.0.1:51004",
    "http://127.0.0.1:51004\\@evil.example/done",
];

on_both! {
    async fn az1_az2_r1_nothing_but_the_registered_address_is_redirected_to(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for other in NOT_THE_CALLBACK {
            let answer = bob.get(&authorize(&desk, &[("redirect_uri", other)])).await;
            is_page(&answer, BAD_REQUEST, "bad_redirect", other);
        }
        assert!(bob.arrives(&authorize(&desk, &[])).await.parameter("code").is_some());
    }

    async fn r1_a_missing_or_doubled_address_is_none(house) {
        let bob = house.signed_in(Person::Bob).await;
        let good = authorize(&house.acme.desk.to_string(), &[]);
        let missing = authorize(&house.acme.desk.to_string(), &[("redirect_uri", "")]);
        for case in [
            missing.clone(),
            format!("{missing}&redirect_uri="),
            format!("{good}&redirect_uri={CALLBACK}"),
            format!("{good}&redirect_uri=https://evil.example"),
            format!("{good}&%72edirect_uri=https://evil.example"),
            format!("{missing}&redirect_uri=https%3A%2F%2Ffleet.acme.example%2Fcallback%FF"),
            format!("{missing}&redirect_uri[]={CALLBACK}"),
            format!("{missing}&Redirect_Uri={CALLBACK}"),
        ] {
            is_page(&bob.get(&case).await, BAD_REQUEST, "bad_redirect", &case);
        }
    }

    async fn r2_a_wrong_address_is_found_before_anything_else_is_looked_at(house) {
        let bob = house.visitor();
        let desk = house.acme.desk.to_string();
        for other in [
            ("response_type", "token"),
            ("scope", "nonsense"),
            ("code_challenge_method", "plain"),
            ("prompt", "none"),
            ("request_uri", "https://evil.example"),
        ] {
            let asked = authorize(&desk, &[("redirect_uri", "https://evil.example/"), other]);
            is_page(&bob.get(&asked).await, BAD_REQUEST, "bad_redirect", other.0);
        }
    }

    async fn az3_a_native_apps_loopback_port_may_vary_and_nothing_else(house) {
        let bob = house.signed_in(Person::Bob).await;
        let pocket = house.acme.pocket.to_string();
        for other in NOT_THE_NATIVE_APPS {
            let answer = bob.get(&authorize(&pocket, &[("redirect_uri", other)])).await;
            is_page(&answer, BAD_REQUEST, "bad_redirect", other);
        }
        for (its, sent_to) in [
            ("http://127.0.0.1/done", "http://127.0.0.1/done?code="),
            ("http://127.0.0.1:51004/done", "http://127.0.0.1:51004/done?code="),
            ("http://127.0.0.1:1/done", "http://127.0.0.1:1/done?code="),
            ("http://127.0.0.1:65535/done", "http://127.0.0.1:65535/done?code="),
        ] {
            let answer = bob.agrees(&authorize(&pocket, &[("redirect_uri", its)])).await;
            assert!(answer.location().starts_with(sent_to), "{answer:?}");
        }
    }

    async fn r1_the_loopback_port_of_an_application_that_keeps_a_secret_is_fixed(house) {
        let bob = house.signed_in(Person::Bob).await;
        let bench = house
            .register("Acme Bench", |application| {
                application.redirect_uris = vec![RedirectUri::register("http://127.0.0.1:8080/done").unwrap()];
            })
            .await;
        for other in ["http://127.0.0.1:8081/done", "http://127.0.0.1/done", "http://localhost:8080/done"] {
            let answer = bob.get(&authorize(&bench, &[("redirect_uri", other)])).await;
            is_page(&answer, BAD_REQUEST, "bad_redirect", other);
        }
        let own = bob.get(&authorize(&bench, &[("redirect_uri", "http://127.0.0.1:8080/done")])).await;
        assert!(own.parameter("code").is_some(), "{own:?}");
    }

    async fn r1_a_registered_query_is_kept_and_added_to(house) {
        let bob = house.signed_in(Person::Bob).await;
        let tenant = "https://fleet.acme.example/callback?tenant=1";
        let branch = house
            .register("Acme Branch", |application| {
                application.redirect_uris = vec![RedirectUri::register(tenant).unwrap()];
            })
            .await;
        let answer = bob.get(&authorize(&branch, &[("redirect_uri", tenant)])).await;
        assert!(answer.location().starts_with(&format!("{tenant}&code=")), "{answer:?}");
        for other in [CALLBACK, "https://fleet.acme.example/callback?tenant=2", "https://fleet.acme.example/callback?tenant=1&a"] {
            let answer = bob.get(&authorize(&branch, &[("redirect_uri", other)])).await;
            is_page(&answer, BAD_REQUEST, "bad_redirect", other);
        }
    }

    async fn az6_an_unknown_application_sends_nobody_anywhere(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        house.switch_off(house.acme.parasol).await;
        let switched_off = house.acme.parasol.to_string();
        let user_id = house.acme.bob.to_string();
        for client_id in [
            "",
            "nobody",
            "app_01k9zzzzzzzzzzzzzzzzzzzzzz",
            &desk.to_uppercase(),
            &format!("{desk} "),
            &format!("{desk}\0"),
            &desk[4..],
            &format!("usr{}", &desk[3..]),
            &user_id,
            "' OR '1'='1",
            "../../app",
            &"a".repeat(4000),
            &switched_off,
        ] {
            for target in [CALLBACK, "https://evil.example/"] {
                let asked = authorize("", &[("client_id", client_id), ("redirect_uri", target)]);
                let answer = bob.get(&asked).await;
                let code = if client_id.contains('\0') { "bad_request" } else { "unknown_client" };
                is_page(&answer, BAD_REQUEST, code, client_id);
            }
        }
        let doubled = format!("{}&client_id={desk}", authorize(&desk, &[]));
        is_page(&bob.get(&doubled).await, BAD_REQUEST, "bad_request", "client_id twice");
    }
}
