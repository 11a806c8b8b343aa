//! Which servers may be asked although they are in no public network.

use ipnet::IpNet;

use super::{ConfigError, Setting, Sources};
use crate::domain::security::parse_network;

/// Which servers may be asked although they are in no public network.
#[derive(Debug, Clone, Default)]
pub struct OutboundConfig {
    /// Networks, or single addresses; none by default. In these, plain `http` will do.
    pub allow: Vec<IpNet>,
}

impl OutboundConfig {
    /// None unless it is set.
    pub(super) fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let listed = sources.get(Setting::OutboundAllow).unwrap_or_default();
        let texts = listed.split(',').map(str::trim).filter(|text| !text.is_empty());
        let bad = |text: &str| ConfigError::Bad {
            key: Setting::OutboundAllow.key(),
            value: text.to_owned(),
            expected: "addresses or networks such as 10.0.0.0/8, separated by commas",
        };
        let allow = texts.map(|text| parse_network(text).ok_or_else(|| bad(text)));
        Ok(Self {
            allow: allow.collect::<Result<_, _>>()?,
        })
    }

    /// This very machine too.
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        let loopback = ["127.0.0.0/8", "::1/128"];
        self.allow.extend(loopback.into_iter().filter_map(parse_network));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<OutboundConfig, ConfigError> {
        let mut sources = Sources::default();
        sources.set(Setting::OutboundAllow, text);
        OutboundConfig::read(&sources)
    }

    #[test]
    fn networks_and_addresses_are_read_and_none_is_allowed_unasked() {
        assert!(
            OutboundConfig::read(&Sources::default())
                .unwrap()
                .allow
                .is_empty()
        );
        let allow = read("10.1.2.3/8, fd00::1,").unwrap().allow;
        assert_eq!(
            allow.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["10.0.0.0/8", "fd00::1/128"]
        );
        assert!(read("10.0.0.0/8, intranet").is_err());
    }
}
