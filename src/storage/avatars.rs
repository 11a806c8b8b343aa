//! People's pictures, as they were made here from what was sent; one for each user.

use super::query::{execute, fetch};
use super::{StorageError, Topic, Tx};
use crate::domain::id::{AvatarId, UserId};
use crate::domain::time::Timestamp;

/// Puts a picture in place of the user's earlier one. A new picture has a new id.
pub async fn put(
    tx: &mut Tx<'_>,
    id: AvatarId,
    user: UserId,
    media_type: &str,
    image: &[u8],
    now: Timestamp,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO avatars (id, user_id, media_type, image, created_at) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (user_id) DO UPDATE SET id = excluded.id, media_type = excluded.media_type, \
         image = excluded.image, created_at = excluded.created_at",
        id.to_string(),
        user.to_string(),
        media_type,
        image,
        now.millis(),
    )?;
    tx.changed(Topic::User(user));
    Ok(())
}

/// A picture's media type and bytes.
pub async fn find(tx: &mut Tx<'_>, id: AvatarId) -> Result<Option<(String, Vec<u8>)>, StorageError> {
    fetch!(
        fetch_optional as (String, Vec<u8>),
        tx,
        "SELECT media_type, image FROM avatars WHERE id = $1",
        id.to_string(),
    )
}

/// Forgets a user's picture; answers `false` if there was none.
pub async fn delete_of_user(tx: &mut Tx<'_>, user: UserId) -> Result<bool, StorageError> {
    let deleted = execute!(tx, "DELETE FROM avatars WHERE user_id = $1", user.to_string())?;
    tx.changed(Topic::User(user));
    Ok(deleted == 1)
}
