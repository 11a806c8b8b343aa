//! What is so grave that a person proves themselves anew for it.

use super::{Permit, require};
use crate::directory::DirectoryError;
use crate::directory::requester::{Credential, Requester};
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::storage::{Tx, api_keys, second_factors};

/// Decides like [`require`]; whoever asks by a session or token must have proved themselves lately, with their second
/// factor if they have one. A key must have been made that way, and for no longer than
/// [`ApiKey::LONGEST_FOR_GRAVE_ACTS`](crate::storage::api_keys::ApiKey::LONGEST_FOR_GRAVE_ACTS).
pub async fn require_fresh<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let permit = require(tx, requester, organization, permission).await?;
    if is_fresh(tx, requester, &permit).await? {
        Ok(permit)
    } else {
        Err(DirectoryError::NotFresh)
    }
}

async fn is_fresh(
    tx: &mut Tx<'_>,
    requester: &Requester,
    permit: &Permit<'_>,
) -> Result<bool, DirectoryError> {
    let has_second_factor = match permit.person() {
        Some(user) => second_factors::of_user(tx, user).await?.any(),
        None => false,
    };
    Ok(match &requester.credential {
        Credential::Host(_) => true,
        Credential::Key(secret) => {
            let key = api_keys::by_secret(tx, secret).await?;
            key.is_some_and(|key| key.is_for_grave_acts())
        }
        Credential::Token(token) => token.is_fresh(has_second_factor, requester.now),
        Credential::Session(_) => {
            let session = requester.recognise(tx).await?.session;
            session.is_some_and(|session| session.is_fresh(has_second_factor, requester.now))
        }
    })
}
