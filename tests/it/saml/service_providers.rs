//! The applications of others let in whom `pysaml2` says somebody is, and nobody else: that they can judge is shown here, before
//! they judge us.

use doorward::saml::binding;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::documents::Shape;
use super::providers::RealProvider;
use crate::harness::service_provider::{Kind, ServiceProvider};
use crate::harness::{Answer, Visitor};

/// An application and its provider, who know each other.
async fn acquainted(kind: Kind, flags: &[&str], shape: Shape) -> (ServiceProvider, RealProvider) {
    let provider = RealProvider::pysaml2(shape, true);
    let application = ServiceProvider::start(kind, flags).await;
    provider.reads(&application.metadata);
    let published = Visitor::new(&provider.url).get("/metadata").await;
    application.configure(&published.body).await;
    (application, provider)
}

/// Signs in, as far as the provider's form: the answer in it, and the relay state.
async fn signs_in(application: &ServiceProvider, provider: &RealProvider) -> (String, String) {
    let away = application.visitor().get("/login?relay_state=deep").await;
    assert_eq!(away.status, StatusCode::FOUND, "{away:?}");
    let page = Visitor::new(&provider.url).get(&away.location()).await;
    assert_eq!(page.action(), application.acs, "{page:?}");
    (page.field("SAMLResponse"), page.field("RelayState"))
}

async fn answers(application: &ServiceProvider, message: &str, relay_state: &str) -> Answer {
    let fields = [("SAMLResponse", message), ("RelayState", relay_state)];
    application.visitor().post("/acs", &fields).await
}

#[track_caller]
fn is_bob(page: &Answer) -> Value {
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let told = ServiceProvider::result(page);
    assert_eq!(told["name_id"], "bob-1", "{told}");
    let attributes = told["attributes"].as_object().unwrap();
    let mail = &attributes["urn:oid:0.9.2342.19200300.100.1.3"];
    assert_eq!(mail, &json!(["bob@acme.example"]), "{told}");
    assert!(told["in_response_to"].is_string(), "{told}");
    told
}

#[tokio::test(flavor = "multi_thread")]
async fn each_lets_bob_in_however_the_answer_is_signed() {
    for kind in Kind::ALL {
        for shape in Shape::PLAIN {
            let (application, provider) = acquainted(kind, &["--signed"], shape).await;
            let (message, relay_state) = signs_in(&application, &provider).await;
            let told = is_bob(&answers(&application, &message, &relay_state).await);
            assert_eq!(told["relay_state"], "deep", "{kind:?} {shape:?}");
        }
    }
}

/// Not `samael`, which decrypts AES-128 alone, where `pysaml2` takes a key of 256 bits.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_encrypted_for_them_they_read() {
    for kind in [Kind::Node, Kind::Python] {
        let (application, provider) = acquainted(kind, &["--signed", "--encrypted"], Shape::Encrypted).await;
        let (message, relay_state) = signs_in(&application, &provider).await;
        is_bob(&answers(&application, &message, &relay_state).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_or_nobody_asked_for_they_refuse() {
    for kind in Kind::ALL {
        let (application, provider) = acquainted(kind, &["--signed"], Shape::Both).await;
        let (message, _) = signs_in(&application, &provider).await;
        let document = String::from_utf8(binding::read_post(&message).unwrap()).unwrap();
        let changed = binding::write_post(&document.replace("bob-1", "alice-1"));
        let refused = answers(&application, &changed, "").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{kind:?} {refused:?}");
        assert!(ServiceProvider::result(&refused)["error"].is_string());
        let (other, _) = acquainted(kind, &["--signed"], Shape::Both).await;
        let refused = answers(&other, &message, "").await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN, "{kind:?} {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_says_what_it_was_told_to() {
    for kind in Kind::ALL {
        let plain = ServiceProvider::start(kind, &[]).await;
        for place in [&plain.entity_id, &plain.acs, &plain.slo] {
            assert!(place.starts_with(&plain.url));
            assert!(
                plain.metadata.contains(place.as_str()),
                "{kind:?} {}",
                plain.metadata
            );
        }
        assert!(plain.metadata.contains("bindings:HTTP-Redirect"));
        assert!(!plain.metadata.contains("X509Certificate"), "{kind:?}");
        let both = ServiceProvider::start(kind, &["--signed", "--encrypted"]).await;
        for part in [
            "use=\"signing\"",
            "use=\"encryption\"",
            "AuthnRequestsSigned=\"true\"",
        ] {
            assert!(both.metadata.contains(part), "{kind:?} {part} {}", both.metadata);
        }
    }
}
