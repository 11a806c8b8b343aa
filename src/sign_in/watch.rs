//! Guessing that no counter meets: a different password on each of many accounts, from many networks. Nobody can be delayed
//! for it without delaying honest crowds, so those who run the instance are told.

use std::time::Duration;

use crate::delivery::alerts::{self, Alert};
use crate::domain::alert::AlertKind;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::sign_in_counts::{self, Span};
use crate::storage::{Db, Lane, StorageError, users};

/// What counts as one wave.
const WINDOW: Duration = Duration::from_mins(10);

/// So many failures within it are more than people's mistyping. Only those at accounts that no organization manages, or
/// that aren't there, are counted: whoever tries a stolen list meets mostly these.
const MANY: i64 = 200;

/// Tells those who stand above organizations if so many sign-ins failed lately, at most once an hour.
pub async fn watch(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), StorageError> {
    let span = Span {
        from: now.minus(WINDOW),
        before: now.plus(Duration::from_secs(1)),
    };
    let mut snapshot = db.snapshot().await?;
    let failures = sign_in_counts::failed_at_nobodys(&mut snapshot.tx(), span, MANY).await?;
    drop(snapshot);
    if failures < MANY {
        return Ok(());
    }
    tracing::warn!(failures, "many sign-ins failed within ten minutes");
    let keyring = keyring.clone();
    let work = db.write(Lane::Instance, move |tx| {
        let keyring = keyring.clone();
        Box::pin(async move {
            for user in users::superusers(tx).await? {
                let alert = Alert::of(user, AlertKind::GuessingEverywhere { failures }, None);
                alerts::raise(tx, &keyring, &alert, now).await?;
            }
            Ok(())
        })
    });
    work.await
}
