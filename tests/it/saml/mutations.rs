//! Two judges: whatever we believe of a changed document, `xmlsec1` verifies too, and what we believe is what the provider
//! said. Where we are stricter, the reason has a name.

use std::collections::BTreeMap;

use super::documents::{ASSERTION_SIGNATURE, Answer, RESPONSE_SIGNATURE, Shape, read};
use super::judge::{self, PROVIDER};
use crate::harness::Dice;

const DOCUMENTS: usize = 400;

/// One small change somewhere.
fn mutated(document: &str, dice: &mut Dice) -> String {
    let text: Vec<char> = document.chars().collect();
    let at = dice.below(text.len());
    let put = |by: &str| -> String {
        let (before, after) = text.split_at(at);
        before
            .iter()
            .copied()
            .chain(by.chars())
            .chain(after.iter().copied())
            .collect()
    };
    match dice.below(9) {
        0 => put(dice.one::<&str>(&[
            " ", "\n", "\t", "\r\n", "\u{a0}", "x", "0", "<", ">", "&", "\"", "'", "/", ":",
        ])),
        1 => put(dice.one::<&str>(&[
            "<!-- -->",
            "<?x y?>",
            "<![CDATA[]]>",
            "&amp;",
            "&#32;",
            "&#13;",
            "<x/>",
            "<saml:x/>",
        ])),
        // A character goes, or becomes another.
        2 => text
            .iter()
            .enumerate()
            .filter(|(n, _)| *n != at)
            .map(|(_, c)| *c)
            .collect(),
        3 => {
            let mut changed = text.clone();
            changed[at] = *dice.one(&['a', 'A', '0', ' ', '=', '-']);
            changed.into_iter().collect()
        }
        // Two tags change places, one is doubled, one goes.
        4..=6 => {
            let tags: Vec<_> = document.match_indices('<').map(|(at, _)| at).collect();
            let first = dice.below(tags.len() - 1);
            let (start, end) = (tags[first], tags[first + 1]);
            let tag = &document[start..end];
            match dice.below(3) {
                0 => [&document[..end], tag, &document[end..]].concat(),
                1 => [&document[..start], &document[end..]].concat(),
                _ => {
                    let after = tags.get(first + 2).copied().unwrap_or(document.len());
                    [&document[..start], &document[end..after], tag, &document[after..]].concat()
                }
            }
        }
        // What means the same to whoever canonicalizes.
        7 => {
            let same = [
                ("/>", " />"),
                ("\" ", "\"  "),
                ("=\"_", "= \"_"),
                ("><", ">\n<"),
                ("<samlp:Response ", "<samlp:Response\n"),
                ("<saml:Issuer>", "<saml:Issuer >"),
                ("</saml:Issuer>", "</saml:Issuer  >"),
                ("<samlp:Response ", "<samlp:Response xmlns:other=\"urn:other\" "),
                ("<saml:Subject>", "<saml:Subject xmlns:other=\"urn:other\">"),
                ("alice-1", "&#97;lice-1"),
                ("alice-1", "alice&#x2d;1"),
            ];
            let (from, to) = dice.one(&same);
            let places: Vec<_> = document.match_indices(from).map(|(at, _)| at).collect();
            if places.is_empty() {
                return document.to_owned();
            }
            let at = *dice.one(&places);
            [&document[..at], to, &document[at + from.len()..]].concat()
        }
        _ => {
            let values = [
                "alice-1",
                "_assertion-1",
                "_response-1",
                "acme.example",
                "2026",
                "Success",
                "saml:",
                "samlp:",
                "ds:",
            ];
            let others = ["bob-1", "_other", "", "evil.example", "2027", "ds:", "saml:"];
            document.replacen(
                *dice.one::<&str>(&values),
                dice.one::<&str>(&others),
                1 + dice.below(3),
            )
        }
    }
}

/// Whether `xmlsec1` verifies every signature that the document's shape has.
fn judged(document: &str, shape: Shape) -> bool {
    let response = !shape.signs_response() || judge::verifies(document, RESPONSE_SIGNATURE, &PROVIDER);
    let assertion = !shape.signs_assertion() || judge::verifies(document, ASSERTION_SIGNATURE, &PROVIDER);
    response && assertion
}

#[test]
fn whatever_we_believe_xmlsec_verifies_too() {
    let genuine: Vec<_> = Shape::PLAIN
        .into_iter()
        .map(|shape| (shape, Answer::genuine().sent(shape)))
        .collect();
    let expected = read(&genuine[0].1).unwrap();
    let mut dice = Dice::seeded(2026);
    let mut believed = 0;
    let mut stricter = BTreeMap::<&str, usize>::new();
    for number in 0..DOCUMENTS {
        let (shape, document) = dice.one(&genuine);
        let mut changed = mutated(document, &mut dice);
        if dice.once_in(4) {
            changed = mutated(&changed, &mut dice);
        }
        match read(&changed) {
            Ok(arrival) => {
                believed += 1;
                assert_eq!(arrival, expected, "{number}: {changed}");
                assert!(judged(&changed, *shape), "{number}: only we believe {changed}");
            }
            Err(why) => {
                if judged(&changed, *shape) {
                    *stricter.entry(why.code()).or_default() += 1;
                }
            }
        }
    }
    // Both judges had something to say yes to, and to differ about.
    assert!(believed > DOCUMENTS / 20, "{believed}");
    assert!(!stricter.is_empty());
    for code in stricter.keys() {
        assert!(
            STRICTER.contains(code),
            "xmlsec1 verifies what we refuse as {code}: {stricter:?}"
        );
    }
}

/// Where we are stricter than signatures ask for: structure, bytes, and what SAML says on top of them. Neither of the two that
/// say that a signature is wrong.
const STRICTER: [&str; 24] = [
    "markup_declaration",
    "processing_instruction",
    "attribute_white_space",
    "unexpected_element",
    "unexpected_root",
    "element_missing",
    "attribute_missing",
    "text_with_elements",
    "duplicate_id",
    "bad_id",
    "relative_namespace",
    "unsupported_version",
    "signature_shape",
    "signature_elsewhere",
    "several_signatures",
    "no_assertion",
    "several_assertions",
    "response_issuer",
    "destination",
    "in_response_to",
    "issued_ahead",
    "status_not_success",
    "bad_time",
    "not_xml",
];
