//! What we write ourselves, as others read it.

use doorward::domain::connection::{SamlBinding, SamlEndpoint, SamlProvider};
use doorward::saml::keys::PinnedKeys;
use doorward::saml::sp::{Sending, authn_request, metadata};
use doorward::saml::{binding, signature};

use super::documents::{NOW, provider, us};
use super::judge::{self, MALLORYS, OURS};

const REQUEST_SIGNATURE: &str = "/*[local-name()='AuthnRequest']/*[local-name()='Signature']";

fn posting() -> SamlProvider {
    SamlProvider {
        sso: SamlEndpoint {
            binding: SamlBinding::Post,
            url: "https://idp.example.com/sso?a=1&b=2".to_owned(),
        },
        ..provider()
    }
}

#[test]
fn a_request_in_a_form_is_signed_for_everybody_to_verify() {
    let sending = authn_request(&us(), &posting(), "_1", "state", Some(&OURS.key), NOW).unwrap();
    let Sending::Post {
        message, relay_state, ..
    } = sending
    else {
        panic!("{sending:?}");
    };
    assert_eq!(relay_state, "state");
    let document = String::from_utf8(binding::read_post(&message).unwrap()).unwrap();
    assert!(judge::verifies(&document, REQUEST_SIGNATURE, &OURS), "{document}");
    assert!(!judge::verifies(&document, REQUEST_SIGNATURE, &MALLORYS));
    let changed = document.replace("/acs", "/evil");
    assert!(!judge::verifies(&changed, REQUEST_SIGNATURE, &OURS));
}

#[test]
fn a_message_of_any_text_is_signed_for_everybody_to_verify() {
    for text in [
        "plain",
        "a&amp;b &lt; c &gt; d",
        "\u{e9}\u{1F600} &quot;&apos;",
        "&#xD;&#x9;x\r\n y",
        "  ",
    ] {
        let document = format!(
            concat!(
                "<samlp:AuthnRequest  xmlns:samlp='urn:oasis:names:tc:SAML:2.0:protocol' Version='2.0'\n ID='_a.b-1' ",
                "Consent=\"'&quot;&#10;&lt;\"><i:Issuer xmlns:i='urn:oasis:names:tc:SAML:2.0:assertion'>{}</i:Issuer>",
                "<samlp:Extensions xmlns='urn:other'><x a='1'/>\n<y xmlns:z='urn:z' z:b='2' b='3'/></samlp:Extensions>",
                "</samlp:AuthnRequest>",
            ),
            text
        );
        let signed = signature::sign(&document, &OURS.key).unwrap();
        assert!(judge::verifies(&signed, REQUEST_SIGNATURE, &OURS), "{signed}");
    }
}

#[test]
fn a_request_in_a_query_is_signed_over_what_is_sent() {
    let sending = authn_request(&us(), &provider(), "_1", "a state&=", Some(&OURS.key), NOW).unwrap();
    let Sending::Redirect(url) = sending else {
        panic!("{sending:?}");
    };
    let query = url.split_once('?').unwrap().1;
    let keys = PinnedKeys::of(&[OURS.key.certificate()]).unwrap();
    let read = binding::read_redirect(query, binding::Parameter::Request, &keys).unwrap();
    assert_eq!(read.relay_state.as_deref(), Some("a state&="));
    let document = String::from_utf8(read.message).unwrap();
    assert!(document.contains(&format!("AssertionConsumerServiceURL=\"{}\"", us().acs)));
    assert!(document.contains(r#"Destination="https://idp.example.com/sso""#));
}

#[test]
fn an_address_that_has_a_query_keeps_it() {
    let mut redirecting = posting();
    redirecting.sso.binding = SamlBinding::Redirect;
    let sending = authn_request(&us(), &redirecting, "_1", "state", None, NOW).unwrap();
    let Sending::Redirect(url) = sending else {
        panic!("{sending:?}");
    };
    assert!(
        url.starts_with("https://idp.example.com/sso?a=1&b=2&SAMLRequest="),
        "{url}"
    );
    assert!(!url.contains("Signature="));
}

#[test]
fn our_metadata_says_where_answers_go_and_what_they_may_be_encrypted_with() {
    let written = metadata(&us(), &OURS.key, true);
    for part in [
        format!("entityID=\"{}\"", us().entity_id),
        format!("Location=\"{}\"", us().acs),
        OURS.key.certificate().to_owned(),
        "AuthnRequestsSigned=\"true\"".to_owned(),
        "WantAssertionsSigned=\"true\"".to_owned(),
        "use=\"encryption\"".to_owned(),
    ] {
        assert!(written.contains(&part), "{part}");
    }
    assert!(!written.contains("cbc"));
}
