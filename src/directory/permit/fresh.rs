//! What is so grave that a person proves themselves anew for it.

use std::time::Duration;

use super::{Permit, require};
use crate::directory::DirectoryError;
use crate::directory::requester::{Credential, Requester};
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::domain::session::{Proof, ProofSource};
use crate::storage::Tx;

/// How old a proof may be.
const FRESH: Duration = Duration::from_mins(15);

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
            let own = |proof: &Proof| matches!(proof.source, ProofSource::Own(_)).then_some(proof.at);
            session.and_then(|session| session.proofs.iter().filter_map(own).max())
        }
    };
    if proved.is_some_and(|proved| requester.now.since(proved) <= FRESH) {
        Ok(permit)
    } else {
        Err(DirectoryError::NotFresh)
    }
}
