//! Bob comes by Acme's SAML provider: sent there, back with its answer, and in.

use std::time::Duration;

use doorward::domain::arrival::{Identity, Subject};
use doorward::domain::connection::{
    Connection, ConnectionStatus, Mapping, Provider, SamlBinding, SamlProvider,
};
use doorward::domain::text::DisplayName;
use doorward::random;
use doorward::saml::binding::{self, Parameter};
use doorward::saml::keys::PinnedKeys;
use doorward::saml::sp::ServiceProvider;
use doorward::storage::{Lane, Page, StorageError, connections, identities, sso_log};
use reqwest::StatusCode;

use super::documents::{Answer as Sent, Shape, provider};
use crate::harness::{Answer, Engine, House, Visitor, on_both};

/// A house whose Acme has a provider that knows Bob as `alice-1`'s neighbour `bob-1`.
pub(super) struct Story {
    pub(super) house: House,
    pub(super) connection: Connection,
    pub(super) us: ServiceProvider,
}

impl Story {
    pub(super) async fn open(engine: Engine) -> Self {
        Self::with(House::open(engine).await, provider()).await
    }

    /// A house whose Acme has this provider.
    pub(super) async fn with(house: House, provider: SamlProvider) -> Self {
        let now = house.clock.now();
        let connection = Connection {
            id: random::id(now),
            organization: house.acme.id,
            name: DisplayName::parse("Acme Shibboleth").unwrap(),
            status: ConnectionStatus::Enabled,
            provider: Provider::Saml(provider),
            mapping: Mapping::default(),
            creates_members: false,
            trusts_mfa: false,
            created_at: now,
            updated_at: now,
        };
        let bob = Identity {
            id: random::id(now),
            user: house.acme.bob,
            connection: connection.id,
            subject: Subject::try_from("bob-1".to_owned()).unwrap(),
            created_at: now,
            last_used_at: None,
        };
        let kept = connection.clone();
        let stored = house.db().write(Lane::Free, move |tx| {
            let (kept, bob) = (kept.clone(), bob.clone());
            Box::pin(async move {
                connections::insert(tx, &kept).await?;
                identities::insert(tx, &bob).await
            })
        });
        let stored: Result<bool, StorageError> = stored.await;
        assert!(stored.unwrap());
        let us = ServiceProvider::of(&house.url, connection.id);
        Self {
            house,
            connection,
            us,
        }
    }

    /// Acme changes what it knows of its provider.
    pub(super) async fn change(&self, change: impl FnOnce(&mut SamlProvider)) {
        let mut provider = provider();
        change(&mut provider);
        let changed = Connection {
            provider: Provider::Saml(provider),
            ..self.connection.clone()
        };
        let stored = self.house.db().write(Lane::Free, move |tx| {
            let changed = changed.clone();
            Box::pin(async move { connections::update(tx, &changed).await })
        });
        let stored: Result<(), StorageError> = stored.await;
        stored.unwrap();
    }

    /// Sent to the provider: the request it asked for, and the state.
    pub(super) async fn leaves(&self, browser: &Visitor) -> (String, String) {
        let answer = browser.get("/o/acme/login").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        let location = answer.location();
        let query = location.strip_prefix("https://idp.example.com/sso?").unwrap();
        let keys = PinnedKeys::of(&[self.certificate(browser).await]).unwrap();
        let asked = binding::read_redirect(query, Parameter::Request, &keys).unwrap();
        let document = String::from_utf8(asked.message).unwrap();
        assert!(document.contains(&self.us.acs), "{document}");
        let (_, after) = document.split_once(" ID=\"").unwrap();
        (
            after.split('"').next().unwrap().to_owned(),
            asked.relay_state.unwrap(),
        )
    }

    /// The certificate in our metadata.
    pub(super) async fn certificate(&self, browser: &Visitor) -> String {
        let written = browser
            .get(&format!("/saml/sp/{}/metadata", self.connection.id))
            .await;
        assert_eq!(written.status, StatusCode::OK, "{written:?}");
        assert_eq!(written.header("content-type"), "application/samlmetadata+xml");
        let (_, after) = written.body.split_once("<ds:X509Certificate>").unwrap();
        after.split('<').next().unwrap().to_owned()
    }

    pub(super) fn answer(&self, request: &str) -> Sent {
        let mut answer = Sent::to(&self.us, request);
        answer.subject = answer.subject.replace("alice-1", "bob-1");
        answer
    }

    /// The provider's page posts the form: a site of its own, so no cookie of ours comes along.
    pub(super) async fn posted(&self, document: &str, state: &str) -> String {
        let answer = self.posts(document, &[("RelayState", state)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{answer:?}");
        answer.location()
    }

    pub(super) async fn posts(&self, document: &str, others: &[(&str, &str)]) -> Answer {
        let encoded = binding::write_post(document);
        let mut fields = vec![("SAMLResponse", encoded.as_str())];
        fields.extend_from_slice(others);
        self.house.visitor().post(&self.us.acs, &fields).await
    }

    /// The last line of the SSO log: how far, and why not further.
    pub(super) async fn last_attempt(&self) -> (String, Option<String>) {
        let line = self.attempts().await.into_iter().next().unwrap();
        (line.stage.as_str().to_owned(), line.refusal)
    }

    /// The SSO log, the last line first.
    pub(super) async fn attempts(&self) -> Vec<sso_log::Line> {
        let mut snapshot = self.house.snapshot().await;
        let tx = &mut snapshot.tx();
        let lines = sso_log::list(tx, self.house.acme.id, self.connection.id, &Page::first(100)).await;
        lines.unwrap()
    }

    async fn refused(&self, browser: &Visitor, address: &str, why: &str) {
        // The log is in the order of its moments.
        self.house.wait(Duration::from_secs(1));
        let page = browser.get(address).await;
        assert!(page.status.is_client_error(), "{page:?}");
        assert!(
            browser.get("/").await.status.is_redirection(),
            "nobody is signed in"
        );
        assert_eq!(self.last_attempt().await.1.as_deref(), Some(why));
    }
}

on_both! {
    async fn bob_comes_by_his_companys_provider(story: Story) {
        for shape in Shape::ALL {
            if matches!(shape, Shape::Encrypted | Shape::EncryptedInSigned) {
                continue; // Encrypted for the key of this house: with a real provider, in its own story.
            }
            let bob = story.house.visitor();
            let (request, state) = story.leaves(&bob).await;
            let address = story.posted(&story.answer(&request).sent(shape), &state).await;
            let back = bob.get(&address).await;
            assert_eq!(back.status, StatusCode::SEE_OTHER, "{shape:?} {back:?}");
            let home = bob.follow(back).await;
            assert_eq!(home.status, StatusCode::OK);
            assert!(home.body.contains("Bob Becker"), "{home:?}");
            assert_eq!(story.last_attempt().await, ("done".to_owned(), None));
            forget(&story).await;
        }
    }

    async fn sa24_an_answer_counts_once(story: Story) {
        let bob = story.house.visitor();
        let (request, state) = story.leaves(&bob).await;
        let document = story.answer(&request).sent(Shape::Both);
        let address = story.posted(&document, &state).await;
        assert!(bob.get(&address).await.status.is_redirection());
        // The handle is spent, …
        let again = story.house.visitor().get(&address).await;
        assert_eq!(again.status, StatusCode::GONE, "{again:?}");
        // … the request is, …
        let address = story.posted(&document, &state).await;
        story.refused(&story.house.visitor(), &address, "unsolicited").await;
        // … and so is the assertion, written otherwise and in answer to another request.
        let other = story.house.visitor();
        let (request, state) = story.leaves(&other).await;
        let mut rewritten = story.answer(&request);
        rewritten.attributes = String::new();
        let address = story.posted(&rewritten.sent(Shape::Both), &state).await;
        story.refused(&other, &address, "replayed").await;
    }

    async fn se5_an_answer_counts_in_the_browser_that_asked(story: Story) {
        let (bob, mallory) = (story.house.visitor(), story.house.visitor());
        let (request, state) = story.leaves(&bob).await;
        let (_, her_state) = story.leaves(&mallory).await;
        let document = story.answer(&request).sent(Shape::Both);
        // Mallory has Bob's answer, and would be Bob …
        let address = story.posted(&document, &state).await;
        story.refused(&mallory, &address, "unsolicited").await;
        let address = story.posted(&document, &her_state).await;
        story.refused(&mallory, &address, "in_response_to").await;
        // … or have another be her: a browser that asked for nothing.
        let address = story.posted(&document, &state).await;
        story.refused(&story.house.visitor(), &address, "unsolicited").await;
        let without = story.posts(&document, &[]).await.location();
        story.refused(&story.house.visitor(), &without, "unsolicited").await;
        // Bob's own still counts.
        let address = story.posted(&document, &state).await;
        assert!(bob.get(&address).await.status.is_redirection());
        assert_eq!(bob.follow(bob.get("/").await).await.status, StatusCode::OK);
    }

    async fn a_provider_begins_only_where_it_may(story: Story) {
        story.change(|provider| provider.idp_initiated = true).await;
        let mut unasked = story.answer("");
        for part in [&mut unasked.response, &mut unasked.subject] {
            *part = part.replace(" InResponseTo=\"\"", "");
        }
        let document = unasked.sent(Shape::Assertion);
        let bob = story.house.visitor();
        let answer = story.posts(&document, &[("RelayState", "https://evil.example.com/")]).await;
        let back = bob.get(&answer.location()).await;
        assert_eq!(back.location(), "/", "nowhere else");
        assert!(bob.follow(back).await.body.contains("Bob Becker"));
        let again = story.posts(&document, &[]).await.location();
        story.refused(&story.house.visitor(), &again, "replayed").await;
    }

    async fn what_is_no_answer_is_not_kept(story: Story) {
        let stranger = story.house.visitor();
        let acs = story.us.acs.as_str();
        for (fields, status) in [
            (vec![], StatusCode::BAD_REQUEST),
            (vec![("SAMLResponse", "<xml/>")], StatusCode::BAD_REQUEST),
            (vec![("SAMLResponse", "AAAA"), ("SAMLResponse", "AAAA")], StatusCode::BAD_REQUEST),
        ] {
            assert_eq!(stranger.post(acs, &fields).await.status, status, "{fields:?}");
        }
        let huge = "A".repeat(600_000);
        let answer = stranger.post(acs, &[("SAMLResponse", huge.as_str())]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        for nothing in [
            "/saml/sp/con_01kb5h2x3yfjh8q0v5m6n7p8q9/acs".to_owned(),
            "/saml/sp/guess/acs".to_owned(),
        ] {
            let answer = stranger.post(&nothing, &[("SAMLResponse", "AAAA")]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND);
            let metadata = nothing.replace("/acs", "/metadata");
            assert_eq!(stranger.get(&metadata).await.status, StatusCode::NOT_FOUND);
        }
        assert_eq!(stranger.get(&format!("{acs}?answer=guess")).await.status, StatusCode::GONE);
        assert_eq!(stranger.get(acs).await.status, StatusCode::GONE);
    }

    async fn a_form_takes_the_request_where_the_provider_wants_one(story: Story) {
        story.change(|provider| provider.sso.binding = SamlBinding::Post).await;
        let page = story.house.visitor().get("/o/acme/login").await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        assert_eq!(page.action(), "https://idp.example.com/sso");
        let document = binding::read_post(&page.field("SAMLRequest")).unwrap();
        assert!(String::from_utf8(document).unwrap().contains("<ds:SignatureValue>"));
        assert!(!page.field("RelayState").is_empty());
    }
}

/// Lets the next answer use the same assertion id: each of them is `_assertion-1`.
pub(super) async fn forget(story: &Story) {
    let later = story.house.clock.now().plus(Duration::from_hours(2));
    let forgotten = story.house.db().write(Lane::Free, move |tx| {
        Box::pin(async move { doorward::storage::saml_assertions::purge(tx, later).await })
    });
    let forgotten: Result<u64, StorageError> = forgotten.await;
    assert_eq!(forgotten.unwrap(), 1);
}
