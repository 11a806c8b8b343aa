//! What an operator can set: TOML file, then `DOORWARD_SECTION__KEY`, then flags; the later wins.
//!
//! Every value is parsed once, here. An unknown key stops the start and names the nearest known one.

mod dns;
mod mail;
mod outbound;
pub mod private_file;
mod public_url;
mod sms;
mod sources;
mod webauthn;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;

pub use dns::DnsConfig;
pub use mail::{MailConfig, Mailbox, Relay, RelayTls};
pub use outbound::OutboundConfig;
pub use public_url::PublicUrl;
pub use sms::{SmsBody, SmsConfig, SmsMethod, SmsRequest};
pub use sources::{Setting, Sources};
pub use webauthn::WebauthnConfig;

use crate::places::Places;

/// The settings of a server, whole and checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where those who watch the server ask it: health and metrics, on no public network.
    pub internal_listen: SocketAddr,
    /// The origin that people's browsers and applications see; also the `issuer`.
    pub public_url: PublicUrl,
    /// Whose `X-Forwarded-*` headers count. Nobody's by default.
    pub trusted_proxies: Vec<IpNet>,
    /// How many requests a minute each caller of the API may make, 1 to 10,000,000; without a credential, each network.
    pub requests_per_minute: u32,
    /// Whether anybody signed in makes organizations. Only superusers do by default.
    pub self_service: bool,
    /// How many days the audit log is kept, 30 to 36,500; for ever by default.
    pub keep_days: Option<u32>,
    /// A file of stolen passwords, which nobody may choose: sorted SHA-1 hashes in hexadecimal, `HASH` or `HASH:COUNT` a
    /// line. None by default.
    pub breached_list: Option<PathBuf>,
    /// Where data and keys are kept.
    pub storage: StorageConfig,
    /// How mail goes out.
    pub mail: MailConfig,
    /// Where addresses are.
    pub places: Places,
    /// How text messages go out; none do if absent.
    pub sms: Option<SmsConfig>,
    /// Which passkeys may be enrolled.
    pub webauthn: WebauthnConfig,
    /// Whom to ask what a domain's owner wrote into its DNS.
    pub dns: DnsConfig,
    /// Which servers may be asked besides public ones.
    pub outbound: OutboundConfig,
}

/// Where data and keys are kept.
#[derive(Clone)]
pub struct StorageConfig {
    /// The folder of the SQLite database, its lock and the claim link.
    pub data_dir: PathBuf,
    /// The folder of the master key.
    pub keys_dir: PathBuf,
    /// A `postgres://` URL, or nothing for SQLite in the data folder. May hold a password: never printed.
    pub database_url: Option<String>,
}

impl std::fmt::Debug for StorageConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let database = if self.database_url.is_some() {
            "postgres://…"
        } else {
            "SQLite"
        };
        f.debug_struct("StorageConfig")
            .field("data_dir", &self.data_dir)
            .field("keys_dir", &self.keys_dir)
            .field("database", &database)
            .finish()
    }
}

/// Why the settings can't be used; one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file named by `--config` can't be read.
    #[error("can't read the configuration file {0}: {1}")]
    Unreadable(PathBuf, std::io::Error),
    /// It is no TOML.
    #[error("the configuration file {0} is not valid TOML: {1}")]
    NotToml(PathBuf, String),
    /// Nobody knows this key.
    #[error("{origin} sets {key}, which Doorward doesn't know; did you mean {nearest}?")]
    Unknown {
        /// The key as written.
        key: String,
        /// The known key most like it.
        nearest: String,
        /// The file or the environment.
        origin: String,
    },
    /// The file of places can't be used.
    #[error("can't use {0} as a file of places: {1}; geo.database must name one in MaxMind's format")]
    NoPlaces(PathBuf, String),
    /// A known key with a value that makes no sense.
    #[error("{key} is {value:?}, but must be {expected}")]
    Bad {
        /// Which setting.
        key: &'static str,
        /// The value; secrets are left out.
        value: String,
        /// What would be right.
        expected: &'static str,
    },
}

impl Config {
    /// Puts the settings together.
    pub fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let listen = address(
            sources,
            Setting::Listen,
            8080,
            "an address and port such as 127.0.0.1:8080",
        )?;
        let internal_listen = address(
            sources,
            Setting::InternalListen,
            9180,
            "an address and port such as 127.0.0.1:9180",
        )?;
        let public_url = match sources.get(Setting::PublicUrl) {
            Some(text) => PublicUrl::parse(text)?,
            None => PublicUrl::of_localhost(listen.port()),
        };
        let mut trusted_proxies = Vec::new();
        for text in sources
            .get(Setting::TrustedProxies)
            .unwrap_or_default()
            .split(',')
            .map(str::trim)
        {
            if !text.is_empty() {
                trusted_proxies.push(parse_network(text)?);
            }
        }
        let requests_per_minute = match sources.get(Setting::RequestsPerMinute) {
            Some(text) => parse_rate(text)?,
            None => 6_000,
        };
        let storage = StorageConfig::read(sources);
        let mail = MailConfig::read(sources, &storage.data_dir, &public_url)?;
        Ok(Self {
            listen,
            internal_listen,
            public_url,
            trusted_proxies,
            requests_per_minute,
            self_service: yes_or_no(sources, Setting::SelfService)?,
            keep_days: sources.get(Setting::KeepDays).map(parse_days).transpose()?,
            breached_list: sources.get(Setting::BreachedList).map(PathBuf::from),
            storage,
            mail,
            places: places(sources)?,
            sms: SmsConfig::read(sources)?,
            webauthn: WebauthnConfig::read(sources)?,
            dns: DnsConfig::read(sources)?,
            outbound: OutboundConfig::read(sources)?,
        })
    }
}

impl StorageConfig {
    /// The part of the settings that host commands need too.
    pub fn read(sources: &Sources) -> Self {
        let data_dir = PathBuf::from(sources.get(Setting::DataDir).unwrap_or("data"));
        let keys_dir = sources
            .get(Setting::KeysDir)
            .map_or_else(|| data_dir.join("keys"), PathBuf::from);
        let database_url = sources.get(Setting::DatabaseUrl).map(str::to_owned);
        Self {
            data_dir,
            keys_dir,
            database_url,
        }
    }
}

/// The operator's file of places, if there is one.
fn places(sources: &Sources) -> Result<Places, ConfigError> {
    let Some(file) = sources.get(Setting::GeoDatabase).map(PathBuf::from) else {
        return Ok(Places::default());
    };
    Places::open(&file).map_err(|error| ConfigError::NoPlaces(file, error.to_string()))
}

fn parse_rate(text: &str) -> Result<u32, ConfigError> {
    let rate = text.parse().ok().filter(|rate| (1..=10_000_000).contains(rate));
    rate.ok_or_else(|| ConfigError::Bad {
        key: Setting::RequestsPerMinute.key(),
        value: text.to_owned(),
        expected: "a whole number from 1 to 10000000",
    })
}

fn parse_days(text: &str) -> Result<u32, ConfigError> {
    let days = text.parse().ok().filter(|days| (30..=36_500).contains(days));
    days.ok_or_else(|| ConfigError::Bad {
        key: Setting::KeepDays.key(),
        value: text.to_owned(),
        expected: "a whole number of days from 30 to 36500",
    })
}

/// No unless it is set.
fn yes_or_no(sources: &Sources, setting: Setting) -> Result<bool, ConfigError> {
    match sources.get(setting) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(ConfigError::Bad {
            key: setting.key(),
            value: other.to_owned(),
            expected: "true or false",
        }),
    }
}

/// Where to listen: as it is set, or on loopback at a port of ours.
fn address(
    sources: &Sources,
    setting: Setting,
    port: u16,
    expected: &'static str,
) -> Result<SocketAddr, ConfigError> {
    let Some(text) = sources.get(setting) else {
        return Ok(SocketAddr::from(([127, 0, 0, 1], port)));
    };
    text.parse().map_err(|_| ConfigError::Bad {
        key: setting.key(),
        value: text.to_owned(),
        expected,
    })
}

fn parse_network(text: &str) -> Result<IpNet, ConfigError> {
    let network = text
        .parse::<IpNet>()
        .or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    network.map_err(|_| ConfigError::Bad {
        key: Setting::TrustedProxies.key(),
        value: text.to_owned(),
        expected: "addresses or networks such as 10.0.0.0/8, separated by commas",
    })
}
