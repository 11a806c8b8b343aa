//! TK15, R3, R4: an application is recognised by the one way it registered, and asks for tokens in the one way there is.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::{RequestBuilder, StatusCode};

use super::refusal::{is_no_token, says_nothing};
use crate::harness::cast::{CALLBACK, SECRET};
use crate::harness::visitor::VERIFIER;
use crate::harness::{Answer, House, Person, Visitor, on_both};
use doorward::domain::oauth::ClientAuthentication;
use doorward::domain::secret::{Purpose, Secret};

const FORM: &str = "application/x-www-form-urlencoded";

/// The body of a good request, without the client.
fn body(code: &str) -> String {
    format!(
        "grant_type=authorization_code&code={code}&redirect_uri=https%3A%2F%2Ffleet.acme.example%2Fcallback\
         &code_verifier={VERIFIER}"
    )
}

fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn request(visitor: &Visitor, body: String) -> RequestBuilder {
    visitor
        .request("POST", "/oauth2/token")
        .header("content-type", FORM)
        .body(body)
}

async fn with_header(visitor: &Visitor, authorization: &str, body: String) -> Answer {
    Answer::of(request(visitor, body).header("authorization", authorization)).await
}

/// `client_secret_post`.
async fn post_client(house: &House) -> String {
    house
        .register("Acme Post", |application| {
            let hash = Secret::received(SECRET).hash(Purpose::ClientSecret);
            application.authentication = ClientAuthentication::Post(hash);
        })
        .await
}

on_both! {
    async fn tk15_all_who_are_not_recognised_hear_the_same(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let (fleet, pocket) = (house.acme.fleet.to_string(), house.acme.pocket.to_string());
        let code = bob.code(&desk).await;
        let reference = with_header(&bob, &basic(&desk, "wrong"), body(&code)).await;
        is_no_token(&reference, "invalid_client", "wrong secret");
        assert!(reference.header("www-authenticate").starts_with("Basic realm="), "{reference:?}");
        let post = post_client(&house).await;
        for (case, authorization) in [
            ("no secret", basic(&desk, "")),
            ("a longer secret", basic(&desk, &format!("{SECRET}x"))),
            ("a shorter secret", basic(&desk, &SECRET[..44])),
            ("the secret with a space", basic(&desk, &format!("{SECRET} "))),
            ("the secret in capitals", basic(&desk, &SECRET.to_uppercase())),
            ("its stored hash", basic(&desk, &format!("{:?}", Secret::received(SECRET).hash(Purpose::ClientSecret)))),
            ("unknown client", basic("app_01k9zzzzzzzzzzzzzzzzzzzzzz", SECRET)),
            ("no client", basic("", SECRET)),
            ("no id", basic("nobody", SECRET)),
            ("NUL", basic(&format!("{desk}\0"), SECRET)),
            ("a public client with a secret", basic(&pocket, SECRET)),
            ("a public client with an empty secret", basic(&pocket, "")),
            ("the other method's client", basic(&post, SECRET)),
            ("no base64", "Basic ***".to_owned()),
            ("no colon", format!("Basic {}", STANDARD.encode(&desk))),
            ("no text", format!("Basic {}", STANDARD.encode([0xff, b':', 0xfe]))),
            ("no credentials", "Basic".to_owned()),
            ("nothing", String::new()),
            ("a bearer", format!("Bearer {SECRET}")),
            ("a digest", format!("Digest {}", STANDARD.encode(format!("{desk}:{SECRET}")))),
            ("two in one", format!("{}, {}", basic(&fleet, SECRET), basic(&desk, SECRET))),
        ] {
            let answer = with_header(&bob, &authorization, body(&code)).await;
            is_no_token(&answer, "invalid_client", case);
            assert_eq!(answer.body, reference.body, "{case}");
            assert_eq!(answer.header("www-authenticate"), reference.header("www-authenticate"), "{case}");
        }
        house.switch_off(house.acme.fleet).await;
        let switched_off = with_header(&bob, &basic(&fleet, SECRET), body(&code)).await;
        assert_eq!(switched_off.body, reference.body);
        // None of these touched the code.
        assert_eq!(bob.redeem(&desk, &code).await.status, StatusCode::OK);
    }

    async fn tk15_a_client_proves_itself_in_its_own_way_only(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (desk, post) = (house.acme.desk.to_string(), post_client(&house).await);
        let code = bob.code(&desk).await;
        for (case, extra) in [
            ("a basic client by post", format!("&client_id={desk}&client_secret={SECRET}")),
            ("a basic client by id alone", format!("&client_id={desk}")),
            ("a basic client with an empty secret", format!("&client_id={desk}&client_secret=")),
            ("a public client with a secret", format!("&client_id={}&client_secret=x", house.acme.pocket)),
            ("nobody at all", String::new()),
            ("a secret without a client", format!("&client_secret={SECRET}")),
            ("an assertion", format!("&client_id={desk}&client_assertion=eyJ.e30.x")),
        ] {
            let answer = Answer::of(request(&bob, body(&code) + &extra)).await;
            is_no_token(&answer, "invalid_client", case);
            assert!(!answer.header("www-authenticate").is_empty(), "RFC 9110 §15.5.2: {case} {answer:?}");
        }
        assert_eq!(bob.redeem(&desk, &code).await.status, StatusCode::OK);

        let code = bob.code(&post).await;
        is_no_token(&bob.redeem(&post, &code).await, "invalid_client", "a post client by basic");
        let by_post = body(&code) + &format!("&client_id={post}&client_secret={SECRET}");
        assert_eq!(Answer::of(request(&bob, by_post)).await.status, StatusCode::OK);
    }

    async fn tk15_two_ways_at_once_are_refused(house) {
        let bob = house.signed_in(Person::Bob).await;
        let (desk, fleet) = (house.acme.desk.to_string(), house.acme.fleet.to_string());
        let code = bob.code(&desk).await;
        let good = basic(&desk, SECRET);
        for (case, extra) in [
            ("secret in header and body", format!("&client_id={desk}&client_secret={SECRET}")),
            ("a secret alone in the body", format!("&client_secret={SECRET}")),
            ("another client in the body", format!("&client_id={fleet}")),
        ] {
            let answer = with_header(&bob, &good, body(&code) + &extra).await;
            is_no_token(&answer, "invalid_request", case);
        }
        for (first, second) in [(&good, &basic(&fleet, SECRET)), (&basic(&fleet, SECRET), &good), (&good, &good)] {
            let both = request(&bob, body(&code)).header("authorization", first).header("authorization", second);
            let answer = Answer::of(both).await;
            says_nothing(&answer);
            assert!(answer.status.is_client_error(), "two headers: {answer:?}");
        }
        let same = with_header(&bob, &good, body(&code) + &format!("&client_id={desk}")).await;
        assert_eq!(same.status, StatusCode::OK, "the same id twice is no contradiction: {same:?}");
    }

    async fn credentials_may_be_form_encoded_as_the_rfc_says(house) {
        let bob = house.signed_in(Person::Bob).await;
        let secret = "a b+c%d:é";
        let odd = house
            .register("Acme Odd", |application| {
                let hash = Secret::received(secret).hash(Purpose::ClientSecret);
                application.authentication = ClientAuthentication::Basic(hash);
            })
            .await;
        for (id, encoded) in [
            (odd.clone(), "a+b%2Bc%25d%3A%C3%A9"),
            (odd.replace('_', "%5F"), "%61%20b%2bc%25d%3a%c3%a9"),
        ] {
            let code = bob.code(&odd).await;
            let answer = with_header(&bob, &basic(&id, encoded), body(&code)).await;
            assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
            let lower = basic(&id, encoded).replacen("Basic", "basic", 1);
            is_no_token(&with_header(&bob, &lower, body(&code)).await, "invalid_grant", "the scheme in any case");
        }
    }

    async fn r4_nothing_in_the_query_is_read(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let secret = format!("/oauth2/token?client_id={desk}&client_secret={SECRET}");
        let answer = Answer::of(bob.request("POST", &secret).header("content-type", FORM).body(body(&code))).await;
        is_no_token(&answer, "invalid_client", "a secret in the query");
        let all = format!("/oauth2/token?{}", body(&code));
        let answer = Answer::of(bob.request("POST", &all).header("content-type", FORM).basic_auth(&desk, Some(SECRET))).await;
        is_no_token(&answer, "invalid_request", "everything in the query");
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = Answer::of(bob.request(method, &all).basic_auth(&desk, Some(SECRET))).await;
            says_nothing(&answer);
            assert!(answer.status.is_client_error(), "{method}: {answer:?}");
        }
        assert_eq!(bob.redeem(&desk, &code).await.status, StatusCode::OK);
    }

    async fn only_a_form_is_read(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        let json = format!(r#"{{"grant_type":"authorization_code","code":"{code}","redirect_uri":"{CALLBACK}"}}"#);
        for (kind, sent) in [
            (Some("application/json"), json),
            (Some("multipart/form-data; boundary=x"), body(&code)),
            (Some("text/plain"), body(&code)),
            (Some("application/x-www-form-urlencoded-not"), body(&code)),
            (None, body(&code)),
        ] {
            let request = bob.request("POST", "/oauth2/token").basic_auth(&desk, Some(SECRET)).body(sent);
            let request = kind.into_iter().fold(request, |request, kind| request.header("content-type", kind));
            is_no_token(&Answer::of(request).await, "invalid_request", kind.unwrap_or("none"));
        }
        let request = bob.request("POST", "/oauth2/token").basic_auth(&desk, Some(SECRET)).body(body(&code));
        let answer = Answer::of(request.header("content-type", "Application/X-WWW-Form-Urlencoded; charset=UTF-8")).await;
        assert_eq!(answer.status, StatusCode::OK, "RFC 9110 §8.3.1: types have no case: {answer:?}");
    }

    async fn r12_a_doubled_parameter_is_refused(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let code = bob.code(&desk).await;
        for extra in [
            "&grant_type=authorization_code".to_owned(),
            format!("&code={code}"),
            format!("&%63ode={code}"),
            "&redirect_uri=https://evil.example".to_owned(),
            format!("&code_verifier={VERIFIER}"),
            format!("&client_id={desk}&client_id={desk}"),
        ] {
            let answer = with_header(&bob, &basic(&desk, SECRET), body(&code) + &extra).await;
            is_no_token(&answer, "invalid_request", &extra);
        }
        let unknown = with_header(&bob, &basic(&desk, SECRET), body(&code) + "&x=1&x=2").await;
        assert_eq!(unknown.status, StatusCode::OK, "unknown ones are ignored: {unknown:?}");
    }

    async fn r3_no_other_grant_type_is_known(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for grant_type in [
            "password",
            "implicit",
            "urn:ietf:params:oauth:grant-type:device_code",
            "urn:ietf:params:oauth:grant-type:token-exchange",
            "urn:ietf:params:oauth:grant-type:jwt-bearer",
            "AUTHORIZATION_CODE",
            "authorization_code ",
            "<script>",
        ] {
            let fields = [("grant_type", grant_type), ("username", Person::Bob.email()), ("password", Person::Bob.password())];
            let answer = bob.token(&desk, &fields).await;
            is_no_token(&answer, "unsupported_grant_type", grant_type);
            assert!(!answer.body.contains("<script>"), "{answer:?}");
        }
        is_no_token(&bob.token(&desk, &[("grant_type", "")]).await, "invalid_request", "none");
        let others = [("grant_type", "client_credentials")];
        is_no_token(&bob.token(&desk, &others).await, "unauthorized_client", "one that Desk did not register");
    }

    async fn a_broken_body_is_refused(house) {
        let bob = house.visitor();
        let desk = house.acme.desk.to_string();
        let long = format!("grant_type=authorization_code&code={}", "a".repeat(17 * 1024));
        for body in [String::new(), "&&&===".to_owned(), "grant_type=%00".to_owned(), "grant_type=%ff".to_owned(), "code".to_owned(), long] {
            let answer = with_header(&bob, &basic(&desk, SECRET), body.clone()).await;
            is_no_token(&answer, "invalid_request", &body);
        }
        let raw = bob.request("POST", "/oauth2/token").header("content-type", FORM).basic_auth(&desk, Some(SECRET));
        is_no_token(&Answer::of(raw.body(vec![0xff, 0xfe, b'=', 0])).await, "invalid_request", "no text");
    }
}
