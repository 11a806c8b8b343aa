//! Asking: whoever asks is answered before anybody has looked whether there is such an account. The request is stored, and
//! a job looks (LG2). So the answer, and how long it takes, say nothing.

use super::{LIFETIME, Link, ResetLinks};
use crate::audit::{self, Actor, Event, Origin};
use crate::delivery::{self, Addressed, Letter};
use crate::domain::email::Email;
use crate::domain::network::Network;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{in_log_of, may_ask_for_reset};
use crate::storage::reset_requests::{self, ResetRequest};
use crate::storage::{Db, Lane, StorageError, Tx, password_resets, passwords, profiles, users};

/// So many requests are looked into in one go.
const AT_ONCE: i64 = 100;

/// Somebody says that they lost the password of an address. How often one address or one network asks is bounded, and
/// neither is told.
pub async fn ask(db: &Db, origin: &Origin, email: &Email, now: Timestamp) -> Result<(), StorageError> {
    let network = Network::of(origin.address);
    let request = ResetRequest {
        id: random::id(now),
        email: email.clone(),
        address: origin.address.to_string(),
        user_agent: origin.user_agent.clone(),
    };
    db.write(Lane::Network(network), move |tx| {
        let request = request.clone();
        Box::pin(async move {
            if may_ask_for_reset(tx, &request.email, network, now).await? {
                reset_requests::insert(tx, &request).await?;
            }
            Ok(())
        })
    })
    .await
}

/// Writes to those who asked, each in a transaction of its own.
pub async fn answer_those_who_asked(
    db: &Db,
    keyring: &Keyring,
    links: &ResetLinks,
    now: Timestamp,
) -> Result<(), StorageError> {
    let mut snapshot = db.snapshot().await?;
    let asked = reset_requests::oldest(&mut snapshot.tx(), AT_ONCE).await?;
    drop(snapshot);
    for request in asked {
        let (keyring, link) = (keyring.clone(), links.draw());
        let work = db.write(Lane::Free, move |tx| {
            let (keyring, link, request) = (keyring.clone(), link.clone(), request.clone());
            Box::pin(async move {
                if reset_requests::take(tx, request.id).await? {
                    answer(tx, &keyring, &request, &link, now).await?;
                }
                Ok(())
            })
        });
        let done: Result<(), StorageError> = work.await;
        done?;
    }
    Ok(())
}

/// Writes to whoever has the address, if anybody does; at the address they gave, not the one that was typed.
async fn answer(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    request: &ResetRequest,
    link: &Link,
    now: Timestamp,
) -> Result<(), StorageError> {
    let Some(user) = users::by_email(tx, &request.email).await? else {
        return Ok(());
    };
    let Some(whole) = profiles::find(tx, user.id).await? else {
        return Ok(());
    };
    let name = user.name.as_str().to_owned();
    let letter = if user.status != UserStatus::Active {
        Letter::ResetOfSuspended { name }
    } else if passwords::of_user(tx, user.id).await?.is_none() {
        Letter::ResetOfNoPassword { name }
    } else {
        let expires_at = now.plus(LIFETIME);
        password_resets::put(tx, user.id, &link.hash, now, expires_at).await?;
        Letter::ResetPassword {
            name,
            organization: None,
            link: link.address.clone(),
            expires_at,
        }
    };
    delivery::post(tx, keyring, &Addressed::to(&whole, letter), now).await?;
    let event = Event::of("user.password_reset_asked", Actor::Nobody).on(user.id);
    let event = in_log_of(tx, user.id, event).await?;
    let event = match request.address.parse() {
        Ok(address) => event.from(&Origin {
            address,
            user_agent: request.user_agent.clone(),
        }),
        Err(_) => event,
    };
    audit::record(tx, keyring, &event, now).await
}
