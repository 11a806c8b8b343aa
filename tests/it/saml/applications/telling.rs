//! What an application is told of people: what was registered for it, once they may come, and no more.

use doorward::domain::access::BuiltInRole;
use doorward::saml::binding;
use serde_json::json;

use super::{ACS, ENTITY, Wiki};
use crate::harness::{Answer, Person, on_both};

#[track_caller]
fn told(page: &Answer) -> String {
    assert_eq!(page.action(), ACS, "{page:?}");
    String::from_utf8(binding::read_post(&page.field("SAMLResponse")).unwrap()).unwrap()
}

on_both! {
    async fn it_is_told_what_was_registered_by_the_names_that_it_wants(wiki: Wiki) {
        let saml = json!({
            "entity_id": ENTITY, "acs_urls": [ACS], "idp_initiated": true, "name_id_formats": ["transient"],
            "attributes": [{ "name": "urn:oid:0.9.2342.19200300.100.1.3", "friendly_name": "mail", "value": "email" },
                           { "name": "groups", "value": "groups" }, { "name": "org", "value": "organization_id" }],
        });
        wiki.speaks(&saml).await.found();
        let bob = wiki.house.signed_in(Person::Bob).await;
        let first = told(&bob.get(&wiki.sso()).await);
        assert!(first.contains("FriendlyName=\"mail\"") && first.contains("attrname-format:uri"), "{first}");
        assert!(first.contains(&format!(">{}</saml:AttributeValue>", wiki.house.acme.id)), "{first}");
        for kept in ["Name=\"roles\"", "Name=\"permissions\"", "Bob Becker", &wiki.house.acme.bob.to_string()] {
            assert!(!first.contains(kept), "{kept}: {first}");
        }
        let name = |told: &str| told.split("nameid-format:transient\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
        let second = told(&bob.get(&wiki.sso()).await);
        assert_ne!(name(&first), name(&second));
    }

    async fn whoever_may_not_use_it_gets_a_page_and_it_hears_nothing(wiki: Wiki) {
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "idp_initiated": true });
        wiki.speaks(&saml).await.found();
        let mallory = wiki.house.signed_in(Person::Mallory).await;
        let page = mallory.get(&wiki.sso()).await;
        assert_eq!(page.status, 403, "{page:?}");
        assert!(!page.body.contains("SAMLResponse"));
        let carl = wiki.house.employ("carl", BuiltInRole::Viewer).await;
        wiki.alice.patch(&format!("/v2/organizations/acme/members/{}", carl.user), &json!({ "status": "suspended" })).await.found();
        assert!(!carl.api.browser().get(&wiki.sso()).await.body.contains("SAMLResponse"));
    }

    async fn an_application_that_is_switched_off_hears_nothing(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "idp_initiated": true });
        wiki.speaks(&saml).await.found();
        told(&bob.get(&wiki.sso()).await);
        let application = format!("/v2/organizations/acme/applications/{}", wiki.id);
        wiki.alice.patch(&application, &json!({ "active": false })).await.found();
        assert_eq!(bob.get(&wiki.sso()).await.status, 404);
    }

    async fn people_begin_here_only_where_the_application_takes_that(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        assert_eq!(bob.get(&wiki.sso()).await.status, 400);
    }

    async fn whoever_is_asked_for_consent_gives_it_first(wiki: Wiki) {
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "idp_initiated": true });
        wiki.speaks(&saml).await.found();
        let application = format!("/v2/organizations/acme/applications/{}", wiki.id);
        wiki.alice.patch(&application, &json!({ "first_party": false })).await.found();
        let bob = wiki.house.signed_in(Person::Bob).await;
        let page = bob.follow(bob.get(&wiki.sso()).await).await;
        assert!(!page.body.contains("SAMLResponse"), "{page:?}");
        let denied = bob.submit(&page, &[("decision", "deny")]).await;
        assert!(told(&denied).contains("status:RequestDenied"), "{denied:?}");
        let page = bob.follow(bob.get(&wiki.sso()).await).await;
        let agreed = bob.submit(&page, &[("decision", "allow")]).await;
        assert!(told(&agreed).contains("<saml:Assertion "), "{agreed:?}");
        assert!(told(&bob.get(&wiki.sso()).await).contains("<saml:Assertion "));
    }
}
