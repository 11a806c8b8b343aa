//! The snapshot that a review begins with. It is read before the review is written: however large the organization, nobody
//! waits for it to be looked at.

use crate::directory::{DirectoryError, Permit};
use crate::domain::access::{Member, Permission};
use crate::domain::id::{ItemId, OrganizationId, ReviewId, UserId};
use crate::domain::review::{Held, Item, Scope};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::{Page, StorageError, Tx, groups, holders, roles};

/// How many members are read at once.
const AT_ONCE: i64 = 500;

/// Who is to be looked at, as somebody names them.
#[derive(Debug, Clone)]
pub enum AskedScope {
    /// Every member.
    Everybody,
    /// The members of a group, by id or name.
    Group(String),
    /// The members whose membership has a role, by id or name.
    Role(String),
}

/// Who was found, and what they hold.
#[derive(Debug)]
pub struct Survey {
    pub(super) organization: OrganizationId,
    pub(super) scope: Scope,
    people: Vec<(UserId, Held)>,
}

/// A survey whose people have ids in a review.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub(super) organization: OrganizationId,
    pub(super) scope: Scope,
    pub(super) items: Vec<Item>,
}

impl Survey {
    /// Draws their ids.
    pub fn drawn(self, review: ReviewId, now: Timestamp) -> Snapshot {
        let items = self.people.into_iter().map(|(user, held)| Item {
            id: random::id::<crate::domain::id::ItemKind>(now) as ItemId,
            review,
            user,
            held,
            decision: None,
            outcome: None,
        });
        Snapshot {
            organization: self.organization,
            scope: self.scope,
            items: items.collect(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.people.is_empty()
    }
}

/// Looks at who holds what in the permit's organization.
pub async fn survey<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &AskedScope,
    now: Timestamp,
) -> Result<Survey, DirectoryError> {
    permit.is_for(Permission::MemberWrite)?;
    let organization = permit.organization();
    let scope = match asked {
        AskedScope::Everybody => Scope::Everybody,
        AskedScope::Group(named) => {
            let id = groups::id_named(tx, organization, named).await?;
            let group = match id {
                Some(id) => groups::by_id(tx, organization, id).await?,
                None => None,
            };
            let group = group.ok_or(DirectoryError::field("/group", "there is no such group here"))?;
            Scope::Group(group.id, group.name.to_string())
        }
        AskedScope::Role(named) => {
            let role = match named.parse() {
                Ok(id) => roles::available(tx, organization, id).await?,
                Err(_) => roles::named(tx, organization, named).await?,
            };
            let role = role.ok_or(DirectoryError::field("/role", "there is no such role here"))?;
            Scope::Role(role.id, role.name)
        }
    };
    Ok(look(tx, organization, scope, now).await?)
}

/// Looks at who holds what.
pub(super) async fn look(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    scope: Scope,
    now: Timestamp,
) -> Result<Survey, StorageError> {
    let mut page = Page::first(AT_ONCE);
    let mut people = Vec::new();
    loop {
        let found = holders::list(tx, organization, &page).await?;
        let Some(last) = found.last() else { break };
        page.after = last.entry.user.to_string();
        for holder in &found {
            if let (true, Some(held)) = (is_in(&scope, &holder.member), Held::by(&holder.member, now)) {
                people.push((holder.entry.user, held));
            }
        }
    }
    Ok(Survey {
        organization,
        scope,
        people,
    })
}

fn is_in(scope: &Scope, member: &Member) -> bool {
    match scope {
        Scope::Everybody => true,
        Scope::Group(id, _) => member.groups.iter().any(|group| group.id == *id),
        Scope::Role(id, _) => {
            let role = member
                .membership
                .as_ref()
                .and_then(|membership| membership.role.as_ref());
            role.is_some_and(|role| role.id == *id)
        }
    }
}
