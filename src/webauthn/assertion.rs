//! Showing a passkey or a security key: as second factor, or to sign in with a passkey alone.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use webauthn_rs::prelude::{
    AuthenticationResult, Credential, DiscoverableAuthentication, Passkey, PublicKeyCredential, SecurityKey,
    SecurityKeyAuthentication, WebauthnResult,
};

use super::{Answer, Question, Refused, RelyingParty, form};
use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::id::{SignInId, UserId};
use crate::domain::passkey::{Ceremony, PasskeyKind};
use crate::domain::session::{Proof, ProofSource};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::passkeys::StoredPasskey;
use crate::storage::{Page, StorageError, Tx, passkeys, second_factors};

/// Asks a browser to show any passkey of whoever uses it; answers what its script is to be told, the same for
/// everybody, or nothing if too many such questions are unanswered.
pub async fn begin_sign_in(
    tx: &mut Tx<'_>,
    party: &RelyingParty,
    question: &Question,
    now: Timestamp,
) -> Result<Option<Value>, StorageError> {
    let asked = party.webauthn.start_discoverable_authentication();
    let (asked, state) = asked.expect("a question to anybody needs nothing");
    let kept = question.put(tx, Ceremony::SignIn, &text_of(&state), now).await?;
    Ok(kept.then(|| json!(asked.public_key)))
}

/// Whose passkey a browser showed, which made sure that it is them. A security key signs nobody in by itself.
pub async fn finish_sign_in(
    tx: &mut Tx<'_>,
    (party, keyring): (&RelyingParty, &Keyring),
    answer: &Answer,
    now: Timestamp,
) -> Result<Result<(UserId, Proof), (Refused, Option<UserId>)>, StorageError> {
    let Some(state) = answer.question(tx, Ceremony::SignIn, now).await? else {
        return Ok(Err((Refused::Over, None)));
    };
    let state: Option<DiscoverableAuthentication> = read(&state);
    let (Some(state), Some(shown)) = (state, credential_shown(answer)) else {
        return Ok(Err((Refused::Wrong("form"), None)));
    };
    let found = passkeys::by_webauthn_id(tx, shown.get_credential_id()).await?;
    let Some(stored) = found.filter(|stored| stored.passkey.kind == PasskeyKind::Passkey) else {
        return Ok(Err((Refused::Unknown, None)));
    };
    // Without a name, the passkey itself says whose it is.
    if shown.get_user_unique_id().is_none() {
        return Ok(Err((Refused::Wrong("user_handle"), None)));
    }
    let (user, key) = (stored.passkey.user, Passkey::from(credential_of(&stored)?));
    let verified = party
        .webauthn
        .finish_discoverable_authentication_v2(&shown, state, &key);
    let proof = settle(tx, keyring, stored, (&shown, answer), verified, now).await?;
    Ok(proof
        .map(|proof| (user, proof))
        .map_err(|refused| (refused, Some(user))))
}

/// Asks a browser to show one of a person's passkeys or security keys; answers what its script is to be told, or nothing
/// if they have none, or too many such questions are unanswered.
pub async fn begin_second_factor(
    tx: &mut Tx<'_>,
    party: &RelyingParty,
    question: &Question,
    (user, sign_in): (UserId, SignInId),
    now: Timestamp,
) -> Result<Option<Value>, StorageError> {
    let stored = passkeys::of_user(tx, user, &Page::first(i64::MAX)).await?;
    if stored.is_empty() {
        return Ok(None);
    }
    let keys = stored
        .iter()
        .map(|stored| credential_of(stored).map(SecurityKey::from));
    let keys: Vec<SecurityKey> = keys.collect::<Result<_, _>>()?;
    let asked = party.webauthn.start_securitykey_authentication(&keys);
    let (asked, state) = asked.expect("a question about keys needs nothing else");
    let mut options = json!(asked.public_key);
    let passkey = stored
        .iter()
        .any(|stored| stored.passkey.kind == PasskeyKind::Passkey);
    if passkey || second_factors::verify_users(tx, user).await? {
        options["userVerification"] = json!("preferred");
    }
    if passkey {
        // It need not be on a key.
        options["hints"] = json!([]);
    }
    let ceremony = Ceremony::SecondFactor(user, sign_in);
    let kept = question.put(tx, ceremony, &text_of(&state), now).await?;
    Ok(kept.then_some(options))
}

/// What a browser's answer proves of somebody who is at their second factor.
pub async fn finish_second_factor(
    tx: &mut Tx<'_>,
    (party, keyring): (&RelyingParty, &Keyring),
    (user, sign_in): (UserId, SignInId),
    answer: &Answer,
    now: Timestamp,
) -> Result<Result<Proof, Refused>, StorageError> {
    let ceremony = Ceremony::SecondFactor(user, sign_in);
    let Some(state) = answer.question(tx, ceremony, now).await? else {
        return Ok(Err(Refused::Over));
    };
    let state: Option<SecurityKeyAuthentication> = read(&state);
    let (Some(state), Some(shown)) = (state, credential_shown(answer)) else {
        return Ok(Err(Refused::Wrong("form")));
    };
    let found = passkeys::by_webauthn_id(tx, shown.get_credential_id()).await?;
    let Some(stored) = found.filter(|stored| stored.passkey.user == user) else {
        return Ok(Err(Refused::Unknown));
    };
    let verified = party.webauthn.finish_securitykey_authentication(&shown, &state);
    settle(tx, keyring, stored, (&shown, answer), verified, now).await
}

/// Lets a verified answer count, if all else is right, too: whose it says it is, where it was asked, and its counter
/// against the row of this very moment, as the one in the question may be older.
async fn settle(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    stored: StoredPasskey,
    (shown, answer): (&PublicKeyCredential, &Answer),
    verified: WebauthnResult<AuthenticationResult>,
    now: Timestamp,
) -> Result<Result<Proof, Refused>, StorageError> {
    let passkey = &stored.passkey;
    let mut credential = credential_of(&stored)?;
    let verified = verified.map_err(|error| Refused::of(&error)).and_then(|result| {
        let handle = shown.get_user_unique_id();
        if handle.is_some_and(|handle| handle != passkey.user.uuid().as_bytes()) {
            Err(Refused::Wrong("user_handle"))
        } else if is_cross_origin(shown) {
            Err(Refused::Wrong("origin"))
        } else if went_back(credential.counter, result.counter()) {
            Err(Refused::Copied)
        } else {
            Ok(result)
        }
    });
    let result = match verified {
        Ok(result) => result,
        Err(Refused::Copied) => {
            passkeys::clone_seen(tx, passkey.id, now).await?;
            let name = passkey.name.as_str().to_owned();
            let alert = Alert::of(
                passkey.user,
                AlertKind::PasskeyCopied { name },
                Some(answer.origin.clone()),
            );
            alerts::raise(tx, keyring, &alert, now).await?;
            return Ok(Err(Refused::Copied));
        }
        Err(refused) => return Ok(Err(refused)),
    };
    credential.counter = result.counter();
    credential.backup_state = result.backup_state();
    passkeys::used(tx, passkey.id, &text_of(&credential), now).await?;
    Ok(Ok(Proof {
        method: passkey.method(result.user_verified()),
        source: ProofSource::Own(passkey.id),
        at: now,
        remembered: false,
    }))
}

/// Whether a counter that counts did not go up (WebAuthn §6.1.1): then there may be two that count.
fn went_back(before: u32, now: u32) -> bool {
    (before > 0 || now > 0) && now <= before
}

/// Whether the browser says that it was asked within a page of somebody else's (WebAuthn §5.8.1).
fn is_cross_origin(shown: &PublicKeyCredential) -> bool {
    let data: Option<Value> = serde_json::from_slice(&shown.response.client_data_json).ok();
    data.is_none_or(|data| data["crossOrigin"] == json!(true))
}

/// What the browser showed, if it is in form.
fn credential_shown(answer: &Answer) -> Option<PublicKeyCredential> {
    let shown: PublicKeyCredential = read(&answer.json)?;
    form::is_assertion(&shown.response.authenticator_data).then_some(shown)
}

fn credential_of(stored: &StoredPasskey) -> Result<Credential, StorageError> {
    read(&stored.credential).ok_or_else(|| StorageError::Corrupt {
        table: "passkeys",
        column: "credential",
        row: stored.passkey.id.to_string(),
    })
}

fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

fn text_of(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("keys and questions are made of strings and numbers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wa5_a_counter_goes_up_or_is_none() {
        assert!(!went_back(0, 0) && !went_back(0, 1) && !went_back(7, 8));
        assert!(went_back(7, 7) && went_back(7, 6) && went_back(7, 0));
    }
}
