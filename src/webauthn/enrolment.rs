//! Adding a passkey or a security key.

use serde_json::{Value, json};
use webauthn_rs::prelude::{
    Credential, CredentialID, PasskeyRegistration, RegisterPublicKeyCredential, SecurityKeyRegistration,
};

use super::{Answer, Question, Refused, RelyingParty, attestation, form};
use crate::domain::passkey::{Ceremony, PasskeyKind};
use crate::domain::time::Timestamp;
use crate::domain::user::User;
use crate::storage::passkeys::StoredPasskey;
use crate::storage::{StorageError, Tx};

/// A key as its authenticator describes it.
pub struct Enrolled {
    /// The id by which authenticators know it.
    pub webauthn_id: Vec<u8>,
    /// Public key, counter and the like, as text.
    pub credential: String,
    /// Whether it can be on several devices.
    pub synced: bool,
}

/// Asks a browser for a new key, other than those that its person has; answers what its script is to be told, or
/// nothing if too many such questions are unanswered.
pub async fn begin_enrolment(
    tx: &mut Tx<'_>,
    party: &RelyingParty,
    question: &Question,
    (kind, user): (PasskeyKind, &User),
    others: &[StoredPasskey],
    now: Timestamp,
) -> Result<Option<Value>, StorageError> {
    let others = others.iter().map(|other| other.webauthn_id.clone()).collect();
    let (options, state) = party.ask_for_new(kind, user, others);
    let kept = question
        .put(tx, Ceremony::Enrol(kind, user.id), &state, now)
        .await?;
    Ok(kept.then_some(options))
}

/// Takes a new key out of a browser's answer.
pub async fn finish_enrolment(
    tx: &mut Tx<'_>,
    party: &RelyingParty,
    answer: &Answer,
    (kind, user): (PasskeyKind, &User),
    now: Timestamp,
) -> Result<Result<Enrolled, Refused>, StorageError> {
    let state = answer.question(tx, Ceremony::Enrol(kind, user.id), now).await?;
    Ok(match state {
        Some(state) => party.take_new(kind, &state, &answer.json),
        None => Err(Refused::Over),
    })
}

impl RelyingParty {
    fn ask_for_new(&self, kind: PasskeyKind, user: &User, others: Vec<CredentialID>) -> (Value, String) {
        let (handle, email, name) = (user.id.uuid(), user.email.as_str(), user.name.as_str());
        let (asked, state) = match kind {
            PasskeyKind::Passkey => {
                let begun = self
                    .webauthn
                    .start_passkey_registration(handle, email, name, Some(others));
                let (asked, state) = begun.expect("a user has a name");
                (asked, serde_json::to_string(&state))
            }
            PasskeyKind::SecurityKey => {
                let begun = self.webauthn.start_securitykey_registration(
                    handle,
                    email,
                    name,
                    Some(others),
                    None,
                    None,
                );
                let (asked, state) = begun.expect("a user has a name");
                (asked, serde_json::to_string(&state))
            }
        };
        let mut options = json!(asked.public_key);
        if kind == PasskeyKind::Passkey {
            // What signs in by itself must be found without a name.
            options["authenticatorSelection"]["residentKey"] = json!("required");
            options["authenticatorSelection"]["requireResidentKey"] = json!(true);
        }
        if self.attested_by.is_some() {
            options["attestation"] = json!("direct");
        }
        (
            options,
            state.expect("what was asked is made of strings and numbers"),
        )
    }

    fn take_new(&self, kind: PasskeyKind, state: &str, answer: &str) -> Result<Enrolled, Refused> {
        let answer: RegisterPublicKeyCredential =
            serde_json::from_str(answer).map_err(|_| Refused::Wrong("form"))?;
        if !form::is_attestation(&answer.response.attestation_object) {
            return Err(Refused::Wrong("form"));
        }
        let credential: Credential = match kind {
            PasskeyKind::Passkey => {
                let state: PasskeyRegistration = serde_json::from_str(state).map_err(|_| Refused::Over)?;
                let made = self.webauthn.finish_passkey_registration(&answer, &state);
                made.map_err(|error| Refused::of(&error))?.into()
            }
            PasskeyKind::SecurityKey => {
                let state: SecurityKeyRegistration =
                    serde_json::from_str(state).map_err(|_| Refused::Over)?;
                let made = self.webauthn.finish_securitykey_registration(&answer, &state);
                made.map_err(|error| Refused::of(&error))?.into()
            }
        };
        if let Some(trusted) = &self.attested_by {
            attestation::check(&credential, trusted)?;
        }
        Ok(Enrolled {
            webauthn_id: credential.cred_id.clone(),
            synced: credential.backup_eligible,
            credential: serde_json::to_string(&credential)
                .expect("a credential is made of strings and numbers"),
        })
    }
}
