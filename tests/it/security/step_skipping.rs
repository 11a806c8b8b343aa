//! Steps taken out of order: LG7, LG8.

use std::time::Duration;

use reqwest::StatusCode;

use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};

on_both! {
    async fn lg7_no_later_step_can_be_called_before_its_turn(house) {
        let mallory = house.visitor();
        let waiting = mallory.get(&authorize(&house.acme.fleet.to_string(), &[])).await.location();
        let id = waiting.rsplit('/').next().unwrap().to_owned();
        for page in ["consent", "organization"] {
            let shown = mallory.get(&format!("/{page}/{id}")).await;
            assert_eq!(shown.location(), waiting, "{page} leads back to what is next");
            for fields in [&[][..], &[("decision", "allow")], &[("csrf", "x"), ("decision", "allow")]] {
                let answer = mallory.post(&format!("/{page}/{id}"), fields).await;
                assert!(answer.status.is_client_error(), "{answer:?}");
            }
        }
        assert!(mallory.get(&waiting).await.location().starts_with("/sign-in?request="));
    }

    async fn lg7_an_empty_post_is_no_step(house) {
        let bob = house.visitor();
        let page = bob.get("/sign-in").await;
        let empty = bob.submit(&page, &[]).await;
        assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(empty.body.contains("Enter an email address"));
        let step = bob.submit(&page, &[("email", Person::Bob.email())]).await.location();
        let page = bob.get(&step).await;
        for fields in [&[][..], &[("password", "")], &[("email", Person::Alice.email())]] {
            let answer = bob.submit(&page, fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.cookies().is_empty());
        }
    }

    async fn lg7_a_finished_sign_in_is_over(house) {
        let bob = house.visitor();
        let page = bob.get("/sign-in").await;
        let step = bob.submit(&page, &[("email", Person::Bob.email())]).await.location();
        let page = bob.get(&step).await;
        let password = [("password", Person::Bob.password())];
        assert_eq!(bob.submit(&page, &password).await.location(), "/");
        assert_eq!(bob.submit(&page, &password).await.status, StatusCode::GONE);
        assert_eq!(bob.get(&step).await.status, StatusCode::GONE);
    }

    async fn lg7_twenty_right_passwords_at_once_open_one_session(house) {
        let bob = house.visitor();
        let page = bob.get("/sign-in").await;
        let step = bob.submit(&page, &[("email", Person::Bob.email())]).await.location();
        let csrf = bob.get(&step).await.field("csrf");
        let tries = (0..5).map(|_| {
            let form = [("csrf", csrf.as_str()), ("password", Person::Bob.password())];
            bob.request("POST", &step).form(&form).send()
        });
        let mut tasks = tokio::task::JoinSet::new();
        for one in tries {
            tasks.spawn(one);
        }
        let answers = tasks.join_all().await;
        let opened = answers.into_iter().filter(|answer| {
            let answer = answer.as_ref().unwrap();
            answer.headers().get("location").is_some_and(|location| location == "/")
        });
        assert_eq!(opened.count(), 1);
    }

    async fn lg8_a_step_of_one_sign_in_is_worth_nothing_to_another(house) {
        let mallory = house.visitor();
        let page = mallory.get("/sign-in").await;
        let alices = mallory.submit(&page, &[("email", Person::Alice.email())]).await.location();
        let page = mallory.get(&alices).await;
        let answer = mallory.submit(&page, &[("password", Person::Mallory.password())]).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "her own password doesn't open Alice's");
    }

    async fn lg10_an_unfinished_sign_in_is_forgotten_after_ten_minutes(house) {
        let bob = house.visitor();
        let page = bob.arrives(&authorize(&house.acme.desk.to_string(), &[])).await;
        let step = bob.submit(&page, &[("email", Person::Bob.email())]).await.location();
        let password_page = bob.get(&step).await;
        house.wait(Duration::from_mins(10));
        let answer = bob.submit(&password_page, &[("password", Person::Bob.password())]).await;
        assert_eq!((answer.status, answer.heading().as_str()), (StatusCode::GONE, "This page has expired"));
    }
}
