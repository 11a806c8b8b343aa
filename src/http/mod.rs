//! The server: its routes, public and internal, and running it until it is told to stop.

mod api;
mod internal;
mod pulse;
mod router;
mod scim;
mod server;

use internal::internal_router;
use router::router;

pub use server::{serve, serve_internal};
