//! A crowd at one door: invitations, acceptances and changes of roles at once, against a limit.

use std::sync::Arc;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::limit::Resource;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::invitations::INVITATIONS;
use crate::harness::{Answer, on_both};

/// How many ask, how many at once, and how many may belong.
const CROWD: usize = 500;
const AT_ONCE: usize = 64;
const SEATS: i64 = 40;

/// How many follow their link with a password: each costs a hash.
const NEWCOMERS: usize = 12;

on_both! {
    async fn a_crowd_fills_an_organization_to_its_limit_and_not_beyond(house) {
        let (_, key) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.limit(Resource::Users, SEATS).await;
        let (gate, mut crowd) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
        for number in 0..CROWD {
            let request = if number % 5 == 4 {
                let role = if number % 2 == 0 { "developer" } else { "viewer" };
                let request = key.request("PATCH", &format!("/v2/organizations/acme/members/{}", vera.user));
                request.header("content-type", "application/merge-patch+json").body(json!({ "role": role }).to_string())
            } else {
                key.request("POST", INVITATIONS).json(&json!({ "email": format!("guest-{number}@cook.example"), "role": "viewer" }))
            };
            let gate = Arc::clone(&gate);
            crowd.spawn(async move {
                let _turn = gate.acquire_owned().await.unwrap();
                Answer::of(request).await
            });
        }
        let answers = crowd.join_all().await;
        let of = |status: StatusCode| answers.iter().filter(|answer| answer.status == status).count();
        let invited = usize::try_from(SEATS).unwrap() - 3;
        assert_eq!((of(StatusCode::CREATED), of(StatusCode::OK)), (invited, CROWD / 5), "none lost");
        assert_eq!(of(StatusCode::CONFLICT), CROWD - CROWD / 5 - invited, "and none failed otherwise");
        let mut letters = house.letters().await;
        // Vera hears of her role, too.
        letters.retain(|letter| letter.header("To").contains("cook.example"));
        assert_eq!(letters.len(), invited, "one letter each");

        let mut crowd = JoinSet::new();
        for (number, letter) in letters.iter().take(NEWCOMERS * 2).enumerate() {
            let (visitor, path) = (house.visitor(), letter.path());
            // Half of them come, and somebody invites more all the while.
            if number % 2 == 0 {
                crowd.spawn(async move {
                    let page = visitor.get(&path).await;
                    visitor.submit(&page, &[("name", "Guest"), ("password", "a guest of the house")]).await
                });
            } else {
                let late = json!({ "email": format!("late-{number}@cook.example") });
                crowd.spawn(Answer::of(key.request("POST", INVITATIONS).json(&late)));
            }
        }
        let answers = crowd.join_all().await;
        let joined = answers.iter().filter(|answer| answer.location() == "/").count();
        let refused = answers.iter().filter(|answer| answer.status == StatusCode::CONFLICT).count();
        assert_eq!((joined, refused), (NEWCOMERS, NEWCOMERS), "{answers:?}");
        let count = async |path: &str| key.get(path).await.found()["total"].as_i64().unwrap();
        let members = count("/v2/organizations/acme/members?total=true").await;
        let pending = count(&format!("{INVITATIONS}?state=pending&total=true")).await;
        assert_eq!((members, members + pending), (3 + i64::try_from(NEWCOMERS).unwrap(), SEATS));
        let list: Value = key.get(&format!("{INVITATIONS}?state=accepted&total=true")).await.found();
        assert_eq!(list["total"], NEWCOMERS);
    }
}
