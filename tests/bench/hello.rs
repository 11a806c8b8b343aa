//! What there is to hold a server against: axum, one route, and 1 KB of JSON from memory.

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use axum::serve::ListenerExt;

/// The argument that makes this program be it.
pub(crate) const COMMAND: &str = "serve-hello";

/// Serves on the address that follows the command, until killed.
#[tokio::main]
pub(crate) async fn serve() {
    let address = std::env::args().next_back().unwrap();
    let body: &'static str = Box::leak(body().into_boxed_str());
    let hello = Router::new().route(
        "/",
        get(async move || ([(CONTENT_TYPE, "application/json")], body)),
    );
    let listener = tokio::net::TcpListener::bind(address).await.unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    axum::serve(listener, hello).await.unwrap();
}

/// 1,024 bytes of JSON.
fn body() -> String {
    let text = "x".repeat(1024 - r#"{"hello":""}"#.len());
    format!(r#"{{"hello":"{text}"}}"#)
}
