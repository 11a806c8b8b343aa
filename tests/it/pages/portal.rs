//! Setting a connection up by a link, by somebody without an account. P6, LG2, OR3, SE4, UP3.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::html::text;
use crate::api::audited;
use crate::api::connections::{certificate, metadata};
use crate::harness::browser::browser;
use crate::harness::{Answer, Api, Engine, House, on_both};

const LINKS: &str = "/v2/organizations/acme/portal-links";
pub(super) const CONNECTIONS: &str = "/v2/organizations/acme/connections";
const IDP: &str = "https://idp.acme.example";

/// Makes a link; answers the path of its page.
pub(crate) async fn link(house: &House, maker: &Api) -> String {
    let made = maker.post(LINKS, &json!({})).await.created();
    let url = made["url"].as_str().unwrap();
    url.strip_prefix(&house.url).unwrap().to_owned()
}

/// Acme's one connection, as its administrators see it.
pub(crate) async fn connection(maker: &Api) -> Value {
    maker.get(CONNECTIONS).await.found()["data"][0].clone()
}

pub(crate) async fn gives(
    house: &House,
    path: &str,
    guide: &str,
    fields: &[(&str, &str)],
) -> (crate::harness::Visitor, Answer) {
    let visitor = house.visitor();
    let page = visitor.get(&format!("{path}/set-up?guide={guide}")).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let answer = visitor.submit(&page, fields).await;
    (visitor, answer)
}

const ENTRA: [(&str, &str); 3] = [
    ("issuer", "https://login.acme.example"),
    ("client_id", "doorward"),
    ("client_secret", "sesame-0123456789"),
];

on_both! {
    async fn p6_somebody_without_an_account_sets_a_provider_up_and_enables_it(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        let visitor = house.visitor();
        assert_eq!(visitor.get(&path).await.location(), format!("{path}/choose"));
        let choose = visitor.get(&format!("{path}/choose")).await;
        assert!(text(&choose.body).contains("Set up sign-in for Acme"), "{}", text(&choose.body));
        let xml = metadata(IDP, &[&certificate()], None);
        let (visitor, answer) = gives(&house, &path, "okta-saml", &[("metadata_xml", &xml)]).await;
        assert_eq!(answer.location(), format!("{path}/check"), "{answer:?}");
        let made = connection(&olga.api).await;
        assert_eq!((&made["entity_id"], &made["status"]), (&json!(IDP), &json!("draft")));
        assert_eq!(visitor.get(&path).await.location(), format!("{path}/check"), "one can leave and come back");
        let check = visitor.get(&format!("{path}/check")).await;
        assert!(text(&check.body).contains("Not enabled yet") && check.body.contains(IDP));
        assert_eq!(visitor.submit(&check, &[]).await.location(), format!("{path}/check"));
        let done = visitor.get(&format!("{path}/check")).await;
        assert!(done.heading().contains("People of Acme can sign in"), "{}", done.heading());
        assert_eq!(connection(&olga.api).await["status"], "enabled");
        for action in ["connection.created", "connection.enabled"] {
            let told = audited(&house, action).await;
            assert_eq!(told[0].0, olga.user.to_string(), "whoever made the link answers for it");
            assert!(told[0].1["portal_link"].as_str().unwrap().starts_with("plk_"));
        }
    }

    async fn what_is_to_be_entered_at_the_provider_is_what_the_connection_has(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        let (visitor, _) = gives(&house, &path, "entra-oidc", &ENTRA).await;
        let made = connection(&olga.api).await;
        assert_eq!((&made["issuer"], &made["has_client_secret"]), (&json!("https://login.acme.example"), &json!(true)));
        let again = visitor.get(&format!("{path}/set-up?guide=entra-oidc")).await;
        assert!(again.body.contains(made["callback_url"].as_str().unwrap()));
        assert!(again.body.contains("https://login.acme.example") && !again.body.contains("sesame"));
        let other = [("issuer", "https://login.acme.example"), ("client_id", "another"), ("client_secret", "")];
        assert_eq!(visitor.submit(&again, &other).await.location(), format!("{path}/check"));
        let kept = connection(&olga.api).await;
        assert_eq!((&kept["client_id"], &kept["has_client_secret"]), (&json!("another"), &json!(true)));
    }

    async fn a_mistake_is_told_where_it_was_made(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        for (guide, fields, told) in [
            ("other-oidc", vec![("issuer", "http://login.acme.example"), ("client_id", "x")], "write an address"),
            ("other-oidc", vec![("issuer", IDP), ("client_id", "")], "1 to 1000"),
            ("other-saml", vec![("metadata_xml", "<hello/>")], "another message"),
            ("other-saml", vec![("metadata_url", "https://10.0.0.1/")], "not asked"),
            ("other-saml", vec![], "or paste it"),
        ] {
            let (_, answer) = gives(&house, &path, guide, &fields).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{fields:?}");
            assert!(text(&answer.body).contains(told), "{}", text(&answer.body));
        }
        assert_eq!(olga.api.get(CONNECTIONS).await.found()["data"], json!([]));
    }

    async fn a_draft_of_the_other_protocol_gives_way_and_nothing_else_does(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        gives(&house, &path, "entra-oidc", &ENTRA).await;
        let xml = metadata(IDP, &[&certificate()], None);
        let (visitor, answer) = gives(&house, &path, "other-saml", &[("metadata_xml", &xml)]).await;
        assert_eq!(answer.location(), format!("{path}/check"), "{answer:?}");
        let made = connection(&olga.api).await;
        assert_eq!(made["kind"], "saml");
        let check = visitor.get(&format!("{path}/check")).await;
        visitor.submit(&check, &[]).await;
        let (_, refused) = gives(&house, &path, "entra-oidc", &ENTRA).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(connection(&olga.api).await["entity_id"], IDP, "people may have come by it");
    }

    async fn or3_a_link_can_do_no_more_than_whoever_made_it(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let path = link(&house, &ana.api).await;
        let (visitor, _) = gives(&house, &path, "entra-oidc", &ENTRA).await;
        let check = visitor.get(&format!("{path}/check")).await;
        let refused = visitor.submit(&check, &[]).await;
        assert_eq!(refused.status, StatusCode::CONFLICT);
        assert!(text(&refused.body).contains("Ask an owner"), "{}", text(&refused.body));
        assert_eq!(connection(&ana.api).await["status"], "draft");
    }

    async fn lg2_links_that_lead_nowhere_are_all_alike(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let (expired, suspended) = (link(&house, &ana.api).await, link(&house, &ana.api).await);
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let member = format!("/v2/organizations/acme/members/{}", ana.user);
        olga.api.patch(&member, &json!({ "status": "suspended" })).await.found();
        let visitor = house.visitor();
        let told = async |path: &str| {
            let answer = visitor.get(path).await;
            let told = text(&answer.body);
            // Each refusal has a reference of its own.
            (answer.status, told.split(" Reference ").next().unwrap().to_owned())
        };
        let made_up = told("/portal/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA").await;
        assert_eq!(made_up.0, StatusCode::GONE);
        for step in ["", "/choose", "/set-up?guide=okta-saml", "/check", "/try"] {
            assert_eq!(told(&format!("{suspended}{step}")).await, made_up, "{step}");
        }
        house.wait(Duration::from_hours(24));
        assert_eq!(told(&expired).await, made_up);
    }

    async fn se4_nothing_is_set_up_from_elsewhere(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        let mut fields = ENTRA.to_vec();
        fields.push(("guide", "entra-oidc"));
        let visitor = house.visitor();
        visitor.get(&format!("{path}/set-up?guide=entra-oidc")).await;
        for step in ["set-up", "check"] {
            let answer = visitor.post(&format!("{path}/{step}"), &fields).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{step}");
        }
        assert_eq!(olga.api.get(CONNECTIONS).await.found()["data"], json!([]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn p6_a_tenants_own_it_walks_the_portal_in_a_browser() {
    let house = House::open(Engine::Sqlite).await;
    let olga = house.employ("olga", BuiltInRole::Owner).await;
    let path = link(&house, &olga.api).await;
    let browser = browser().await;
    browser.open(&format!("{}{path}", house.url)).await;
    browser.sees("Set up sign-in for Acme").await;
    browser.press("Keycloak").await;
    browser.sees("Set up Keycloak").await;
    browser
        .fill("issuer", "https://login.acme.example/realms/acme")
        .await;
    browser.fill("client_id", "doorward").await;
    browser.fill("client_secret", "sesame-0123456789").await;
    browser.press("Save and go on").await;
    browser.sees("Try it, then enable it").await;
    assert!(browser.words(".facts").await.contains("Not enabled yet"));
    browser.press("Enable").await;
    browser.sees("People of Acme can sign in").await;
    assert_eq!(connection(&olga.api).await["status"], "enabled");
    browser.console_says_only(&[]).await;
}
