//! Whom to tell of what an organization's administrators have to look after: the members who may do something about it.

use crate::domain::access::{Address, Context, OrganizationFacts, Permission, Proved, Subject, decide};
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::time::Timestamp;
use crate::storage::{Page, StorageError, Tx, access_facts, organizations};

/// So many are told at most.
const MOST_TOLD: usize = 50;

/// The members who may do something in an organization, wherever they are at this moment.
pub(super) async fn who_may(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    permission: Permission,
    now: Timestamp,
) -> Result<Vec<UserId>, StorageError> {
    let Some(found) = organizations::by_id(tx, organization).await? else {
        return Ok(Vec::new());
    };
    let facts = OrganizationFacts {
        id: found.id,
        policy: found.policy,
    };
    let context = Context {
        now,
        ceiling: None,
        only_on: None,
        address: Address::NotThePersons,
        proved: Proved::NOT_ASKED,
    };
    let mut page = Page::first(200);
    let mut those = Vec::new();
    loop {
        let members = access_facts::members(tx, organization, &page).await?;
        let Some(last) = members.last() else {
            return Ok(those);
        };
        page.after = last.member.user.to_string();
        for entry in members {
            let user = entry.member.user;
            let member = Subject::Member(entry.member);
            if decide(&member, &facts, None, permission, &context).allowed {
                those.push(user);
            }
            if those.len() == MOST_TOLD {
                return Ok(those);
            }
        }
    }
}
