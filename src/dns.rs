//! What the owner of a domain wrote into its DNS: text records, asked for afresh each time. Never where anything is.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{Resolver, TokioResolver};

use crate::config::DnsConfig;

/// How long one server has to answer, before it or another is asked once more.
const PATIENCE: Duration = Duration::from_secs(2);

/// So many records of one name are looked at.
const MOST_RECORDS: usize = 64;

/// What asks.
#[derive(Clone)]
pub struct Dns(Option<TokioResolver>);

/// Nobody could say what there is: another time they may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no DNS server answered")]
pub struct NoAnswer;

impl Dns {
    /// Gets ready to ask the servers that were set, or the machine's own. A machine without any has nobody to ask.
    pub fn of(config: &DnsConfig) -> Self {
        let builder = if config.servers.is_empty() {
            TokioResolver::builder_tokio()
        } else {
            let servers = config.servers.iter().copied().map(server).collect();
            let servers = ResolverConfig::from_name_servers(servers);
            Ok(Resolver::builder_with_config(
                servers,
                TokioRuntimeProvider::default(),
            ))
        };
        let resolver = builder.and_then(|mut builder| {
            ask_plainly(builder.options_mut());
            builder.build()
        });
        if let Err(error) = &resolver {
            tracing::warn!(%error, "no domain can be looked up: set dns.servers");
        }
        Self(resolver.ok())
    }

    /// The text records of a whole name, the parts of each put together (RFC 7208 §3.3 does the same); none where there
    /// are none.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, NoAnswer> {
        let resolver = self.0.as_ref().ok_or(NoAnswer)?;
        // The dot at the end: it is no name within the machine's own domain.
        let found = match resolver.txt_lookup(format!("{name}.")).await {
            Ok(found) => found,
            Err(error) if says_that_there_is_nothing(&error) => return Ok(Vec::new()),
            Err(error) => {
                tracing::debug!(%error, "a domain could not be looked up");
                return Err(NoAnswer);
            }
        };
        let texts = found.answers().iter().filter_map(|record| match &record.data {
            RData::TXT(text) => Some(text.txt_data.concat()),
            _ => None,
        });
        let texts = texts.take(MOST_RECORDS);
        Ok(texts
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .collect())
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dns(…)")
    }
}

/// By UDP, and by TCP for what is too long for it.
fn server(address: SocketAddr) -> NameServerConfig {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
        connection.port = address.port();
        connection
    });
    NameServerConfig::new(address.ip(), true, connections.to_vec())
}

/// What was written a moment ago is seen, so nothing is remembered; and only DNS is asked.
fn ask_plainly(options: &mut ResolverOpts) {
    options.cache_size = 0;
    options.use_hosts_file = ResolveHosts::Never;
    options.timeout = PATIENCE;
    options.attempts = 2;
}

/// Whether a server said so, and not merely that it could not say.
fn says_that_there_is_nothing(error: &NetError) -> bool {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none)) => {
            [ResponseCode::NoError, ResponseCode::NXDomain].contains(&none.response_code)
        }
        _ => false,
    }
}
