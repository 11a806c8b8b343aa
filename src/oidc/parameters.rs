//! Parameters as they come over the wire: each known one at most once, the unknown ignored (RFC 6749 §3.1).

use std::collections::BTreeMap;

use url::form_urlencoded;

use super::{ErrorCode, OAuthError};

/// The longest query or body, in bytes as sent.
pub const MAX_ENCODED_BYTES: usize = 16 * 1024;

/// The longest value, in bytes.
const MAX_VALUE_BYTES: usize = 4 * 1024;

/// Decoded parameters.
#[derive(Debug, Default)]
pub struct Parameters(BTreeMap<String, Vec<String>>);

impl Parameters {
    /// Decodes a query or body of `application/x-www-form-urlencoded`. Names are compared decoded, so `%73cope` is
    /// `scope`; a parameter without a value counts as absent (RFC 6749 §3.1).
    pub fn parse(encoded: &str) -> Result<Self, OAuthError> {
        if encoded.len() > MAX_ENCODED_BYTES {
            return Err(ErrorCode::InvalidRequest.because("the request is too long"));
        }
        let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded.as_bytes()) {
            if !value.is_empty() {
                found
                    .entry(name.into_owned())
                    .or_default()
                    .push(value.into_owned());
            }
        }
        Ok(Self(found))
    }

    /// The value of a parameter that may be sent once.
    pub fn one(&self, name: &'static str) -> Result<Option<&str>, OAuthError> {
        match self.0.get(name).map(Vec::as_slice) {
            None => Ok(None),
            Some([value]) => Self::sound(name, value).map(Some),
            Some(_) => Err(ErrorCode::InvalidRequest.because(format!("{name} was sent more than once"))),
        }
    }

    /// The value of a parameter that must be sent, once.
    pub fn required(&self, name: &'static str) -> Result<&str, OAuthError> {
        self.one(name)?
            .ok_or_else(|| ErrorCode::InvalidRequest.because(format!("{name} is missing")))
    }

    /// A token that may be sent once. Tokens may be longer than other values, up to the whole request.
    pub fn token(&self, name: &'static str) -> Result<Option<&str>, OAuthError> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([value]) => Self::text(name, value).map(Some),
            _ => self.one(name),
        }
    }

    /// The values of a parameter that may be sent several times, such as `resource` (RFC 8707 §2).
    pub fn many(&self, name: &'static str) -> Result<Vec<&str>, OAuthError> {
        self.0
            .get(name)
            .into_iter()
            .flatten()
            .map(|value| Self::sound(name, value))
            .collect()
    }

    fn sound<'a>(name: &'static str, value: &'a str) -> Result<&'a str, OAuthError> {
        if value.len() > MAX_VALUE_BYTES {
            return Err(ErrorCode::InvalidRequest.because(format!("{name} is too long")));
        }
        Self::text(name, value)
    }

    fn text<'a>(name: &'static str, value: &'a str) -> Result<&'a str, OAuthError> {
        if value.contains(['\0', char::REPLACEMENT_CHARACTER]) {
            return Err(ErrorCode::InvalidRequest.because(format!("{name} is not valid text")));
        }
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az11_az12_a_doubled_parameter_is_refused_however_it_is_written() {
        for query in ["scope=a&scope=b", "scope=a&%73cope=b", "scope=a&scope=a"] {
            let error = Parameters::parse(query).unwrap().one("scope").unwrap_err();
            assert_eq!(
                error.to_string(),
                "invalid_request: scope was sent more than once"
            );
        }
    }

    #[test]
    fn an_empty_parameter_is_absent_and_unknown_ones_are_ignored() {
        let parameters = Parameters::parse("scope=&unknown=1&unknown=2&state=a+b").unwrap();
        assert_eq!(parameters.one("scope").unwrap(), None);
        assert_eq!(parameters.one("state").unwrap(), Some("a b"));
    }

    #[test]
    fn what_is_no_text_or_too_long_is_refused() {
        assert!(Parameters::parse("state=%00").unwrap().one("state").is_err());
        assert!(Parameters::parse("state=%ff").unwrap().one("state").is_err());
        assert!(
            Parameters::parse(&format!("state={}", "a".repeat(5000)))
                .unwrap()
                .one("state")
                .is_err()
        );
        assert!(Parameters::parse(&"a".repeat(MAX_ENCODED_BYTES + 1)).is_err());
    }
}
