//! Twenty at once.

use reqwest::{RequestBuilder, StatusCode};
use serde_json::json;
use tokio::task::JoinSet;

use super::{Directory, GROUP, GROUPS, USER, USERS};
use crate::harness::{Answer, on_both};

async fn at_once(requests: impl Iterator<Item = RequestBuilder>) -> Vec<StatusCode> {
    let mut all = JoinSet::new();
    for request in requests {
        all.spawn(async move { Answer::of(request).await.status });
    }
    let mut statuses = all.join_all().await;
    statuses.sort();
    statuses
}

fn one_of_twenty(won: StatusCode, lost: StatusCode) -> Vec<StatusCode> {
    let mut statuses = vec![lost; 19];
    statuses.push(won);
    statuses.sort();
    statuses
}

on_both! {
    async fn one_user_name_is_made_once(house) {
        let directory = Directory::of(&house).await;
        let user = json!({ "schemas": [USER], "userName": "dana@acme.example" });
        let statuses = at_once((0..20).map(|_| directory.request("POST", USERS, &user))).await;
        assert_eq!(statuses, one_of_twenty(StatusCode::CREATED, StatusCode::CONFLICT));
        assert_eq!(directory.get(USERS).await.listed().0, 3);
    }

    async fn one_external_id_and_one_group_name_are_given_once(house) {
        let directory = Directory::of(&house).await;
        let user = |number: usize| json!({ "schemas": [USER], "userName": format!("p{number}@acme.example"), "externalId": "1" });
        let statuses = at_once((0..20).map(|number| directory.request("POST", USERS, &user(number)))).await;
        assert_eq!(statuses, one_of_twenty(StatusCode::CREATED, StatusCode::CONFLICT));
        let group = json!({ "schemas": [GROUP], "displayName": "Engineering" });
        let statuses = at_once((0..20).map(|_| directory.request("POST", GROUPS, &group))).await;
        assert_eq!(statuses, one_of_twenty(StatusCode::CREATED, StatusCode::CONFLICT));
    }

    async fn whoever_knows_one_version_changes_it_once(house) {
        let directory = Directory::of(&house).await;
        let there = directory.hires("dana").await;
        let tag = directory.get(&there).await.header("etag").to_owned();
        let change = |number: usize| {
            let step = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": format!("Dana {number}") }] });
            directory.request("PATCH", &there, &step).header("if-match", &tag)
        };
        let statuses = at_once((0..20).map(change)).await;
        assert_eq!(statuses, one_of_twenty(StatusCode::OK, StatusCode::PRECONDITION_FAILED));
    }
}
