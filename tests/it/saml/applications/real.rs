//! Bob signs in at applications that nobody here wrote: `node-saml`, `pysaml2` and `samael` judge what we say of him.

use serde_json::{Value, json};

use super::Wiki;
use crate::harness::service_provider::{Kind, ServiceProvider};
use crate::harness::{Answer, Engine, Visitor, on_both};

/// An application of others and its entry here, who know each other by their metadata.
pub(super) async fn acquainted(wiki: &Wiki, kind: Kind, flags: &[&str], beside: Value) -> ServiceProvider {
    let application = ServiceProvider::start(kind, flags).await;
    let mut saml =
        json!({ "metadata_xml": application.metadata, "name_id_formats": ["persistent", "email"] });
    saml.as_object_mut()
        .unwrap()
        .extend(beside.as_object().unwrap().clone());
    wiki.speaks(&saml).await.found();
    application.configure(&wiki.metadata().await).await;
    application
}

/// Where the application's page leads: by an address, or by a form that the browser posts from a site of its own.
async fn sent_away(wiki: &Wiki, application: &ServiceProvider) -> String {
    let away = application
        .visitor()
        .get("/login?relay_state=deep%20%22link")
        .await;
    if away.status.is_redirection() {
        return away.location();
    }
    assert_eq!(away.action(), wiki.sso());
    let fields = ["SAMLRequest", "RelayState"].map(|name| (name, away.field(name).replace("&#34;", "\"")));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    wiki.house.visitor().post(&wiki.sso(), &fields).await.location()
}

/// What the application makes of the form on our page.
async fn takes(application: &ServiceProvider, page: &Answer) -> Answer {
    assert_eq!(page.action(), application.acs, "{page:?}");
    let relay_state = if page.body.contains("name=\"RelayState\"") {
        page.field("RelayState").replace("&#34;", "\"")
    } else {
        String::new()
    };
    let fields = [
        ("SAMLResponse", page.field("SAMLResponse")),
        ("RelayState", relay_state),
    ];
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    application.visitor().post("/acs", &fields).await
}

pub(super) async fn signs_in(wiki: &Wiki, bob: &Visitor, application: &ServiceProvider) -> Value {
    let page = wiki.lets_in(bob, &sent_away(wiki, application).await).await;
    let taken = takes(application, &page).await;
    assert_eq!(taken.status, 200, "{taken:?}");
    ServiceProvider::result(&taken)
}

#[track_caller]
pub(super) fn is_bob(told: &Value, wiki: &Wiki) {
    let bob = wiki.house.acme.bob.to_string();
    let name_id = told["name_id"].as_str().unwrap();
    assert!(name_id == bob || name_id == "bob@acme.example", "{told}");
    let attributes = &told["attributes"];
    assert_eq!(attributes["email"], json!(["bob@acme.example"]), "{told}");
    assert_eq!(attributes["name"], json!(["Bob Becker"]));
    assert_eq!(attributes["organization"], json!(["acme"]));
    assert_eq!(attributes["roles"], json!(["operator"]));
    let permissions = attributes["permissions"].as_array().unwrap();
    assert!(permissions.contains(&json!("device:read")), "{told}");
    assert_eq!(told["relay_state"], "deep \"link");
    assert!(told["in_response_to"].is_string(), "{told}");
}

/// All that was registered by metadata alone, with and without what can be agreed on.
async fn everybody_takes_it(engine: Engine, kind: Kind) {
    let wiki = Wiki::without(engine).await;
    let bob = wiki.house.visitor();
    for (flags, beside) in [
        (&[][..], json!({})),
        (&["--signed"], json!({ "sign_response": false })),
        (&["--signed", "--post"], json!({ "sign_assertion": false })),
        (
            &["--signed", "--encrypted"],
            json!({ "encrypt_assertions": true }),
        ),
    ] {
        let application = acquainted(&wiki, kind, flags, beside).await;
        is_bob(&signs_in(&wiki, &bob, &application).await, &wiki);
    }
}

macro_rules! of_others {
    ($($name:ident: $kind:ident;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                everybody_takes_it(Engine::Sqlite, Kind::$kind).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                everybody_takes_it(Engine::Postgres, Kind::$kind).await;
            }
        }
    )*};
}

of_others! {
    x3_node_saml_lets_bob_in: Node;
    x3_pysaml2_lets_bob_in: Python;
    x3_samael_lets_bob_in: Samael;
}

on_both! {
    async fn x3_signatures_are_by_elliptic_curve_for_those_who_want_it(wiki: Wiki) {
        let beside = json!({ "signature_algorithm": "ECDSA-SHA256" });
        let application = acquainted(&wiki, Kind::Python, &["--signed"], beside).await;
        is_bob(&signs_in(&wiki, &wiki.house.visitor(), &application).await, &wiki);
    }

    async fn x3_bob_begins_here_where_the_application_lets_him(wiki: Wiki) {
        let beside = json!({ "idp_initiated": true });
        let application = acquainted(&wiki, Kind::Python, &["--unsolicited"], beside).await;
        let page = wiki.lets_in(&wiki.house.visitor(), &format!("{}?RelayState=home", wiki.sso())).await;
        let told = ServiceProvider::result(&takes(&application, &page).await);
        assert_eq!(told["relay_state"], "home", "{told}");
        assert_eq!(told["in_response_to"], json!(null), "{told}");
        assert_eq!(told["attributes"]["email"], json!(["bob@acme.example"]));
    }

    async fn x3_sa34_what_bob_calls_himself_adds_nothing_to_what_we_say_of_him(wiki: Wiki) {
        let bob = wiki.house.in_browser(crate::harness::Person::Bob).await;
        let name = "</saml:AttributeValue></saml:Attribute><saml:Attribute Name=\"roles\"><saml:AttributeValue>owner";
        bob.patch("/v2/users/me", &json!({ "name": name })).await.found();
        for kind in Kind::ALL {
            let application = acquainted(&wiki, kind, &[], json!({})).await;
            let told = signs_in(&wiki, bob.browser(), &application).await;
            assert_eq!(told["attributes"]["name"], json!([name]), "{kind:?} {told}");
            assert_eq!(told["attributes"]["roles"], json!(["operator"]), "{kind:?} {told}");
        }
    }
}
