//! Acme Fleet, the sample application of `--demo`: its settings, its routes and what every answer carries.
//!
//! Another application on another origin, which knows its provider only through OpenID Connect: everything it does,
//! a third party could copy. It never uses anything of Doorward's, and never keeps a token: only what it read in one.
//! The one thing beside it is `/outbox`, which shows the demo's letters.

mod access_token;
mod claims;
mod http_client;
mod id_token;
mod outbox;
mod pages;
mod problem;
mod provider;
mod sessions;
mod sign_in;

use std::io;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio::sync::OnceCell;
use url::Url;

use http_client::HttpClient;
use problem::Problem;
use provider::Provider;
use sessions::Sessions;

use crate::delivery::Shelf;

/// What the sample application knows of its provider, as any third party would have it in its settings.
#[derive(Clone)]
pub struct Settings {
    /// The provider's issuer identifier, exactly as its tokens say it: `http://localhost:8080`.
    pub issuer: String,
    /// The application's own id at the provider, `app_…`.
    pub client_id: String,
    /// What proves to the provider that it is this application that asks.
    pub client_secret: String,
    /// Where browsers find the application, without a trailing slash: `http://127.0.0.1:8081`.
    pub base_url: String,
    /// The letters of the demo, which are shown beside the application.
    pub shelf: Shelf,
}

/// Serves the application on `listener` until `stop` resolves and the requests under way are answered.
///
/// Fails at once if a setting is not a URL. The provider may start later: it is first asked when somebody signs in.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let policy = content_security_policy(&settings.issuer).map_err(io::Error::other)?;
    let application = Application {
        http: HttpClient::new().map_err(io::Error::other)?,
        provider: OnceCell::new(),
        sessions: Sessions::default(),
        settings,
    };
    axum::serve(listener, routes(application, policy))
        .with_graceful_shutdown(stop)
        .await
}

/// All that the handlers share.
struct Application {
    settings: Settings,
    http: HttpClient,
    provider: OnceCell<Provider>,
    sessions: Sessions,
}

impl Application {
    /// The provider as its discovery document describes it, read when first needed and then kept.
    async fn provider(&self) -> Result<&Provider, Problem> {
        self.provider
            .get_or_try_init(|| Provider::discover(&self.settings, &self.http))
            .await
    }
}

fn routes(application: Application, policy: HeaderValue) -> Router {
    Router::new()
        .route("/", get(pages::home))
        .route("/login", get(sign_in::login))
        .route("/callback", get(sign_in::callback))
        .route("/tokens", get(pages::tokens))
        .route("/logout", post(pages::logout))
        .route("/outbox", get(outbox::list))
        .route("/outbox/{letter}", get(outbox::letter))
        .route("/outbox/{letter}/text", get(outbox::text))
        .route("/sample.css", get(pages::stylesheet))
        .fallback(pages::not_found)
        .layer(map_response_with_state(policy, with_headers))
        .with_state(Arc::new(application))
}

/// No script, nothing from elsewhere, in nobody's frame; the provider's origin because a form may lead there.
fn content_security_policy(issuer: &str) -> Result<HeaderValue, Box<dyn std::error::Error + Send + Sync>> {
    let origin = Url::parse(issuer)?.origin().ascii_serialization();
    Ok(HeaderValue::try_from(format!(
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self' {origin}; \
         base-uri 'none'; frame-ancestors 'none'"
    ))?)
}

/// What every answer carries. The address of `/callback` holds a code, so no address is told to anyone.
async fn with_headers(State(policy): State<HeaderValue>, mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.entry(CONTENT_SECURITY_POLICY).or_insert(policy);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
