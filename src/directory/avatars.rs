//! Avatars: a person's picture, made here from what they sent; anybody who knows its id may see it.

pub use super::picture::{NotAPicture, Picture, format_of, read};

use super::{DirectoryError, SelfPermit};
use crate::audit::{self, Fields};
use crate::domain::id::AvatarId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, avatars};

/// Takes a picture in place of the earlier one.
pub async fn put<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    id: AvatarId,
    picture: &Picture,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    avatars::put(tx, id, permit.id(), picture.media_type, &picture.bytes, now).await?;
    let event = permit.event("user.avatar_changed").on(permit.id());
    let picture = Fields::new().with_personal("avatar", id.to_string());
    audit::record(tx, keyring, &event.made(&picture), now).await?;
    Ok(())
}

/// Takes the picture away.
pub async fn remove<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if !avatars::delete_of_user(tx, permit.id()).await? {
        return Err(DirectoryError::NotFound);
    }
    let event = permit.event("user.avatar_removed").on(permit.id());
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
