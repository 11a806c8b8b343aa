//! Warnings before API keys end, by their own end or by the age that their organization lets keys become: 14 days, 7 days
//! and one day before, once each. A person is warned of their own, of an organization's those who may make another.

use crate::delivery::alerts::{Alert, raise};
use crate::domain::access::{Address, Context, OrganizationFacts, Permission, Proved, Subject, decide};
use crate::domain::alert::AlertKind;
use crate::domain::id::{KeyId, OrganizationId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::api_keys::ApiKey;
use crate::storage::{Db, Lane, Page, StorageError, Tx, access_facts, api_keys, organizations};

/// How many days before, the last warning first: what is due twice is told once.
const DAYS_BEFORE: [i64; 3] = [1, 7, 14];

/// Of a key of an organization, so many are warned at most.
const MOST_WARNED: usize = 50;

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
        None => who_may_make_another(tx, key.organization, now).await?,
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

/// The members who may make a key of the organization.
async fn who_may_make_another(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Vec<UserId>, StorageError> {
    let Some(found) = organizations::by_id(tx, organization).await? else {
        return Ok(Vec::new());
    };
    let facts = OrganizationFacts {
        id: found.id,
        policy: found.policy,
    };
    let context = Context {
        now,
        ceiling: None,
        only_on: None,
        address: Address::NotThePersons,
        proved: Proved::NOT_ASKED,
    };
    let mut page = Page::first(200);
    let mut those = Vec::new();
    loop {
        let members = access_facts::members(tx, organization, &page).await?;
        let Some(last) = members.last() else {
            return Ok(those);
        };
        page.after = last.member.user.to_string();
        for entry in members {
            let user = entry.member.user;
            let member = Subject::Member(entry.member);
            if decide(&member, &facts, None, Permission::ApiKeyWrite, &context).allowed {
                those.push(user);
            }
            if those.len() == MOST_WARNED {
                return Ok(those);
            }
        }
    }
}
