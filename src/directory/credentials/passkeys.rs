//! One's own passkeys and security keys: enrolled, named and removed.

use serde_json::Value;

use super::enrolment::Enrolment;
use super::{recovery_codes, second_factors};
use crate::audit::{self, Fields};
use crate::delivery::alerts::{self, Alert};
use crate::directory::{DirectoryError, SelfPermit};
use crate::domain::alert::{AlertKind, OwnFactor};
use crate::domain::id::CredentialId;
use crate::domain::passkey::{Passkey, PasskeyKind};
use crate::domain::security::Factor;
use crate::domain::session::Method;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::passkeys::{self, StoredPasskey};
use crate::storage::{Listed, Page, StorageError, Tx, known_devices, passwords};
use crate::webauthn::{self, Answer, Question, Refused, RelyingParty};

/// What a person adds.
#[derive(Clone)]
pub struct NewPasskey {
    /// What it brings along.
    pub enrolment: Enrolment,
    /// As what.
    pub kind: PasskeyKind,
    /// What they call it.
    pub name: DisplayName,
}

/// A page of one's own, the oldest first.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    page: &Page,
) -> Result<Listed<StoredPasskey>, DirectoryError> {
    let rows = passkeys::of_user(tx, permit.id(), page).await?;
    Ok(page.of(rows, passkeys::count_of_user(tx, permit.id())).await?)
}

/// One of one's own.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    id: CredentialId,
) -> Result<Passkey, DirectoryError> {
    let found = passkeys::find(tx, permit.id(), id).await?;
    found.map(|stored| stored.passkey).ok_or(DirectoryError::NotFound)
}

/// Asks the browser for a new one; answers what its script is told, or nothing if its network left too many such
/// questions unanswered.
pub async fn begin<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    party: &RelyingParty,
    kind: PasskeyKind,
    question: &Question,
    now: Timestamp,
) -> Result<Option<Value>, DirectoryError> {
    permit.is_fresh()?;
    let others = has_room(tx, permit).await?;
    let whose = (kind, permit.user());
    Ok(webauthn::begin_enrolment(tx, party, question, whose, &others, now).await?)
}

/// Adds what the browser answered with, unless that is refused; answers whether recovery codes came with it, to be shown
/// now.
pub async fn add<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    (party, keyring): (&RelyingParty, &Keyring),
    new: &NewPasskey,
    answer: &Answer,
    now: Timestamp,
) -> Result<Result<bool, Refused>, DirectoryError> {
    permit.is_fresh()?;
    has_room(tx, permit).await?;
    let whose = (new.kind, permit.user());
    let enrolled = match webauthn::finish_enrolment(tx, party, answer, whose, now).await? {
        Ok(enrolled) => enrolled,
        Err(refused) => return refuse(tx, permit, keyring, refused, now).await,
    };
    let stored = StoredPasskey {
        passkey: Passkey {
            id: new.enrolment.id,
            user: permit.id(),
            kind: new.kind,
            synced: enrolled.synced,
            name: new.name.clone(),
            created_at: now,
            last_used_at: None,
            clone_seen_at: None,
        },
        webauthn_id: enrolled.webauthn_id,
        credential: enrolled.credential,
    };
    if !passkeys::insert(tx, &stored).await? {
        return refuse(tx, permit, keyring, Refused::Wrong("known"), now).await;
    }
    let event = permit
        .event("passkey.added")
        .on(new.enrolment.id)
        .made(&told(&stored.passkey));
    audit::record(tx, keyring, &event, now).await?;
    let kind = AlertKind::FactorAdded {
        factor: factor(new.kind),
        name: Some(new.name.as_str().to_owned()),
    };
    tell(tx, permit, keyring, kind, now).await?;
    let first_codes = recovery_codes::make_first(tx, permit, keyring, &new.enrolment.codes, now).await?;
    let method = match (new.kind, enrolled.synced) {
        (PasskeyKind::SecurityKey, _) => Method::SecurityKey,
        (PasskeyKind::Passkey, false) => Method::Passkey,
        (PasskeyKind::Passkey, true) => Method::SyncedPasskey,
    };
    new.enrolment.prove(tx, keyring, permit.id(), method, now).await?;
    Ok(Ok(first_codes))
}

/// Gives one another name.
pub async fn rename<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    passkey: &Passkey,
    name: &DisplayName,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if passkey.name == *name {
        return Ok(());
    }
    passkeys::rename(tx, passkey.id, name).await?;
    let renamed = Passkey {
        name: name.clone(),
        ..passkey.clone()
    };
    let event = permit.event("passkey.renamed").on(passkey.id);
    let event = event.changed(&told(passkey), &told(&renamed));
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Removes one, unless its person could not come in any more.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    id: CredentialId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let passkey = find(tx, permit, id).await?;
    keeps_a_way_in(tx, &passkey).await?;
    if passkeys::count_of_user(tx, permit.id()).await? == 1 {
        second_factors::can_do_without(tx, permit.id(), Factor::Webauthn, now).await?;
    }
    passkeys::delete(tx, id).await?;
    second_factors::forget_useless_codes(tx, permit.id()).await?;
    // A device that was trusted for what it showed is trusted no more.
    known_devices::trust_none(tx, permit.id()).await?;
    let event = permit.event("passkey.removed").on(id).unmade(&told(&passkey));
    audit::record(tx, keyring, &event, now).await?;
    let kind = AlertKind::FactorRemoved {
        factor: factor(passkey.kind),
        name: Some(passkey.name.as_str().to_owned()),
    };
    Ok(tell(tx, permit, keyring, kind, now).await?)
}

/// Whoever has no password keeps a passkey.
async fn keeps_a_way_in(tx: &mut Tx<'_>, leaving: &Passkey) -> Result<(), DirectoryError> {
    if leaving.kind == PasskeyKind::SecurityKey || passwords::of_user(tx, leaving.user).await?.is_some() {
        return Ok(());
    }
    let all = passkeys::of_user(tx, leaving.user, &Page::first(i64::MAX)).await?;
    let another = |stored: &StoredPasskey| {
        stored.passkey.kind == PasskeyKind::Passkey && stored.passkey.id != leaving.id
    };
    if all.iter().any(another) {
        return Ok(());
    }
    let why = "this is the last way to sign in; set a password or add another passkey first".to_owned();
    Err(DirectoryError::Unmet(vec![("last_way_in", why)]))
}

/// Those that one has, if there may be one more.
async fn has_room<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Vec<StoredPasskey>, DirectoryError> {
    let others = passkeys::of_user(tx, permit.id(), &Page::first(i64::MAX)).await?;
    if others.len() >= Passkey::MOST {
        let why = format!(
            "there are {} passkeys and security keys already; remove one first",
            Passkey::MOST
        );
        return Err(DirectoryError::Already(why));
    }
    Ok(others)
}

async fn refuse<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    refused: Refused,
    now: Timestamp,
) -> Result<Result<bool, Refused>, DirectoryError> {
    let event = permit
        .event("passkey.refused")
        .refused()
        .with("reason", refused.word());
    audit::record(tx, keyring, &event, now).await?;
    Ok(Err(refused))
}

async fn tell<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    kind: AlertKind,
    now: Timestamp,
) -> Result<(), StorageError> {
    let alert = Alert::of(permit.id(), kind, permit.origin().cloned());
    alerts::raise(tx, keyring, &alert, now).await
}

fn told(passkey: &Passkey) -> Fields {
    Fields::new()
        .with_personal("name", passkey.name.as_str())
        .with("kind", passkey.kind.as_str())
        .with("synced", passkey.synced)
}

fn factor(kind: PasskeyKind) -> OwnFactor {
    match kind {
        PasskeyKind::Passkey => OwnFactor::Passkey,
        PasskeyKind::SecurityKey => OwnFactor::SecurityKey,
    }
}
