//! Reports to read and to print: an organization's under `/console/{org}/reports`, one's own under `/account/reports`.

pub mod access;
pub mod sign_ins;

use crate::directory::{Credential, DirectoryError, Requester, activate, require};
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;
use crate::domain::organization::{Organization, OrganizationName};
use crate::domain::secret::Purpose;
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::{Lane, organizations};
use crate::web::{AppState, Caller, Fault};

/// Whoever is signed in, as `directory` knows them; nothing if nobody is.
fn requester(state: &AppState, caller: &Caller) -> Option<Requester> {
    let session = caller.session.as_ref().filter(|_| caller.signed_in.is_some())?;
    Some(Requester {
        credential: Credential::Session(session.hash(Purpose::Session)),
        now: state.clock.now(),
        origin: Some(caller.origin.clone()),
        keyring: state.provider.keyring.clone(),
    })
}

/// The organization that a path names, once whoever asks acts for it and may read its reports. What is shown is decided
/// again in the view that it is read from.
async fn entered(state: &AppState, requester: &Requester, org: &str) -> Result<Organization, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let mut tx = snapshot.tx();
    let id: Option<OrganizationId> = org.parse().ok();
    let found = match (id, OrganizationName::parse(org)) {
        (Some(id), _) => organizations::by_id(&mut tx, id).await?,
        (None, Ok(name)) => organizations::by_name(&mut tx, &name).await?,
        (None, Err(_)) => None,
    };
    let found = found.ok_or(Fault::NotFound)?;
    let allowed = require(&mut tx, requester, found.id, Permission::AuditLogRead).await;
    let allowed = allowed.map(|_| ());
    drop(snapshot);
    match allowed {
        Err(DirectoryError::NotActivated { organization, .. }) => {
            let (requester, drawn) = (requester.clone(), random::id(requester.now));
            let work = state.provider.db.write(Lane::Free, move |tx| {
                let requester = requester.clone();
                Box::pin(async move { activate(tx, &requester, organization, drawn).await })
            });
            work.await.map_err(fault)?;
        }
        other => other.map_err(fault)?,
    }
    Ok(found)
}

/// What a refusal is as a page.
fn fault(error: DirectoryError) -> Fault {
    match error {
        DirectoryError::NotFound => Fault::NotFound,
        DirectoryError::Denied(..) => Fault::NotAllowed,
        DirectoryError::SignInAgain | DirectoryError::Unauthenticated => Fault::ExpiredFlow,
        other => other.into(),
    }
}

/// `2026-11-22 09:30`
fn minute(at: Timestamp) -> String {
    let text = at.to_string().replace('T', " ");
    text.chars().take("2026-11-22 09:30".len()).collect()
}

/// `2026-11-22`
fn date(at: Timestamp) -> String {
    at.to_string().chars().take("2026-11-22".len()).collect()
}
