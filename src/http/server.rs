//! Serving until told to stop, then finishing what has begun. A client that is slow, or many, holds nothing for ever.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use super::pulse::{Beat, Pulse};
use super::{internal_router, router};
use crate::web::{AppState, Arrival, Internal};

/// Connections at once; further ones wait to be accepted.
const MOST_CONNECTIONS: usize = 4096;

/// How often an HTTP/2 client is asked whether it is still there.
const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How long open requests may go on after the server is told to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves the public until `stop` resolves, then lets open requests finish, for ten seconds at most.
pub async fn serve(listener: TcpListener, state: AppState, stop: impl Future<Output = ()> + Send) {
    accept(listener, router(state), stop).await;
}

/// The same for those who watch the server.
pub async fn serve_internal(
    listener: TcpListener,
    internal: Internal,
    stop: impl Future<Output = ()> + Send,
) {
    accept(listener, internal_router(internal), stop).await;
}

async fn accept(listener: TcpListener, router: Router, stop: impl Future<Output = ()> + Send) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let place = Arc::clone(&room).acquire_owned();
        let accepted = tokio::select! {
            accepted = async { (place.await, listener.accept().await) } => accepted,
            () = &mut stop => break,
        };
        match accepted {
            (Ok(place), Ok((stream, peer))) => {
                let pulse = Arc::<Pulse>::default();
                let connection = graceful.watch(connection(stream, peer, router.clone(), Arc::clone(&pulse)));
                tokio::spawn(async move {
                    tokio::select! {
                        ended = connection => if let Err(error) = ended {
                            tracing::debug!(error, "a connection ended early");
                        },
                        () = pulse.stops() => tracing::debug!("a silent connection is closed"),
                    }
                    drop(place);
                });
            }
            (_, Err(error)) => pause_after(&error).await,
            (Err(_), _) => break,
        }
    }
    drop(listener);
    if tokio::time::timeout(STOP_TIMEOUT, graceful.shutdown())
        .await
        .is_err()
    {
        tracing::warn!("some requests were not finished in time");
    }
}

/// One connection, HTTP/1.1 or HTTP/2, each of its requests knowing where it comes from.
fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    pulse: Arc<Pulse>,
) -> impl hyper_util::server::graceful::GracefulConnection<Error = Box<dyn std::error::Error + Send + Sync>> + Send
{
    // Small answers go out at once instead of waiting for more (Nagle).
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection keeps its delay");
    }
    let service = hyper::service::service_fn(move |mut request: Request<Incoming>| {
        let beat = Beat::begin(&pulse);
        request.extensions_mut().insert(Arrival::from(peer));
        let router = router.clone();
        async move {
            let answered = router.oneshot(request).await;
            Ok::<_, Infallible>(beat.end_with(answered.unwrap_or_else(|never| match never {})))
        }
    });
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().header_read_timeout(None);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .max_concurrent_streams(64);
    builder
        .serve_connection(TokioIo::new(stream), service)
        .into_owned()
}

/// Out of file handles, most likely: a moment for others to close theirs.
#[expect(clippy::disallowed_methods, reason = "waits for the system, not for a time")]
async fn pause_after(error: &std::io::Error) {
    tracing::warn!(%error, "can't accept a connection");
    tokio::time::sleep(Duration::from_millis(100)).await;
}
