//! The server: its routes, and running it until it is told to stop.

mod router;
mod server;

pub use router::router;
pub use server::serve;
