//! Permits to change who is in one group: for whoever may change every group, and for its leads.

use super::place::place;
use super::{Permit, require};
use crate::directory::DirectoryError;
use crate::directory::requester::Requester;
use crate::domain::access::{Holdings, OrganizationFacts, Permission, Reason, Subject};
use crate::domain::id::{GroupId, OrganizationId};
use crate::storage::{Tx, group_members};

/// Proof that a subject may change who is in one group, decided in the transaction `'t`.
#[derive(Debug)]
pub struct GroupPermit<'t> {
    within: Permit<'t>,
    group: GroupId,
    /// Whether they may only because they lead it.
    as_lead: bool,
}

impl<'t> GroupPermit<'t> {
    /// For whoever may change every group.
    pub(super) fn of_any(within: Permit<'t>, group: GroupId) -> Self {
        Self {
            within,
            group,
            as_lead: false,
        }
    }

    /// The group it is for.
    pub fn group(&self) -> GroupId {
        self.group
    }

    /// Where, who and what they hold. For nothing but members of the group: a lead's is no permit for anything else.
    pub(in crate::directory) fn within(&self) -> &Permit<'t> {
        &self.within
    }

    /// Refuses to make or unmake a lead, or put one out, to whoever is no more than a lead.
    pub(in crate::directory) fn makes_leads(&self) -> Result<(), DirectoryError> {
        if self.as_lead {
            return Err(denied(vec![Reason::NothingGivesIt]));
        }
        Ok(())
    }
}

/// Decides whether whoever asks may change who is in a group: by `group:write`, or as a lead of that very group. A token
/// or key of a lead reaches it only if `group:write` is within its scopes.
pub async fn require_in_group<'t>(
    tx: &mut Tx<'t>,
    requester: &Requester,
    organization: OrganizationId,
    group: GroupId,
) -> Result<GroupPermit<'t>, DirectoryError> {
    let because = match require(tx, requester, organization, Permission::GroupWrite).await {
        Ok(within) => return Ok(GroupPermit::of_any(within, group)),
        Err(DirectoryError::Denied(_, because)) => because,
        Err(other) => return Err(other),
    };
    let recognised = requester.recognise(tx).await?;
    let (organization, subjects) = place(tx, &recognised, organization).await?;
    let context = requester.context(&recognised, organization.id, &organization.factors);
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy,
    };
    let asked = recognised.lets(Permission::GroupWrite);
    let member = subjects
        .iter()
        .find(|subject| matches!(subject, Subject::Member(_)));
    let Some(subject @ Subject::Member(member)) = member.filter(|_| asked) else {
        return Err(denied(because));
    };
    let holdings = Holdings::now(subject, &facts, &context).map_err(denied)?;
    let leads = match &member.membership {
        Some(membership) => group_members::find(tx, group, membership.id).await?,
        None => None,
    };
    if !leads.is_some_and(|entry| entry.lead) {
        return Err(denied(because));
    }
    Ok(GroupPermit {
        within: Permit::of_nothing(&recognised, requester, facts.id, holdings),
        group,
        as_lead: true,
    })
}

fn denied(because: Vec<Reason>) -> DirectoryError {
    DirectoryError::Denied(Permission::GroupWrite, because)
}
