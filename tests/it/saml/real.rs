//! Bob comes by providers that nobody here wrote, with signed requests and encrypted assertions.

use doorward::domain::connection::SamlProvider;
use doorward::domain::time::Timestamp;
use doorward::saml::metadata::read_idp;
use reqwest::StatusCode;

use super::documents::Shape;
use super::providers::RealProvider;
use super::sign_in::Story;
use crate::harness::{Answer, Engine, House, Visitor};

/// What a provider publishes of itself.
pub(super) async fn known(provider: &RealProvider, metadata: &str, now: Timestamp) -> SamlProvider {
    let published = Visitor::new(&provider.url).get(metadata).await;
    assert_eq!(published.status, StatusCode::OK, "{published:?}");
    let read = read_idp(published.body.as_bytes(), now).unwrap();
    SamlProvider {
        entity_id: read.entity_id,
        sso: read.sso,
        slo: read.slo,
        certificates: read.certificates,
        valid_until: read.valid_until,
        ..super::documents::provider()
    }
}

/// A house of today whose Acme has this provider.
async fn story(provider: &RealProvider, metadata: &str) -> Story {
    let house = House::open_today(Engine::Sqlite).await;
    let known = known(provider, metadata, house.clock.now()).await;
    Story::with(house, known).await
}

/// Goes on at the provider until a page.
async fn onwards(there: &Visitor, mut answer: Answer) -> (String, Answer) {
    let mut at = String::new();
    while answer.status.is_redirection() {
        at = answer.location();
        answer = there.get(&at).await;
    }
    (at, answer)
}

/// Presses the button of the provider's last page, which posts to us from a site of its own.
async fn comes_back(story: &Story, bob: &Visitor, page: &Answer) -> Answer {
    assert_eq!(page.action(), story.us.acs, "{page:?}");
    let fields = ["SAMLResponse", "RelayState"].map(|name| (name, page.field(name)));
    let fields = fields.each_ref().map(|(name, value)| (*name, value.as_str()));
    let posted = story.house.visitor().post(&story.us.acs, &fields).await;
    assert_eq!(posted.status, StatusCode::SEE_OTHER, "{posted:?}");
    bob.get(&posted.location()).await
}

async fn is_in(story: &Story, bob: &Visitor, back: Answer) {
    assert_eq!(
        back.status,
        StatusCode::SEE_OTHER,
        "{:?} {back:?}",
        story.last_attempt().await
    );
    assert!(bob.follow(back).await.body.contains("Bob Becker"));
    assert_eq!(story.last_attempt().await, ("done".to_owned(), None));
}

/// Signs in at `simplesamlphp`, by its own form.
async fn by_simplesamlphp(encrypts: bool) -> (Story, Visitor, Answer) {
    let provider = RealProvider::simplesamlphp();
    let story = story(&provider, "/saml2/idp/metadata.php").await;
    let bob = story.house.visitor();
    let certificate = story.certificate(&bob).await;
    provider.knows(&story.us.entity_id, &story.us.acs, &certificate, encrypts);
    let there = Visitor::new(&provider.url);
    let away = bob.get("/o/acme/login").await;
    let (at, form) = onwards(&there, away).await;
    let (page, _) = at.split_once('?').unwrap_or_else(|| panic!("no form: {form:?}"));
    let state = form.field("AuthState").replace("&amp;", "&");
    let fields = [
        ("username", "bob"),
        ("password", "upstream password"),
        ("AuthState", state.as_str()),
    ];
    let signed_in = there.post(page, &fields).await;
    let (_, last) = onwards(&there, signed_in).await;
    let back = comes_back(&story, &bob, &last).await;
    (story, bob, back)
}

#[tokio::test(flavor = "multi_thread")]
async fn bob_comes_by_simplesamlphp() {
    let (story, bob, back) = by_simplesamlphp(false).await;
    is_in(&story, &bob, back).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_simplesamlphp_encrypts_is_refused_by_its_name() {
    let (story, _, back) = by_simplesamlphp(true).await;
    assert_eq!(back.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        story.last_attempt().await.1.as_deref(),
        Some("encrypted_with_cbc")
    );
}

/// Comes by `pysaml2`, which signs and encrypts as it is told.
async fn by_pysaml2(provider: &RealProvider) -> (Story, Visitor, Answer) {
    let story = story(provider, "/metadata").await;
    let bob = story.house.visitor();
    let ours = bob.get(&story.us.entity_id).await;
    provider.reads(&ours.body);
    let away = bob.get("/o/acme/login").await;
    let (_, last) = onwards(&Visitor::new(&provider.url), away).await;
    let back = comes_back(&story, &bob, &last).await;
    (story, bob, back)
}

#[tokio::test(flavor = "multi_thread")]
async fn bob_comes_by_pysaml2_however_it_signs_and_encrypts() {
    for shape in Shape::ALL {
        let (story, bob, back) = by_pysaml2(&RealProvider::pysaml2(shape, true)).await;
        is_in(&story, &bob, back).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_pysaml2_does_unless_told_is_refused_by_its_name() {
    let (story, _, back) = by_pysaml2(&RealProvider::pysaml2(Shape::Encrypted, false)).await;
    assert_eq!(back.status, StatusCode::BAD_REQUEST);
    assert_eq!(
        story.last_attempt().await.1.as_deref(),
        Some("encrypted_with_triple_des")
    );
}
