//! Email addresses, and the one form in which they are compared (DESIGN §4).

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use super::text::misleads;

/// An email address: NFC, trimmed, its domain in lower-case IDNA form. At most 254 bytes (RFC 5321 §4.5.3.1).
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// The text is not an email address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an email address")]
pub struct NotAnEmail;

impl Email {
    /// Reads an address as somebody typed it.
    pub fn parse(text: &str) -> Result<Self, NotAnEmail> {
        if text.len() > 1024 {
            return Err(NotAnEmail);
        }
        let text: String = text.trim().nfc().collect();
        let (local, domain) = text.rsplit_once('@').ok_or(NotAnEmail)?;
        let stray =
            |c: char| c.is_whitespace() || misleads(c) || matches!(c, '@' | '<' | '>' | '"' | ',' | ';');
        if local.is_empty() || local.len() > 64 || local.contains(stray) {
            return Err(NotAnEmail);
        }
        let domain = idna::domain_to_ascii_strict(domain).map_err(|_| NotAnEmail)?;
        let address = format!("{local}@{domain}");
        if domain.is_empty() || address.len() > 254 {
            return Err(NotAnEmail);
        }
        Ok(Self(address))
    }

    /// The address as it is shown and written to.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`, in lower-case IDNA form.
    pub fn domain(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(_, domain)| domain)
    }

    /// The form in which two addresses are the same: local part case-folded.
    pub fn comparable(&self) -> String {
        self.0.to_lowercase().nfc().collect()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Email {
    type Error = NotAnEmail;

    fn try_from(text: String) -> Result<Self, NotAnEmail> {
        Self::parse(&text)
    }
}

impl From<Email> for String {
    fn from(email: Email) -> Self {
        email.0
    }
}

impl std::str::FromStr for Email {
    type Err = NotAnEmail;

    fn from_str(text: &str) -> Result<Self, NotAnEmail> {
        Self::parse(text)
    }
}

/// A domain that email addresses are in, in lower-case IDNA form, e.g. `acme.example`; at most 253 bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailDomain(String);

/// The text is not a domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a domain such as acme.example")]
pub struct NotADomain;

impl EmailDomain {
    /// The domain.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for EmailDomain {
    type Err = NotADomain;

    /// Reads a domain as somebody typed it. A whole top-level domain is nobody's.
    fn from_str(text: &str) -> Result<Self, NotADomain> {
        if text.len() > 1024 {
            return Err(NotADomain);
        }
        let composed: String = text.trim().nfc().collect();
        let domain = idna::domain_to_ascii_strict(&composed).map_err(|_| NotADomain)?;
        let whole = domain.split('.').count() >= 2 && domain.split('.').all(|label| !label.is_empty());
        let is_address = domain
            .split('.')
            .all(|label| label.bytes().all(|byte| byte.is_ascii_digit()));
        if domain.len() > 253 || !whole || is_address {
            return Err(NotADomain);
        }
        Ok(Self(domain))
    }
}

impl fmt::Display for EmailDomain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_address_compares_equal_however_it_is_typed() {
        let typed = Email::parse("  Alice@EXAMPLE.com ").unwrap();
        assert_eq!(typed.as_str(), "Alice@example.com");
        assert_eq!(
            typed.comparable(),
            Email::parse("alice@example.com").unwrap().comparable()
        );
        assert_eq!(
            Email::parse("a@b\u{fc}cher.example").unwrap().as_str(),
            "a@xn--bcher-kva.example"
        );
    }

    #[test]
    fn a_domain_is_read_as_addresses_have_it() {
        let typed: EmailDomain = " B\u{fc}cher.Example ".parse().unwrap();
        assert_eq!(
            typed.as_str(),
            Email::parse("a@b\u{fc}cher.example").unwrap().domain()
        );
        for text in [
            "",
            "example",
            ".example",
            "a..b",
            "a@b.example",
            "192.0.2.1",
            "a.example.",
            "a b.example",
        ] {
            assert_eq!(text.parse::<EmailDomain>(), Err(NotADomain), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "alice",
            "@x.example",
            "a b@x.example",
            "a@",
            "a@b@",
            "a\u{0}@x.example",
            "\u{202e}a@x.example",
        ] {
            assert_eq!(Email::parse(text), Err(NotAnEmail), "{text:?}");
        }
    }
}
