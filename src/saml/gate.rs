//! The gate: what every document passes before any XML parser sees it, in one pass over its bytes. Never understands XML.

use super::Refusal;

/// The longest document, in bytes.
pub const MOST_BYTES: usize = 256 * 1024;

/// The deepest nesting of elements.
pub(super) const MOST_DEPTH: usize = 32;

const MOST_ELEMENTS: usize = 4_000;
const MOST_ATTRIBUTES: usize = 32;
const MOST_ATTRIBUTES_IN_ALL: usize = 5_000;

/// The XML declarations that say what is the case anyway.
const DECLARATIONS: [&str; 4] = [
    r#"version="1.0""#,
    r#"version="1.0" encoding="UTF-8""#,
    r#"version="1.0" encoding="UTF-8" standalone="no""#,
    r#"version="1.0" encoding="UTF-8" standalone="yes""#,
];

/// A document that is small and plain enough to be parsed.
#[derive(Clone, Copy)]
pub struct Gated<'a>(&'a str);

impl<'a> Gated<'a> {
    /// Lets a document through, or says why not. Linear in its length.
    pub fn pass(bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.len() > MOST_BYTES {
            return Err(Refusal::TooLong);
        }
        let text = str::from_utf8(bytes).map_err(|_| Refusal::NotUtf8)?;
        if text.starts_with('\u{FEFF}') {
            return Err(Refusal::ByteOrderMark);
        }
        if text.contains('\0') {
            return Err(Refusal::Nul);
        }
        only_plain_references(text)?;
        tags(after_declaration(text)?)?;
        Ok(Self(text))
    }

    /// The document.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// What follows the XML declaration, if there is one.
fn after_declaration(text: &str) -> Result<&str, Refusal> {
    let Some(rest) = text.strip_prefix("<?xml ") else {
        return Ok(text);
    };
    let (declaration, rest) = rest.split_once("?>").ok_or(Refusal::ProcessingInstruction)?;
    let declaration = declaration.trim_end().replace('\'', "\"");
    let plain = DECLARATIONS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(&declaration));
    plain.then_some(rest).ok_or(Refusal::ProcessingInstruction)
}

/// No references but XML's own five and those to characters: there is no document type that could define others.
fn only_plain_references(text: &str) -> Result<(), Refusal> {
    for after in text.split('&').skip(1) {
        let name = after.as_bytes().iter().take(10).position(|byte| *byte == b';');
        let name = &after[..name.ok_or(Refusal::Entity)?];
        if !matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") && !name.starts_with('#') {
            return Err(Refusal::Entity);
        }
    }
    Ok(())
}

/// Counts tags, their nesting and their attributes.
fn tags(text: &str) -> Result<(), Refusal> {
    let (mut depth, mut elements, mut attributes) = (0_usize, 0, 0);
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('<') {
        let first = after.bytes().next();
        if first == Some(b'!') {
            return Err(Refusal::Declaration);
        }
        if first == Some(b'?') {
            return Err(Refusal::ProcessingInstruction);
        }
        let tag = Tag::read(after)?;
        if first == Some(b'/') {
            depth = depth.checked_sub(1).ok_or(Refusal::NotXml)?;
        } else {
            elements += 1;
            depth += 1;
            if depth > MOST_DEPTH {
                return Err(Refusal::TooDeep);
            }
            if tag.closes_itself {
                depth -= 1;
            }
        }
        if elements > MOST_ELEMENTS {
            return Err(Refusal::TooManyElements);
        }
        attributes += tag.attributes;
        if tag.attributes > MOST_ATTRIBUTES || attributes > MOST_ATTRIBUTES_IN_ALL {
            return Err(Refusal::TooManyAttributes);
        }
        rest = &after[tag.length..];
    }
    Ok(())
}

/// A tag from after its `<` to its `>`.
struct Tag {
    length: usize,
    attributes: usize,
    closes_itself: bool,
}

impl Tag {
    fn read(text: &str) -> Result<Self, Refusal> {
        let (mut quote, mut attributes, mut last) = (None, 0, b' ');
        for (at, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (_, b'<') => return Err(Refusal::NotXml),
                (None, b'>') => {
                    return Ok(Self {
                        length: at + 1,
                        attributes,
                        closes_itself: last == b'/',
                    });
                }
                (None, b'"' | b'\'') => {
                    quote = Some(byte);
                    attributes += 1;
                }
                (Some(open), _) if open == byte => quote = None,
                // XML reads these as spaces (XML 1.0 §3.3.3); our parser and others must not differ in it.
                (Some(_), b'\t' | b'\n' | b'\r') => return Err(Refusal::AttributeWhiteSpace),
                _ => {}
            }
            last = byte;
        }
        Err(Refusal::NotXml)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(document: impl AsRef<[u8]>) -> Option<Refusal> {
        Gated::pass(document.as_ref()).err()
    }

    #[test]
    fn plain_documents_pass() {
        for document in [
            r#"<a b="/>">&lt;&#x41;</a>"#,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a/>",
            "<?xml version='1.0' encoding='utf-8' ?><a/>",
        ] {
            assert_eq!(verdict(document), None, "{document}");
        }
    }

    #[test]
    fn what_parsers_quarrel_about_does_not() {
        for (document, refusal) in [
            ("\u{FEFF}<a/>", Refusal::ByteOrderMark),
            ("<a>\0</a>", Refusal::Nul),
            ("<a><!-- x --></a>", Refusal::Declaration),
            ("<a><![CDATA[x]]></a>", Refusal::Declaration),
            ("<!DOCTYPE a><a/>", Refusal::Declaration),
            ("<a><?php ?></a>", Refusal::ProcessingInstruction),
            (" <?xml version=\"1.0\"?><a/>", Refusal::ProcessingInstruction),
            ("<?xml version=\"1.1\"?><a/>", Refusal::ProcessingInstruction),
            (
                "<?xml version=\"1.0\" encoding=\"UTF-7\"?><a/>",
                Refusal::ProcessingInstruction,
            ),
            ("<a>&b;</a>", Refusal::Entity),
            ("<a>&amp</a>", Refusal::Entity),
            ("<a b='\n'/>", Refusal::AttributeWhiteSpace),
            ("<a b='<'/>", Refusal::NotXml),
            ("<a", Refusal::NotXml),
            ("</a>", Refusal::NotXml),
        ] {
            assert_eq!(verdict(document), Some(refusal), "{document}");
        }
        assert_eq!(verdict(b"<a>\xC0\x80</a>"), Some(Refusal::NotUtf8));
        assert_eq!(verdict(b"\xFF\xFE<\0a\0/\0>\0"), Some(Refusal::NotUtf8));
    }

    #[test]
    fn its_bounds_are_exact() {
        let nested = |depth: usize| format!("{}{}", "<a>".repeat(depth), "</a>".repeat(depth));
        assert_eq!(verdict(nested(32)), None);
        assert_eq!(verdict(nested(33)), Some(Refusal::TooDeep));

        let siblings = |count: usize| format!("<r>{}</r>", "<a/>".repeat(count));
        assert_eq!(verdict(siblings(3_999)), None);
        assert_eq!(verdict(siblings(4_000)), Some(Refusal::TooManyElements));

        let attributes = |count: usize| {
            let all: Vec<_> = (0..count).map(|n| format!(" a{n}=''")).collect();
            format!("<a{}/>", all.concat())
        };
        assert_eq!(verdict(attributes(32)), None);
        assert_eq!(verdict(attributes(33)), Some(Refusal::TooManyAttributes));

        let everywhere = |elements: usize| format!("<r>{}</r>", "<a b='' c=''/>".repeat(elements));
        assert_eq!(verdict(everywhere(2_500)), None);
        assert_eq!(verdict(everywhere(2_501)), Some(Refusal::TooManyAttributes));

        let long = |length: usize| format!("<a>{}</a>", "x".repeat(length - 7));
        assert_eq!(verdict(long(MOST_BYTES)), None);
        assert_eq!(verdict(long(MOST_BYTES + 1)), Some(Refusal::TooLong));
    }
}
