//! SCIM tokens: what an organization gives its provisioning system.

use crate::audit::{self, Fields};
use crate::directory::{DirectoryError, Permit, Via};
use crate::domain::access::{BuiltInRole, Permission, PermissionSet};
use crate::domain::id::ScimTokenId;
use crate::domain::secret::{Secret, SecretHash};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::scim_tokens::{self, ScimToken};
use crate::storage::{Listed, Page, Tx};

/// How a token begins, so that secret scanners know it.
pub const PREFIX: &str = "dws_";

/// How many tokens an organization may have: enough to change them without a gap.
const MOST: i64 = 20;

/// What a token needs of its maker to be of use.
const NEEDED: [Permission; 4] = [
    Permission::MemberRead,
    Permission::MemberWrite,
    Permission::GroupRead,
    Permission::GroupWrite,
];

/// A token to make.
#[derive(Clone)]
pub struct NewToken {
    /// Drawn before the transaction.
    pub id: ScimTokenId,
    /// What the organization calls it.
    pub name: DisplayName,
    /// What is stored of the secret.
    pub hash: SecretHash,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

/// Draws a token's secret, `dws_…`, which is shown once.
pub fn draw_secret() -> Secret {
    Secret::received(format!("{PREFIX}{}", random::secret().expose()))
}

/// Makes a token. It acts on nobody who may do more than its maker may hand on, and never more than an administrator may.
/// What a key makes ends with the key at the latest. In the organization's lane.
pub async fn create<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    new: &NewToken,
    now: Timestamp,
) -> Result<ScimToken, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let organization = permit.organization();
    let handed_on = if permit.stands_above() {
        PermissionSet::ALL
    } else {
        permit.hands_on()
    };
    let permissions = BuiltInRole::Admin.permissions().intersection(handed_on);
    let lacking = PermissionSet::of(&NEEDED).difference(permissions);
    if !lacking.is_empty() {
        return Err(DirectoryError::Exceeds(lacking));
    }
    if scim_tokens::count(tx, organization).await? >= MOST {
        return Err(DirectoryError::LimitReached {
            resource: "SCIM tokens",
            limit: MOST,
        });
    }
    let token = ScimToken {
        id: new.id,
        organization,
        name: new.name.clone(),
        permissions,
        created_at: now,
        expires_at: match permit.via() {
            Some(Via::Key(_, own_end)) => new.expires_at.min(own_end),
            _ => new.expires_at,
        },
        last_used_at: None,
    };
    scim_tokens::insert(tx, &token, &new.hash).await?;
    let event = permit.event("scim_token.created").on(token.id);
    audit::record(tx, keyring, &event.made(&told(&token)), now).await?;
    Ok(token)
}

/// A page of the tokens of the permit's organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
) -> Result<Listed<ScimToken>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let rows = scim_tokens::list(tx, permit.organization(), page).await?;
    Ok(page
        .of(rows, scim_tokens::count(tx, permit.organization()))
        .await?)
}

/// One of them.
pub async fn find<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    id: ScimTokenId,
) -> Result<ScimToken, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    let found = scim_tokens::find(tx, permit.organization(), id).await?;
    found.ok_or(DirectoryError::NotFound)
}

/// Ends a token: from this transaction on it opens nothing.
pub async fn revoke<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    keyring: &Keyring,
    token: &ScimToken,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    if !scim_tokens::delete(tx, permit.organization(), token.id).await? {
        return Err(DirectoryError::NotFound);
    }
    let event = permit.event("scim_token.revoked").on(token.id);
    audit::record(tx, keyring, &event.unmade(&told(token)), now).await?;
    Ok(())
}

fn told(token: &ScimToken) -> Fields {
    Fields::new()
        .with("name", token.name.as_str())
        .with("expires_at", token.expires_at.to_string())
}
