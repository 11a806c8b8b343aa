//! The origin that the world sees. Links are made from it alone, never from a request's headers.

use url::{Host, Url};

use super::{ConfigError, Setting};

/// `https://id.example.com`, or `http` on loopback: scheme, host and port, no path and no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    secure: bool,
}

impl PublicUrl {
    /// Reads what the operator set.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let bad = |expected| ConfigError::Bad {
            key: Setting::PublicUrl.key(),
            value: text.to_owned(),
            expected,
        };
        let url = Url::parse(text).map_err(|_| bad("an address such as https://id.example.com"))?;
        if url.path() != "/"
            || url.query().is_some()
            || url.fragment().is_some()
            || !url.username().is_empty()
        {
            return Err(bad("an origin without a path, such as https://id.example.com"));
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            None => false,
        };
        match url.scheme() {
            "https" => {}
            "http" if loopback => {}
            _ => {
                return Err(bad(
                    "https, or http on localhost; browsers keep no sign-in cookies otherwise",
                ));
            }
        }
        Ok(Self {
            origin: url.origin().ascii_serialization(),
            secure: url.scheme() == "https",
        })
    }

    /// What a server without a public URL is called.
    pub fn of_localhost(port: u16) -> Self {
        let origin = if port == 80 {
            "http://localhost".to_owned()
        } else {
            format!("http://localhost:{port}")
        };
        Self {
            origin,
            secure: false,
        }
    }

    /// The origin, which is also the issuer: `https://id.example.com`.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host alone: `id.example.com`.
    pub fn host(&self) -> &str {
        let authority = self
            .origin
            .split_once("://")
            .map_or("", |(_, authority)| authority);
        let port = authority
            .rfind(':')
            .filter(|colon| !authority[*colon..].contains(']'));
        &authority[..port.unwrap_or(authority.len())]
    }

    /// An address here: `path` begins with a slash.
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Reached by https, so that cookies can be `Secure`.
    pub fn is_secure(&self) -> bool {
        self.secure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_without_its_slash() {
        assert_eq!(
            PublicUrl::parse("https://id.example.com/").unwrap().as_str(),
            "https://id.example.com"
        );
        assert_eq!(
            PublicUrl::parse("http://localhost:8080").unwrap().as_str(),
            "http://localhost:8080"
        );
        for (url, host) in [
            ("https://id.example.com:8443", "id.example.com"),
            ("https://id.example.com", "id.example.com"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            assert_eq!(PublicUrl::parse(url).unwrap().host(), host);
        }
    }

    #[test]
    fn what_browsers_would_not_trust_is_refused() {
        for text in [
            "http://id.example.com",
            "https://id.example.com/sso",
            "id.example.com",
            "ftp://localhost",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text}");
        }
    }
}
