//! The applications of others let in whom `pysaml2` says somebody is, and nobody else: that they can judge is shown here, before
//! they judge us.

use doorward::clock::Clock;
use doorward::random;
use doorward::saml::binding::{self, Parameter};
use doorward::saml::keys::PinnedKeys;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::documents::Shape;
use super::judge::{MALLORYS, PROVIDER, Pair};
use super::providers::RealProvider;
use crate::harness::service_provider::{Kind, ServiceProvider};
use crate::harness::{Answer, Visitor};

/// An application and its provider, who know each other.
async fn acquainted(kind: Kind, flags: &[&str], shape: Shape) -> (ServiceProvider, RealProvider) {
    let provider = RealProvider::pysaml2(shape, true);
    let application = ServiceProvider::start(kind, flags).await;
    provider.reads(&application.metadata);
    let published = Visitor::new(&provider.url).get("/metadata").await;
    // It signs nobody out itself, and takes no forms: here the test does, with its key.
    let place = |name: &str, binding: &str, path: &str| {
        format!(
            r#"<ns0:{name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:{binding}" Location="{}/{path}"/>"#,
            provider.url
        )
    };
    let services = "<ns0:SingleSignOnService";
    let more = [
        place("SingleLogoutService", "HTTP-Redirect", "slo"),
        place("SingleSignOnService", "HTTP-POST", "form"),
        services.to_owned(),
    ];
    let metadata = published.body.replacen(services, &more.concat(), 1);
    assert_ne!(metadata, published.body);
    application.configure(&metadata).await;
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

/// A message about signing out, from the provider to the application.
fn about_signing_out(
    name: &str,
    attribute: &str,
    content: &str,
    from: &RealProvider,
    to: &ServiceProvider,
) -> String {
    format!(
        concat!(
            r#"<samlp:{} xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" "#,
            r#"ID="_{}" Version="2.0" IssueInstant="{}" Destination="{}"{}><saml:Issuer>{}/metadata</saml:Issuer>{}</samlp:{}>"#,
        ),
        name,
        random::secret().expose(),
        Clock::system().now(),
        to.slo,
        attribute,
        from.url,
        content,
        name
    )
}

/// What the application signed and sent to the provider's logout.
fn sent_to_provider(
    answer: &Answer,
    parameter: Parameter,
    application: &ServiceProvider,
) -> (String, Option<String>) {
    assert_eq!(answer.status, StatusCode::FOUND, "{answer:?}");
    let location = answer.location();
    let (place, query) = location.split_once('?').unwrap();
    assert!(place.ends_with("/slo"), "{location}");
    let (_, certificate) = application.metadata.split_once("X509Certificate>").unwrap();
    let keys = PinnedKeys::of(&[certificate.split('<').next().unwrap()]).unwrap();
    let read = binding::read_redirect(query, parameter, &keys).unwrap();
    (String::from_utf8(read.message).unwrap(), read.relay_state)
}

fn id_of(message: &str) -> &str {
    let (_, after) = message.split_once(" ID=\"").unwrap();
    after.split('"').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_signs_out_and_is_signed_out_by_whoever_signed_that() {
    for kind in Kind::ALL {
        let (application, provider) = acquainted(kind, &["--signed"], Shape::Both).await;
        let visitor = application.visitor();
        let lets_bob_in = async || {
            let (message, relay_state) = signs_in(&application, &provider).await;
            is_bob(&answers(&application, &message, &relay_state).await);
        };
        let says = async |parameter: Parameter, message: &str, state: Option<&str>, pair: Option<&Pair>| {
            let query = binding::write_redirect(parameter, message, state, pair.map(|pair| &pair.key));
            visitor.get(&format!("{}?{query}", application.slo)).await
        };

        // Bob signs out there.
        lets_bob_in().await;
        let (asked, state) =
            sent_to_provider(&visitor.get("/logout").await, Parameter::Request, &application);
        assert!(asked.contains("bob-1"), "{asked}");
        let answered = format!(r#" InResponseTo="{}""#, id_of(&asked));
        let success = r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>"#;
        let answer = about_signing_out("LogoutResponse", &answered, success, &provider, &application);
        for wrong in [None, Some(&*MALLORYS)] {
            let page = says(Parameter::Response, &answer, state.as_deref(), wrong).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{kind:?} {page:?}");
        }
        let page = says(Parameter::Response, &answer, state.as_deref(), Some(&PROVIDER)).await;
        assert_eq!(
            ServiceProvider::result(&page),
            json!({ "logged_out": true }),
            "{kind:?}"
        );
        assert_eq!(
            visitor.get("/logout").await.status,
            StatusCode::FORBIDDEN,
            "{kind:?}"
        );

        // The provider signs him out.
        lets_bob_in().await;
        let name = r#"<saml:NameID Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent">bob-1</saml:NameID>"#;
        let request = about_signing_out("LogoutRequest", "", name, &provider, &application);
        for wrong in [None, Some(&*MALLORYS)] {
            let page = says(Parameter::Request, &request, None, wrong).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{kind:?} {page:?}");
        }
        // Without a space: node-saml would sign it as `%20` and send it as `+`.
        let answer = says(Parameter::Request, &request, Some("a-state"), Some(&PROVIDER)).await;
        let (answer, state) = sent_to_provider(&answer, Parameter::Response, &application);
        assert!(answer.contains("status:Success"), "{kind:?} {answer}");
        assert!(
            answer.contains(&format!("InResponseTo=\"{}\"", id_of(&request))),
            "{answer}"
        );
        assert_eq!(state.as_deref(), Some("a-state"), "{kind:?}");
        assert_eq!(
            visitor.get("/logout").await.status,
            StatusCode::FORBIDDEN,
            "{kind:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_asks_by_a_form_if_told_so() {
    for kind in Kind::ALL {
        let (application, provider) = acquainted(kind, &["--signed", "--post"], Shape::Both).await;
        let asked = "/login?relay_state=deep&force_authn=1&passive=1";
        let page = application.visitor().get(asked).await;
        assert_eq!(page.action(), format!("{}/form", provider.url), "{kind:?}");
        assert_eq!(page.field("RelayState"), "deep");
        let document = binding::read_post(&page.field("SAMLRequest")).unwrap();
        let document = String::from_utf8(document).unwrap();
        for part in [
            "SignatureValue>",
            "ForceAuthn=\"true\"",
            "IsPassive=\"true\"",
            &application.acs,
        ] {
            assert!(document.contains(part), "{kind:?} {part}: {document}");
        }
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
