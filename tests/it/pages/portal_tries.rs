//! A try of a connection that is being set up: what it shows, what it advises, and that nothing else comes of it. P6, UP1,
//! UP2, OR3.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use doorward::domain::connection::Provider as Behind;
use doorward::domain::id::ConnectionId;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::html::text;
use super::portal::{CONNECTIONS, connection, gives, link};
use crate::harness::provider::{Away, Provider, SECRET};
use crate::harness::{Answer, Engine, House, Member, Visitor, on_both};

/// Acme's draft of a connection to a real provider, and the browser that sets it up.
struct Story {
    house: House,
    olga: Member,
    provider: Provider,
    visitor: Visitor,
    path: String,
    connection: ConnectionId,
}

impl Story {
    async fn open(engine: Engine) -> Self {
        let house = House::open(engine).await;
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let provider = Provider::start().await;
        provider.script().userinfo = json!({ "sub": "00u1" });
        let path = link(&house, &olga.api).await;
        let fields = [
            ("issuer", "https://login.acme.example"),
            ("client_id", "doorward"),
            ("client_secret", SECRET),
        ];
        let (visitor, _) = gives(&house, &path, "other-oidc", &fields).await;
        let made = connection(&olga.api).await;
        let connection: ConnectionId = made["id"].as_str().unwrap().parse().unwrap();
        let issuer = provider.issuer.clone();
        house
            .change_connection(connection, |changed| match &mut changed.provider {
                Behind::Oidc(oidc) => oidc.issuer = issuer,
                Behind::Saml(_) => unreachable!("it is of OpenID Connect"),
            })
            .await;
        Self {
            house,
            olga,
            provider,
            visitor,
            path,
            connection,
        }
    }

    /// A try, and the page that it ends on.
    async fn tries(&self, claims: &Value) -> Answer {
        // The log is in the order of its moments.
        self.house.wait(Duration::from_secs(1));
        let sent = self.visitor.get(&format!("{}/try", self.path)).await;
        let away = Away::of(self.connection, &sent);
        self.visitor
            .returns(&self.house, &self.provider, &away, claims)
            .await
    }

    /// What a try that goes well shows.
    async fn shows(&self, claims: &Value) -> String {
        let page = self.tries(claims).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        text(&page.body)
    }

    async fn at(&self, step: &str) -> Answer {
        self.visitor.get(&format!("{}/{step}", self.path)).await
    }

    async fn changes(&self, change: &Value) {
        let place = format!("{CONNECTIONS}/{}", self.connection);
        self.olga.api.patch(&place, change).await.found();
    }
}

fn bob() -> Value {
    json!({ "sub": "00u1", "email": "robert@acme.example", "email_verified": true, "name": "Robert" })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = bob();
    claims[name] = value;
    claims
}

fn has(page: &str, sentences: &[&str]) {
    for sentence in sentences {
        assert!(page.contains(sentence), "{sentence} in {page}");
    }
}

on_both! {
    async fn p6_a_try_shows_what_came_what_proves_it_and_what_it_would_make_of_somebody(story: Story) {
        let page = story.shows(&bob()).await;
        has(&page, &[
            "robert@acme.example", "By email.", "Robert", "By name.", "00u1",
            "The id token, by ES256 and the key: one", "Your provider’s clock agrees with ours.",
            "the address is in no domain that was verified", "No role and no group",
        ]);
        story.house.verified_domain(story.house.acme.id, "acme.example").await;
        has(&story.shows(&bob()).await, &["This connection makes nobody a member."]);
        story.house.change_connection(story.connection, |changed| changed.creates_members = true).await;
        has(&story.shows(&bob()).await, &["They would come in as a new member."]);
        has(&story.shows(&with("email_verified", json!("true"))).await, &["Let it send email_verified as true."]);
        has(&story.shows(&with("email", json!(null))).await, &["because no email address came", "None came."]);
        let visitor = &story.visitor;
        assert!(visitor.get("/").await.status.is_redirection(), "nobody is signed in");
        let found = story.olga.api.get("/v2/organizations/acme/members?limit=100").await.found();
        assert!(!found.to_string().contains("robert@"), "and nobody became anything: {found}");
        let told = story.house.last_attempt(story.connection).await;
        assert!(told.detail.contains("email_verified, name") && !told.detail.contains("Robert"), "{}", told.detail);
    }

    async fn p6_a_try_shows_which_values_rules_name_and_which_none_does(story: Story) {
        let group = json!({ "name": "Fleet" });
        story.olga.api.post("/v2/organizations/acme/groups", &group).await.created();
        let rules = json!([
            { "value": "fleet-admins", "role": "manager" }, { "value": "everybody", "role": "viewer" },
            { "value": "fleet-admins", "group": "Fleet" }, { "value": "nobody", "role": "owner" },
        ]);
        story.changes(&json!({ "mapping": { "groups": "teams", "rules": rules } })).await;
        let page = story.shows(&with("teams", json!(["fleet-admins", "everybody", "lunch"]))).await;
        has(&page, &[
            "The role manager for “fleet-admins”", "The group Fleet for “fleet-admins”", "No rule names lunch.", "By teams.",
        ]);
        assert!(!page.contains("The role viewer") && !page.contains("owner"), "the first rule's role alone: {page}");
    }

    async fn up1_a_try_says_the_same_of_an_address_that_somebody_else_has(story: Story) {
        story.house.verified_domain(story.house.acme.id, "umbrella.example").await;
        for makes_members in [false, true] {
            story.house.change_connection(story.connection, |changed| changed.creates_members = makes_members).await;
            let of = async |email: &str| {
                let page = story.shows(&with("email", json!(email))).await;
                page.replace(email, "…")
            };
            let (known, unknown) = (of("mallory@umbrella.example").await, of("nobody@umbrella.example").await);
            assert_eq!(known, unknown);
        }
    }

    async fn p6_a_try_that_failed_says_what_is_wrong_and_what_to_do(story: Story) {
        let now = || story.house.clock.now().seconds();
        for (claims, told, advice, proven) in [
            (with("aud", json!("another")), "The id token is not for", "Enter our entity ID", true),
            (with("iss", json!("https://evil.example")), "The id token is of the issuer", "is not the provider’s", true),
            (with("nonce", json!("old")), "its nonce is another", "in one tab", true),
            (with("exp", json!(now() - 600)), "was good until", "by NTP", true),
            (with("at_hash", json!("AAAA")), "its at_hash is another", "contradict each other", true),
        ] {
            let page = story.tries(&claims).await;
            assert_eq!(page.status, StatusCode::BAD_REQUEST, "{claims}");
            let page = text(&page.body);
            has(&page, &[told, "What to do", advice]);
            assert_eq!(page.contains("The id token, by ES256 and the key: one"), proven, "{page}");
        }
        let skewed = with("iat", json!(now() - 45));
        has(&story.shows(&skewed).await, &["seconds behind ours", "set its clock by NTP"]);
        let ahead = story.tries(&with("iat", json!(now() + 180))).await;
        has(&text(&ahead.body), &["seconds ahead of ours", "The id token is good from"]);
        story.provider.script().answers.insert("/token", (400, br#"{"error":"invalid_client"}"#.to_vec()));
        let page = text(&story.tries(&bob()).await.body);
        has(&page, &["invalid_client", "Compare the client secret"]);
        let check = text(&story.at("check").await.body);
        has(&check, &["invalid_client", "What to do: Compare the client secret", "It went well"]);
    }

    async fn p6_which_attribute_is_what_is_said_by_those_that_came(story: Story) {
        let untried = story.at("mapping").await;
        has(&text(&untried.body), &["Nobody tried the connection yet"]);
        let upn = json!({ "sub": "00u1", "upn": "robert@acme.example", "teams": ["fleet"] });
        has(&story.shows(&upn).await, &["because no email address came"]);
        let page = story.at("mapping").await;
        for name in ["teams", "upn"] {
            assert!(page.body.contains(&format!("<option value=\"{name}\">")), "{name}");
        }
        let saved = story.visitor.submit(&page, &[("email", "upn"), ("groups", "teams"), ("name", " ")]).await;
        assert_eq!(saved.location(), format!("{}/check", story.path), "{saved:?}");
        has(&story.shows(&upn).await, &["robert@acme.example", "By upn.", "No rule names fleet.", "By teams."]);
        let stored = connection(&story.olga.api).await["mapping"].clone();
        assert_eq!((&stored["email"], &stored["name"]), (&json!("upn"), &Value::Null));
        has(&text(&story.visitor.submit(&page, &[("email", "\u{202e}liam")]).await.body), &["1 to 250 characters"]);
    }

    async fn or3_a_link_changes_no_rule(story: Story) {
        let rules = json!([{ "value": "fleet", "role": "viewer" }]);
        story.changes(&json!({ "mapping": { "groups": "teams", "rules": rules } })).await;
        let page = story.at("mapping").await;
        has(&text(&page.body), &["fleet The role viewer", "nobody changes them by this link"]);
        let asked = [("groups", "roles"), ("rules", r#"[{"value":"fleet","role":"owner"}]"#)];
        story.visitor.submit(&page, &asked).await;
        let stored = connection(&story.olga.api).await["mapping"].clone();
        assert_eq!(stored["groups"], "roles");
        assert_eq!(stored["rules"][0]["role"], "viewer", "{stored}");
        let without = story.visitor.submit(&page, &[("groups", "")]).await;
        assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
        has(&text(&without.body), &["say which attribute has the values"]);
    }

    async fn se4_nobody_maps_from_elsewhere(story: Story) {
        let forged = story.visitor.post(&format!("{}/mapping", story.path), &[("email", "upn")]).await;
        assert_eq!(forged.status, StatusCode::FORBIDDEN);
        let stranger = story.house.visitor();
        let nowhere = stranger.get("/portal/8xVvRV3hJ0Jm1Z0XqkqJ5m0yQm9c2oG3b1b6sB2Q4nA/mapping").await;
        assert_eq!(nowhere.status, StatusCode::GONE);
        assert_eq!(connection(&story.olga.api).await["mapping"]["email"], Value::Null);
    }
}
