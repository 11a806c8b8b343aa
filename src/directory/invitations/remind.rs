//! The reminder: once, after three days, with the link that was sent first.

use super::letter::{Link, actor, post_with};
use super::may_offer;
use crate::audit::{self, Actor, Event};
use crate::directory::DirectoryError;
use crate::directory::permit::require_still;
use crate::domain::access::Permission;
use crate::domain::id::{InvitationId, OrganizationId};
use crate::domain::invitation::{REMIND_AFTER, State};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Db, Lane, StorageError, Tx, invitations};

/// How many are reminded in one go.
const AT_ONCE: i64 = 100;

/// Reminds those who were invited three days ago and have not come; and notes the end of what has expired.
pub async fn remind_those_who_wait(
    db: &Db,
    keyring: &Keyring,
    link: &Link,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let expired = db.write(Lane::Guarded, move |tx| {
        Box::pin(async move { invitations::expire(tx, now).await })
    });
    let done: Result<(), StorageError> = expired.await;
    done?;
    let mut snapshot = db.snapshot().await?;
    let waiting = invitations::unreminded(&mut snapshot.tx(), now.minus(REMIND_AFTER), AT_ONCE).await?;
    drop(snapshot);
    for (organization, id) in waiting {
        let (keyring, link) = (keyring.clone(), link.clone());
        let work = db.write(Lane::Organization(organization), move |tx| {
            let (keyring, link) = (keyring.clone(), link.clone());
            Box::pin(async move { remind(tx, &keyring, &link, organization, id, now).await })
        });
        work.await?;
    }
    Ok(())
}

async fn remind(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    link: &Link,
    organization: OrganizationId,
    id: InvitationId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let Some(sealed) = invitations::remind(tx, id, now).await? else {
        return Ok(());
    };
    let Some(invitation) = invitations::by_id(tx, organization, id).await? else {
        return Ok(());
    };
    let pending = matches!(invitation.state.seen_at(now), State::Pending { .. });
    let address = link.unseal(id, keyring, &sealed);
    let (Some(address), true) = (address, pending) else {
        return Ok(());
    };
    let inviter = actor(&invitation);
    let permit = require_still(tx, inviter, organization, Permission::InvitationWrite, now).await;
    let groups = invitations::groups(tx, id).await?;
    let groups: Vec<_> = groups.iter().map(|group| group.id).collect();
    let good = match permit {
        Ok(permit) => may_offer(tx, &permit, invitation.role.as_ref(), &groups, now).await,
        Err(refused) => Err(refused),
    };
    match good {
        Ok(()) => {}
        Err(DirectoryError::Storage(error)) => return Err(error.into()),
        // Its link leads nowhere any more: nobody needs to be reminded of that.
        Err(_) => return Ok(()),
    }
    post_with(tx, keyring, &invitation, address, true, now).await?;
    let event = Event::of("invitation.reminded", Actor::Host)
        .within(organization)
        .on(id);
    let event = event.with_personal("email", invitation.email.as_str());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
