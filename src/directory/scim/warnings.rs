//! Warnings before a directory's tokens end: 14 days, 7 days and one day before, once each. Whoever may make another is told.

use crate::delivery::alerts::{Alert, raise};
use crate::directory::who_may::who_may;
use crate::domain::access::Permission;
use crate::domain::alert::AlertKind;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::scim_tokens::{self, ScimToken};
use crate::storage::{Db, Lane, StorageError, Tx, alerts};

/// How many days before, the last warning first: what is due twice is told once.
const DAYS_BEFORE: [i64; 3] = [1, 7, 14];

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// So many are looked at at a time.
const AT_A_TIME: i64 = 500;

/// Looks at every token, of which an organization has few, and warns of those that end soon.
pub async fn warn_of_ends(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), StorageError> {
    let mut after = String::new();
    loop {
        let tokens = scim_tokens::all(&mut db.glance().await?.tx(), &after, AT_A_TIME).await?;
        let Some(last) = tokens.last() else {
            return Ok(());
        };
        after = last.id.to_string();
        for token in tokens {
            let Some(since) = due_since(&token, now) else {
                continue;
            };
            let keyring = keyring.clone();
            let work = db.write(Lane::Free, move |tx| {
                let (keyring, token) = (keyring.clone(), token.clone());
                Box::pin(async move { warn(tx, &keyring, &token, since, now).await })
            });
            let warned: Result<(), StorageError> = work.await;
            warned?;
        }
    }
}

/// Since when a warning of a token is due, if one is. One that lives no longer than that is not warned of.
fn due_since(token: &ScimToken, now: Timestamp) -> Option<Timestamp> {
    let end = token.expires_at.millis();
    let begins = DAYS_BEFORE.map(|days| Timestamp::from_millis(end.saturating_sub(days * DAY)));
    let due = begins
        .into_iter()
        .find(|begin| *begin <= now && token.created_at < *begin);
    due.filter(|_| now < token.expires_at)
}

async fn warn(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    token: &ScimToken,
    since: Timestamp,
    now: Timestamp,
) -> Result<(), StorageError> {
    let organization = token.organization;
    if scim_tokens::find(tx, organization, token.id).await?.is_none() {
        return Ok(());
    }
    let kind = AlertKind::ScimTokenExpires {
        name: token.name.as_str().to_owned(),
        at: token.expires_at,
    };
    for user in who_may(tx, organization, Permission::ConnectionWrite, now).await? {
        if alerts::was_told(tx, user, &kind, since).await? {
            continue;
        }
        let alert = Alert::of(user, kind.clone(), None).within(organization);
        raise(tx, keyring, &alert, now).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::access::PermissionSet;
    use crate::domain::text::DisplayName;
    use crate::random;

    #[test]
    fn a_warning_is_due_from_its_day_until_the_next_or_the_end() {
        let day = |day: i64| Timestamp::from_millis(day * DAY);
        let token = |made: i64| ScimToken {
            id: random::id(day(made)),
            organization: random::id(day(made)),
            name: DisplayName::parse("Okta").unwrap(),
            permissions: PermissionSet::ALL,
            created_at: day(made),
            expires_at: day(100),
            last_used_at: None,
        };
        let due = |made: i64, now: i64| due_since(&token(made), day(now)).map(|since| since.millis() / DAY);
        let of_a_long_one = [85, 86, 92, 93, 98, 99, 100, 101].map(|now| due(0, now));
        let expected = [None, Some(86), Some(86), Some(93), Some(93), Some(99), None, None];
        assert_eq!(of_a_long_one, expected);
        assert_eq!([90, 93, 99].map(|now| due(90, now)), [None, Some(93), Some(99)]);
        assert_eq!(due(99, 99), None);
    }
}
