//! Whose word counts about the client's address: nobody's, unless the operator says so.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The client's address: the peer's, or, as long as the peer is a trusted proxy, the one that it names last in
/// `X-Forwarded-For`. What stands further left was written by who knows whom. Where a trusted proxy names something that
/// is no address, the client is unknown: `0.0.0.0`, which no allowlist holds.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let headers = headers.get_all("x-forwarded-for");
    let hops: Vec<&[u8]> = headers
        .iter()
        .flat_map(|header| header.as_bytes().split(|byte| *byte == b','))
        .collect();
    let mut client = peer.to_canonical();
    for hop in hops.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        match address_of(hop) {
            Some(named) => client = named.to_canonical(),
            None => return UNKNOWN,
        }
    }
    client
}

/// An address that nobody has.
const UNKNOWN: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// `192.0.2.1` or, as some proxies write it, `192.0.2.1:443` and `[2001:db8::1]:443`.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    hop.parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&'static str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|network| network.parse().unwrap()).collect();
        client_address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn se9_a_stranger_is_not_believed() {
        assert_eq!(client("203.0.113.9", &["10.0.0.1"], &[]), "203.0.113.9");
        assert_eq!(
            client("203.0.113.9", &["10.0.0.1"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_for_one_hop() {
        assert_eq!(
            client("10.0.0.2", &["198.51.100.7, 203.0.113.9"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("10.0.0.2", &["203.0.113.9", "10.0.0.3"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("::ffff:10.0.0.2", &["203.0.113.9"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
        assert_eq!(
            client("10.0.0.2", &["203.0.113.9:4711"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn se9_what_is_no_address_hides_nobody_behind_the_proxy() {
        assert_eq!(client("10.0.0.2", &["nonsense"], &["10.0.0.0/8"]), "0.0.0.0");
        let mut headers = HeaderMap::new();
        headers.append(
            "x-forwarded-for",
            axum::http::HeaderValue::from_bytes(b"\xff, 203.0.113.9").unwrap(),
        );
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let seen = client_address("10.0.0.2".parse().unwrap(), &headers, &trusted);
        assert_eq!(seen.to_string(), "203.0.113.9");
    }
}
