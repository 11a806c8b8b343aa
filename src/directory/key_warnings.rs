//! Warnings before API keys end, by their own end or by the age that their organization lets keys become: 14 days, 7 days
//! and one day before, once each. A person is warned of their own, of an organization's those who may make another.

use super::who_may::who_may;
use crate::delivery::alerts::{Alert, raise};
use crate::domain::access::Permission;
use crate::domain::alert::AlertKind;
use crate::domain::id::{KeyId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::api_keys::ApiKey;
use crate::storage::{Db, Lane, StorageError, Tx, api_keys};

/// How many days before, the last warning first: what is due twice is told once.
const DAYS_BEFORE: [i64; 3] = [1, 7, 14];

/// Warns whom keys that end soon are due to be told of.
pub async fn warn_of_ends(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), StorageError> {
    for days in DAYS_BEFORE {
        let ending = api_keys::ending_within(&mut db.glance().await?.tx(), days, now).await?;
        for key in ending {
            let keyring = keyring.clone();
            let work = db.write(Lane::Free, move |tx| {
                let keyring = keyring.clone();
                Box::pin(async move { warn(tx, &keyring, key, days, now).await })
            });
            let warned: Result<(), StorageError> = work.await;
            warned?;
        }
    }
    Ok(())
}

async fn warn(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    key: KeyId,
    days: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    let Some(key) = api_keys::by_id(tx, key).await? else {
        return Ok(());
    };
    if key.ends_at() <= now || !api_keys::warned(tx, key.id, days).await? {
        return Ok(());
    }
    let told = match key.user {
        Some(owner) => vec![owner],
        None => who_may(tx, key.organization, Permission::ApiKeyWrite, now).await?,
    };
    for user in told {
        raise(tx, keyring, &of(&key, user), now).await?;
    }
    Ok(())
}

fn of(key: &ApiKey, user: UserId) -> Alert {
    let kind = AlertKind::KeyExpires {
        name: key.name.as_str().to_owned(),
        at: key.ends_at(),
    };
    Alert::of(user, kind, None).within(key.organization)
}
