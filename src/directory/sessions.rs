//! Sessions, as far as they act for an organization: its administrators see and end activations, never the session.

use super::{DirectoryError, Permit};
use crate::audit;
use crate::domain::access::Permission;
use crate::domain::id::{ActivationId, UserId};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::session_lists::{self, Acting};
use crate::storage::{Listed, Page, Tx, activations, families};

/// A page of the sessions that act for the permit's organization: all, or those of one person.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: Option<UserId>,
    now: Timestamp,
    page: &Page,
) -> Result<Listed<Acting>, DirectoryError> {
    permit.is_for(Permission::SessionWrite)?;
    if let Some(user) = user {
        let organization = permit.organization();
        let rows = session_lists::acting_for_by(tx, organization, user, now, page).await?;
        let count = session_lists::count_acting_for_by(tx, organization, user, now);
        return Ok(page.of(rows, count).await?);
    }
    let rows = session_lists::acting_for(tx, permit.organization(), now, page).await?;
    Ok(page
        .of(
            rows,
            session_lists::count_acting_for(tx, permit.organization(), now),
        )
        .await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ActivationId,
    now: Timestamp,
) -> Result<Acting, DirectoryError> {
    permit.is_for(Permission::SessionWrite)?;
    let found = session_lists::one_acting_for(tx, permit.organization(), id, now).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Ends one, with its tokens: it acts for the organization again only after its person has signed in anew.
pub async fn revoke<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    acting: &Acting,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::SessionWrite)?;
    if !activations::end(tx, acting.id, now).await? {
        return Err(DirectoryError::NotFound);
    }
    families::revoke_of_activation(tx, acting.id, now).await?;
    let event = permit.event("session.revoked").on(acting.id);
    let event = event.with("user", acting.user.to_string());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Ends all that act for the organization in a member's name, with their tokens.
pub async fn revoke_of_member<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    member: UserId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::SessionWrite)?;
    let organization = permit.organization();
    activations::end_of_member(tx, member, organization, now).await?;
    families::revoke_of_member(tx, member, organization, now).await?;
    let event = permit.event("session.revoked").on(member);
    audit::record(tx, keyring, &event.with("all", true), now).await?;
    Ok(())
}
