//! The client secret of a connection: sealed, bound to its connection, and shown to nobody again.

use zeroize::Zeroizing;

use crate::domain::id::ConnectionId;
use crate::keyring::Keyring;

/// Seals the secret of a connection.
pub fn seal_secret(keyring: &Keyring, connection: ConnectionId, secret: &str) -> Vec<u8> {
    keyring.seal(&context(connection), secret.as_bytes())
}

/// Opens it again, to show it to its provider; nothing if it is not what was sealed for that connection.
pub fn open_secret(keyring: &Keyring, connection: ConnectionId, sealed: &[u8]) -> Option<Zeroizing<String>> {
    let plain = keyring.open_sealed(&context(connection), sealed)?;
    let text = std::str::from_utf8(&plain).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

fn context(connection: ConnectionId) -> String {
    format!("connection {connection}")
}
