//! Every day it is looked whether a domain's DNS still says whose it is. Nothing is taken away silently: whoever looks after
//! the organization is told, after the third day.

use std::time::Duration;

use super::record_name;
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{Alert, raise};
use crate::directory::who_may::who_may;
use crate::dns::Dns;
use crate::domain::access::Permission;
use crate::domain::alert::AlertKind;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::domains::{self, Due};
use crate::storage::{Db, Lane, StorageError, Tx};

/// How often.
const EVERY: Duration = Duration::from_hours(24);

/// So many at a time.
const AT_A_TIME: i64 = 100;

/// So often in a row it is missing before anybody is told.
const TELL_AFTER: i64 = 3;

/// Looks at those that are due. Where no server answers, another time will do.
pub async fn look_again(db: &Db, keyring: &Keyring, dns: &Dns, now: Timestamp) -> Result<(), StorageError> {
    let since = now.minus(EVERY);
    let due = domains::due(&mut db.glance().await?.tx(), since, AT_A_TIME).await?;
    for due in due {
        let Ok(found) = dns.texts(&record_name(&due.domain)).await else {
            continue;
        };
        let there = found.contains(&due.proof);
        let keyring = keyring.clone();
        let work = db.write(Lane::Free, move |tx| {
            let (keyring, due) = (keyring.clone(), due.clone());
            Box::pin(async move { note(tx, &keyring, &due, there, since, now).await })
        });
        let noted: Result<(), StorageError> = work.await;
        noted?;
    }
    Ok(())
}

async fn note(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    due: &Due,
    there: bool,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), StorageError> {
    let missing = domains::checked(tx, due, there, since, now).await?;
    if missing != Some(TELL_AFTER) {
        return Ok(());
    }
    let event = Event::of("domain.missing", Actor::Host)
        .within(due.organization)
        .on(&due.domain);
    audit::record(tx, keyring, &event, now).await?;
    for user in who_may(tx, due.organization, Permission::ConnectionWrite, now).await? {
        let kind = AlertKind::DomainMissing {
            domain: due.domain.to_string(),
        };
        raise(
            tx,
            keyring,
            &Alert::of(user, kind, None).within(due.organization),
            now,
        )
        .await?;
    }
    Ok(())
}
