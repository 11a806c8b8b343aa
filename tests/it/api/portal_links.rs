//! Links by which somebody without an account sets a connection up.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::json;

use super::audited;
use crate::harness::{Person, on_both};

const LINKS: &str = "/v2/organizations/acme/portal-links";

on_both! {
    async fn a_link_is_shown_once_and_opens_its_page(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let made = ana.api.post(LINKS, &json!({ "expires_in": "2h" })).await.created();
        let url = made["url"].as_str().unwrap();
        assert!(url.starts_with(&format!("{}/portal/", house.url)), "{url}");
        assert_eq!((&made["made_by"], &made["expires_at"]), (&json!(ana.user.to_string()), &json!("2026-11-22T11:30:00Z")));
        let path = format!("{LINKS}/{}", made["id"].as_str().unwrap());
        let found = ana.api.get(&path).await.found();
        assert_eq!((&found["id"], found.get("url")), (&made["id"], None), "not again");
        assert_eq!(ana.api.get(LINKS).await.found()["data"], json!([found]));
        let page = url.strip_prefix(&house.url).unwrap();
        let visitor = house.visitor();
        assert_eq!(visitor.get(page).await.location(), format!("{page}/choose"));
        ana.api.delete(&path).await.done();
        assert_eq!(visitor.get(page).await.status, StatusCode::GONE);
        assert!(ana.api.get(&path).await.found()["revoked_at"].is_string());
        assert_eq!((audited(&house, "portal_link.created").await.len(), audited(&house, "portal_link.revoked").await.len()), (1, 1));
    }

    async fn a_link_is_good_from_an_hour_to_a_week(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        for wrong in ["0h", "8d", "169h", "day", ""] {
            let refused = ana.api.post(LINKS, &json!({ "expires_in": wrong })).await;
            assert_eq!(refused.pointer(), "/expires_in", "{wrong}");
        }
        for good in ["1h", "7d", "168h"] {
            ana.api.post(LINKS, &json!({ "expires_in": good })).await.created();
        }
        let usual = ana.api.post(LINKS, &json!({})).await.created();
        assert_eq!(usual["expires_at"], "2026-11-23T09:30:00Z");
        let page = usual["url"].as_str().unwrap().strip_prefix(&house.url).unwrap().to_owned();
        house.wait(Duration::from_hours(24));
        assert_eq!(house.visitor().get(&page).await.status, StatusCode::GONE);
    }

    async fn a_link_takes_a_fresh_proof(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.wait(Duration::from_mins(16));
        assert_eq!(alice.post(LINKS, &json!({})).await.problem(), "insufficient_user_authentication");
    }
}
