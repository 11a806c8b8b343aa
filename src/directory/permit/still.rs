//! The access check of somebody who did something before: whether they still might. What they left behind is good only
//! as long as they could do it again.

use std::marker::PhantomData;

use super::Permit;
use super::place::subjects;
use crate::audit::Actor;
use crate::directory::DirectoryError;
use crate::directory::requester::Recognised;
use crate::domain::access::{
    Address, Context, Holdings, OrganizationFacts, Permission, Proved, Subject, decide,
};
use crate::domain::id::OrganizationId;
use crate::domain::time::Timestamp;
use crate::storage::{Tx, organizations};

/// Decides, on rows read here and now, whether an actor may do something in an organization, wherever they are at this
/// moment: a permit for what they left behind, and not one to act in their name.
pub(in crate::directory) async fn require_still<'t>(
    tx: &mut Tx<'t>,
    actor: Actor,
    organization: OrganizationId,
    permission: Permission,
    now: Timestamp,
) -> Result<Permit<'t>, DirectoryError> {
    let recognised = Recognised::from_memory(tx, actor, now).await?;
    let found = organizations::by_id(tx, organization).await?;
    let facts = found.map(|found| OrganizationFacts {
        id: found.id,
        policy: found.policy,
    });
    let facts = facts.ok_or(DirectoryError::NotFound)?;
    let context = Context {
        now,
        ceiling: None,
        only_on: recognised.only_on.clone(),
        address: Address::NotThePersons,
        proved: Proved::NOT_ASKED,
    };
    for subject in &subjects(tx, &recognised.who, organization).await? {
        if !decide(subject, &facts, None, permission, &context).allowed {
            continue;
        }
        return Ok(Permit {
            organization,
            actor,
            via: None,
            origin: None,
            permission: Some(permission),
            product: None,
            holdings: Holdings::now(subject, &facts, &context).map_err(DirectoryError::Refused)?,
            superuser: matches!(subject, Subject::Superuser(_)),
            stands_above: recognised.stands_above(),
            portal_link: None,
            brand: PhantomData,
        });
    }
    Err(DirectoryError::Denied(permission, Vec::new()))
}
