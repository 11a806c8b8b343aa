//! Addresses of upstream providers, as administrators write them.

use url::{Host, Url};

/// It is no address that a provider can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "write an address such as https://login.acme.example, of at most 500 characters, without user or fragment"
)]
pub struct NotAnAddress;

/// Reads an address: https, or http to this very machine. Whether it leads into a network of ours is seen when it is asked.
pub fn parse_upstream_address(text: &str) -> Result<Url, NotAnAddress> {
    let plain = text.len() <= 500 && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let url = Url::parse(text).ok().filter(|_| plain).ok_or(NotAnAddress)?;
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(NotAnAddress),
    };
    let scheme = url.scheme() == "https" || url.scheme() == "http" && here;
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if scheme && bare {
        Ok(url)
    } else {
        Err(NotAnAddress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_provider_is_reached_by_https_and_a_trial_on_this_machine_without() {
        for text in [
            "https://login.acme.example",
            "https://acme.example/realms/one?x=1",
            "http://127.0.0.1:8080/idp",
            "http://[::1]:1/",
        ] {
            assert!(parse_upstream_address(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "acme.example",
            "http://acme.example",
            "file:///etc/passwd",
            "https://user:password@acme.example",
            "https://acme.example/#here",
            "https://acme.example/a b",
            "https:\\\\acme.example",
        ] {
            assert!(parse_upstream_address(text).is_err(), "{text}");
        }
    }
}
