//! The circumstances of a question: when, from where, how well proved, and under which policy.

use std::net::IpAddr;
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net};

use super::permission_set::PermissionSet;
use crate::domain::id::{OrganizationId, ProductId};
use crate::domain::time::Timestamp;

/// What is true of the request, whoever makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Context {
    /// The time to judge by.
    pub now: Timestamp,
    /// What the scopes of the token or key in use allow; a browser session has no ceiling.
    pub ceiling: Option<PermissionSet>,
    /// The products that the key in use is limited to; a key that is not, and whatever else is used, reaches all.
    pub only_on: Option<Vec<ProductId>>,
    /// Where the request comes from.
    pub address: Address,
    /// How somebody proved themselves.
    pub proved: Proved,
}

/// How somebody proved themselves, by the organization's way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proved {
    /// Whether by a second factor.
    pub second_factor: SecondFactor,
    /// Whether by the way that the organization asks for.
    pub way_in: WayIn,
}

/// Whether somebody came by the connection that an organization requires.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WayIn {
    /// They did, or it requires none.
    Right,
    /// They came by another way.
    Wrong,
    /// The subject doesn't sign in: API keys and applications.
    NotAsked,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// From the subject itself.
    Known(IpAddr),
    /// From someone in between, such as a confidential back end or at introspection. Never matched with an
    /// allowlist (DESIGN §4).
    NotThePersons,
    /// Nobody said, as a request never does and a question about one may. Where there is an allowlist, nothing is
    /// promised to it.
    Untold,
}

/// Whether a second factor was proved, by the organization's way of counting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecondFactor {
    /// It was.
    Proved,
    /// It was not.
    Missing,
    /// The subject has none to prove: API keys and applications.
    NotAsked,
}

impl Proved {
    /// Of a subject that doesn't sign in.
    pub const NOT_ASKED: Self = Self::by_any_way(SecondFactor::NotAsked);

    /// Nothing that counts.
    pub const NOTHING: Self = Self {
        second_factor: SecondFactor::Missing,
        way_in: WayIn::Wrong,
    };

    /// By whichever way they come.
    pub const fn by_any_way(second_factor: SecondFactor) -> Self {
        Self {
            second_factor,
            way_in: WayIn::NotAsked,
        }
    }
}

impl SecondFactor {
    /// Of somebody who is asked for one.
    pub fn of(proved: bool) -> Self {
        if proved { Self::Proved } else { Self::Missing }
    }
}

/// The organization asked about, as far as access depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationFacts {
    /// Which.
    pub id: OrganizationId,
    /// What it asks of everyone.
    pub policy: Policy,
}

/// What an organization asks of whoever acts in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// The networks one may come from; any when empty.
    pub ip_allowlist: Vec<IpNet>,
    /// Whether people need a second factor.
    pub require_mfa: bool,
    /// How long members may go without at first.
    pub mfa_grace: Grace,
}

/// How long something is not asked yet: counted from when it began to be asked, or from when somebody came, whichever was
/// later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// When it began to be asked.
    pub since: Timestamp,
    /// How long it can wait.
    pub lasts: Duration,
}

impl Grace {
    /// None at all.
    pub const NONE: Self = Self {
        since: Timestamp::from_millis(0),
        lasts: Duration::ZERO,
    };

    /// When it ends for whoever came at some time.
    pub fn ends_for(self, came_at: Timestamp) -> Timestamp {
        self.since.max(came_at).plus(self.lasts)
    }
}

impl Default for Grace {
    fn default() -> Self {
        Self::NONE
    }
}

impl Context {
    /// `permissions`, as far as the ceiling lets them through.
    pub fn cut(&self, permissions: PermissionSet) -> PermissionSet {
        self.ceiling
            .map_or(permissions, |ceiling| ceiling.intersection(permissions))
    }

    /// Whether what is in use reaches a product, or all of them if none is named.
    pub(super) fn reaches(&self, product: Option<ProductId>) -> bool {
        let within = |only_on: &Vec<ProductId>| product.is_some_and(|product| only_on.contains(&product));
        self.only_on.as_ref().is_none_or(within)
    }
}

impl Policy {
    /// Whether one may come from `address`.
    pub fn admits(&self, address: IpAddr) -> bool {
        admits(&self.ip_allowlist, address)
    }
}

/// Whether an allowlist lets in who comes from `address`; an empty one lets in everybody.
///
/// An IPv4-mapped IPv6 address (RFC 4291 §2.5.5.2) is the IPv4 address in it, on the list too: which of
/// both a socket reports is not the person's doing.
pub(super) fn admits(allowlist: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    allowlist.is_empty() || allowlist.iter().any(|net| canonical(*net).contains(&address))
}

fn canonical(net: IpNet) -> IpNet {
    match (net.addr().to_canonical(), net.prefix_len().checked_sub(96)) {
        (IpAddr::V4(address), Some(length)) => Ipv4Net::new(address, length).map_or(net, IpNet::V4),
        _ => net,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_admits(allowlist: &[&str], address: &str, admitted: bool) {
        let ip_allowlist = allowlist.iter().map(|net| net.parse().unwrap()).collect();
        let policy = Policy {
            ip_allowlist,
            ..Policy::default()
        };
        assert_eq!(
            policy.admits(address.parse().unwrap()),
            admitted,
            "{allowlist:?} {address}"
        );
    }

    #[test]
    fn an_empty_allowlist_admits_everyone() {
        assert_admits(&[], "203.0.113.9", true);
        assert_admits(&[], "2001:db8::1", true);
    }

    #[test]
    fn an_allowlist_admits_only_its_networks() {
        let offices = ["192.0.2.0/24", "2001:db8:1::/48"];
        assert_admits(&offices, "192.0.2.7", true);
        assert_admits(&offices, "192.0.3.7", false);
        assert_admits(&offices, "2001:db8:1::7", true);
        assert_admits(&offices, "2001:db8:2::7", false);
    }

    #[test]
    fn an_ipv4_mapped_address_is_the_ipv4_address_in_it() {
        assert_admits(&["192.0.2.0/24"], "::ffff:192.0.2.7", true);
        assert_admits(&["192.0.2.0/24"], "::ffff:192.0.3.7", false);
        assert_admits(&["::ffff:192.0.2.0/120"], "192.0.2.7", true);
        assert_admits(&["::ffff:192.0.2.0/120"], "::ffff:192.0.2.7", true);
        assert_admits(&["::ffff:192.0.2.0/120"], "192.0.3.7", false);
        assert_admits(&["2001:db8::/32"], "::ffff:192.0.2.7", false);
    }

    #[test]
    fn only_what_the_ceiling_names_passes_it() {
        use super::super::cast::noon;
        use super::super::permission::Permission::{DeviceRead, DeviceWrite};
        let both = PermissionSet::of(&[DeviceRead, DeviceWrite]);
        let reading = PermissionSet::of(&[DeviceRead]);
        assert_eq!(noon().cut(both), both);
        assert_eq!(
            Context {
                ceiling: Some(reading),
                ..noon()
            }
            .cut(both),
            reading
        );
        assert_eq!(
            Context {
                ceiling: Some(both),
                ..noon()
            }
            .cut(reading),
            reading
        );
    }
}
