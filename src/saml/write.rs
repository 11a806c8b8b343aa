//! Writing XML: text that can't become markup.

use std::fmt::{self, Display, Write};

/// A text as it stands in an element or between the quotes of an attribute.
pub struct Escaped<'a>(pub &'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for character in self.0.chars() {
            match character {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' | '\r' => write!(f, "&#{};", u32::from(character))?,
                // XML 1.0 §2.2 has no place for these, not even as references.
                other if other.is_control() || matches!(other, '\u{FFFE}' | '\u{FFFF}') => {
                    f.write_char('\u{FFFD}')?
                }
                other => f.write_char(other)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_becomes_markup() {
        let text = Escaped("\"'</saml:AttributeValue>&amp;\n\0").to_string();
        assert_eq!(
            text,
            "&quot;&#39;&lt;/saml:AttributeValue&gt;&amp;amp;&#10;\u{FFFD}"
        );
    }
}
