//! What reviewers are told by mail.

use crate::delivery::{self, Addressed, Letter};
use crate::directory::DirectoryError;
use crate::domain::review::Review;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::{Tx, organizations, profiles};

/// Tells the reviewer that a review is theirs, or that it is due soon.
pub(super) async fn post(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    review: &Review,
    people: i64,
    reminder: bool,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let organization = organizations::by_id(tx, review.organization).await?;
    let (Some(organization), Some(reader)) = (organization, profiles::find(tx, review.reviewer).await?)
    else {
        return Ok(());
    };
    let language = reader.profile.language;
    let letter = Addressed {
        to: reader.user.email,
        language: language
            .map(|language| language.as_str().to_owned())
            .unwrap_or_default(),
        letter: Letter::Review {
            organization: organization.display_name.to_string(),
            review: review.name.to_string(),
            people,
            due_at: review.due_at,
            reminder,
        },
    };
    delivery::post(tx, keyring, &letter, now).await?;
    Ok(())
}
