//! The log: one line an event, on standard error, at `RUST_LOG`'s level.

use tracing_subscriber::EnvFilter;

/// What is never logged, whatever the level: what passkeys' authenticators and their browsers send (WA11).
const NEVER: [&str; 3] = [
    "webauthn_rs=off",
    "webauthn_rs_core=off",
    "webauthn_attestation_ca=off",
];

/// Starts the log. The database driver is kept quiet: its statements are nobody's business.
pub(super) fn start() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let filter = NEVER.iter().fold(filter, |filter, never| {
        filter.add_directive(never.parse().expect("a directive of our own"))
    });
    let is_terminal = std::io::IsTerminal::is_terminal(&std::io::stderr());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(is_terminal)
        .with_writer(std::io::stderr)
        .init();
}
