//! A SAML provider that is being set up is tried by a set-up link: what its answer shows of itself, and what is advised. P6.

use std::time::Duration;

use doorward::domain::access::BuiltInRole;
use doorward::domain::connection::Provider;
use doorward::domain::id::ConnectionId;
use doorward::saml::binding::{self, Parameter};
use doorward::saml::keys::{PinnedKeys, certificate_facts};
use doorward::saml::sp::ServiceProvider;
use reqwest::StatusCode;

use super::documents::{Answer as Sent, Shape, audience, conditions, encryption_template, provider};
use crate::api::connections::{certificate, metadata};
use crate::harness::{Answer, Engine, House, Visitor, on_both};
use crate::pages::{connection, gives, link, text};

/// Acme's draft of a connection to the provider of these documents.
struct Story {
    house: House,
    visitor: Visitor,
    path: String,
    us: ServiceProvider,
}

impl Story {
    async fn open(engine: Engine) -> Self {
        let house = House::open(engine).await;
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(&house, &olga.api).await;
        let xml = metadata("https://idp.acme.example", &[&certificate()], None);
        let (visitor, _) = gives(&house, &path, "other-saml", &[("metadata_xml", &xml)]).await;
        let made = connection(&olga.api).await;
        let connection: ConnectionId = made["id"].as_str().unwrap().parse().unwrap();
        let behind = Provider::Saml(provider());
        house
            .change_connection(connection, |changed| changed.provider = behind)
            .await;
        let us = ServiceProvider::of(&house.url, connection);
        Self {
            house,
            visitor,
            path,
            us,
        }
    }

    /// A try that is answered by this document, changed.
    async fn tries(&self, shape: Shape, change: impl FnOnce(&mut Sent)) -> Answer {
        let (request, state) = self.leaves().await;
        let mut answer = Sent::to(&self.us, &request);
        change(&mut answer);
        let encoded = binding::write_post(&answer.sent(shape));
        let fields = [("SAMLResponse", encoded.as_str()), ("RelayState", state.as_str())];
        let posted = self.house.visitor().post(&self.us.acs, &fields).await;
        self.visitor.get(&posted.location()).await
    }

    async fn leaves(&self) -> (String, String) {
        self.house.wait(Duration::from_secs(1));
        let sent = self.visitor.get(&format!("{}/try", self.path)).await.location();
        let (_, query) = sent.split_once('?').unwrap();
        let ours = self.visitor.get(&self.us.entity_id).await.body;
        let (_, ours) = ours.split_once("<ds:X509Certificate>").unwrap();
        let keys = PinnedKeys::of(&[ours.split('<').next().unwrap()]).unwrap();
        let asked = binding::read_redirect(query, Parameter::Request, &keys).unwrap();
        let document = String::from_utf8(asked.message).unwrap();
        let (_, id) = document.split_once(" ID=\"").unwrap();
        (
            id.split('"').next().unwrap().to_owned(),
            asked.relay_state.unwrap(),
        )
    }
}

fn has(page: &Answer, sentences: &[&str]) {
    let page = text(&page.body);
    for sentence in sentences {
        assert!(page.contains(sentence), "{sentence} in {page}");
    }
}

on_both! {
    async fn p6_a_try_names_the_certificates_that_signed_and_the_attributes_that_counted(story: Story) {
        let fingerprint = certificate_facts(&provider().certificates[0]).unwrap().fingerprint;
        let page = story.tries(Shape::Both, |_| ()).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        has(&page, &[
            "The whole response and the assertion in it, by RSA-SHA256 and the certificate:", &fingerprint,
            "was not encrypted", "clock agrees", "alice@acme.example", "By mail.", "Alice &#38; Co", "By displayName.", "alice-1",
        ]);
        // An assertion has one name: the next one is another.
        let next = |answer: &mut Sent| {
            answer.assertion = answer.assertion.replace("_assertion-1", "_assertion-2");
            answer.assertion_signature = answer.assertion_signature.replace("_assertion-1", "_assertion-2");
        };
        let alone = story.tries(Shape::Assertion, next).await;
        has(&alone, &["The assertion, by RSA-SHA256", &fingerprint]);
        assert!(!text(&alone.body).contains("The whole response"), "it was not signed");
        let mapping = story.visitor.get(&format!("{}/mapping", story.path)).await;
        has(&mapping, &["displayName", "mail", "urn:oid:0.9.2342.19200300.100.1.3"]);
    }

    async fn p6_a_try_that_failed_says_what_is_wrong_and_what_to_do(story: Story) {
        let fingerprint = certificate_facts(&provider().certificates[0]).unwrap().fingerprint;
        let elsewhere = conditions("2026-11-22T09:29:00Z", "2026-11-22T09:35:00Z", &audience("https://other.example"));
        let page = story.tries(Shape::Assertion, |answer| answer.conditions = elsewhere).await;
        assert_eq!(page.status, StatusCode::BAD_REQUEST);
        has(&page, &["The assertion is for somebody else.", "Enter our entity ID", &fingerprint, "Reference"]);
        let ahead = |answer: &mut Sent| {
            let (now, later) = ("IssueInstant=\"2026-11-22T09:30:00Z\"", "IssueInstant=\"2026-11-22T09:33:00Z\"");
            answer.assertion = answer.assertion.replace(now, later);
        };
        let page = story.tries(Shape::Assertion, ahead).await;
        has(&page, &["issued in the future", "seconds ahead of ours", "by NTP"]);
        let cbc = encryption_template(
            "http://www.w3.org/2001/04/xmlenc#aes128-cbc", "http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p",
        );
        let page = story.tries(Shape::Encrypted, |answer| {
            answer.encryption = cbc;
            answer.session_key = "aes-128";
        }).await;
        has(&page, &["AES-CBC", "Set AES-GCM at the provider"]);
        assert!(!text(&page.body).contains("What shows that it is"), "nothing of it was verified");
        let changed = story.tries(Shape::Assertion, |answer| answer.status = answer.status.replace("Success", "Requester")).await;
        has(&changed, &["our request was wrong", "Compare what the provider knows of us"]);
        let check = story.visitor.get(&format!("{}/check", story.path)).await;
        has(&check, &["The assertion is for somebody else.", "What to do: Enter our entity ID"]);
    }
}
