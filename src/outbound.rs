//! Asking servers whose addresses organizations wrote: discovery documents, keys, token endpoints, SAML metadata.
//!
//! Owns that nobody reaches networks of ours through us (SECURITY SS1): a name is looked up once, every address of it has
//! to be public or allowed by `outbound.allow`, and the connection goes to exactly those. Never follows a redirect, goes
//! by a proxy, waits longer than [`PATIENCE`], or reads more than it was told to. Errors are fit for a log: no body, no
//! address with what may be secret in it.

use std::collections::HashMap;
use std::error::Error;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Request};
use url::{Host, Url, form_urlencoded};

use crate::config::OutboundConfig;
use crate::domain::network::is_public;

/// How long one question may take, from looking up the name to the last byte of the answer.
pub const PATIENCE: Duration = Duration::from_secs(5);

/// How many questions are under way at once; whoever asks one more is told so at once.
const MOST_AT_ONCE: usize = 64;

/// How many of them one server may hold up: a slow one leaves room for the others.
const MOST_PER_SERVER: usize = 16;

/// Asks other servers. Cheap to copy.
#[derive(Clone)]
pub struct Outbound(Arc<Shared>);

struct Shared {
    allowed: Arc<[IpNet]>,
    lookup: Lookup,
    patience: Duration,
    /// Made when first needed, as reading the system's certificates takes a while.
    over_tls: OnceLock<Result<Client, String>>,
    in_the_clear: OnceLock<Result<Client, String>>,
    under_way: Mutex<HashMap<String, usize>>,
}

/// What a server answered, whatever its status.
pub struct Answer {
    /// 200 if all is well.
    pub status: u16,
    /// The body, whole.
    pub body: Vec<u8>,
}

/// Why there is no usable answer; fit for a log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// Not an address that is asked at all.
    #[error("the address is not https://, or holds a user or password")]
    BadAddress,
    /// It leads into a network of ours.
    #[error("the address is in a network that is not asked; outbound.allow lists exceptions")]
    NotPublic,
    /// Nobody knows the name.
    #[error("the name {0} has no address")]
    Unknown(String),
    /// No connection, or one that broke off; a certificate that is not good is here too.
    #[error("the connection failed: {0}")]
    Unreachable(String),
    /// Not within [`PATIENCE`].
    #[error("no whole answer came within 5 seconds")]
    TooSlow,
    /// More than was to be read.
    #[error("the answer has more than {0} bytes")]
    TooLarge(usize),
    /// Another status than 200; a redirect is one, as none is followed.
    #[error("the answer's status is {0}")]
    Status(u16),
    /// Too many questions wait already, here or for that server.
    #[error("too many questions are under way already")]
    Busy,
}

type Lookup =
    Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = std::io::Result<Vec<IpAddr>>> + Send>> + Send + Sync>;

impl Outbound {
    /// Gets ready. Nobody is asked yet.
    pub fn new(config: &OutboundConfig) -> Self {
        Self::with(config, Arc::new(|name| Box::pin(by_the_system(name))), PATIENCE)
    }

    fn with(config: &OutboundConfig, lookup: Lookup, patience: Duration) -> Self {
        Self(Arc::new(Shared {
            allowed: config.allow.clone().into(),
            lookup,
            patience,
            over_tls: OnceLock::new(),
            in_the_clear: OnceLock::new(),
            under_way: Mutex::default(),
        }))
    }

    /// What is at an address, in at most so many bytes.
    pub async fn get(&self, url: &Url, most: usize) -> Result<Vec<u8>, OutboundError> {
        self.get_by(url, None, most).await
    }

    /// The same, for whoever holds a bearer token.
    pub async fn get_as(&self, url: &Url, token: &str, most: usize) -> Result<Vec<u8>, OutboundError> {
        self.get_by(url, Some(&format!("Bearer {token}")), most).await
    }

    /// Posts a form, by `authorization` if the server asks who posts. What it answers is for the caller to read, whatever
    /// the status.
    pub async fn post_form(
        &self,
        url: &Url,
        form: &[(&str, &str)],
        authorization: Option<&str>,
        most: usize,
    ) -> Result<Answer, OutboundError> {
        let mut request = request(Method::POST, url, authorization)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(form)
            .finish();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        request.headers_mut().insert(CONTENT_TYPE, kind);
        *request.body_mut() = Some(form.into());
        self.send(request, most).await
    }

    async fn get_by(
        &self,
        url: &Url,
        authorization: Option<&str>,
        most: usize,
    ) -> Result<Vec<u8>, OutboundError> {
        let answer = self.send(request(Method::GET, url, authorization)?, most).await?;
        match answer.status {
            200 => Ok(answer.body),
            other => Err(OutboundError::Status(other)),
        }
    }

    async fn send(&self, request: Request, most: usize) -> Result<Answer, OutboundError> {
        let (client, server) = self.client_for(request.url())?;
        let _turn = Turn::take(&self.0, server)?;
        let mut answer = client.execute(request).await.map_err(in_words)?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(in_words)? {
            if chunk.len() > most - body.len() {
                return Err(OutboundError::TooLarge(most));
            }
            body.extend_from_slice(&chunk);
        }
        let status = answer.status().as_u16();
        Ok(Answer { status, body })
    }

    /// Who asks, and what the server is counted as. An address that is written out is judged here, as it is not looked up.
    fn client_for(&self, url: &Url) -> Result<(Client, String), OutboundError> {
        let is_secure = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(OutboundError::BadAddress),
        };
        let guard = self.guard(is_secure);
        let written = match url.host().ok_or(OutboundError::BadAddress)? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        };
        if written.is_some_and(|address| !guard.admits(address)) {
            return Err(OutboundError::NotPublic);
        }
        let client = if is_secure {
            &self.0.over_tls
        } else {
            &self.0.in_the_clear
        };
        let client = client
            .get_or_init(|| client_behind(guard, self.0.patience))
            .clone();
        let client = client.map_err(OutboundError::Unreachable)?;
        Ok((client, url.authority().to_owned()))
    }

    fn guard(&self, is_secure: bool) -> Guard {
        Guard {
            allowed: Arc::clone(&self.0.allowed),
            lookup: Arc::clone(&self.0.lookup),
            is_secure,
        }
    }
}

fn request(method: Method, url: &Url, authorization: Option<&str>) -> Result<Request, OutboundError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OutboundError::BadAddress);
    }
    let mut request = Request::new(method, url.clone());
    let headers = request.headers_mut();
    headers.insert(ACCEPT, HeaderValue::from_static("application/json, */*;q=0.1"));
    if let Some(authorization) = authorization {
        let mut value = HeaderValue::from_str(authorization).map_err(|_| OutboundError::BadAddress)?;
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    Ok(request)
}

fn client_behind(guard: Guard, patience: Duration) -> Result<Client, String> {
    let is_secure = guard.is_secure;
    let builder = Client::builder()
        .redirect(Policy::none())
        .retry(reqwest::retry::never())
        .timeout(patience)
        .no_proxy()
        .referer(false)
        .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")))
        .dns_resolver(guard);
    let builder = if is_secure {
        builder.https_only(true)
    } else {
        builder.tls_certs_only([])
    };
    builder.build().map_err(|error| error.to_string())
}

/// What stands between a name and a connection.
struct Guard {
    allowed: Arc<[IpNet]>,
    lookup: Lookup,
    is_secure: bool,
}

impl Guard {
    /// Over TLS a public address, or one that is allowed; without it only the latter.
    fn admits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allowed.iter().any(|network| network.contains(&address)) || self.is_secure && is_public(address)
    }
}

impl Resolve for Guard {
    /// One address that isn't admitted spoils the name: whoever answers for it means no good, or another network.
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Self {
            allowed: Arc::clone(&self.allowed),
            lookup: Arc::clone(&self.lookup),
            is_secure: self.is_secure,
        };
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let found = (guard.lookup)(name.clone()).await.unwrap_or_default();
            if found.is_empty() {
                return Err(OutboundError::Unknown(name).into());
            }
            if !found.iter().all(|address| guard.admits(*address)) {
                return Err(OutboundError::NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

async fn by_the_system(name: String) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

/// One question among those under way.
struct Turn<'o> {
    shared: &'o Shared,
    server: String,
}

impl<'o> Turn<'o> {
    fn take(shared: &'o Shared, server: String) -> Result<Self, OutboundError> {
        let mut under_way = shared.under_way();
        let here: usize = under_way.values().sum();
        let there = under_way.get(&server).copied().unwrap_or(0);
        if here >= MOST_AT_ONCE || there >= MOST_PER_SERVER {
            return Err(OutboundError::Busy);
        }
        under_way.insert(server.clone(), there + 1);
        drop(under_way);
        Ok(Self { shared, server })
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut under_way = self.shared.under_way();
        if let Some(there) = under_way.get_mut(&self.server) {
            *there -= 1;
            if *there == 0 {
                under_way.remove(&self.server);
            }
        }
    }
}

impl Shared {
    fn under_way(&self) -> std::sync::MutexGuard<'_, HashMap<String, usize>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What went wrong, down to its cause; never the address, which may hold a token.
fn in_words(error: reqwest::Error) -> OutboundError {
    if error.is_timeout() {
        return OutboundError::TooSlow;
    }
    let error = error.without_url();
    let mut cause: &dyn Error = &error;
    loop {
        if let Some(ours) = cause.downcast_ref::<OutboundError>() {
            return ours.clone();
        }
        match cause.source() {
            Some(deeper) => cause = deeper,
            None => return OutboundError::Unreachable(cause.to_string()),
        }
    }
}

#[cfg(test)]
mod tests;
