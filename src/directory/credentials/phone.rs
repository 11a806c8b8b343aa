//! One's own phone: it is believed when a code that was sent to it comes back.

use super::enrolment::Enrolment;
use super::recovery_codes;
use super::second_factors;
use super::tell;
use crate::audit;
use crate::directory::{DirectoryError, SelfPermit};
use crate::domain::alert::OwnFactor;
use crate::domain::network::Network;
use crate::domain::phone::PhoneNumber;
use crate::domain::security::Factor;
use crate::domain::session::Method;
use crate::domain::sms::{SmsPurpose, SmsRules};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::sign_in::sms::{NewCode, Withheld, prepare, spend_for};
use crate::storage::phones::{self, StoredPhone};
use crate::storage::{Tx, sms_codes};

/// What came of a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Confirmed {
    /// The phone is one's own.
    Yes {
        /// Whether recovery codes came with it, to be shown now.
        first_codes: bool,
        /// The number whose place it took, to be told so.
        instead_of: Option<PhoneNumber>,
    },
    /// It is not the code, or was tried too often.
    Wrong,
}

/// One's phone, if there is one.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Option<StoredPhone>, DirectoryError> {
    Ok(phones::of_user(tx, permit.id()).await?)
}

/// The number that is to become one's own as soon as its code comes back.
pub async fn waiting<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    now: Timestamp,
) -> Result<Option<PhoneNumber>, DirectoryError> {
    Ok(sms_codes::number(tx, permit.id(), SmsPurpose::Enrolment, now).await?)
}

/// Makes a code good for showing that a number is one's own; it is sent after the commit. The phone there is stays good.
pub async fn ask<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    rules: &SmsRules,
    (number, network): (&PhoneNumber, Network),
    code: &NewCode,
    now: Timestamp,
) -> Result<Result<(), Withheld>, DirectoryError> {
    permit.is_fresh()?;
    let wanted = (permit.id(), SmsPurpose::Enrolment, number);
    let prepared = prepare(tx, keyring, rules, wanted, network, code, now).await?;
    if prepared.is_ok() {
        let event = permit.event("phone.code_sent").on(permit.id());
        audit::record(tx, keyring, &event.with_personal("number", number.masked()), now).await?;
    }
    Ok(prepared)
}

/// Takes the number for one's own, by the code that was sent to it.
pub async fn confirm<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    new: &Enrolment,
    code: &str,
    now: Timestamp,
) -> Result<Confirmed, DirectoryError> {
    permit.is_fresh()?;
    let user = permit.id();
    let Some(number) = spend_for(tx, keyring, user, SmsPurpose::Enrolment, code, now).await? else {
        return Ok(Confirmed::Wrong);
    };
    let before = phones::of_user(tx, user).await?.map(|phone| phone.number);
    let id = new.id;
    phones::put(tx, id, user, &number, now).await?;
    // What was sent to the old number opens nothing.
    sms_codes::delete_of_user(tx, user).await?;
    let event = permit.event("phone.added").on(user);
    let event = event.with("credential", id.to_string());
    let event = event.with_personal("number", number.masked());
    audit::record(tx, keyring, &event, now).await?;
    tell::added(tx, permit, keyring, OwnFactor::Phone, now).await?;
    let first_codes = recovery_codes::make_first(tx, permit, keyring, &new.codes, now).await?;
    new.prove(tx, keyring, user, Method::Sms, now).await?;
    Ok(Confirmed::Yes {
        first_codes,
        instead_of: before.filter(|before| *before != number),
    })
}

/// Takes one's phone away; answers its number, to be told so.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<PhoneNumber, DirectoryError> {
    permit.is_fresh()?;
    let user = permit.id();
    let found = phones::of_user(tx, user).await?.ok_or(DirectoryError::NotFound)?;
    second_factors::can_do_without(tx, user, Factor::Sms, now).await?;
    phones::delete_of_user(tx, user).await?;
    sms_codes::delete_of_user(tx, user).await?;
    let event = permit.event("phone.removed").on(user);
    let event = event.with("credential", found.id.to_string());
    let event = event.with_personal("number", found.number.masked());
    audit::record(tx, keyring, &event, now).await?;
    tell::removed(tx, permit, keyring, OwnFactor::Phone, now).await?;
    second_factors::forget_useless_codes(tx, user).await?;
    Ok(found.number)
}
