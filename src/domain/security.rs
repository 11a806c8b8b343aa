//! What an organization asks of those who act in it, as its administrators set it.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

use super::access::Policy;
use super::id::ConnectionId;
use super::session::{FactorRules, SessionLimits};

/// The security settings of an organization, whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Security {
    /// What `access::decide` asks.
    pub policy: Policy,
    /// How long a session may act for it.
    pub session_limits: SessionLimits,
    /// How long new members may go without a second factor.
    pub mfa_grace_days: i64,
    /// Which second factors count, in the order of [`Factor::ALL`]; at least one.
    pub allowed_factors: Vec<Factor>,
    /// Whether a security key counts only if it made sure who touched it, by PIN or finger.
    pub require_user_verification: bool,
    /// How long a device is not asked for a second factor again; 0 for never.
    pub trusted_device_days: i64,
    /// How old a key may become; as old as it was made for if absent.
    pub api_key_max_age_days: Option<i64>,
    /// The fewest characters of a new password.
    pub password_min_length: i64,
    /// How many passwords back a new one differs from.
    pub password_history: i64,
    /// The connection that members come by; any way if absent.
    pub required_connection: Option<ConnectionId>,
}

/// A kind of second factor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Factor {
    /// Codes of an authenticator app.
    Totp,
    /// Passkeys and security keys.
    Webauthn,
    /// Codes by text message.
    Sms,
}

/// A field of [`Security`] that makes no sense: its JSON pointer, and why.
pub type SecurityFault = (&'static str, String);

impl Factor {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Totp, Self::Webauthn, Self::Sms];

    /// The name to programs, and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Webauthn => "webauthn",
            Self::Sms => "sms",
        }
    }
}

impl std::fmt::Display for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Factor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|factor| factor.as_str() == text)
            .ok_or(())
    }
}

impl Security {
    /// The shortest time of a session, so that nobody shuts everybody out at once.
    pub const SHORTEST_SESSION: Duration = Duration::from_mins(1);

    /// The most networks on an allowlist.
    pub const MOST_NETWORKS: usize = 100;

    /// Which second factors count.
    pub fn factors(&self) -> FactorRules {
        FactorRules {
            allowed: self.allowed_factors.clone(),
            user_verification: self.require_user_verification,
            connection: self.required_connection,
            trusted_for: Duration::from_hours(24 * u64::try_from(self.trusted_device_days).unwrap_or(0)),
        }
    }

    /// What of it makes no sense; all of it.
    pub fn faults(&self) -> Vec<SecurityFault> {
        let (limits, house) = (self.session_limits, SessionLimits::INSTANCE);
        let mut faults = Vec::new();
        let mut within = |pointer, value: i64, least: i64, most: i64| {
            if !(least..=most).contains(&value) {
                faults.push((pointer, format!("it must be from {least} to {most}")));
            }
        };
        let shortest = seconds(Self::SHORTEST_SESSION);
        within(
            "/session_idle_seconds",
            seconds(limits.idle),
            shortest,
            seconds(house.idle),
        );
        within(
            "/session_max_seconds",
            seconds(limits.max),
            shortest,
            seconds(house.max),
        );
        within("/mfa_grace_days", self.mfa_grace_days, 0, 30);
        within("/trusted_device_days", self.trusted_device_days, 0, 90);
        within(
            "/api_key_max_age_days",
            self.api_key_max_age_days.unwrap_or(1),
            1,
            365,
        );
        within("/password_min_length", self.password_min_length, 8, 128);
        within("/password_history", self.password_history, 0, 24);
        if limits.idle > limits.max {
            let longer = "it can't be longer than session_max_seconds";
            faults.push(("/session_idle_seconds", longer.to_owned()));
        }
        if self.allowed_factors.is_empty() {
            faults.push(("/allowed_factors", "at least one has to be allowed".to_owned()));
        }
        if self.policy.ip_allowlist.len() > Self::MOST_NETWORKS {
            let most = format!("there can be at most {}", Self::MOST_NETWORKS);
            faults.push(("/ip_allowlist", most));
        }
        faults
    }
}

/// Whole seconds.
fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap_or(i64::MAX)
}

/// Reads a network as an administrator wrote it, or a single address. Host bits are cleared; an IPv4 network written as
/// IPv6 (RFC 4291 §2.5.5.2) is the IPv4 network.
pub fn parse_network(text: &str) -> Option<IpNet> {
    let network: IpNet = text
        .parse()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from))
        .ok()?;
    let inner = (
        network.addr().to_canonical(),
        network.prefix_len().checked_sub(96),
    );
    let network = match (network, inner) {
        (IpNet::V6(_), (address @ IpAddr::V4(_), Some(length))) => IpNet::new(address, length).ok()?,
        _ => network,
    };
    Some(network.trunc())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Security {
        Security {
            policy: Policy::default(),
            session_limits: SessionLimits::INSTANCE,
            mfa_grace_days: 0,
            allowed_factors: Factor::ALL.to_vec(),
            require_user_verification: false,
            trusted_device_days: 0,
            api_key_max_age_days: None,
            password_min_length: 15,
            password_history: 0,
            required_connection: None,
        }
    }

    #[test]
    fn a_network_is_brought_to_one_form() {
        for (text, network) in [
            ("192.0.2.7/24", "192.0.2.0/24"),
            ("192.0.2.7", "192.0.2.7/32"),
            ("2001:db8::7/32", "2001:db8::/32"),
            ("::ffff:192.0.2.7/120", "192.0.2.0/24"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(parse_network(text).unwrap().to_string(), network, "{text}");
        }
        for text in [
            "",
            "acme",
            "192.0.2.0/33",
            "192.0.2",
            "192.0.2.0/24 ",
            "010.0.0.1",
        ] {
            assert_eq!(parse_network(text), None, "{text}");
        }
    }

    #[test]
    fn every_fault_is_told_at_once() {
        assert!(plain().faults().is_empty());
        let wrong = Security {
            session_limits: SessionLimits {
                idle: Duration::from_hours(9),
                max: Duration::from_secs(59),
            },
            allowed_factors: Vec::new(),
            mfa_grace_days: -1,
            require_user_verification: true,
            api_key_max_age_days: Some(0),
            password_min_length: 7,
            password_history: 25,
            trusted_device_days: 91,
            policy: Policy {
                ip_allowlist: vec!["192.0.2.0/24".parse().unwrap(); 101],
                ..Policy::default()
            },
            required_connection: None,
        };
        let mut told: Vec<_> = wrong.faults().into_iter().map(|(pointer, _)| pointer).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 9, "{told:?}");
    }
}
