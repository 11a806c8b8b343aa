//! Whether a maker vouches for a new key, where the operator wants that. The browser is asked to bring it along; that it
//! did, and whom it is from, is checked here and not left to the browser.

use webauthn_rs::prelude::{AttestationCaList, AttestationMetadata, Credential};

use super::Refused;

/// Refuses a key unless one of these vouches for it and its model.
pub(super) fn check(credential: &Credential, trusted: &AttestationCaList) -> Result<(), Refused> {
    let maker = credential
        .verify_attestation(trusted)
        .ok()
        .flatten()
        .ok_or(Refused::NotVouchedFor)?;
    let model = match &credential.attestation.metadata {
        AttestationMetadata::Packed { aaguid } | AttestationMetadata::Tpm { aaguid, .. } => Some(aaguid),
        _ => None,
    };
    if maker.blanket_allow() || model.is_some_and(|model| maker.aaguids().contains_key(model)) {
        Ok(())
    } else {
        Err(Refused::NotVouchedFor)
    }
}
