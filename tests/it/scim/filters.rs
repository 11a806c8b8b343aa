//! Lists: what is asked for, which stretch of it, and what of each.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUPS, USERS, id, refused};
use crate::harness::{Answer, on_both};

on_both! {
    async fn people_are_found_by_what_they_are(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let erin = directory.hires("erin").await;
        let name = json!([{ "op": "add", "value": { "name": { "givenName": "Dana", "familyName": "Diaz" }, "externalId": "42" } }]);
        directory.patch(&dana, name).await.found();
        directory.patch(&erin, json!([{ "op": "replace", "path": "active", "value": false }])).await.found();
        let team = directory.founds("Engineering", &[&erin]).await;
        let (bob, alice) = (house.acme.bob.to_string(), house.acme.alice.to_string());
        let (dana, erin) = (id(&dana).to_owned(), id(&erin).to_owned());
        for (filter, found) in [
            (r#"userName eq "DANA@acme.example""#.to_owned(), vec![&dana]),
            (r#"userName sw "d" or displayName eq "erin""#.to_owned(), vec![&dana, &erin]),
            (r#"name.familyName co "ia""#.to_owned(), vec![&dana]),
            (r#"displayName eq "Dana Diaz" and active eq true"#.to_owned(), vec![&dana]),
            (r#"userName eq "dana@acme.example" and active eq false"#.to_owned(), vec![]),
            ("active eq false".to_owned(), vec![&erin]),
            ("not (active eq true)".to_owned(), vec![&erin]),
            ("externalId pr".to_owned(), vec![&dana]),
            (r#"externalId eq "42""#.to_owned(), vec![&dana]),
            (format!("id eq \"{erin}\""), vec![&erin]),
            (format!("groups.value eq \"{}\"", id(&team)), vec![&erin]),
            (r#"emails[type eq "work" and value ew "acme.example"]"#.to_owned(), vec![&alice, &bob, &dana, &erin]),
            (r#"userName eq "mallory@umbrella.example""#.to_owned(), vec![]),
            (r#"userName eq "nobody""#.to_owned(), vec![]),
            (r#"meta.created gt "2020-01-01T00:00:00Z" and userName ne "x""#.to_owned(), vec![&alice, &bob, &dana, &erin]),
        ] {
            let (total, mut ids) = directory.filtered(USERS, &filter).await.listed();
            let mut expected: Vec<String> = found.into_iter().cloned().collect();
            ids.sort();
            expected.sort();
            assert_eq!((total, ids), (expected.len() as u64, expected), "{filter}");
        }
        for filter in [format!("members eq \"{erin}\""), format!("members[value eq \"{erin}\"]"), r#"displayName sw "eng""#.to_owned()] {
            assert_eq!(directory.filtered(GROUPS, &filter).await.listed().0, 1, "{filter}");
        }
    }

    async fn a_list_comes_in_stretches_with_an_exact_total(house) {
        let directory = Directory::of(&house).await;
        for number in 0..5 {
            directory.hires(&format!("p{number}")).await;
            directory.founds(&format!("Group {number}"), &[]).await;
        }
        for (noun, total, filter) in [(USERS, 7, "userName pr"), (GROUPS, 5, "displayName pr")] {
            let all = directory.get(noun).await.listed();
            assert_eq!((all.0, all.1.len() as u64), (total, total));
            for filtered in [String::new(), format!("&filter={}", filter.replace(' ', "%20"))] {
                let mut seen = Vec::new();
                for start in (1..=total).step_by(2) {
                    let (told, ids) = directory.get(&format!("{noun}?startIndex={start}&count=2{filtered}")).await.listed();
                    assert_eq!(told, total, "{start}");
                    seen.extend(ids);
                }
                assert_eq!(seen, all.1, "{noun}{filtered}");
                for (asked, shown) in [("count=0", 0), ("count=-5", 0), ("startIndex=0&count=1", 1), ("startIndex=-9&count=1", 1), ("startIndex=100", 0), ("count=1000", total)] {
                    let (told, ids) = directory.get(&format!("{noun}?{asked}{filtered}")).await.listed();
                    assert_eq!((told, ids.len() as u64), (total, shown), "{asked}");
                }
            }
        }
        for odd in ["count=x", "startIndex=1.5", "count=1&count=2"] {
            assert_eq!(directory.get(&format!("{USERS}?{odd}")).await.status, StatusCode::BAD_REQUEST, "{odd}");
        }
    }

    async fn what_is_asked_of_each_is_shown(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let keys = |value: &Value| {
            let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
            keys.sort();
            keys
        };
        let shown = directory.get(&format!("{dana}?attributes=USERNAME,emails.value")).await.found();
        assert_eq!(keys(&shown), ["emails", "id", "schemas", "userName"]);
        assert_eq!(shown["emails"], json!([{ "value": "dana@acme.example" }]));
        let shown = directory.get(&format!("{dana}?excludedAttributes=name,emails,groups,meta.created")).await.found();
        assert_eq!(keys(&shown), ["active", "displayName", "id", "meta", "schemas", "userName"]);
        assert_eq!(shown["meta"]["created"], Value::Null);
        let list = directory.get("/scim/v2/Users?attributes=userName").await.found();
        assert!(list["Resources"].as_array().unwrap().iter().all(|one| keys(one) == ["id", "schemas", "userName"]));
        assert_eq!(directory.get(&format!("{dana}?attributes=a%20b")).await.failure(), refused(400, "invalidValue"));
    }

    async fn a_search_asks_by_its_body_what_a_query_asks(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "attributes": ["userName"],
            "filter": "userName sw \"dana\"", "startIndex": 1, "count": 10, "sortBy": "userName",
        });
        let found = directory.post("/scim/v2/Users/.search", &body).await;
        assert_eq!(found.listed(), (1, vec![id(&dana).to_owned()]));
        assert_eq!(found.found()["Resources"][0]["displayName"], Value::Null);
        directory.founds("Engineering", &[]).await;
        assert_eq!(directory.post("/scim/v2/Groups/.search", &json!({})).await.listed().0, 1);
        assert_eq!(directory.post("/scim/v2/Groups/.search", &json!({ "filter": 7 })).await.failure(), refused(400, "invalidFilter"));
    }

    async fn a_version_tells_whether_anything_changed(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let team = directory.founds("Engineering", &[]).await;
        for there in [&dana, &team] {
            let seen = directory.get(there).await;
            let (tag, version) = (seen.header("etag").to_owned(), seen.found()["meta"]["version"].clone());
            assert_eq!(json!(tag), version);
            let again = directory.0.request("GET", there).header("if-none-match", &tag);
            assert_eq!(Answer::of(again).await.status, StatusCode::NOT_MODIFIED);
            let change = json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": "Other" }] });
            let change = |tag: &str| directory.request("PATCH", there, &change).header("if-match", tag);
            assert_eq!(Answer::of(change("W/\"stale\"")).await.failure().0, StatusCode::PRECONDITION_FAILED);
            let changed = Answer::of(change(&tag)).await;
            assert_ne!(changed.found()["meta"]["version"], version);
            assert_eq!(Answer::of(change(&tag)).await.failure().0, StatusCode::PRECONDITION_FAILED);
            Answer::of(change("*")).await.found();
            let gone = directory.0.request("DELETE", there).header("if-match", &tag);
            assert_eq!(Answer::of(gone).await.failure().0, StatusCode::PRECONDITION_FAILED);
        }
    }
}
