//! What whoever asks is in an organization, and whether their session acts for it.

use std::time::Duration;

use crate::directory::DirectoryError;
use crate::directory::requester::{Recognised, Who};
use crate::domain::access::{ApplicationSubject, Subject, Superuser};
use crate::domain::id::OrganizationId;
use crate::domain::organization::Organization;
use crate::domain::session::Session;
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx, activations, applications, grants, memberships, organizations};

/// A session's use is noted in its activation at most this often.
const NOTED_EVERY: Duration = Duration::from_mins(1);

/// The organization and what whoever asks is there, as a member first, then as one who stands above. To a stranger
/// there is no such organization, whether there is or not.
pub(super) async fn place(
    tx: &mut Tx<'_>,
    recognised: &Recognised<'_>,
    organization: OrganizationId,
) -> Result<(Organization, Vec<Subject>), DirectoryError> {
    let found = organizations::by_id(tx, organization).await?;
    let found = found.ok_or(DirectoryError::NotFound)?;
    let elsewhere = recognised.confined_to.is_some_and(|own| own != organization);
    if elsewhere && !recognised.stands_above() {
        return Err(DirectoryError::NotFound);
    }
    let mut subjects = subjects(tx, &recognised.who, organization).await?;
    if elsewhere {
        subjects.retain(|subject| matches!(subject, Subject::Superuser(_)));
    }
    if subjects.is_empty() {
        return Err(DirectoryError::NotFound);
    }
    Ok((found, subjects))
}

/// What somebody is in an organization: a member, one who stands above, or what acts for itself.
pub(in crate::directory) async fn subjects(
    tx: &mut Tx<'_>,
    who: &Who,
    organization: OrganizationId,
) -> Result<Vec<Subject>, StorageError> {
    let user = match who {
        Who::Person(user) => user,
        Who::OrganizationKey(key) => return Ok(vec![Subject::OrganizationKey(key.clone())]),
        Who::Application(id) => {
            let Some(application) = applications::active(tx, *id).await? else {
                return Ok(Vec::new());
            };
            return Ok(vec![Subject::Application(ApplicationSubject {
                id: application.id,
                organization: application.organization,
                active: true,
                grants: grants::of_application(tx, application.id).await?,
            })]);
        }
    };
    let member = memberships::member(tx, user.id, organization).await?;
    let member = member.filter(|member| member.membership.is_some());
    let above = user.superuser.then_some(Subject::Superuser(Superuser {
        user: user.id,
        user_status: user.status,
    }));
    Ok(member.map(Subject::Member).into_iter().chain(above).collect())
}

/// Whether a session acts for an organization now, under that organization's limits.
pub(super) async fn acts_for(
    tx: &mut Tx<'_>,
    session: &Session,
    organization: &Organization,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let proved = session.authenticated_at(organization.id);
    let proved = proved.ok_or(DirectoryError::SignInAgain)?;
    let activation = activations::latest(tx, session.id, organization.id).await?;
    let (seen_at, noted) = match activation {
        Some(activation) if activation.ended_at.is_none() => {
            let fresh = now.since(activation.last_seen_at) < NOTED_EVERY;
            let noted = if fresh { None } else { Some(false) };
            (activation.last_seen_at.max(proved), noted)
        }
        Some(activation) if activation.ended_at.is_some_and(|ended| ended >= proved) => {
            return Err(DirectoryError::SignInAgain);
        }
        _ => (proved, Some(true)),
    };
    if !session.acts_for(organization.id, organization.session_limits, seen_at, now) {
        return Err(DirectoryError::SignInAgain);
    }
    match noted {
        None => Ok(()),
        Some(begins) => Err(DirectoryError::NotActivated {
            organization: organization.id,
            begins,
        }),
    }
}
