//! Signing out here signs out at every application, and signing out at one signs out here and at all others.

use std::sync::Arc;

use doorward::saml::binding::{self, Parameter};
use doorward::saml::logout::{LogoutRequest, Parties};
use serde_json::json;

use super::real::{acquainted, is_bob, signs_in};
use super::{ACS, ENTITY, Wiki};
use crate::harness::service_provider::{Kind, ServiceProvider};
use crate::harness::{Answer, Api, Engine, Person, Visitor, on_both};
use crate::saml::judge::{MALLORYS, PROVIDER, Pair};

const SLO: &str = "https://wiki.acme.example/saml/slo";

impl Wiki {
    /// A second application in the same house.
    async fn beside(&self) -> Self {
        let second = json!({
            "client_name": "Second", "grant_types": [], "token_endpoint_auth_method": "none", "first_party": true,
        });
        let made = self
            .alice
            .post("/v2/organizations/acme/applications", &second)
            .await
            .created();
        Self {
            id: made["client_id"].as_str().unwrap().to_owned(),
            house: Arc::clone(&self.house),
            alice: Api::of(self.alice.browser().again()).await,
        }
    }

    /// Goes wherever the browser is sent, here with Bob's cookies and elsewhere with none, until a page or an address at
    /// which nothing listens.
    async fn led(&self, bob: &Visitor, mut answer: Answer) -> (String, Answer) {
        let mut at = String::new();
        while answer.status.is_redirection() {
            at = answer.location();
            answer = if at.starts_with('/') || at.starts_with(&self.house.url) {
                bob.get(&at).await
            } else if at.starts_with("http://127.0.0.1") {
                Visitor::new(&self.house.url).get(&at).await
            } else {
                return (at, answer);
            };
        }
        (at, answer)
    }

    async fn is_out(&self, bob: &Visitor) -> bool {
        bob.get("/").await.location() == "/sign-in"
    }
}

/// Bob leaves by the button on his own page.
async fn leaves(bob: &Visitor) -> Answer {
    let page = bob.get("/").await;
    bob.submit(&page, &[]).await
}

async fn out_everywhere(engine: Engine, kind: Kind) {
    let wiki = Wiki::without(engine).await;
    let second = wiki.beside().await;
    let bob = wiki.house.visitor();
    let applications = [
        (&wiki, acquainted(&wiki, kind, &["--signed"], json!({})).await),
        (
            &second,
            acquainted(&second, Kind::Python, &["--signed"], json!({})).await,
        ),
    ];
    for (wiki, application) in &applications {
        is_bob(&signs_in(wiki, &bob, application).await, wiki);
    }
    // He begins here: both hear of it and answer, and his browser comes back.
    let (at, _) = wiki.led(&bob, leaves(&bob).await).await;
    assert_eq!(at, "/signed-out");
    assert!(wiki.is_out(&bob).await);

    // He begins at the first: the other hears of it, and the first gets its answer.
    for (wiki, application) in &applications {
        is_bob(&signs_in(wiki, &bob, application).await, wiki);
    }
    let [(_, first), _] = &applications;
    let away = first.visitor().get("/logout").await;
    let (_, page) = wiki.led(&bob, away).await;
    assert_eq!(
        ServiceProvider::result(&page),
        json!({ "logged_out": true }),
        "{page:?}"
    );
    assert!(wiki.is_out(&bob).await);
}

macro_rules! with_those_of_others {
    ($($name:ident: $kind:ident;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                out_everywhere(Engine::Sqlite, Kind::$kind).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                out_everywhere(Engine::Postgres, Kind::$kind).await;
            }
        }
    )*};
}

with_those_of_others! {
    x2_bob_is_out_everywhere_with_node_saml: Node;
    x2_bob_is_out_everywhere_with_pysaml2: Python;
    x2_bob_is_out_everywhere_with_samael: Samael;
}

/// The wiki's own word that somebody is to be signed out.
struct Request<'a> {
    wiki: &'a Wiki,
    id: &'a str,
    name_id: String,
    sessions: Vec<String>,
}

impl Request<'_> {
    fn query(&self, pair: Option<&Pair>) -> String {
        let place = format!("{}/saml/idp/{}/slo", self.wiki.house.url, self.wiki.id);
        let parties = Parties {
            us: ENTITY,
            our_place: SLO,
            them: "",
        };
        let request = LogoutRequest {
            id: self.id.to_owned(),
            name_id: self.name_id.clone(),
            format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
            sessions: self.sessions.clone(),
            relay_state: None,
        };
        let message = request.to_xml(parties, &place, self.wiki.now());
        let query = binding::write_redirect(
            Parameter::Request,
            &message,
            Some("back"),
            pair.map(|pair| &pair.key),
        );
        format!("{place}?{query}")
    }
}

/// The wiki with a place for sign-outs, Bob signed in at it, and what his session is called there.
async fn signed_in(wiki: &Wiki) -> (Visitor, String) {
    let certificate = std::fs::read_to_string(PROVIDER.certificate_file()).unwrap();
    let saml = json!({
        "entity_id": ENTITY, "acs_urls": [ACS], "slo_url": SLO, "certificates": [certificate], "idp_initiated": true,
    });
    wiki.speaks(&saml).await.found();
    let bob = wiki.house.signed_in(Person::Bob).await;
    let page = bob.get(&wiki.sso()).await;
    let response = String::from_utf8(binding::read_post(&page.field("SAMLResponse")).unwrap()).unwrap();
    let (_, index) = response.split_once("SessionIndex=\"").unwrap();
    (bob, index.split('"').next().unwrap().to_owned())
}

on_both! {
    async fn sa37_only_what_the_application_signed_signs_bob_out(wiki: Wiki) {
        let (bob, session) = signed_in(&wiki).await;
        let name_id = wiki.house.acme.bob.to_string();
        let request = |id| Request { wiki: &wiki, id, name_id: name_id.clone(), sessions: vec![session.clone()] };
        let refused = async |query: &str, why: &str| {
            assert_eq!(bob.get(query).await.status, 400, "{why}");
            assert!(!wiki.is_out(&bob).await, "{why}");
        };
        refused(&request("_1").query(None), "unsigned").await;
        refused(&request("_1").query(Some(&MALLORYS)), "another key").await;
        let genuine = request("_1").query(Some(&PROVIDER));
        refused(&genuine.replace("RelayState=back", "RelayState=forth"), "changed").await;
        refused(&genuine.replace("&Signature=", "&Signature=AAAA"), "another signature").await;

        let answer = bob.get(&genuine).await;
        assert!(answer.location().starts_with(&format!("{SLO}?SAMLResponse=")), "{answer:?}");
        assert!(answer.location().contains("RelayState=back"));
        assert!(wiki.is_out(&bob).await);
        // The very same again, while he is in again.
        let bob = wiki.house.signed_in(Person::Bob).await;
        assert_eq!(bob.get(&genuine).await.status, 400);
        assert!(!wiki.is_out(&bob).await);
    }

    async fn sa37_an_application_signs_nobody_out_who_is_signed_in_elsewhere(wiki: Wiki) {
        let (bob, session) = signed_in(&wiki).await;
        let second = wiki.beside().await;
        let certificate = std::fs::read_to_string(PROVIDER.certificate_file()).unwrap();
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "slo_url": SLO, "certificates": [certificate] });
        second.speaks(&saml).await.found();
        let name_id = wiki.house.acme.bob.to_string();
        for (id, sessions) in [("_1", vec![session]), ("_2", vec![]), ("_3", vec!["rubbish".to_owned()])] {
            let others = Request { wiki: &second, id, name_id: name_id.clone(), sessions };
            assert!(bob.get(&others.query(Some(&PROVIDER))).await.status.is_redirection(), "{id}");
            assert!(!wiki.is_out(&bob).await, "{id}");
        }
        let somebody_else = Request { wiki: &wiki, id: "_4", name_id: wiki.house.acme.alice.to_string(), sessions: vec![] };
        bob.get(&somebody_else.query(Some(&PROVIDER))).await;
        assert!(!wiki.is_out(&bob).await);
    }

    async fn a_person_is_signed_out_in_every_browser_where_no_session_is_named(wiki: Wiki) {
        let (bob, _) = signed_in(&wiki).await;
        let (other, _) = signed_in(&wiki).await;
        let request = Request { wiki: &wiki, id: "_1", name_id: wiki.house.acme.bob.to_string(), sessions: vec![] };
        bob.get(&request.query(Some(&PROVIDER))).await;
        assert!(wiki.is_out(&bob).await && wiki.is_out(&other).await);
    }

    async fn an_application_that_does_not_answer_keeps_nobody_signed_in(wiki: Wiki) {
        let (bob, _) = signed_in(&wiki).await;
        let second = wiki.beside().await;
        let application = acquainted(&second, Kind::Python, &["--signed"], json!({})).await;
        is_bob(&signs_in(&second, &bob, &application).await, &second);
        // The wiki's place for sign-outs is asked first, and never comes back.
        let (at, _) = wiki.led(&bob, leaves(&bob).await).await;
        assert!(at.starts_with(SLO), "{at}");
        assert!(wiki.is_out(&bob).await);
        // The handle is in nobody's hands but this browser's.
        let handle = at.split("RelayState=").nth(1).unwrap().split('&').next().unwrap();
        let mallory = wiki.house.visitor();
        assert_eq!(mallory.get(&format!("/sign-out/{handle}")).await.status, 410);
        // He goes back and on: the other hears of it all the same.
        let (at, _) = wiki.led(&bob, bob.get(&format!("/sign-out/{handle}")).await).await;
        assert_eq!(at, "/signed-out");
        assert_eq!(bob.get(&format!("/sign-out/{handle}")).await.status, 410);
    }
}
