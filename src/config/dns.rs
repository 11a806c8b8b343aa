//! Whom to ask what a domain's owner wrote into its DNS.

use std::net::{IpAddr, SocketAddr};

use super::{ConfigError, Setting, Sources};

/// Where DNS answers, unless a port is written.
const PORT: u16 = 53;

/// Whom to ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DnsConfig {
    /// The servers; the machine's own if there is none.
    pub servers: Vec<SocketAddr>,
}

impl DnsConfig {
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let listed = sources.get(Setting::DnsServers).unwrap_or_default();
        let texts = listed.split(',').map(str::trim).filter(|text| !text.is_empty());
        let servers: Option<Vec<_>> = texts.map(server).collect();
        let servers = servers.ok_or_else(|| ConfigError::Bad {
            key: Setting::DnsServers.key(),
            value: listed.to_owned(),
            expected: "addresses of DNS servers such as 192.0.2.53 or [2001:db8::53]:5353",
        })?;
        Ok(Self { servers })
    }
}

fn server(text: &str) -> Option<SocketAddr> {
    let alone = text
        .parse::<IpAddr>()
        .map(|address| SocketAddr::new(address, PORT));
    alone.or_else(|_| text.parse()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(listed: &str) -> Result<DnsConfig, ConfigError> {
        let mut sources = Sources::default();
        sources.set(Setting::DnsServers, listed);
        DnsConfig::read(&sources)
    }

    #[test]
    fn servers_are_addresses_with_a_port_or_without() {
        assert!(DnsConfig::read(&Sources::default()).unwrap().servers.is_empty());
        let read_two = read("192.0.2.53, [2001:db8::53]:5353").unwrap().servers;
        let told: Vec<String> = read_two.iter().map(ToString::to_string).collect();
        assert_eq!(told, ["192.0.2.53:53", "[2001:db8::53]:5353"]);
        for text in ["dns.example", "192.0.2", "192.0.2.53:99999"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
