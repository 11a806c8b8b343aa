//! What is around every request: its name and count, a bound on its time, its panic, and the headers of its answer.
//!
//! One layer instead of one for each, because each layer of a router's costs a request several allocations.

use std::convert::Infallible;
use std::future::poll_fn;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tower::{Layer, Service};

use super::headers::add_security_headers;
use super::trace::Trace;
use super::{AppState, AskedBy};

/// How long a request may take, its body's way here included.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// The layer.
#[derive(Clone)]
pub struct Around {
    state: AppState,
    asked_by: AskedBy,
}

/// Routes with the layer around them.
#[derive(Clone)]
pub struct Surrounded<S> {
    inner: S,
    around: Around,
}

impl Around {
    /// Around what is asked for by these.
    pub fn new(state: &AppState, asked_by: AskedBy) -> Self {
        Self {
            state: state.clone(),
            asked_by,
        }
    }

    async fn answer<S>(self, mut inner: S, request: Request) -> Response
    where
        S: Service<Request, Response = Response, Error = Infallible>,
    {
        let stopwatch = self.state.clock.stopwatch();
        let trace = Trace::of(&request, self.asked_by);
        let handled = unless_it_panics(async move { inner.call(request).await });
        let mut response = match tokio::time::timeout(REQUEST_TIMEOUT, handled).await {
            Ok(Some(Ok(response))) => response,
            Ok(None) => {
                trace.panicked();
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
            Err(_) => StatusCode::REQUEST_TIMEOUT.into_response(),
        };
        let is_secure = self.state.config.public_url.is_secure();
        add_security_headers(response.headers_mut(), self.asked_by, is_secure);
        trace.answered(response.status(), stopwatch.elapsed(), &self.state.metrics);
        response
    }
}

impl<S> Layer<S> for Around {
    type Service = Surrounded<S>;

    fn layer(&self, inner: S) -> Surrounded<S> {
        Surrounded {
            inner,
            around: self.clone(),
        }
    }
}

impl<S> Service<Request> for Surrounded<S>
where
    S: Service<Request, Response = Response, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The one that was made ready answers; its copy takes its place (tower's `Service::call`).
        let ready = self.inner.clone();
        let ready = std::mem::replace(&mut self.inner, ready);
        let around = self.around.clone();
        Box::pin(async move { Ok(around.answer(ready, request).await) })
    }
}

/// What a future comes to; nothing if it panics.
async fn unless_it_panics<T>(future: impl Future<Output = T>) -> Option<T> {
    let mut future = pin!(future);
    poll_fn(|context| {
        // Whatever it held is dropped with it, and nobody looks at it again.
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)));
        polled.map_or(Poll::Ready(None), |polled| polled.map(Some))
    })
    .await
}
