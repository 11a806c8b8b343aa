//! SA31: messages in a query. What was signed is what is read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::saml::Refusal;
use doorward::saml::binding::{Parameter, read_post, read_redirect, write_redirect};
use doorward::saml::keys::PinnedKeys;

use super::judge::{MALLORYS, OURS};

const MESSAGE: &str = "<samlp:LogoutResponse/>";

fn verdict(query: &str) -> Result<String, Refusal> {
    let keys = PinnedKeys::of(&[OURS.key.certificate()]).unwrap();
    let read = read_redirect(query, Parameter::Response, &keys)?;
    Ok(String::from_utf8(read.message).unwrap())
}

fn genuine() -> String {
    write_redirect(Parameter::Response, MESSAGE, Some("a state"), Some(&OURS.key))
}

#[test]
fn sa31_each_parameter_once_and_by_its_name() {
    assert_eq!(verdict(&genuine()).as_deref(), Ok(MESSAGE));
    let evil = write_redirect(Parameter::Response, "<evil/>", None, None);
    let evil = evil.strip_prefix("SAMLResponse=").unwrap();
    for (query, why) in [
        (
            format!("%53AMLResponse={evil}&{}", genuine()),
            Refusal::ParameterDisguised,
        ),
        (
            format!("{}&SAML%52esponse={evil}", genuine()),
            Refusal::ParameterDisguised,
        ),
        (
            format!("{}&samlresponse={evil}", genuine()),
            Refusal::ParameterDisguised,
        ),
        (
            format!("SAMLResponse={evil}&{}", genuine()),
            Refusal::ParameterTwice,
        ),
        (
            format!("{}&SAMLResponse={evil}", genuine()),
            Refusal::ParameterTwice,
        ),
        (format!("{}&RelayState=other", genuine()), Refusal::ParameterTwice),
        (
            genuine().replace("RelayState=a+state&", ""),
            Refusal::SignatureInvalid,
        ),
        (
            genuine().replace("a+state", "a%20state"),
            Refusal::SignatureInvalid,
        ),
        (genuine().replace("a+state", "another"), Refusal::SignatureInvalid),
        (
            genuine().replace("rsa-sha256", "rsa-sha1"),
            Refusal::SignatureMethod,
        ),
        (
            genuine().split("&Signature=").next().unwrap().to_owned(),
            Refusal::ParameterMissing,
        ),
        (genuine().replace("SigAlg=", "Other="), Refusal::ParameterMissing),
        (
            genuine().replace("SAMLResponse=", "SAMLRequest="),
            Refusal::ParameterMissing,
        ),
        (String::new(), Refusal::ParameterMissing),
    ] {
        assert_eq!(verdict(&query).err(), Some(why), "{query}");
    }
    let mallorys = write_redirect(Parameter::Response, MESSAGE, None, Some(&MALLORYS.key));
    assert_eq!(verdict(&mallorys).err(), Some(Refusal::SignatureInvalid));
}

#[test]
fn sa31_a_message_inflates_to_its_bound_and_no_further() {
    let signed = |length: usize| {
        let message = "x".repeat(length);
        write_redirect(Parameter::Response, &message, None, Some(&OURS.key))
    };
    assert_eq!(
        verdict(&signed(256 * 1024)).map(|message| message.len()),
        Ok(256 * 1024)
    );
    let bomb = signed(256 * 1024 * 100);
    assert!(bomb.len() < 60_000);
    assert_eq!(verdict(&bomb).err(), Some(Refusal::InflatesTooFar));
}

#[test]
fn sa31_relay_state_is_short() {
    let signed = |length: usize| {
        write_redirect(
            Parameter::Response,
            MESSAGE,
            Some(&"s".repeat(length)),
            Some(&OURS.key),
        )
    };
    assert!(verdict(&signed(1_024)).is_ok());
    assert_eq!(verdict(&signed(1_025)).err(), Some(Refusal::RelayStateTooLong));
}

#[test]
fn a_form_carries_base64_with_line_breaks_or_without() {
    let encoded = STANDARD.encode(MESSAGE);
    let (first, second) = encoded.split_at(10);
    assert_eq!(read_post(&encoded).unwrap(), MESSAGE.as_bytes());
    assert_eq!(
        read_post(&format!("{first}\r\n{second}\r\n")).unwrap(),
        MESSAGE.as_bytes()
    );
    assert_eq!(read_post("<xml/>").err(), Some(Refusal::BadBase64));
    assert_eq!(read_post(&"A".repeat(400_000)).err(), Some(Refusal::TooLong));
}
