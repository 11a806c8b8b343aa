//! X3: applications that speak SAML, and Doorward as their identity provider.

mod asking;
mod browser;
mod real;
mod registering;
mod signing_out;
mod telling;

use std::ops::Deref;
use std::sync::Arc;

use doorward::domain::time::Timestamp;
use serde_json::{Value, json};

use super::judge::PROVIDER;
use crate::harness::{Answer, Api, Engine, House, Person, Visitor};

/// What the wiki is called, and where its assertions go, in the stories in which nothing listens there.
pub(super) const ENTITY: &str = "https://wiki.acme.example/saml";
pub(super) const ACS: &str = "https://wiki.acme.example/saml/acs";

/// A house whose Acme has a wiki that speaks SAML.
pub(super) struct Wiki {
    pub(super) house: Arc<House>,
    pub(super) alice: Api,
    pub(super) id: String,
}

/// One for guests who look at their own clocks, which does not speak SAML yet.
pub(super) struct Today(Wiki);

impl Today {
    pub(super) async fn open(engine: Engine) -> Self {
        Self(Wiki::without(engine).await)
    }
}

impl Deref for Today {
    type Target = Wiki;

    fn deref(&self) -> &Wiki {
        &self.0
    }
}

impl Wiki {
    /// A wiki that signs its requests with the provider's key.
    pub(super) async fn open(engine: Engine) -> Self {
        let certificate = std::fs::read_to_string(PROVIDER.certificate_file()).unwrap();
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS, format!("{ACS}/2")], "certificates": [certificate] });
        let wiki = Self::of(House::open(engine).await).await;
        wiki.speaks(&saml).await.found();
        wiki
    }

    /// One that does not speak SAML yet, today: for guests who look at their own clocks.
    pub(super) async fn without(engine: Engine) -> Self {
        Self::of(House::open_today(engine).await).await
    }

    async fn of(house: House) -> Self {
        let alice = house.in_browser(Person::Alice).await;
        let wiki = json!({
            "client_name": "Acme Wiki", "grant_types": [], "token_endpoint_auth_method": "none", "first_party": true,
        });
        let made = alice
            .post("/v2/organizations/acme/applications", &wiki)
            .await
            .created();
        Self {
            id: made["client_id"].as_str().unwrap().to_owned(),
            house: Arc::new(house),
            alice,
        }
    }

    /// Alice registers how it speaks SAML.
    pub(super) async fn speaks(&self, saml: &Value) -> Answer {
        self.alice.put(&self.address(), saml).await
    }

    pub(super) fn address(&self) -> String {
        format!("/v2/organizations/acme/applications/{}/saml", self.id)
    }

    /// Where its requests go.
    pub(super) fn sso(&self) -> String {
        format!("{}/saml/idp/{}/sso", self.house.url, self.id)
    }

    pub(super) async fn metadata(&self) -> String {
        let written = self
            .house
            .visitor()
            .get(&format!("/saml/idp/{}/metadata", self.id))
            .await;
        assert_eq!(written.header("content-type"), "application/samlmetadata+xml");
        written.body
    }

    pub(super) fn now(&self) -> Timestamp {
        self.house.clock.now()
    }

    /// Bob is sent here, signs in if he must, and presses the button that takes his assertion along.
    pub(super) async fn lets_in(&self, bob: &Visitor, away: &str) -> Answer {
        let page = bob.follow(bob.get(away).await).await;
        if !page.body.contains("type=\"email\"") {
            return page;
        }
        let answer = bob
            .sign_in_on(&page, Person::Bob.email(), Person::Bob.password())
            .await;
        bob.follow(answer).await
    }
}
