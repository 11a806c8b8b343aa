//! The way to a server: `/v2` over HTTP, by one key and to one origin. It follows no redirect, as a key is not for
//! whoever it would lead to.

use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{RequestBuilder, Response, StatusCode, header};
use url::Url;

use super::connection::Connection;
use super::failure::Failure;
use super::json::Json;
use super::output::plain;
use super::problem::Problem;
use super::request::Body;
use super::verb::Method;

/// How long a server may say nothing.
const PATIENCE: Duration = Duration::from_mins(1);

/// How long a connection may take.
const CONNECTING: Duration = Duration::from_secs(10);

/// How often a question is asked that got no answer.
const ATTEMPTS: u32 = 3;

/// The longest that a server may ask to wait before the same question is asked again.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// A server, and who asks it.
pub(super) struct Client {
    http: reqwest::Client,
    pub(super) connection: Connection,
}

impl Client {
    pub(super) fn open(connection: Connection) -> Result<Self, Failure> {
        let mut builder = reqwest::Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECTING)
            .read_timeout(PATIENCE)
            .https_only(connection.server.is_secure())
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        if !connection.server.is_secure() {
            // This very machine: no proxy is to read the key, and reading the system's certificates would only take time.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        let http = builder.build().map_err(|error| Failure::Refused(told(&error)))?;
        Ok(Self { http, connection })
    }

    /// Reads something.
    pub(super) async fn get(
        &self,
        segments: &[&str],
        query: &[(String, String)],
    ) -> Result<Json, Unsuccessful> {
        self.send(Method::Get, segments, query, &Body::Nothing, None)
            .await
    }

    /// Asks for something, and reads the answer; null if there is none to read.
    pub(super) async fn send(
        &self,
        method: Method,
        segments: &[&str],
        query: &[(String, String)],
        body: &Body,
        once: Option<&str>,
    ) -> Result<Json, Unsuccessful> {
        let url = self.url(segments, query)?;
        let response = self
            .admitted(self.answered(method, &url, body, once).await?)
            .await?;
        let bytes = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        if bytes.is_empty() {
            return Ok(Json::Null);
        }
        serde_json::from_slice(&bytes).map_err(|error| self.broken(&error).into())
    }

    /// Reads a file, piece by piece as it comes.
    pub(super) async fn read(
        &self,
        segments: &[&str],
        query: &[(String, String)],
        mut take: impl FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Unsuccessful> {
        let url = self.url(segments, query)?;
        let answer = self.answered(Method::Get, &url, &Body::Nothing, None).await?;
        let mut response = self.admitted(answer).await?;
        while let Some(piece) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            take(&piece)?;
        }
        Ok(())
    }

    fn url(&self, segments: &[&str], query: &[(String, String)]) -> Result<Url, Failure> {
        let mut url = Url::parse(self.connection.server.as_str()).map_err(|error| self.broken(&error))?;
        if let Ok(mut path) = url.path_segments_mut() {
            path.extend(segments);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Ok(url)
    }

    /// An answer that went well; of any other, why it did not.
    async fn admitted(&self, response: Response) -> Result<Response, Unsuccessful> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if status.is_redirection() {
            return Err(self.led_away(&response).into());
        }
        let bytes = response.bytes().await.map_err(|error| self.unreachable(&error))?;
        match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => Err(Unsuccessful::Problem(status.as_u16(), Box::new(problem))),
            Err(_) if is_gateways(status) => Err(self.behind(status).into()),
            Err(_) => Err(self
                .broken(&format!("it answered {status} without saying why"))
                .into()),
        }
    }

    /// Asks; a question that changes nothing is asked again if nobody answers.
    async fn answered(
        &self,
        method: Method,
        url: &Url,
        body: &Body,
        once: Option<&str>,
    ) -> Result<Response, Failure> {
        let mut attempt = 1;
        loop {
            let last = attempt == ATTEMPTS || method != Method::Get;
            let wait = match self.request(method, url, body, once).send().await {
                Err(error) if last || error.is_connect() => return Err(self.unreachable(&error)),
                Err(_) => Duration::from_millis(200),
                Ok(response) => match wait_of(&response) {
                    Some(wait) if !last => wait,
                    _ => return Ok(response),
                },
            };
            pause(wait * attempt).await;
            attempt += 1;
        }
    }

    fn request(&self, method: Method, url: &Url, body: &Body, once: Option<&str>) -> RequestBuilder {
        let (method, media_type) = match method {
            Method::Get => (reqwest::Method::GET, ""),
            Method::Post => (reqwest::Method::POST, "application/json"),
            Method::Put => (reqwest::Method::PUT, "application/json"),
            Method::Patch => (reqwest::Method::PATCH, "application/merge-patch+json"),
            Method::Delete => (reqwest::Method::DELETE, ""),
        };
        let request = self
            .http
            .request(method, url.clone())
            .bearer_auth(self.connection.key.expose())
            .header(header::ACCEPT, "application/json");
        let request = match once {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        };
        match body {
            Body::Nothing => request,
            Body::Fields(fields) => {
                let text = serde_json::to_string(fields).unwrap_or_default();
                request.header(header::CONTENT_TYPE, media_type).body(text)
            }
            Body::Picture { media_type, bytes } => request
                .header(header::CONTENT_TYPE, *media_type)
                .body(bytes.clone()),
        }
    }

    fn unreachable(&self, error: &reqwest::Error) -> Failure {
        let (server, from) = (self.connection.server.as_str(), &self.connection.server_from);
        Failure::Unreachable(format!(
            "can't reach {server} (so says {from}): {}\n  is the server running, and is that its address? Set \
             DOORWARD_URL or --url",
            told(error)
        ))
    }

    fn behind(&self, status: StatusCode) -> Failure {
        let server = self.connection.server.as_str();
        Failure::Unreachable(format!(
            "what stands before {server} can't reach Doorward: it answers {status}"
        ))
    }

    fn led_away(&self, response: &Response) -> Failure {
        let to = response
            .headers()
            .get(header::LOCATION)
            .and_then(|to| to.to_str().ok());
        let (server, to) = (
            self.connection.server.as_str(),
            plain(to.unwrap_or("somewhere else")),
        );
        Failure::Refused(format!(
            "{server} leads to {to}, and a key is not taken there; if that is the server, set DOORWARD_URL to it"
        ))
    }

    fn broken(&self, error: &dyn std::fmt::Display) -> Failure {
        let server = self.connection.server.as_str();
        Failure::Refused(format!(
            "{server} does not answer as Doorward does: {error}; is it one?"
        ))
    }
}

/// Why there is no answer to work with.
pub(super) enum Unsuccessful {
    /// The server says why.
    Problem(u16, Box<Problem>),
    /// Anything else.
    Failed(Failure),
}

impl From<Failure> for Unsuccessful {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// What went wrong, down to its first cause.
fn told(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

fn is_gateways(status: StatusCode) -> bool {
    [
        StatusCode::BAD_GATEWAY,
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::GATEWAY_TIMEOUT,
    ]
    .contains(&status)
}

/// How long a server asks to wait, if it asks for that and not for long.
fn wait_of(response: &Response) -> Option<Duration> {
    let asks = is_gateways(response.status()) || response.status() == StatusCode::TOO_MANY_REQUESTS;
    let seconds = response.headers().get(header::RETRY_AFTER);
    let seconds = seconds
        .and_then(|seconds| seconds.to_str().ok()?.parse().ok())
        .unwrap_or(1);
    let wait = Duration::from_secs(seconds);
    (asks && wait <= LONGEST_WAIT).then_some(wait)
}

#[expect(clippy::disallowed_methods, reason = "nobody else runs in this process")]
async fn pause(wait: Duration) {
    tokio::time::sleep(wait).await;
}
