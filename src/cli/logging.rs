//! The log: one line an event, on standard error, at `RUST_LOG`'s level.

use tracing_subscriber::EnvFilter;

/// Starts the log. The database driver is kept quiet: its statements are nobody's business.
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_terminal)
        .with_writer(std::io::stderr)
        .init();
}
