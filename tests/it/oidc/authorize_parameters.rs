//! AZ7–AZ9, AZ11–AZ14, R5, R8, R12: what an application may ask, and what it hears when it asks for something else.

use std::io::ErrorKind;
use std::net::TcpListener;

use reqwest::StatusCode;

use super::refusal::{is_page, is_told, is_told_without_state};
use crate::harness::cast::RESOURCE;
use crate::harness::visitor::{CHALLENGE, authorize};
use crate::harness::{Person, on_both};

/// One wrong thing, and what it is called.
type Wrong<'a> = (&'a [(&'a str, &'a str)], &'a str);

const UNSUPPORTED: &str = "unsupported_response_type";
const INVALID: &str = "invalid_request";

#[rustfmt::skip]
const WRONG: [Wrong<'_>; 56] = [
    // AZ7
    (&[("response_type", "")], INVALID),
    (&[("response_type", "token")], UNSUPPORTED),
    (&[("response_type", "id_token")], UNSUPPORTED),
    (&[("response_type", "id_token token")], UNSUPPORTED),
    (&[("response_type", "token id_token")], UNSUPPORTED),
    (&[("response_type", "code token")], UNSUPPORTED),
    (&[("response_type", "token code")], UNSUPPORTED),
    (&[("response_type", "code id_token")], UNSUPPORTED),
    (&[("response_type", "code id_token token")], UNSUPPORTED),
    (&[("response_type", "code code")], UNSUPPORTED),
    (&[("response_type", "CODE")], UNSUPPORTED),
    (&[("response_type", "code ")], UNSUPPORTED),
    (&[("response_type", "none")], UNSUPPORTED),
    // AZ8
    (&[("response_mode", "fragment")], INVALID),
    (&[("response_mode", "form_post")], INVALID),
    (&[("response_mode", "web_message")], INVALID),
    (&[("response_mode", "query.jwt")], INVALID),
    (&[("response_mode", "QUERY")], INVALID),
    // AZ9
    (&[("code_challenge", "")], INVALID),
    (&[("code_challenge", ""), ("code_challenge_method", "")], INVALID),
    (&[("code_challenge_method", "")], INVALID),
    (&[("code_challenge_method", "plain")], INVALID),
    (&[("code_challenge_method", "s256")], INVALID),
    (&[("code_challenge_method", "S512")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cMM")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw+cM")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw/cM")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN")], INVALID),
    (&[("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-.M")], INVALID),
    // AZ13, AZ14
    (&[("request", "eyJhbGciOiJub25lIn0.e30.")], "request_not_supported"),
    (&[("request", "x")], "request_not_supported"),
    (&[("request_uri", "http://169.254.169.254/latest/meta-data")], "request_uri_not_supported"),
    (&[("request_uri", "urn:ietf:params:oauth:request_uri:x")], "request_uri_not_supported"),
    (&[("request_uri", "file:///etc/passwd")], "request_uri_not_supported"),
    (&[("registration", "{}")], "registration_not_supported"),
    // Scope and resource.
    (&[("scope", "")], "invalid_scope"),
    (&[("scope", "nonsense")], "invalid_scope"),
    (&[("scope", "device:write")], "invalid_scope"),
    (&[("scope", "openid  email")], "invalid_scope"),
    (&[("scope", " openid")], "invalid_scope"),
    (&[("scope", "openid\temail")], "invalid_scope"),
    (&[("scope", "open\"id")], "invalid_scope"),
    (&[("resource", "https://api.umbrella.example")], "invalid_target"),
    (&[("resource", "https://api.acme.example/")], "invalid_target"),
    (&[("resource", RESOURCE), ("resource", "https://evil.example")], "invalid_target"),
    // Prompt, age and nonce.
    (&[("prompt", "none login")], INVALID),
    (&[("prompt", "consent none")], INVALID),
    (&[("prompt", "none none")], INVALID),
    (&[("prompt", "create")], INVALID),
    (&[("max_age", "-1")], INVALID),
    (&[("max_age", "+1")], INVALID),
    (&[("max_age", "1.5")], INVALID),
    (&[("max_age", "99999999999")], INVALID),
];

on_both! {
    async fn az7_az8_az9_az13_what_cannot_be_asked_is_told_by_name_with_state_and_issuer(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for (changed, error) in WRONG {
            let answer = bob.get(&authorize(&desk, changed)).await;
            is_told(&answer, &house.url, error, &format!("{changed:?}"));
            assert_eq!(answer.parameter("code"), None, "{changed:?}");
        }
        // Nothing wrong needs no session to be found, and leaves none.
        let stranger = house.visitor();
        let answer = stranger.get(&authorize(&desk, &[("response_type", "token")])).await;
        is_told(&answer, &house.url, UNSUPPORTED, "nobody signed in");
        assert!(answer.cookies().is_empty(), "{answer:?}");
    }

    async fn az9_r5_pkce_may_be_left_out_only_where_it_was_registered_so(house) {
        let bob = house.signed_in(Person::Bob).await;
        let ledger = house.register("Acme Ledger", |application| application.require_pkce = false).await;
        let stripped = [("code_challenge", ""), ("code_challenge_method", "")];
        assert!(bob.get(&authorize(&ledger, &stripped)).await.parameter("code").is_some());
        for half in [[("code_challenge", ""), ("state", "the state")], [("code_challenge_method", ""), ("state", "the state")]] {
            is_told(&bob.get(&authorize(&ledger, &half)).await, &house.url, INVALID, &format!("{half:?}"));
        }
        // A public client is never without, whatever its row says.
        let pocket = house
            .register("Acme Pouch", |application| {
                application.require_pkce = false;
                application.authentication = doorward::domain::oauth::ClientAuthentication::Public;
            })
            .await;
        is_told(&bob.get(&authorize(&pocket, &stripped)).await, &house.url, INVALID, "public");
    }

    async fn a_nonce_is_asked_for_where_it_was_registered_so(house) {
        let bob = house.signed_in(Person::Bob).await;
        let strict = house.register("Acme Strict", |application| application.require_nonce = true).await;
        is_told(&bob.get(&authorize(&strict, &[("nonce", "")])).await, &house.url, INVALID, "no nonce");
        let long = "n".repeat(513);
        is_told(&bob.get(&authorize(&strict, &[("nonce", &long)])).await, &house.url, INVALID, "a long nonce");
        assert!(bob.get(&authorize(&strict, &[])).await.parameter("code").is_some());
        let desk = house.acme.desk.to_string();
        assert!(bob.get(&authorize(&desk, &[("nonce", "")])).await.parameter("code").is_some());
    }

    async fn az11_az12_r12_a_doubled_parameter_is_refused_however_it_is_written(house) {
        let bob = house.signed_in(Person::Bob).await;
        let good = authorize(&house.acme.desk.to_string(), &[]);
        for extra in [
            "response_type=code",
            "scope=openid",
            "%73cope=openid",
            "s%63ope=openid+email",
            "nonce=another",
            &format!("code_challenge={CHALLENGE}"),
            "code%5Fchallenge_method=S256",
            "prompt=none&prompt=login",
            "max_age=1&max_age=1",
            "login_hint=a&login_hint=b",
            "organization=acme&organization=umbrella",
            "response_mode=query&response_mode=query",
            "request=a&request=b",
        ] {
            is_told(&bob.get(&format!("{good}&{extra}")).await, &house.url, INVALID, extra);
        }
        for extra in ["state=another", "state=the+state", "st%61te=another"] {
            let answer = bob.get(&format!("{good}&{extra}")).await;
            is_told_without_state(&answer, &house.url, INVALID, extra);
            assert_eq!(answer.parameter("state"), None, "neither is taken: {answer:?}");
        }
    }

    async fn az14_nothing_is_fetched_for_anybody(house) {
        let bob = house.signed_in(Person::Bob).await;
        let trap = TcpListener::bind("127.0.0.1:0").unwrap();
        trap.set_nonblocking(true).unwrap();
        let url = format!("http://{}/request.jwt", trap.local_addr().unwrap());
        let desk = house.acme.desk.to_string();
        for name in ["request_uri", "registration", "jwks_uri", "sector_identifier_uri", "id_token_hint", "claims", "login_hint", "resource"] {
            let answer = bob.arrives(&authorize(&desk, &[(name, &url)])).await;
            assert!(!answer.status.is_server_error(), "{name}: {answer:?}");
        }
        assert_eq!(trap.accept().unwrap_err().kind(), ErrorKind::WouldBlock, "somebody was there");
    }

    async fn what_is_too_long_or_no_text_is_refused(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let good = authorize(&desk, &[]);
        let many = format!("{good}&x={}", "a".repeat(16 * 1024));
        is_page(&bob.get(&many).await, StatusCode::BAD_REQUEST, "bad_request", "a query of 16 KiB");
        let long = "a".repeat(4 * 1024 + 1);
        for name in ["scope", "code_challenge", "nonce", "prompt", "login_hint", "organization", "resource"] {
            for (case, value) in [("long", long.as_str()), ("NUL", "a\0b")] {
                let answer = bob.get(&authorize(&desk, &[(name, value)])).await;
                is_told(&answer, &house.url, INVALID, &format!("{name} {case}"));
            }
            let no_text = format!("{}&{name}=%ff%fe", authorize(&desk, &[(name, "")]));
            is_told(&bob.get(&no_text).await, &house.url, INVALID, name);
        }
        let without = authorize(&desk, &[("state", "")]);
        for value in [long.as_str(), "a%00b", "%ff", "%c3%28"] {
            let answer = bob.get(&format!("{without}&state={value}")).await;
            is_told_without_state(&answer, &house.url, INVALID, value);
        }
        for target in ["/oauth2/authorize", "/oauth2/authorize?", "/oauth2/authorize?&&==&", "/oauth2/authorize?%"] {
            is_page(&bob.get(target).await, StatusCode::BAD_REQUEST, "unknown_client", target);
        }
    }

    async fn unknown_parameters_are_ignored_and_state_comes_back_as_it_went(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let good = format!("{}&foo=1&foo=2&claims=%7B%7D&ui_locales=de&display=popup&acr_values=x&code=mine&iss=evil&error=x", authorize(&desk, &[]));
        let answer = bob.get(&good).await;
        assert_eq!(answer.parameter("iss").unwrap(), house.url);
        assert_ne!(answer.code(), "mine");
        for state in ["a b+c&d=e#f%20", "\u{1f511}\u{e9}", "x\r\nSet-Cookie: a=b", "<script>", "\"'\\", "&iss=https://evil.example&code=mine"] {
            let answer = bob.get(&authorize(&desk, &[("state", state)])).await;
            assert_eq!(answer.parameter("state").unwrap(), state);
            assert_eq!(answer.parameter("iss").unwrap(), house.url);
            assert!(answer.headers.get("set-cookie").is_none(), "{answer:?}");
        }
        let stateless = bob.get(&authorize(&desk, &[("state", "")])).await;
        assert!(stateless.parameter("code").is_some() && stateless.parameter("state").is_none(), "{stateless:?}");
    }
}
