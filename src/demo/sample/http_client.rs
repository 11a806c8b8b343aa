//! How the application talks to its provider: `openidconnect`'s requests sent by `reqwest`.
//!
//! Never follows a redirect (a token endpoint that redirects would carry the secret elsewhere), never waits longer
//! than 10 seconds, never reads more than 1 MiB.

use std::pin::Pin;
use std::time::Duration;

use openidconnect::http::{Request, Response, StatusCode};
use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};
use reqwest::redirect::Policy;
use serde_json::Value;

const TIMEOUT: Duration = Duration::from_secs(10);
const MAX_BYTES: usize = 1024 * 1024;

/// One pool of connections, for discovery, keys, the token endpoint and userinfo alike.
pub(super) struct HttpClient(reqwest::Client);

/// No usable answer came.
#[derive(Debug, thiserror::Error)]
pub(super) enum HttpError {
    /// The request could not be sent or its answer not be read.
    #[error(transparent)]
    Request(#[from] reqwest::Error),
    /// The answer goes on after [`MAX_BYTES`].
    #[error("the answer is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// The answer is not the one hoped for.
    #[error("the answer is {0}")]
    Status(StatusCode),
    /// The answer is not JSON.
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    /// The address cannot be asked.
    #[error(transparent)]
    Address(#[from] openidconnect::http::Error),
}

impl HttpClient {
    /// A client of its own; it goes straight to the provider, which is on this machine, and through no proxy.
    pub(super) fn new() -> reqwest::Result<Self> {
        reqwest::Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .no_proxy()
            .build()
            .map(Self)
    }

    /// The JSON at `address`.
    pub(super) async fn json(&self, address: &str) -> Result<Value, HttpError> {
        let answer = self.send(Request::get(address).body(Vec::new())?).await?;
        match answer.status() {
            StatusCode::OK => Ok(serde_json::from_slice(answer.body())?),
            other => Err(HttpError::Status(other)),
        }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let mut answer = self.0.execute(request.try_into()?).await?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            if body.len() + chunk.len() > MAX_BYTES {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}
