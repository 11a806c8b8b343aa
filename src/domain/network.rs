//! Networks: how much of an address stands for one party on the other side.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// An IPv4 address, or the /56 of an IPv6 one: what a home is usually given (RFC 6177 §2 leaves it between /48 and /64).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => {
                let [a, b, c, d, ..] = v6.segments();
                Self(IpAddr::V6(Ipv6Addr::new(a, b, c, d & 0xff00, 0, 0, 0, 0)))
            }
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

impl Network {
    /// The network as a number, the same on every node.
    pub fn number(self) -> u128 {
        match self.0 {
            IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
            IpAddr::V6(v6) => v6.to_bits(),
        }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_56_is_one_network_and_a_mapped_address_is_its_ipv4() {
        let network = |text: &str| Network::of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ff:ffff::9"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:103::3"));
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
    }
}
