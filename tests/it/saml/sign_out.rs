//! Signing out between us and the provider that Bob came by, both ways (X2, SECURITY.md SA37).

use doorward::domain::connection::{SamlBinding, SamlEndpoint};
use doorward::saml::binding::{self, Parameter};
use doorward::saml::keys::PinnedKeys;
use doorward::saml::logout::{LogoutRequest, LogoutResponse, Parties};

use super::documents::{ENTITY_ID, Shape};
use super::judge::{MALLORYS, PROVIDER, Pair};
use super::sign_in::{Story, forget};
use crate::harness::{Answer, Visitor, on_both};

const SLO: &str = "https://idp.example.com/slo";

impl Story {
    /// Bob, in by his company's provider, which takes sign-outs.
    async fn bob_is_in(&self) -> Visitor {
        let takes_them = SamlEndpoint {
            binding: SamlBinding::Redirect,
            url: SLO.to_owned(),
        };
        self.change(|provider| provider.slo = Some(takes_them)).await;
        self.comes_in().await
    }

    async fn comes_in(&self) -> Visitor {
        let bob = self.house.visitor();
        let (request, state) = self.leaves(&bob).await;
        let answer = self.answer(&request);
        let address = self.posted(&answer.sent(Shape::Both), &state).await;
        let back = bob.get(&address).await;
        assert!(back.status.is_redirection(), "{back:?}");
        bob
    }

    async fn is_out(&self, bob: &Visitor) -> bool {
        bob.get("/").await.location() == "/sign-in"
    }

    fn parties(&self) -> Parties<'_> {
        Parties {
            us: ENTITY_ID,
            our_place: SLO,
            them: &self.us.entity_id,
        }
    }

    /// The provider's word that Bob is to be signed out.
    fn wants_out(&self, id: &str, sessions: &[&str], pair: Option<&Pair>) -> String {
        let request = LogoutRequest {
            id: id.to_owned(),
            name_id: "bob-1".to_owned(),
            format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
            sessions: sessions.iter().map(|session| (*session).to_owned()).collect(),
            relay_state: None,
        };
        let message = request.to_xml(self.parties(), &self.us.slo, self.house.clock.now());
        let key = pair.map(|pair| &pair.key);
        let query = binding::write_redirect(Parameter::Request, &message, Some("back"), key);
        format!("{}?{query}", self.us.slo)
    }

    /// What the browser takes to the provider: the message, verified by our certificate, and the relay state.
    async fn taken_there(&self, bob: &Visitor, answer: &Answer, parameter: Parameter) -> (String, String) {
        let location = answer.location();
        let query = location
            .strip_prefix(&format!("{SLO}?"))
            .unwrap_or_else(|| panic!("{answer:?}"));
        let keys = PinnedKeys::of(&[self.certificate(bob).await]).unwrap();
        let carried = binding::read_redirect(query, parameter, &keys).unwrap();
        (
            String::from_utf8(carried.message).unwrap(),
            carried.relay_state.unwrap(),
        )
    }
}

on_both! {
    async fn x2_bob_signs_out_here_and_his_provider_hears_of_it(story: Story) {
        let bob = story.bob_is_in().await;
        let home = bob.get("/").await;
        let left = bob.submit(&home, &[]).await;
        assert!(story.is_out(&bob).await, "whatever the provider does");
        let asked = bob.get(&left.location()).await;
        let (message, handle) = story.taken_there(&bob, &asked, Parameter::Request).await;
        assert!(message.contains(">bob-1</saml:NameID>") && message.contains("LogoutRequest"), "{message}");
        let id = message.split_once(" ID=\"").unwrap().1.split('"').next().unwrap();
        let answer = LogoutResponse { in_response_to: id.to_owned(), succeeded: true, relay_state: None };
        let message = answer.to_xml("_answer", story.parties(), &story.us.slo, story.house.clock.now());
        let back = |pair: Option<&Pair>| {
            let key = pair.map(|pair| &pair.key);
            let query = binding::write_redirect(Parameter::Response, &message, Some(&handle), key);
            format!("{}?{query}", story.us.slo)
        };
        assert_eq!(bob.get(&back(None)).await.status, 400);
        assert_eq!(bob.get(&back(Some(&MALLORYS))).await.status, 400);
        assert_eq!(story.house.visitor().get(&back(Some(&PROVIDER))).await.status, 410, "in another browser");
        let returned = bob.get(&back(Some(&PROVIDER))).await;
        assert_eq!(bob.get(&returned.location()).await.location(), "/signed-out");
        assert_eq!(bob.get(&back(Some(&PROVIDER))).await.status, 410, "once");
    }

    async fn sa37_his_provider_signs_bob_out_by_its_own_signed_word_once(story: Story) {
        let bob = story.bob_is_in().await;
        for forged in [story.wants_out("_1", &[], None), story.wants_out("_1", &[], Some(&MALLORYS))] {
            assert_eq!(bob.get(&forged).await.status, 400);
            assert!(!story.is_out(&bob).await);
        }
        bob.get(&story.wants_out("_0", &["another session"], Some(&PROVIDER))).await;
        assert!(!story.is_out(&bob).await);
        let genuine = story.wants_out("_1", &[], Some(&PROVIDER));
        let answered = bob.get(&genuine).await;
        let (message, relay_state) = story.taken_there(&bob, &answered, Parameter::Response).await;
        assert!(message.contains("InResponseTo=\"_1\"") && message.contains("status:Success"), "{message}");
        assert_eq!(relay_state, "back");
        assert!(story.is_out(&bob).await);
        forget(&story).await;
        let bob = story.comes_in().await;
        assert_eq!(bob.get(&genuine).await.status, 400);
        assert!(!story.is_out(&bob).await);
    }

    async fn a_request_by_a_form_goes_on_to_where_bobs_cookies_are(story: Story) {
        let bob = story.bob_is_in().await;
        let request = story.wants_out("_1", &[], Some(&PROVIDER));
        assert!(request.contains("SAMLRequest"));
        let unsigned = binding::write_post("<a/>");
        let posted = story.house.visitor().post(&story.us.slo, &[("SAMLRequest", &unsigned)]).await;
        assert_eq!(posted.status, 400);
        let both = [("SAMLRequest", unsigned.as_str()), ("SAMLResponse", unsigned.as_str())];
        assert_eq!(story.house.visitor().post(&story.us.slo, &both).await.status, 400);
        assert!(!story.is_out(&bob).await);
        let message = story.signed_form("_2");
        let posted = story.house.visitor().post(&story.us.slo, &[("SAMLRequest", &message)]).await;
        let answered = bob.get(&posted.location()).await;
        assert!(answered.location().starts_with(SLO), "{answered:?}");
        assert!(story.is_out(&bob).await);
        assert_eq!(bob.get(&posted.location()).await.status, 400, "once");
    }

    async fn a_provider_that_takes_no_sign_outs_is_not_asked(story: Story) {
        let bob = story.comes_in().await;
        let home = bob.get("/").await;
        assert_eq!(bob.submit(&home, &[]).await.location(), "/signed-out");
    }
}

impl Story {
    /// A request signed inside, as forms carry them.
    fn signed_form(&self, id: &str) -> String {
        let request = LogoutRequest {
            id: id.to_owned(),
            name_id: "bob-1".to_owned(),
            format: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent".to_owned(),
            sessions: Vec::new(),
            relay_state: None,
        };
        let message = request.to_xml(self.parties(), &self.us.slo, self.house.clock.now());
        let signed = doorward::saml::signature::sign(&message, &PROVIDER.key).unwrap();
        binding::write_post(&signed)
    }
}
