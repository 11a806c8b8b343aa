//! Whose word counts about the client's address: nobody's, unless the operator says so.

use std::net::IpAddr;

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The client's address: the peer's, or, as long as the peer is a trusted proxy, the one that it names last in
/// `X-Forwarded-For`. What stands further left was written by who knows whom.
pub(super) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(&address));
    let mut client = peer.to_canonical();
    let hops = headers.get_all("x-forwarded-for");
    let hops: Vec<&str> = hops
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|h| h.split(','))
        .collect();
    for hop in hops.iter().rev() {
        if !is_trusted(client) {
            break;
        }
        let Ok(named) = hop.trim().parse::<IpAddr>() else {
            break;
        };
        client = named.to_canonical();
    }
    client
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
        assert_eq!(client("10.0.0.2", &["nonsense"], &["10.0.0.0/8"]), "10.0.0.2");
    }
}
