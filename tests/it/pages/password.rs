//! `/account/password`: changing one's own, without JavaScript.

use std::time::Duration;

use reqwest::StatusCode;

use crate::harness::{Person, on_both};

const PAGE: &str = "/account/password";
const NEW: &str = "teapot lantern gravel";

on_both! {
    async fn a_password_is_changed_on_its_page(house) {
        let bob = house.signed_in(Person::Bob).await;
        let page = bob.get(PAGE).await;
        assert_eq!((page.status, page.heading().as_str()), (StatusCode::OK, "Your password"));
        let wrong = bob.submit(&page, &[("old_password", "not mine"), ("password", NEW)]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(wrong.body.contains("not your present password"), "{wrong:?}");
        let weak = bob.submit(&page, &[("old_password", Person::Bob.password()), ("password", "bobbecker@acme.example")]).await;
        assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(weak.body.contains("which others know"), "{weak:?}");
        let done = bob.submit(&page, &[("old_password", Person::Bob.password()), ("password", NEW)]).await;
        assert_eq!(done.status, StatusCode::SEE_OTHER, "{done:?}");
        let told = bob.follow(done).await;
        assert!(told.body.contains("Your password is changed."), "{told:?}");
        let stale = bob.submit(&page, &[("old_password", NEW), ("password", "gravel lantern teapot")]).await;
        assert_eq!(stale.status, StatusCode::FORBIDDEN, "the token of the earlier cookie");
    }

    async fn whoever_signed_in_long_ago_signs_in_again_and_comes_back(house) {
        let bob = house.signed_in(Person::Bob).await;
        house.wait(Duration::from_mins(16));
        let led = bob.get(PAGE).await;
        assert!(led.location().starts_with("/sign-in?"), "{led:?}");
        let sign_in = bob.get(&led.location()).await;
        let back = bob.sign_in_on(&sign_in, Person::Bob.email(), Person::Bob.password()).await;
        assert_eq!(back.location(), PAGE);
        assert_eq!(bob.get(PAGE).await.heading(), "Your password");
    }

    async fn nobody_else_sees_the_page(house) {
        assert!(house.visitor().get(PAGE).await.location().starts_with("/sign-in?"));
        let posted = house.visitor().post(PAGE, &[("password", NEW)]).await;
        assert!(!posted.status.is_success(), "{posted:?}");
    }
}
