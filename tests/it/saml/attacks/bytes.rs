//! SA19, SA20, SA29: what two parsers might read differently, and what none should be made to read.

use doorward::saml::Refusal;

use super::super::documents::{Answer, Shape, read, refused};

#[test]
fn sa19_a_name_with_something_in_it() {
    for (inside, why) in [
        ("alice<!-- -->-1", Refusal::Declaration),
        ("alice<![CDATA[-]]>1", Refusal::Declaration),
        ("alice<?php ?>-1", Refusal::ProcessingInstruction),
        ("alice&evil;-1", Refusal::Entity),
    ] {
        refused(&Shape::PLAIN, why, |document, _| {
            document.replace("alice-1", inside)
        });
    }
    // By itself the gate refuses all these. So does whoever reads text that has elements in it.
    let mut answer = Answer::genuine();
    answer.subject = answer
        .subject
        .replace("alice-1", "alice-1<saml:x/>@evil.example.com");
    for shape in Shape::ALL {
        assert_eq!(
            read(answer.sent(shape)).err(),
            Some(Refusal::TextWithElements),
            "{shape:?}"
        );
    }
}

#[test]
fn sa20_what_parsers_quarrel_about() {
    type Attack = fn(&str) -> String;
    let attacks: [(Attack, Refusal); 7] = [
        (|document| format!("{document}<evil/>"), Refusal::NotXml),
        (|document| format!("{document}evil"), Refusal::NotXml),
        (|document| format!("\u{FEFF}{document}"), Refusal::ByteOrderMark),
        (
            |document| {
                document
                    .replacen("alice-1", "alice\0-1", 1)
                    .replacen("_assertion-1", "_assertion\0-1", 1)
            },
            Refusal::Nul,
        ),
        (
            |document| document.replacen("<samlp:Status>", "<samlp:Status>&#0;", 1),
            Refusal::NotXml,
        ),
        (
            |document| document.replacen("<samlp:Status>", "<samlp:Status a=\"\n\">", 1),
            Refusal::AttributeWhiteSpace,
        ),
        (
            |document| document.replacen("<samlp:Status>", "<samlp:Status a=\"\" a=\"\">", 1),
            Refusal::NotXml,
        ),
    ];
    for (attack, why) in attacks {
        refused(&Shape::PLAIN, why, |document, _| attack(document));
    }
    let declared = |encoding: &str| format!("<?xml version=\"1.0\" encoding=\"{encoding}\"?>\n");
    for shape in Shape::ALL {
        let sent = Answer::genuine().sent(shape);
        let document = super::super::judge::without_declaration(&sent).to_owned();
        assert!(read(format!("{}{document}", declared("UTF-8"))).is_ok());
        for encoding in ["UTF-7", "ISO-8859-1", "UTF-16"] {
            let other = format!("{}{document}", declared(encoding));
            assert_eq!(read(other).err(), Some(Refusal::ProcessingInstruction));
        }
        let wide: Vec<u8> = document.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(read(wide).err(), Some(Refusal::Nul));
        let overlong = document
            .replacen("_response-1", "_respons\u{e9}-1", 1)
            .into_bytes();
        let overlong: Vec<u8> = overlong
            .into_iter()
            .map(|byte| if byte == 0xC3 { 0xC0 } else { byte })
            .collect();
        assert_eq!(read(overlong).err(), Some(Refusal::NotUtf8));
    }
}

#[test]
fn sa29_document_types_and_entities() {
    for doctype in [
        r#"<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"#,
        r#"<!DOCTYPE x [<!ENTITY e SYSTEM "http://127.0.0.1/">]>"#,
        r#"<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>"#,
        r#"<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>"#,
        r"<!DOCTYPE x [<!ATTLIST saml:Assertion other ID #IMPLIED>]>",
    ] {
        for shape in Shape::ALL {
            let sent = Answer::genuine().sent(shape);
            let document = super::super::judge::without_declaration(&sent);
            assert!(read(document).is_ok());
            let attacked = read(format!("{doctype}{document}")).err();
            assert!(
                matches!(attacked, Some(Refusal::Declaration | Refusal::Entity)),
                "{attacked:?}"
            );
        }
    }
}
