//! Redirect URIs: strict when registered, compared as exact strings ever after (RFC 9700 §2.1).

use std::fmt;

use url::{Host, Url};

/// A registered redirect URI, kept letter for letter.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

/// Why a redirect URI can't be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadRedirectUri {
    /// Not an absolute URL, or one that a browser would rewrite.
    #[error("a redirect URI must be an absolute URL in its normal form, of at most 2000 characters")]
    NotNormal,
    /// `*` in it.
    #[error("a redirect URI can't contain a wildcard")]
    Wildcard,
    /// `#…` at its end (RFC 6749 §3.1.2).
    #[error("a redirect URI can't contain a fragment")]
    Fragment,
    /// `user:password@` before the host.
    #[error("a redirect URI can't contain a user or password")]
    UserInfo,
    /// `http` to another machine.
    #[error("http is allowed for 127.0.0.1, [::1] and localhost only; use https")]
    PlainHttp,
    /// `javascript:`, `data:` and the like.
    #[error("a redirect URI uses https, http to loopback, or an app's own scheme like com.example.app:/done")]
    Scheme,
}

impl RedirectUri {
    /// Reads a redirect URI that somebody registers.
    pub fn register(text: &str) -> Result<Self, BadRedirectUri> {
        if text.contains('*') {
            return Err(BadRedirectUri::Wildcard);
        }
        let url = Url::parse(text).map_err(|_| BadRedirectUri::NotNormal)?;
        let normal = text == url.as_str() || format!("{text}/") == url.as_str();
        if text.len() > 2000 || !normal || text.contains("%2e") || text.contains("%2E") {
            return Err(BadRedirectUri::NotNormal);
        }
        if url.fragment().is_some() {
            return Err(BadRedirectUri::Fragment);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BadRedirectUri::UserInfo);
        }
        match url.scheme() {
            "https" => Ok(()),
            "http" if is_loopback(&url) => Ok(()),
            "http" => Err(BadRedirectUri::PlainHttp),
            // RFC 8252 §7.1: a private-use scheme is a reversed domain name, so it has a dot.
            scheme if scheme.contains('.') => Ok(()),
            _ => Err(BadRedirectUri::Scheme),
        }?;
        Ok(Self(text.to_owned()))
    }

    /// Whether a request that names `requested` means this one: the same letters, except that a native app's
    /// `http://127.0.0.1` and `http://[::1]` may differ in port (RFC 8252 §7.3).
    pub fn admits(&self, requested: &str, native: bool) -> bool {
        self.0 == requested || native && self.admits_port_of(requested).unwrap_or(false)
    }

    fn admits_port_of(&self, requested: &str) -> Option<bool> {
        let literal = ["http://127.0.0.1", "http://[::1]"]
            .into_iter()
            .find(|host| self.0.starts_with(host))?;
        let ours = without_port(self.0.strip_prefix(literal)?)?;
        let theirs = without_port(requested.strip_prefix(literal)?)?;
        Some(ours == theirs)
    }

    /// The URI, letter for letter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What follows the port in what follows the host; nothing if that is no port of 1 to 65535.
fn without_port(after_host: &str) -> Option<&str> {
    let Some(port_on) = after_host.strip_prefix(':') else {
        return (after_host.is_empty() || after_host.starts_with(['/', '?'])).then_some(after_host);
    };
    let end = port_on
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(port_on.len());
    let (port, rest) = port_on.split_at(end);
    let fits =
        port.parse::<u16>().is_ok_and(|port| port > 0) && (rest.is_empty() || rest.starts_with(['/', '?']));
    fits.then_some(rest)
}

/// Whether a URL leads to this very machine.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for RedirectUri {
    type Error = BadRedirectUri;

    fn try_from(text: String) -> Result<Self, BadRedirectUri> {
        Self::register(&text)
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> Self {
        uri.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn az4_az5_what_may_not_be_registered() {
        use BadRedirectUri as Bad;
        for (text, why) in [
            ("https://*.app.example/cb", Bad::Wildcard),
            ("https://app.example/*", Bad::Wildcard),
            ("javascript:alert(1)", Bad::Scheme),
            ("data:text/html,x", Bad::Scheme),
            ("file:///etc/passwd", Bad::Scheme),
            ("http://app.example/cb", Bad::PlainHttp),
            ("http://127.0.0.1.evil.example/", Bad::PlainHttp),
            ("http://localhost.evil.example/", Bad::PlainHttp),
            ("http://0x7f.1/", Bad::NotNormal),
            ("https://app.example/cb#x", Bad::Fragment),
            ("https://me@app.example/cb", Bad::UserInfo),
            ("https://app.example/cb/../evil", Bad::NotNormal),
            ("https://app.example/cb/%2e%2e/evil", Bad::NotNormal),
            ("https://APP.example/cb", Bad::NotNormal),
            ("https://app.example:443/cb", Bad::NotNormal),
            ("/cb", Bad::NotNormal),
            ("", Bad::NotNormal),
        ] {
            assert_eq!(RedirectUri::register(text), Err(why), "{text}");
        }
    }

    #[test]
    fn what_may_be_registered_stays_as_it_is() {
        for text in [
            "https://app.example/cb?tenant=1",
            "https://app.example",
            "http://127.0.0.1:8081/callback",
            "http://localhost/cb",
            "com.example.app:/done",
        ] {
            assert_eq!(RedirectUri::register(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn az3_only_a_native_apps_loopback_port_may_differ() {
        let native = RedirectUri::register("http://127.0.0.1/cb").unwrap();
        assert!(native.admits("http://127.0.0.1:51004/cb", true));
        assert!(!native.admits("http://127.0.0.1:51004/cb", false));
        for evil in [
            "http://127.0.0.1.evil/cb",
            "http://127.0.0.1:80@evil/cb",
            "http://127.0.0.1:0/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "http://127.0.0.1:80/cb2",
            "http://127.0.0.1:80",
            "http://[::1]:80/cb",
            "https://127.0.0.1:80/cb",
        ] {
            assert!(!native.admits(evil, true), "{evil}");
        }
    }
}
