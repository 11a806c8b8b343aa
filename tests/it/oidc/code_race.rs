//! TK2: of many who redeem one code at once, one gets tokens.

use std::sync::Arc;

use reqwest::StatusCode;

use super::refusal::is_no_token;
use crate::harness::{House, Person, on_both};

async fn race(house: &House, runners: usize) {
    let bob = Arc::new(house.signed_in(Person::Bob).await);
    let desk = house.acme.desk.to_string();
    for round in 0..3 {
        let code = bob.code(&desk).await;
        let tries: Vec<_> = (0..runners)
            .map(|_| {
                let (bob, desk, code) = (Arc::clone(&bob), desk.clone(), code.clone());
                tokio::spawn(async move { bob.redeem(&desk, &code).await })
            })
            .collect();
        let mut winners = 0;
        for answer in tries {
            let answer = answer.await.unwrap();
            if answer.status == StatusCode::OK {
                winners += 1;
            } else {
                is_no_token(&answer, "invalid_grant", "too late");
            }
        }
        assert_eq!(winners, 1, "round {round} of {runners}");
    }
}

on_both! {
    async fn tk2_of_twenty_one_wins(house) {
        race(&house, 20).await;
    }

    async fn tk2_of_fifty_one_wins(house) {
        race(&house, 50).await;
    }
}
