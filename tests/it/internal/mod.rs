//! The internal port: how the house tells those who watch it how it is.

mod exposition;
mod health;
mod metrics;

use doorward::clock::Clock;
use doorward::http;
use doorward::web::Internal;
use tokio::net::TcpListener;

use crate::harness::{Answer, House, Visitor};

/// Asks the internal port of a house.
async fn asks(house: &House, path: &str) -> Answer {
    Visitor::new(&house.internal_url).get(path).await
}

/// The internal port of a process that has not opened its database yet, for as long as the test runs.
async fn starting() -> (Visitor, Internal) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let internal = Internal::starting(Clock::system());
    tokio::spawn(http::serve_internal(
        listener,
        internal.clone(),
        std::future::pending(),
    ));
    (Visitor::new(&url), internal)
}
