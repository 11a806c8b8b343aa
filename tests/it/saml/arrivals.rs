//! What comes in by SAML: two factors that a provider tells of, one assertion at two nodes, what a form brings along, and what
//! whoever tries ciphertexts gets to see.

use std::time::Duration;

use doorward::domain::connection::{Connection, SamlBinding};
use doorward::saml::binding;
use reqwest::StatusCode;
use tempfile::NamedTempFile;
use tokio::task::JoinSet;

use super::attacks::oracle::{Part, Tried};
use super::attacks::twins::{TWO_FACTORS, by_class};
use super::documents::{
    AES256_GCM, ASSERTION_SIGNATURE, Answer as Sent, RSA_OAEP, Shape, encryption_template,
};
use super::judge::{self, PROVIDER, without_declaration};
use super::sign_in::{Story, forget};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, on_both};
use crate::oidc::claims_of;

/// An answer that nobody asked for, of a provider that may begin.
fn unasked(story: &Story) -> Sent {
    let mut answer = story.answer("");
    for part in [&mut answer.response, &mut answer.subject] {
        *part = part.replace(" InResponseTo=\"\"", "");
    }
    answer
}

/// What Acme's application is told of how somebody who comes by this class signed in.
async fn acr_by(story: &Story, class: &str) -> String {
    let bob = story.house.visitor();
    let (request, state) = story.leaves(&bob).await;
    let mut answer = story.answer(&request);
    by_class(&mut answer, class);
    let address = story.posted(&answer.sent(Shape::Assertion), &state).await;
    let back = bob.get(&address).await;
    assert_eq!(back.status, StatusCode::SEE_OTHER, "{class} {back:?}");
    forget(story).await;
    let desk = story.house.acme.desk.to_string();
    let code = bob.arrives(&authorize(&desk, &[])).await.code();
    let tokens = bob.redeem(&desk, &code).await.json();
    let told = claims_of(tokens["id_token"].as_str().unwrap());
    told["acr"].as_str().unwrap().to_owned()
}

/// Encrypts as Acme's provider would, for the key that this house publishes.
async fn encrypted(story: &Story, answer: &Sent, template: &str) -> String {
    let certificate = story.certificate(&story.house.visitor()).await;
    let file = NamedTempFile::new().unwrap();
    let lines: Vec<_> = certificate
        .as_bytes()
        .chunks(64)
        .map(|line| str::from_utf8(line).unwrap())
        .collect();
    let pem = format!(
        "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n",
        lines.join("\n")
    );
    std::fs::write(file.path(), pem).unwrap();
    let assertion = judge::sign(&answer.assertion_xml(true), ASSERTION_SIGNATURE, &PROVIDER);
    let assertion = without_declaration(&assertion);
    let data = judge::encrypt_for(
        assertion,
        template,
        answer.session_key,
        file.path().to_str().unwrap(),
    );
    let assertion = format!("<saml:EncryptedAssertion>{data}</saml:EncryptedAssertion>");
    answer.response_xml(false, &assertion)
}

/// What a page shows besides the reference for whoever reads the log.
fn shown(page: &Answer) -> String {
    let (before, rest) = page.body.split_once("<dd><code>").unwrap();
    let (_, after) = rest.split_once("</code></dd>").unwrap();
    format!("{} {before}{after}", page.status)
}

on_both! {
    async fn each_name_of_two_factors_counts_if_the_provider_is_trusted(story: Story) {
        let password = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
        for class in TWO_FACTORS {
            assert_eq!(acr_by(&story, class).await, "aal1", "not trusted: {class}");
        }
        let trust = |connection: &mut Connection| connection.trusts_mfa = true;
        story.house.change_connection(story.connection.id, trust).await;
        for class in TWO_FACTORS {
            assert_eq!(acr_by(&story, class).await, "aal2", "trusted: {class}");
        }
        assert_eq!(acr_by(&story, password).await, "aal1");
    }

    /// Twenty browsers have the same assertion, as it was sent and written otherwise, each at another node than it posted to.
    async fn sa24_of_twenty_at_two_nodes_one_counts(story: Story) {
        story.change(|provider| provider.idp_initiated = true).await;
        let second = story.house.another_node().await;
        let other = second.as_ref().map_or(&story.house.url, |node| &node.url);
        let nodes = [&story.house.url, other];
        let mut rewritten = unasked(&story);
        rewritten.attributes = String::new();
        let documents = [unasked(&story).sent(Shape::Assertion), rewritten.sent(Shape::Both)];
        let mut arrivals = JoinSet::new();
        for number in 0..20 {
            let visitor = story.house.visitor();
            let acs = story.us.acs.replace(nodes[0], nodes[number % 2]);
            let encoded = binding::write_post(&documents[number / 2 % 2]);
            let posted = visitor.post(&acs, &[("SAMLResponse", &encoded)]).await;
            assert_eq!(posted.status, StatusCode::SEE_OTHER, "{posted:?}");
            let address = format!("{}{}", nodes[(number + 1) % 2], posted.location());
            arrivals.spawn(async move { visitor.get(&address).await });
        }
        let answers = arrivals.join_all().await;
        let is_in = answers.iter().filter(|answer| answer.status == StatusCode::SEE_OTHER);
        assert_eq!(is_in.count(), 1, "{answers:?}");
        let refused = answers.iter().filter(|answer| answer.status == StatusCode::BAD_REQUEST);
        assert_eq!(refused.count(), 19, "{answers:?}");
        let mut why: Vec<_> = story.attempts().await.into_iter().map(|line| line.refusal).collect();
        why.sort();
        let mut expected = vec![Some("replayed".to_owned()); 19];
        expected.insert(0, None);
        assert_eq!(why, expected);
    }

    async fn sa33_what_a_form_brings_along_comes_back_on_no_page(story: Story) {
        const HOSTILE: &str = "\"><script>alert(33)</script>";
        let silent = |answer: &Answer| {
            assert!(!answer.body.contains("<script>alert(33)"), "{answer:?}");
            assert!(!answer.location().contains("alert"), "{answer:?}");
        };
        let query: String = url::form_urlencoded::byte_serialize(HOSTILE.as_bytes()).collect();
        let acs = &story.us.acs;
        let visitor = story.house.visitor();
        // Where there is no response, or too many.
        for fields in [
            vec![("RelayState", HOSTILE)],
            vec![("SAMLResponse", HOSTILE), ("RelayState", HOSTILE)],
            vec![("SAMLResponse", "AAAA"), ("RelayState", HOSTILE), ("RelayState", HOSTILE)],
        ] {
            let answer = visitor.post(acs, &fields).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST);
            silent(&answer);
        }
        // Where one is refused: nobody asked for it.
        let document = story.answer("_request").sent(Shape::Both);
        let posted = story.posts(&document, &[("RelayState", HOSTILE)]).await;
        assert_eq!(posted.status, StatusCode::SEE_OTHER);
        silent(&posted);
        for address in [posted.location(), format!("{acs}?answer={query}&RelayState={query}")] {
            let page = visitor.get(&address).await;
            assert!(page.status.is_client_error(), "{page:?}");
            silent(&page);
        }
        // Where one is believed.
        story.change(|provider| provider.idp_initiated = true).await;
        let posted = story.posts(&unasked(&story).sent(Shape::Both), &[("RelayState", HOSTILE)]).await;
        silent(&posted);
        let back = visitor.get(&posted.location()).await;
        assert_eq!(back.location(), "/", "{back:?}");
        silent(&visitor.follow(back).await);
        // And where a form of ours goes out: the state in it is ours.
        story.change(|provider| {
            provider.sso.binding = SamlBinding::Post;
            provider.sso.url = format!("https://idp.example.com/sso?{query}");
        })
        .await;
        let page = story.house.visitor().get(&format!("/o/acme/login?RelayState={query}")).await;
        assert_eq!(page.status, StatusCode::OK, "{page:?}");
        silent(&page);
    }

    /// The log has names for what a provider should change. Whoever sends ciphertexts sees one page.
    async fn sa30_whoever_tries_ciphertexts_sees_one_page(story: Story) {
        type Change = fn(&mut Vec<u8>);
        let gcm = encryption_template(AES256_GCM, RSA_OAEP);
        let cbc = encryption_template("http://www.w3.org/2001/04/xmlenc#aes256-cbc", RSA_OAEP);
        let old = encryption_template(AES256_GCM, "http://www.w3.org/2001/04/xmlenc#rsa-1_5");
        let attempts: [(&str, Part, Change, Option<&str>); 9] = [
            (&gcm, Part::Content, |content| content[20] ^= 1, Some("undecipherable")),
            (&gcm, Part::Content, Vec::clear, Some("undecipherable")),
            (&gcm, Part::Key, |key| key[20] ^= 1, Some("undecipherable")),
            (&gcm, Part::Key, Vec::clear, Some("undecipherable")),
            (&cbc, Part::Content, |_| (), Some("encrypted_with_cbc")),
            (&cbc, Part::Content, |content| content[20] ^= 1, Some("encrypted_with_cbc")),
            (&old, Part::Key, |_| (), Some("key_transport_rsa_1_5")),
            (&old, Part::Key, |key| key[20] ^= 1, Some("key_transport_rsa_1_5")),
            // The provider's own.
            (&gcm, Part::Key, |_| (), None),
        ];
        let mut pages = Vec::new();
        for (template, part, change, why) in attempts {
            let bob = story.house.visitor();
            let (request, state) = story.leaves(&bob).await;
            let genuine = encrypted(&story, &story.answer(&request), template).await;
            let address = story.posted(&Tried::of(&genuine).with(part, change), &state).await;
            // The log is in the order of its moments.
            story.house.wait(Duration::from_secs(1));
            let page = bob.get(&address).await;
            assert_eq!(story.last_attempt().await.1.as_deref(), why);
            if why.is_some() {
                assert_eq!(page.status, StatusCode::BAD_REQUEST, "{page:?}");
                pages.push(shown(&page));
            }
        }
        assert_eq!(pages.len(), 8);
        for page in &pages {
            assert_eq!(page, &pages[0]);
        }
    }
}
