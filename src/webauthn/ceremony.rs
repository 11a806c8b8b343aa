//! A question to a browser and its answer, which finds the question by the secret that its page carried.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::audit::Origin;
use crate::domain::network::Network;
use crate::domain::passkey::Ceremony;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::webauthn_ceremonies::{self, CeremonyKey};
use crate::storage::{StorageError, Tx};

/// A question that is about to be put to a browser.
#[derive(Debug, Clone)]
pub struct Question {
    secret: SecretHash,
    browser: SecretHash,
    network: Network,
}

/// What a browser answered.
#[derive(Debug, Clone)]
pub struct Answer {
    secret: SecretHash,
    browser: SecretHash,
    /// The credential as JSON (WebAuthn §5.1).
    pub(super) json: String,
    /// From where it came.
    pub(super) origin: Origin,
}

/// What the page's script sends.
#[derive(Deserialize)]
struct Sent {
    ceremony: String,
    credential: Value,
}

/// What a page's script is told: the secret to answer with, and what to ask the browser for.
pub fn script(secret: &Secret, options: &Value) -> String {
    json!({ "ceremony": secret.expose(), "options": options }).to_string()
}

impl Question {
    /// A question to a browser, and the secret that its page carries.
    pub fn draw(browser: SecretHash, network: Network) -> (Self, Secret) {
        let secret = random::secret();
        let question = Self {
            secret: secret.hash(Purpose::Ceremony),
            browser,
            network,
        };
        (question, secret)
    }

    /// Keeps what was asked until it is answered; answers `false` if this network has too many unanswered already.
    pub(super) async fn put(
        &self,
        tx: &mut Tx<'_>,
        ceremony: Ceremony,
        state: &str,
        now: Timestamp,
    ) -> Result<bool, StorageError> {
        let key = CeremonyKey {
            secret: self.secret.clone(),
            browser: self.browser.clone(),
            ceremony,
        };
        webauthn_ceremonies::insert(tx, &key, state, self.network, now).await
    }
}

impl Answer {
    /// Reads what a page's script sent; nothing if no script of ours wrote it.
    pub fn read(text: &str, browser: SecretHash, origin: Origin) -> Option<Self> {
        let sent: Sent = serde_json::from_str(text).ok()?;
        Some(Self {
            secret: Secret::received(sent.ceremony).hash(Purpose::Ceremony),
            browser,
            json: sent.credential.to_string(),
            origin,
        })
    }

    /// Takes the question that this answers, if this browser was asked it lately and did not answer yet.
    pub(super) async fn question(
        &self,
        tx: &mut Tx<'_>,
        ceremony: Ceremony,
        now: Timestamp,
    ) -> Result<Option<String>, StorageError> {
        let key = CeremonyKey {
            secret: self.secret.clone(),
            browser: self.browser.clone(),
            ceremony,
        };
        webauthn_ceremonies::take(tx, &key, now).await
    }
}
