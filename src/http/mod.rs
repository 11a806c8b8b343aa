//! The server: its routes, and running it until it is told to stop.

mod router;
mod server;

use router::router;

pub use server::serve;
