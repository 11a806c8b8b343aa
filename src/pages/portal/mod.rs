//! `/portal/{secret}`: a tenant's own IT sets a connection up by a link, without an account. Every step stands on what is
//! stored of the connection alone, so that one can leave and come back as long as the link is good.

pub mod check;
pub mod choose;
pub mod guide;
pub mod mapping;
pub mod set_up;

mod form;

pub use form::MOST_BYTES;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::directory::connections::{self, Found};
use crate::directory::{DirectoryError, PortalPermit, require_portal};
use crate::domain::connection::{ConnectionStatus, Provider};
use crate::domain::id::{ConnectionId, OrganizationId, PortalLinkId};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::upstream::UpstreamPurpose;
use crate::pages::account::minute;
use crate::pages::upstream::leave;
use crate::storage::{Tx, organizations};
use crate::upstream::Hint;
use crate::web::{AppState, Caller, Fault, Frame, redirect};

/// What a link that is good leads to.
pub(super) struct Portal {
    /// The link.
    pub(super) link: PortalLinkId,
    /// Whose.
    pub(super) organization: OrganizationId,
    /// What people call it.
    pub(super) organization_name: String,
    /// The id of the connection.
    pub(super) connection: ConnectionId,
    /// The connection, as soon as there is one.
    pub(super) found: Option<Found>,
    /// Until when the link is good.
    pub(super) until: String,
}

/// What a link's secret is kept as.
pub(super) fn hash_of(secret: &str) -> SecretHash {
    Secret::received(secret).hash(Purpose::Portal)
}

/// Opens a link, or tells nothing of what became of it (LG2).
pub(super) async fn open(state: &AppState, caller: &Caller, secret: &str) -> Result<Portal, Fault> {
    let mut snapshot = state.provider.db.snapshot().await?;
    let tx = &mut snapshot.tx();
    let (hash, now) = (hash_of(secret), state.clock.now());
    let permit = require_portal(tx, &hash, &caller.origin, now)
        .await
        .map_err(over)?;
    look(tx, &permit).await
}

async fn look<'t>(tx: &mut Tx<'t>, permit: &PortalPermit<'t>) -> Result<Portal, Fault> {
    let link = permit.link();
    let organization = organizations::by_id(tx, link.organization).await?;
    let organization = organization.ok_or(Fault::PortalOver)?;
    Ok(Portal {
        link: link.id,
        organization: link.organization,
        organization_name: organization.display_name.to_string(),
        connection: link.connection,
        found: found(tx, permit).await?,
        until: format!("{} UTC", minute(link.expires_at)),
    })
}

/// The connection of a link, as soon as there is one.
pub(super) async fn found<'t>(
    tx: &mut Tx<'t>,
    permit: &PortalPermit<'t>,
) -> Result<Option<Found>, DirectoryError> {
    match connections::find(tx, permit.permit(), permit.link().connection).await {
        Ok(found) => Ok(Some(found)),
        Err(DirectoryError::NotFound) => Ok(None),
        Err(other) => Err(other),
    }
}

/// What the person can mend, in words; all else is a fault.
pub(super) fn in_words(error: DirectoryError) -> Result<String, Fault> {
    match error {
        DirectoryError::Field(_, why) => Ok(why.into_owned()),
        DirectoryError::Exceeds(_) => Ok(Frame::english().t("portal-error-exceeds")),
        DirectoryError::LimitReached { .. } | DirectoryError::Unmet(_) | DirectoryError::InUse(_) => {
            Ok(error.to_string())
        }
        other => Err(over(other)),
    }
}

/// One answer for every link that leads nowhere.
pub(super) fn over(error: DirectoryError) -> Fault {
    match error {
        DirectoryError::NotFound => Fault::PortalOver,
        other => other.into(),
    }
}

/// `GET /portal/{secret}`: to where it stands.
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let portal = open(&state, &caller, &secret).await?;
    let step = match portal.found {
        None => "choose",
        Some(_) => "check",
    };
    Ok(redirect(&format!("/portal/{secret}/{step}")))
}

/// `GET /portal/{secret}/try`: away to the provider, and back to a page that shows what came.
pub async fn try_it(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let portal = open(&state, &caller, &secret).await?;
    let purpose = UpstreamPurpose::Test(Some(portal.link));
    let visitor = caller.visitor(caller.known_browser()?);
    let (hint, now) = (Hint::default(), state.clock.now());
    let begun = state
        .upstream
        .begin(&visitor, portal.connection, purpose, &hint, now);
    leave(begun.await?, purpose)
}

/// How a connection stands, for the words of a page.
pub(super) fn status_word(status: ConnectionStatus) -> &'static str {
    match status {
        ConnectionStatus::Draft => "portal-status-draft",
        ConnectionStatus::Enabled => "portal-status-enabled",
        ConnectionStatus::Disabled => "portal-status-disabled",
    }
}

/// Whether a connection speaks SAML.
pub(super) fn is_saml(found: &Found) -> bool {
    matches!(found.connection.provider, Provider::Saml(_))
}
