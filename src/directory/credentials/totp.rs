//! One's own authenticator app: shown a secret, it is believed with its first code and not before.

use std::time::Duration;

use super::enrolment::Enrolment;
use super::recovery_codes;
use super::second_factors;
use super::tell;
use crate::audit;
use crate::directory::{DirectoryError, SelfPermit};
use crate::domain::alert::OwnFactor;
use crate::domain::security::Factor;
use crate::domain::session::Method;
use crate::domain::time::Timestamp;
use crate::domain::totp::{TotpCode, TotpSecret};
use crate::keyring::Keyring;
use crate::sign_in::totp::{seal, unseal};
use crate::storage::totp::StoredTotp;
use crate::storage::{Tx, totp};

/// How long a secret waits for its first code.
pub const PATIENCE: Duration = Duration::from_mins(15);

/// What came of a first code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// The app is one's own; `first_codes`: and the recovery codes that came with it are to be shown now.
    Yes {
        /// Whether there were none before.
        first_codes: bool,
    },
    /// It is not the app's code of this moment.
    Wrong,
    /// No secret waits any more.
    Over,
}

/// One's app, if there is one.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Option<StoredTotp>, DirectoryError> {
    Ok(totp::of_user(tx, permit.id()).await?)
}

/// Lets a secret wait for its first code. The app there is stays good until then.
pub async fn begin<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    secret: &TotpSecret,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let sealed = seal(keyring, permit.id(), secret);
    totp::begin_enrolment(tx, permit.id(), &sealed, now, now.plus(PATIENCE)).await?;
    Ok(())
}

/// The secret that waits, to be shown once more.
pub async fn waiting<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<Option<TotpSecret>, DirectoryError> {
    permit.is_fresh()?;
    let sealed = totp::enrolment(tx, permit.id(), now).await?;
    Ok(sealed.and_then(|sealed| unseal(keyring, permit.id(), &sealed)))
}

/// Takes the secret that waits for one's own, by its first code. That code is spent.
pub async fn confirm<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    new: &Enrolment,
    code: &str,
    now: Timestamp,
) -> Result<Confirmed, DirectoryError> {
    let Some(secret) = waiting(tx, permit, keyring, now).await? else {
        return Ok(Confirmed::Over);
    };
    let step = TotpCode::parse(code).and_then(|code| secret.step_of(&code, now));
    let Some(step) = step else {
        return Ok(Confirmed::Wrong);
    };
    let user = permit.id();
    if !totp::end_enrolment(tx, user).await? {
        return Ok(Confirmed::Over);
    }
    let id = new.id;
    totp::put(tx, id, user, &seal(keyring, user, &secret), step, now).await?;
    let event = permit.event("totp.added").on(user);
    audit::record(tx, keyring, &event.with("credential", id.to_string()), now).await?;
    tell::added(tx, permit, keyring, OwnFactor::Totp, now).await?;
    let first_codes = recovery_codes::make_first(tx, permit, keyring, &new.codes, now).await?;
    new.prove(tx, keyring, user, Method::Totp, now).await?;
    Ok(Confirmed::Yes { first_codes })
}

/// Takes one's app away, or what waits to become one.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let user = permit.id();
    let found = totp::of_user(tx, user).await?.ok_or(DirectoryError::NotFound)?;
    second_factors::can_do_without(tx, user, Factor::Totp, now).await?;
    totp::delete_of_user(tx, user).await?;
    let event = permit.event("totp.removed").on(user);
    audit::record(tx, keyring, &event.with("credential", found.id.to_string()), now).await?;
    tell::removed(tx, permit, keyring, OwnFactor::Totp, now).await?;
    second_factors::forget_useless_codes(tx, user).await?;
    Ok(())
}
