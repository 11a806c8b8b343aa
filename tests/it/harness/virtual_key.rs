//! Authenticators for a real browser: Chromium's own virtual ones.

use serde_json::{Value, json};

use super::browser::Browser;

/// An authenticator that is plugged into a browser. It is touched whenever it wants to be.
pub(crate) struct VirtualKey<'a> {
    browser: &'a Browser,
    id: String,
}

impl Browser {
    /// A device that keeps passkeys and knows its person, synced over all of theirs or not.
    pub(crate) async fn keeps_passkeys(&self, synced: bool) -> VirtualKey<'_> {
        let options = json!({
            "protocol": "ctap2", "ctap2Version": "ctap2_1", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true, "automaticPresenceSimulation": true,
            "defaultBackupEligibility": synced, "defaultBackupState": synced,
        });
        self.authenticator(options).await
    }

    /// A key on a key ring, which knows nothing of its person.
    pub(crate) async fn has_a_security_key(&self) -> VirtualKey<'_> {
        let options = json!({
            "protocol": "ctap2", "transport": "usb", "hasResidentKey": false, "hasUserVerification": false,
            "automaticPresenceSimulation": true,
        });
        self.authenticator(options).await
    }

    /// Keeps the browser from offering passkeys in fields, as some do: with a virtual authenticator that is touched
    /// whenever it wants to be, whatever is offered is taken.
    pub(crate) async fn offers_no_passkeys(&self) {
        let source = "delete PublicKeyCredential.isConditionalMediationAvailable";
        let script = json!({ "source": source });
        let added = self
            .devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await;
        added.expect("Chromium runs it");
    }

    async fn authenticator(&self, options: Value) -> VirtualKey<'_> {
        self.devtools("WebAuthn.enable", json!({}))
            .await
            .expect("Chromium has virtual authenticators");
        let added = self
            .devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": options }))
            .await;
        let added = added.expect("the options are known");
        VirtualKey {
            browser: self,
            id: added["authenticatorId"]
                .as_str()
                .expect("it has an id")
                .to_owned(),
        }
    }
}

impl VirtualKey<'_> {
    /// Its credentials, with their counters.
    pub(crate) async fn credentials(&self) -> Vec<Value> {
        let found = self.ask("WebAuthn.getCredentials", json!({})).await;
        found["credentials"].as_array().cloned().unwrap_or_default()
    }

    /// Puts a copy of a credential in its place, which has counted this far.
    pub(crate) async fn count(&self, credential: &Value, counter: u32) {
        let id = json!({ "credentialId": credential["credentialId"] });
        self.ask("WebAuthn.removeCredential", id).await;
        let mut copy = credential.clone();
        copy["signCount"] = json!(counter);
        self.ask("WebAuthn.addCredential", json!({ "credential": copy }))
            .await;
    }

    /// Whether it knows its person again when it asks.
    pub(crate) async fn knows_its_person(&self, knows: bool) {
        self.ask("WebAuthn.setUserVerified", json!({ "isUserVerified": knows }))
            .await;
    }

    /// Unplugs it.
    pub(crate) async fn unplug(self) {
        self.ask("WebAuthn.removeVirtualAuthenticator", json!({})).await;
    }

    async fn ask(&self, method: &'static str, mut parameters: Value) -> Value {
        parameters["authenticatorId"] = json!(self.id);
        let answer = self.browser.devtools(method, parameters).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }
}
