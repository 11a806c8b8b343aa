//! The story that everything is for: somebody is sent here, signs in, agrees, and the application gets its tokens.

use reqwest::StatusCode;

use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};

on_both! {
    async fn bob_signs_in_to_fleet_and_agrees(house) {
        let fleet = house.acme.fleet.to_string();
        let bob = house.visitor();
        let first = bob.arrives(&authorize(&fleet, &[])).await;
        assert_eq!(first.heading(), "Sign in");
        assert!(first.body.contains("to continue to Acme Fleet"));

        let in_now = bob.sign_in_on(&first, Person::Bob.email(), Person::Bob.password()).await;
        let consent = bob.follow(in_now).await;
        assert_eq!(consent.heading(), "Give Acme Fleet access?");
        assert!(consent.body.contains("See your email address"));

        let back = bob.submit(&consent, &[("decision", "allow")]).await;
        assert_eq!(back.status, StatusCode::SEE_OTHER);
        assert!(back.location().starts_with("https://fleet.acme.example/callback?code="));
        assert_eq!(back.parameter("state").unwrap(), "the state");
        assert_eq!(back.parameter("iss").unwrap(), house.url);

        let tokens = bob.redeem(&fleet, &back.code()).await;
        assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
        assert_eq!(tokens.header("cache-control"), "no-store");
        assert_eq!(tokens.json()["token_type"], "Bearer");
        assert_eq!(tokens.json()["expires_in"], 300);
        assert_eq!(tokens.json()["scope"], "email openid profile");

        let again = bob.arrives(&authorize(&fleet, &[])).await;
        assert!(again.parameter("code").is_some(), "asked twice for the same: {again:?}");
    }
}
