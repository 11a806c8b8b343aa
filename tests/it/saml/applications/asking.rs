//! What an application may ask, and what Mallory may not have it ask (SECURITY.md SA31, SA32, SA33).

use doorward::saml::binding::{self, Parameter};
use serde_json::json;

use super::{ACS, ENTITY, Wiki};
use crate::harness::{Answer, Person, Visitor, on_both};
use crate::saml::judge::{self, MALLORYS, PROVIDER, Pair};

const SIGNATURE: &str = concat!(
    r##"<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo>"##,
    r##"<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>"##,
    r##"<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>"##,
    r##"<ds:Reference URI="#_ask"><ds:Transforms>"##,
    r##"<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>"##,
    r##"<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>"##,
    r##"<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>"##,
    r##"</ds:SignedInfo><ds:SignatureValue/></ds:Signature>"##,
);

/// A request of the wiki; a story changes what it is about.
struct Request {
    issuer: String,
    destination: String,
    issued: String,
    attributes: String,
    content: String,
}

impl Wiki {
    fn request(&self) -> Request {
        Request {
            issuer: ENTITY.to_owned(),
            destination: self.sso(),
            issued: self.now().to_string(),
            attributes: format!(r#"AssertionConsumerServiceURL="{ACS}""#),
            content: String::new(),
        }
    }

    /// Whoever is signed in here, as far as our page: an assertion, a status, or no.
    async fn asked(&self, bob: &Visitor, request: &Request) -> Answer {
        let query = binding::write_redirect(
            Parameter::Request,
            &request.xml(),
            Some("deep"),
            Some(&PROVIDER.key),
        );
        bob.follow(bob.get(&format!("{}?{query}", self.sso())).await)
            .await
    }

    async fn posted(&self, bob: &Visitor, document: &str) -> Answer {
        let message = binding::write_post(document);
        let answer = self
            .house
            .visitor()
            .post(&self.sso(), &[("SAMLRequest", &message)])
            .await;
        if answer.status.is_redirection() {
            return bob.follow(bob.get(&answer.location()).await).await;
        }
        answer
    }
}

impl Request {
    fn with(self, attributes: &str, content: &str) -> Self {
        Self {
            attributes: attributes.to_owned(),
            content: content.to_owned(),
            ..self
        }
    }

    fn xml(&self) -> String {
        self.with_signature("")
    }

    fn with_signature(&self, signature: &str) -> String {
        let Self {
            issuer,
            destination,
            issued,
            attributes,
            content,
        } = self;
        format!(
            concat!(
                r#"<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" "#,
                r#"xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_ask" Version="2.0" IssueInstant="{issued}" "#,
                r#"Destination="{destination}" {attributes}><saml:Issuer>{issuer}</saml:Issuer>{signature}{content}"#,
                r#"</samlp:AuthnRequest>"#
            ),
            issued = issued,
            destination = destination,
            attributes = attributes,
            issuer = issuer,
            signature = signature,
            content = content,
        )
    }

    /// Signed by `xmlsec1`.
    fn signed(&self, pair: &Pair) -> String {
        let document = judge::sign(
            &self.with_signature(SIGNATURE),
            "//*[local-name()='Signature']",
            pair,
        );
        judge::without_declaration(&document).to_owned()
    }
}

/// The response on our page.
#[track_caller]
fn response(page: &Answer) -> String {
    assert_eq!(page.status, 200, "{page:?}");
    let message = binding::read_post(&page.field("SAMLResponse")).unwrap();
    String::from_utf8(message).unwrap()
}

#[track_caller]
fn says(page: &Answer, word: &str) {
    let response = response(page);
    assert!(
        response.contains(&format!("status:{word}\"")),
        "{word}: {response}"
    );
    assert!(!response.contains("<saml:Assertion "), "{response}");
}

#[track_caller]
fn is_refused(answer: &Answer, why: &str) {
    assert_eq!(answer.status, 400, "{why}: {answer:?}");
    assert!(!answer.body.contains("SAMLResponse"), "{why}: {answer:?}");
}

on_both! {
    async fn a_request_that_is_in_order_is_answered_and_its_neighbours_are_not(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let page = wiki.asked(&bob, &wiki.request()).await;
        assert_eq!((page.action(), page.field("RelayState")), (ACS.to_owned(), "deep".to_owned()));
        let assertion = response(&page);
        assert!(assertion.contains("InResponseTo=\"_ask\"") && assertion.contains("<saml:Assertion "), "{assertion}");

        let long_ago = wiki.now().minus(std::time::Duration::from_mins(11)).to_string();
        let ahead = wiki.now().plus(std::time::Duration::from_mins(3)).to_string();
        let of = |change: fn(&mut Request)| { let mut request = wiki.request(); change(&mut request); request };
        is_refused(&wiki.asked(&bob, &of(|request| request.issuer = "https://other.example".to_owned())).await, "issuer");
        is_refused(&wiki.asked(&bob, &of(|request| request.destination = "https://other.example".to_owned())).await, "destination");
        is_refused(&wiki.asked(&bob, &Request { issued: long_ago, ..wiki.request() }).await, "old");
        is_refused(&wiki.asked(&bob, &Request { issued: ahead, ..wiki.request() }).await, "ahead");
    }

    async fn sa32_an_answer_goes_where_it_was_registered_to_go_and_nowhere_else(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        for evil in ["https://evil.example/acs", "https://wiki.acme.example/saml/acs/", "HTTPS://wiki.acme.example/saml/acs", ""] {
            let request = wiki.request().with(&format!(r#"AssertionConsumerServiceURL="{evil}""#), "");
            is_refused(&wiki.asked(&bob, &request).await, evil);
        }
        for (attributes, to) in [
            ("", Some(ACS)),
            (r#"AssertionConsumerServiceIndex="0""#, Some(ACS)),
            (r#"AssertionConsumerServiceIndex="1""#, Some("https://wiki.acme.example/saml/acs/2")),
            (r#"AssertionConsumerServiceIndex="2""#, None),
            (r#"AssertionConsumerServiceIndex="-1""#, None),
            (r#"AssertionConsumerServiceIndex="65536""#, None),
            (r#"AssertionConsumerServiceIndex="0" AssertionConsumerServiceURL="https://wiki.acme.example/saml/acs""#, None),
            (r#"ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact""#, None),
        ] {
            let page = wiki.asked(&bob, &wiki.request().with(attributes, "")).await;
            match to {
                Some(to) => assert_eq!(page.action(), to, "{attributes}"),
                None => is_refused(&page, attributes),
            }
        }
    }

    async fn sa32_a_request_is_not_wrapped_around_another(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let genuine = wiki.request().signed(&PROVIDER);
        assert_eq!(wiki.posted(&bob, &genuine).await.action(), ACS);
        let evil = wiki.request().with(r#"AssertionConsumerServiceURL="https://wiki.acme.example/saml/acs/2""#, "");
        let evil = evil.xml().replace("_ask", "_evil");
        let inside = evil.replace("</samlp:AuthnRequest>", &format!("<samlp:Extensions>{genuine}</samlp:Extensions></samlp:AuthnRequest>"));
        is_refused(&wiki.posted(&bob, &inside).await, "the signed one inside the evil one");
        let (before, rest) = genuine.split_once("<ds:Signature").unwrap();
        let (signature, after) = rest.split_once("</ds:Signature>").unwrap();
        let bare = format!("{before}{after}");
        let object = format!("<ds:Signature{signature}<ds:Object>{bare}</ds:Object></ds:Signature>");
        let around = evil.replace("</saml:Issuer>", &format!("</saml:Issuer>{object}"));
        is_refused(&wiki.posted(&bob, &around).await, "the signature's own object");
        let changed = genuine.replace(ACS, "https://wiki.acme.example/saml/acs/2");
        is_refused(&wiki.posted(&bob, &changed).await, "changed after it was signed");
        is_refused(&wiki.posted(&bob, &wiki.request().signed(&MALLORYS)).await, "signed by its own key");
    }

    async fn sa32_a_certificate_in_the_message_proves_nothing(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS] });
        wiki.speaks(&saml).await.found();
        assert_eq!(wiki.posted(&bob, &wiki.request().xml()).await.action(), ACS);
        // Nobody registered a key: who signs is not known, whatever the message says of itself.
        is_refused(&wiki.posted(&bob, &wiki.request().signed(&MALLORYS)).await, "signed, and by whom?");
        is_refused(&wiki.asked(&bob, &wiki.request()).await, "signed, and by whom?");
    }

    async fn sa31_a_signed_address_says_each_thing_once_and_by_its_name(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let certificate = std::fs::read_to_string(PROVIDER.certificate_file()).unwrap();
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "certificates": [certificate], "require_signed_requests": true });
        wiki.speaks(&saml).await.found();
        let signed = binding::write_redirect(Parameter::Request, &wiki.request().xml(), None, Some(&PROVIDER.key));
        let other = binding::write_redirect(Parameter::Request, &wiki.request().with("", "").xml(), None, None);
        let get = async |query: &str| bob.follow(bob.get(&format!("{}?{query}", wiki.sso())).await).await;
        assert_eq!(get(&signed).await.action(), ACS);
        is_refused(&get(&other).await, "unsigned");
        is_refused(&get(&format!("{other}&{signed}")).await, "twice");
        is_refused(&get(&format!("{}&{signed}", other.replace("SAMLRequest", "%53AMLRequest"))).await, "disguised");
        is_refused(&get(signed.split("&Signature=").next().unwrap()).await, "no signature");
        is_refused(&get(&format!("{signed}&RelayState=other")).await, "a relay state that was not signed");
        let mallorys = binding::write_redirect(Parameter::Request, &wiki.request().xml(), None, Some(&MALLORYS.key));
        is_refused(&get(&mallorys).await, "another key");
        is_refused(&wiki.posted(&bob, &wiki.request().xml()).await, "an unsigned form");
        assert_eq!(wiki.posted(&bob, &wiki.request().signed(&PROVIDER)).await.action(), ACS);
    }

    async fn what_can_not_be_had_is_told_to_the_application(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let nobody = wiki.house.visitor();
        let policy = |format: &str| format!(r#"<samlp:NameIDPolicy Format="{format}"/>"#);
        let class = |class: &str| format!(
            "<samlp:RequestedAuthnContext><saml:AuthnContextClassRef>{class}</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>"
        );
        let subject = |name: &str| format!("<saml:Subject><saml:NameID>{name}</saml:NameID></saml:Subject>");
        let asked = async |visitor: &Visitor, attributes: &str, content: &str| {
            wiki.asked(visitor, &wiki.request().with(attributes, content)).await
        };
        says(&asked(&nobody, r#"IsPassive="true""#, "").await, "NoPassive");
        says(&asked(&bob, r#"IsPassive="true" ForceAuthn="1""#, "").await, "NoPassive");
        assert!(response(&asked(&bob, r#"IsPassive="1""#, "").await).contains("<saml:Assertion "));
        says(&asked(&bob, "", &policy("urn:oasis:names:tc:SAML:2.0:nameid-format:transient")).await, "InvalidNameIDPolicy");
        says(&asked(&bob, "", &policy("urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos")).await, "InvalidNameIDPolicy");
        says(&asked(&bob, "", &class("urn:oasis:names:tc:SAML:2.0:ac:classes:X509")).await, "NoAuthnContext");
        says(&asked(&bob, "", &subject("alice@acme.example")).await, "UnknownPrincipal");
        is_refused(&asked(&bob, r#"IsPassive="maybe""#, "").await, "neither yes nor no");

        let email = policy("urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress");
        let told = response(&asked(&bob, "", &format!("{}{email}", subject("bob@acme.example"))).await);
        assert!(told.contains(">bob@acme.example</saml:NameID>"), "{told}");
        let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
        assert!(response(&asked(&bob, "", &class(password)).await).contains(&format!(">{password}<")));
        let again = asked(&bob, r#"ForceAuthn="true""#, "").await;
        assert!(again.body.contains("type=\"email\""), "{again:?}");
        let surer = asked(&bob, "", &class("https://refeds.org/profile/mfa")).await;
        assert!(!surer.body.contains("SAMLResponse"), "{surer:?}");
    }

    async fn sa33_a_relay_state_comes_back_as_text(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let evil = "\"><script>alert(1)</script>";
        let message = binding::write_post(&wiki.request().xml());
        let fields = [("SAMLRequest", message.as_str()), ("RelayState", evil)];
        let posted = wiki.house.visitor().post(&wiki.sso(), &fields).await;
        let page = bob.follow(bob.get(&posted.location()).await).await;
        assert!(page.body.contains("name=\"RelayState\"") && !page.body.contains("<script>alert"), "{page:?}");
        let long = [("SAMLRequest", message.as_str()), ("RelayState", &"x".repeat(1_025))];
        is_refused(&wiki.house.visitor().post(&wiki.sso(), &long).await, "too long");
    }

    async fn what_was_posted_goes_on_in_nobodys_hands(wiki: Wiki) {
        let bob = wiki.house.signed_in(Person::Bob).await;
        let message = binding::write_post(&wiki.request().signed(&PROVIDER));
        let posted = wiki.house.visitor().post(&wiki.sso(), &[("SAMLRequest", &message)]).await;
        let address = posted.location();
        assert_eq!(bob.follow(bob.get(&address).await).await.action(), ACS);
        let mut changed = address.clone().into_bytes();
        let last = changed.len() - 9;
        changed[last] = if changed[last] == b'A' { b'B' } else { b'A' };
        assert_eq!(bob.get(&String::from_utf8(changed).unwrap()).await.status, 410);
        let other = wiki.second().await;
        assert_eq!(bob.get(&address.replace(&wiki.id, &other)).await.status, 410);
        wiki.house.wait(std::time::Duration::from_mins(11));
        assert_eq!(bob.get(&address).await.status, 410);
    }
}

impl Wiki {
    /// A second application in the same house, which speaks SAML too; its id.
    async fn second(&self) -> String {
        let second =
            json!({ "client_name": "Second", "grant_types": [], "token_endpoint_auth_method": "none" });
        let made = self
            .alice
            .post("/v2/organizations/acme/applications", &second)
            .await
            .created();
        let id = made["client_id"].as_str().unwrap().to_owned();
        let saml = json!({ "entity_id": ENTITY, "acs_urls": [ACS] });
        let address = format!("/v2/organizations/acme/applications/{id}/saml");
        self.alice.put(&address, &saml).await.found();
        id
    }
}
