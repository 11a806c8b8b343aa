//! Links that people make themselves, and take back: after a fresh proof by a credential of their own, as no organization's
//! provider speaks for the account itself (UP2).
//!
//! Whoever unlinks has such a credential, so nobody takes their last way in.

use super::arrive::{Coming, nobody_comes_by_it, refused};
use super::newcomer;
use super::{ArriveError, Failure};
use crate::audit::{self, Actor};
use crate::delivery::alerts;
use crate::directory::alerts::of_oneself;
use crate::directory::{DirectoryError, Requester, SelfPermit, require_self};
use crate::domain::alert::{AlertKind, OwnFactor};
use crate::domain::arrival::Identity;
use crate::domain::connection::Connection;
use crate::domain::id::{IdentityId, MembershipId};
use crate::domain::membership::MembershipStatus;
use crate::domain::organization::Organization;
use crate::domain::pending_link::PendingLink;
use crate::domain::secret::SecretHash;
use crate::domain::sign_in::Onward;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Reference;
use crate::domain::user::User;
use crate::random;
use crate::sign_in::{Opened, Visitor};
use crate::storage::{
    Db, Lane, Listed, Page, StorageError, Tx, connections, identities, memberships, organizations,
    pending_links, sessions,
};

/// A link that waits in a browser, with what it is about.
pub struct Offer {
    /// What waits.
    pub pending: PendingLink,
    /// By which connection somebody came.
    pub connection: Connection,
    /// Whose that is.
    pub organization: Organization,
}

/// What a link would make of somebody in the connection's organization.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// They are a member.
    Member,
    /// They would become one, and have to say so.
    MayJoin,
    /// They are none that could act, and won't become one by this.
    Stranger,
}

/// An identity with what it is shown as.
pub struct Linked {
    /// Itself.
    pub identity: Identity,
    /// By which connection they come.
    pub connection: Connection,
    /// Whose that is.
    pub organization: Organization,
}

/// Why no link was made.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// By the rules of the account or the organization.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// By what was said upstream.
    #[error("refused: {}", .0.refusal)]
    Refused(Failure),
    /// It doesn't wait any more, or for somebody else.
    #[error("there is no such link waiting")]
    Over,
}

impl From<StorageError> for LinkError {
    fn from(error: StorageError) -> Self {
        Self::Directory(error.into())
    }
}

impl From<ArriveError> for LinkError {
    fn from(error: ArriveError) -> Self {
        match error {
            ArriveError::Refused(failure) => Self::Refused(failure),
            ArriveError::Storage(error) => error.into(),
        }
    }
}

/// What waits in a browser, if the connection is still one that people come by.
pub async fn offer(
    tx: &mut Tx<'_>,
    browser: &SecretHash,
    now: Timestamp,
) -> Result<Option<Offer>, StorageError> {
    let Some(pending) = pending_links::find(tx, browser, now).await? else {
        return Ok(None);
    };
    let connection = connections::find(tx, pending.organization, pending.connection).await?;
    let organization = organizations::by_id(tx, pending.organization).await?;
    let found = connection.filter(Connection::is_enabled).zip(organization);
    Ok(found.map(|(connection, organization)| Offer {
        pending,
        connection,
        organization,
    }))
}

/// What a link would make of a person.
pub async fn standing(tx: &mut Tx<'_>, offer: &Offer, user: &User) -> Result<Standing, StorageError> {
    let status = memberships::status(tx, offer.connection.organization, user.id).await?;
    Ok(match status {
        Some(MembershipStatus::Active) => Standing::Member,
        None if offer.connection.creates_members => Standing::MayJoin,
        _ => Standing::Stranger,
    })
}

/// Makes the link that waits in this browser, for whoever is signed in there; with `joins` they become a member by it.
pub async fn link(
    db: &Db,
    visitor: &Visitor,
    requester: &Requester,
    reference: &Reference,
    joins: bool,
) -> Result<(Opened, Onward), LinkError> {
    let now = requester.now;
    let seen = {
        let mut snapshot = db.snapshot().await?;
        offer(&mut snapshot.tx(), &visitor.browser, now).await?
    };
    let seen = seen.ok_or(LinkError::Over)?;
    let arrival = seen.pending.arrival.clone();
    let (coming, opened) = Coming::draw(&requester.keyring, visitor, reference.clone(), arrival, now);
    let (membership, requester) = (random::id(now), requester.clone());
    let (reference, browser) = (reference.clone(), visitor.browser.clone());
    let lane = Lane::Organization(seen.organization.id);
    let work = db.write(lane, move |tx| {
        let (coming, requester) = (coming.clone(), requester.clone());
        let (reference, browser) = (reference.clone(), browser.clone());
        Box::pin(async move {
            let permit = require_self(tx, &requester, None).await?;
            permit.is_fresh()?;
            let taken = pending_links::take(tx, &browser, &reference, now).await?;
            let taken = taken.filter(|taken| taken.only_for.is_none_or(|user| user == permit.id()));
            let taken = taken.ok_or(LinkError::Over)?;
            make(tx, &permit, &coming, &taken, joins.then_some(membership)).await?;
            Ok(taken.onward)
        })
    });
    let onward: Result<Onward, LinkError> = work.await;
    Ok((opened, onward?))
}

async fn make<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    coming: &Coming,
    taken: &PendingLink,
    joins: Option<MembershipId>,
) -> Result<(), LinkError> {
    if taken.arrival != coming.arrival {
        return Err(LinkError::Over);
    }
    let found = connections::find(tx, taken.organization, taken.connection).await?;
    let connection = found.filter(Connection::is_enabled);
    let connection = connection.ok_or_else(nobody_comes_by_it)?;
    let actor = Actor::User(permit.id());
    let status = memberships::status(tx, connection.organization, permit.id()).await?;
    match (status, joins) {
        (Some(_), _) => {}
        (None, Some(new)) if connection.creates_members => {
            let email = Some(&permit.user().email).filter(|_| permit.user().email_verified);
            newcomer::make_room(tx, coming, &connection, email, actor).await?;
            newcomer::join(tx, coming, &connection, permit.id(), new, actor).await?;
        }
        (None, _) => {
            let told = "they are no member of the organization, and did not become one";
            return Err(refused("not_a_member", told, Some(permit.id())).into());
        }
    }
    let identity = coming.link(tx, &connection, permit.id(), actor).await?;
    coming.open(tx, &connection, permit.user(), &identity).await?;
    Ok(())
}

/// A page of one's identities; by a token or key those of its organization.
pub async fn list<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    page: &Page,
) -> Result<Listed<Linked>, DirectoryError> {
    let mut rows = Vec::new();
    for identity in identities::of_user(tx, permit.id(), page).await? {
        rows.push(whole(tx, identity).await?);
    }
    let count = identities::count_of_user(tx, permit.id());
    Ok(page.of(rows, count).await?)
}

async fn whole(tx: &mut Tx<'_>, identity: Identity) -> Result<Linked, DirectoryError> {
    let connection = connections::by_id(tx, identity.connection).await?;
    let connection = connection.ok_or(DirectoryError::NotFound)?;
    let organization = organizations::by_id(tx, connection.organization).await?;
    Ok(Linked {
        identity,
        organization: organization.ok_or(DirectoryError::NotFound)?,
        connection,
    })
}

/// Takes a link back, and what its provider's word opened. It takes a fresh proof by a credential of one's own.
pub async fn unlink<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    keyring: &crate::keyring::Keyring,
    id: IdentityId,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    permit.is_fresh()?;
    let found = identities::by_id(tx, id).await?;
    let found = found.filter(|found| found.user == permit.id());
    let Linked {
        identity,
        connection,
        organization,
    } = whole(tx, found.ok_or(DirectoryError::NotFound)?).await?;
    identities::delete(tx, permit.id(), id).await?;
    sessions::forget_word(tx, connection.id, Some(permit.id())).await?;
    let event = permit.event("identity.unlinked").within(organization.id);
    let event = event
        .on(permit.id())
        .with("identity", identity.id.to_string())
        .with("connection", connection.id.to_string());
    audit::record(tx, keyring, &event, now).await?;
    let kind = AlertKind::FactorRemoved {
        factor: OwnFactor::Identity,
        name: Some(connection.name.as_str().to_owned()),
    };
    alerts::raise(tx, keyring, &of_oneself(permit, kind), now).await?;
    Ok(())
}
