//! The SSO log of a connection: how each attempt to come by it went.

use crate::directory::{DirectoryError, Permit};
use crate::domain::access::Permission;
use crate::domain::id::ConnectionId;
use crate::storage::sso_log::{self, Line};
use crate::storage::{Listed, Page, Tx};

/// A page of it, the newest first.
pub async fn attempts<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    connection: ConnectionId,
    page: &Page,
) -> Result<Listed<Line>, DirectoryError> {
    permit.is_for(Permission::ConnectionWrite)?;
    super::find(tx, permit, connection).await?;
    let organization = permit.organization();
    let rows = sso_log::list(tx, organization, connection, page).await?;
    Ok(page
        .of(rows, sso_log::count(tx, organization, connection))
        .await?)
}
