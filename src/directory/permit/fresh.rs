//! What is so grave that a person proves themselves anew for it.

use super::{Permit, require};
use crate::directory::DirectoryError;
use crate::directory::requester::{Credential, Requester};
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::domain::session::Session;
use crate::storage::Tx;

/// Decides like [`require`]; whoever asks by a session must have shown a credential of their own lately, and whoever asks
/// by a token must have when it was made. A key can do nothing that is not among its scopes, and proves nothing.
pub async fn require_fresh<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    permission: Permission,
) -> Result<Permit<'t>, DirectoryError> {
    let permit = require(tx, requester, organization, permission).await?;
    let proved = match &requester.credential {
        Credential::Host(_) | Credential::Key(_) => return Ok(permit),
        Credential::Token(token) => token.authenticated_at,
        Credential::Session(_) => {
            let session = requester.recognise(tx).await?.session;
            session.as_ref().and_then(Session::own_proof_at)
        }
    };
    if proved.is_some_and(|proved| requester.now.since(proved) <= Session::FRESH) {
        Ok(permit)
    } else {
        Err(DirectoryError::NotFresh)
    }
}
