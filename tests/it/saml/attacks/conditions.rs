//! SA21 to SA28: answers that the provider did sign, for somebody else, some other time, or in answer to something else.

use std::time::Duration;

use doorward::domain::connection::SamlProvider;
use doorward::saml::Refusal;
use doorward::saml::sp::Awaited;

use super::super::documents::{
    Answer, ENTITY_ID, NOW, REQUEST_ID, Shape, audience, conditions, confirmation, provider, read, received,
    signed_and_refused, subject, us,
};

const FROM: &str = "2026-11-22T09:29:00Z";
const UNTIL: &str = "2026-11-22T09:35:00Z";

#[test]
fn sa21_for_somebody_else() {
    let other = audience("https://other.example.com");
    let both = format!("{}{other}", audience(&us().entity_id));
    for restrictions in [
        other,
        both,
        audience(""),
        audience(&format!("{}/", us().entity_id)),
    ] {
        signed_and_refused(Refusal::Audience, |answer| {
            answer.conditions = conditions(FROM, UNTIL, &restrictions);
        });
    }
    signed_and_refused(Refusal::NoAudience, |answer| {
        answer.conditions = conditions(FROM, UNTIL, "");
    });
    signed_and_refused(Refusal::NoWindow, |answer| answer.conditions = String::new());
    signed_and_refused(Refusal::UnknownCondition, |answer| {
        answer.conditions = answer
            .conditions
            .replace("</saml:Conditions>", "<saml:Condition/></saml:Conditions>");
    });
}

#[test]
fn sa22_at_another_address() {
    for other in ["https://other.example.com/acs", "", "HTTPS://id.example.com/saml"] {
        signed_and_refused(Refusal::Recipient, |answer| {
            answer.subject = subject("alice-1", &confirmation(other, UNTIL, REQUEST_ID));
        });
        signed_and_refused(Refusal::Destination, |answer| {
            answer.response = answer.response.replace(&us().acs, other);
        });
    }
    signed_and_refused(Refusal::Recipient, |answer| {
        answer.subject = answer.subject.replace(&format!("Recipient=\"{}\"", us().acs), "");
    });
    signed_and_refused(Refusal::Destination, |answer| {
        answer.response = answer
            .response
            .replace(&format!("Destination=\"{}\"", us().acs), "");
    });
}

#[test]
fn sa23_in_answer_to_another_request_or_to_none() {
    for other in ["_request-2", ""] {
        signed_and_refused(Refusal::InResponseTo, |answer| {
            answer.response = answer.response.replace(REQUEST_ID, other);
        });
        signed_and_refused(Refusal::InResponseTo, |answer| {
            answer.subject = answer.subject.replace(REQUEST_ID, other);
        });
    }
    let attribute = format!("InResponseTo=\"{REQUEST_ID}\"");
    signed_and_refused(Refusal::InResponseTo, |answer| {
        answer.response = answer.response.replace(&attribute, "");
    });
    signed_and_refused(Refusal::InResponseTo, |answer| {
        answer.subject = answer.subject.replace(&attribute, "");
    });
}

#[test]
fn sa23_a_provider_begins_only_where_it_may_and_answers_nothing_then() {
    let may = SamlProvider {
        idp_initiated: true,
        ..provider()
    };
    let attribute = format!("InResponseTo=\"{REQUEST_ID}\"");
    let mut unsolicited = Answer::genuine();
    unsolicited.response = unsolicited.response.replace(&attribute, "");
    unsolicited.subject = unsolicited.subject.replace(&attribute, "");
    let mut half = unsolicited.clone();
    half.subject = Answer::genuine().subject;
    for shape in Shape::ALL {
        let verdict = |answer: &Answer, provider: &SamlProvider| {
            received(answer.sent(shape).as_bytes(), provider, Awaited::Nothing, NOW).err()
        };
        assert_eq!(verdict(&unsolicited, &may), None);
        assert_eq!(verdict(&unsolicited, &provider()), Some(Refusal::Unsolicited));
        assert_eq!(
            verdict(&Answer::genuine(), &may),
            Some(Refusal::UnexpectedInResponseTo)
        );
        assert_eq!(verdict(&half, &may), Some(Refusal::UnexpectedInResponseTo));
    }
}

#[test]
fn sa25_at_another_time() {
    let at = |conditions: String| move |answer: &mut Answer| answer.conditions.clone_from(&conditions);
    let ours = audience(&us().entity_id);
    signed_and_refused(
        Refusal::Expired,
        at(conditions(FROM, "2026-11-22T09:28:00Z", &ours)),
    );
    signed_and_refused(
        Refusal::NotYetValid,
        at(conditions("2026-11-22T09:32:01Z", UNTIL, &ours)),
    );
    signed_and_refused(
        Refusal::NoWindow,
        at(conditions(FROM, UNTIL, &ours).replace(&format!("NotOnOrAfter=\"{UNTIL}\""), "")),
    );
    signed_and_refused(
        Refusal::NoWindow,
        at(conditions(FROM, UNTIL, &ours).replace(&format!("NotBefore=\"{FROM}\""), "")),
    );
    for time in ["tomorrow", "2026-11-22T09:35:00", "2026-11-22T09:35:00+01:00", ""] {
        signed_and_refused(Refusal::BadTime, at(conditions(FROM, time, &ours)));
    }
    let confirmed =
        |confirmation: String| move |answer: &mut Answer| answer.subject = subject("alice-1", &confirmation);
    let acs = us().acs;
    signed_and_refused(
        Refusal::BearerExpired,
        confirmed(confirmation(&acs, "2026-11-22T09:28:00Z", REQUEST_ID)),
    );
    signed_and_refused(
        Refusal::NoExpiry,
        confirmed(confirmation(&acs, UNTIL, REQUEST_ID).replace(&format!("NotOnOrAfter=\"{UNTIL}\""), "")),
    );
    signed_and_refused(
        Refusal::BearerNotBefore,
        confirmed(
            confirmation(&acs, UNTIL, REQUEST_ID)
                .replace("Recipient", &format!("NotBefore=\"{FROM}\" Recipient")),
        ),
    );
    let issued = "IssueInstant=\"2026-11-22T09:30:00Z\"";
    signed_and_refused(Refusal::IssuedAhead, |answer| {
        answer.assertion = answer
            .assertion
            .replace(issued, "IssueInstant=\"2099-01-01T00:00:00Z\"");
    });
    signed_and_refused(Refusal::IssuedAhead, |answer| {
        answer.response = answer
            .response
            .replace(issued, "IssueInstant=\"2099-01-01T00:00:00Z\"");
    });
    signed_and_refused(Refusal::IssuedLongAgo, |answer| {
        answer.assertion = answer
            .assertion
            .replace(issued, "IssueInstant=\"2026-11-22T08:20:00Z\"");
    });
    signed_and_refused(Refusal::SessionOver, |answer| {
        answer.authentication = answer.authentication.replace("17:30:00Z", "09:28:00Z");
    });
}

#[test]
fn sa25_clocks_may_differ_by_two_minutes_and_no_more() {
    let document = Answer::genuine().sent(Shape::Both);
    let verdict = |now| {
        received(
            document.as_bytes(),
            &provider(),
            Awaited::Request(REQUEST_ID),
            now,
        )
        .err()
    };
    let until = NOW.plus(Duration::from_mins(5));
    let second = Duration::from_secs(1);
    assert_eq!(verdict(until.plus(Duration::from_mins(2)).minus(second)), None);
    assert_eq!(
        verdict(until.plus(Duration::from_mins(2))),
        Some(Refusal::Expired)
    );
    assert_eq!(verdict(NOW.minus(Duration::from_mins(2))), None);
    assert_eq!(
        verdict(NOW.minus(Duration::from_mins(2)).minus(second)),
        Some(Refusal::IssuedAhead)
    );
}

#[test]
fn sa26_what_did_not_go_well() {
    let success = "urn:oasis:names:tc:SAML:2.0:status:Success";
    for (code, why) in [
        (
            "urn:oasis:names:tc:SAML:2.0:status:Responder",
            Refusal::StatusNotSuccess,
        ),
        (
            "urn:oasis:names:tc:SAML:2.0:status:Requester",
            Refusal::StatusRequester,
        ),
        ("Success", Refusal::StatusNotSuccess),
        ("", Refusal::StatusNotSuccess),
    ] {
        signed_and_refused(why, |answer| answer.status = answer.status.replace(success, code));
    }
    let nested = concat!(
        r#"<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Responder">"#,
        r#"<samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:AuthnFailed"/></samlp:StatusCode></samlp:Status>"#,
    );
    signed_and_refused(Refusal::StatusAuthnFailed, |answer| {
        nested.clone_into(&mut answer.status);
    });
    let mut answer = Answer::genuine();
    nested.clone_into(&mut answer.status);
    assert_eq!(
        read(answer.response_xml(false, "")).err(),
        Some(Refusal::StatusAuthnFailed)
    );
}

#[test]
fn sa27_two_of_what_there_can_be_one() {
    signed_and_refused(Refusal::UnexpectedElement, |answer| {
        let twice = answer.subject.repeat(2);
        answer.subject = twice;
    });
    signed_and_refused(Refusal::UnexpectedElement, |answer| {
        answer.subject = answer
            .subject
            .replace("</saml:NameID>", "</saml:NameID><saml:NameID>bob-1</saml:NameID>");
    });
    signed_and_refused(Refusal::UnexpectedElement, |answer| {
        let twice = answer.conditions.repeat(2);
        answer.conditions = twice;
    });
    signed_and_refused(Refusal::UnexpectedElement, |answer| {
        let twice = answer.authentication.repeat(2);
        answer.authentication = twice;
    });
}

#[test]
fn sa28_no_bearer() {
    signed_and_refused(Refusal::NoBearer, |answer| {
        answer.subject = answer.subject.replace("cm:bearer", "cm:holder-of-key");
    });
    signed_and_refused(Refusal::NoBearer, |answer| {
        answer.subject = subject("alice-1", "");
    });
    // One that does not count beside one that does is no harm.
    let mut answer = Answer::genuine();
    answer.subject = answer.subject.replace(
        "</saml:NameID>",
        "</saml:NameID><saml:SubjectConfirmation Method=\"urn:oasis:names:tc:SAML:2.0:cm:holder-of-key\"/>",
    );
    assert!(read(answer.sent(Shape::Both)).is_ok());
}

#[test]
fn from_somebody_else() {
    let other = |issuer: &str| issuer.replace(ENTITY_ID, "https://other.example.com");
    signed_and_refused(Refusal::ResponseIssuer, |answer| {
        answer.response_issuer = other(&answer.response_issuer);
    });
    signed_and_refused(Refusal::AssertionIssuer, |answer| {
        answer.assertion_issuer = other(&answer.assertion_issuer);
    });
}

#[test]
fn about_nobody_in_particular() {
    signed_and_refused(Refusal::TransientSubject, |answer| {
        answer.subject = answer
            .subject
            .replace("nameid-format:persistent", "nameid-format:transient");
    });
    signed_and_refused(Refusal::NoSubject, |answer| answer.subject = String::new());
    signed_and_refused(Refusal::NoAuthnStatement, |answer| {
        answer.authentication = String::new();
    });
    for name in ["", "a&#9;b", &"x".repeat(256)] {
        signed_and_refused(Refusal::BadSubject, |answer| {
            answer.subject = answer.subject.replace("alice-1", name);
        });
    }
}
