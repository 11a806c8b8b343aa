//! Requests that come from elsewhere: SE4, SE5, SE6, SE7, SE8.

use reqwest::StatusCode;

use crate::harness::visitor::authorize;
use crate::harness::{Answer, Person, on_both};

/// Every form there is, by an address that exists only for its owner or for nobody.
const FORMS: [&str; 6] = [
    "/sign-in",
    "/sign-in/sgn_01m80dspgnedga6gvgpwfajrt3",
    "/consent/req_01m80dspgnedga6gvgpwfajrt3",
    "/organization/req_01m80dspgnedga6gvgpwfajrt3",
    "/sign-out",
    "/claim/nothing",
];

on_both! {
    async fn se4_a_form_from_another_site_is_refused_everywhere(house) {
        let alice = house.signed_in(Person::Alice).await;
        for form in FORMS {
            for (header, value) in [
                ("origin", "https://evil.example"),
                ("origin", "null"),
                ("origin", "http://sub.127.0.0.1"),
                ("sec-fetch-site", "cross-site"),
                ("sec-fetch-site", "same-site"),
                ("sec-fetch-site", "none"),
            ] {
                let request = alice.request("POST", form).header(header, value).form(&[("csrf", "x")]);
                let answer = Answer::of(request).await;
                assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form} with {header}: {value}");
                assert_eq!(answer.heading(), "This came from another site");
            }
        }
        assert_eq!(alice.get("/").await.status, StatusCode::OK, "still signed in");
    }

    async fn se4_our_own_pages_may_post_though_they_send_no_referrer(house) {
        let bob = house.visitor();
        let page = bob.get("/sign-in").await;
        let csrf = page.field("csrf");
        let form = [("csrf", csrf.as_str()), ("email", Person::Bob.email())];
        let request = bob.request("POST", "/sign-in").header("origin", "null").header("sec-fetch-site", "same-origin");
        assert_eq!(Answer::of(request.form(&form)).await.status, StatusCode::SEE_OTHER);
        let request = bob.request("POST", "/sign-in").header("origin", &house.url).form(&form);
        assert_eq!(Answer::of(request).await.status, StatusCode::SEE_OTHER);
    }

    async fn se4_signing_out_needs_the_sessions_own_token(house) {
        let alice = house.signed_in(Person::Alice).await;
        let mallory = house.signed_in(Person::Mallory).await;
        let hers = mallory.get("/").await.field("csrf");
        for csrf in ["", "x", hers.as_str()] {
            let answer = alice.post("/sign-out", &[("csrf", csrf)]).await;
            assert!(answer.status.is_client_error(), "{answer:?}");
        }
        assert_eq!(alice.get("/").await.status, StatusCode::OK, "still signed in");
    }

    async fn se5_mallory_cannot_sign_alices_browser_in_as_herself(house) {
        let mallory = house.visitor();
        let page = mallory.get("/sign-in").await;
        let step = mallory.submit(&page, &[("email", Person::Mallory.email())]).await.location();
        let form = mallory.get(&step).await;
        // Alice's browser, made to post Mallory's form: her own cookie, and none at all.
        let alice = house.visitor();
        let fields = [("csrf", form.field("csrf")), ("password", Person::Mallory.password().to_owned())];
        let without_cookie = Answer::of(alice.request("POST", &step).form(&fields)).await;
        assert_eq!(without_cookie.status, StatusCode::GONE);
        alice.get("/sign-in").await;
        let with_cookie = Answer::of(alice.request("POST", &step).form(&fields)).await;
        assert_eq!(with_cookie.status, StatusCode::FORBIDDEN);
        assert_eq!(alice.get("/").await.location(), "/sign-in", "nobody is signed in there");
    }

    async fn se5_a_waiting_request_belongs_to_the_browser_it_came_from(house) {
        let mallory = house.visitor();
        let waiting = mallory.get(&authorize(&house.acme.desk.to_string(), &[])).await.location();
        let alice = house.signed_in(Person::Alice).await;
        assert_eq!(alice.get(&waiting).await.status, StatusCode::GONE);
        let consent = waiting.replace("/oauth2/authorize/", "/consent/");
        assert_eq!(alice.get(&consent).await.status, StatusCode::GONE);
    }

    async fn se6_no_page_can_be_framed(house) {
        let bob = house.visitor();
        for page in ["/sign-in", "/signed-out", "/nothing", "/oauth2/authorize?client_id=x"] {
            let answer = bob.get(page).await;
            assert!(answer.header("content-security-policy").contains("frame-ancestors 'none'"), "{page}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{page}");
        }
    }

    async fn se7_nothing_in_an_address_says_where_a_sign_in_leads(house) {
        for next in ["//evil.example", "/\\evil.example", "/%09/evil.example", "https:evil.example"] {
            let bob = house.visitor();
            for name in ["next", "return_to", "redirect", "request"] {
                let query = url::form_urlencoded::Serializer::new(String::new()).append_pair(name, next).finish();
                let page = bob.get(&format!("/sign-in?{query}")).await;
                if name == "request" {
                    assert_eq!(page.status, StatusCode::GONE);
                    continue;
                }
                let answer = bob.sign_in_on(&page, Person::Bob.email(), Person::Bob.password()).await;
                assert_eq!(answer.location(), "/", "{name}={next}");
                bob.submit(&bob.get("/").await, &[]).await;
            }
        }
    }

    async fn se8_links_are_made_from_the_configured_address_alone(house) {
        let bob = house.visitor();
        let poisoned = bob
            .request("GET", "/.well-known/openid-configuration")
            .header("host", "evil.example")
            .header("x-forwarded-host", "evil.example")
            .header("x-forwarded-proto", "https")
            .header("forwarded", "host=evil.example");
        let answer = Answer::of(poisoned).await;
        assert_eq!(answer.json()["issuer"], house.url);
        assert!(!answer.body.contains("evil.example"));
        let request = bob.request("GET", "/").header("host", "evil.example");
        assert_eq!(Answer::of(request).await.location(), "/sign-in");
    }
}
