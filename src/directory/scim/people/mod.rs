//! People as a provisioning system sees them: the members of its organization.

mod change;
mod create;

pub use change::{change, remove};
pub use create::{NewPerson, create};

use super::{Answered, Asked, STRETCH};
use crate::directory::{DirectoryError, Permit};
use crate::domain::access::{GroupName, Permission};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::membership::MembershipStatus;
use crate::domain::scim::{ExternalId, Filter};
use crate::domain::text::DisplayName;
use crate::storage::members::{self, Entry};
use crate::storage::scim_users::{self, ScimUser};
use crate::storage::{Page, Tx, scim_groups, users};

/// A member, with what the provisioning system says of them.
#[derive(Debug, Clone)]
pub struct Person {
    /// Who, and as what.
    pub entry: Entry,
    /// What was said of them.
    pub said: ScimUser,
    /// The groups of SCIM that they are in.
    pub groups: Vec<GroupName>,
}

/// What a provisioning system wants a person to be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Where they are written to, and what they sign in with.
    pub email: Email,
    /// What they are called.
    pub name: DisplayName,
    /// Whether they may act.
    pub active: bool,
    /// What is said of them besides.
    pub said: ScimUser,
}

impl Person {
    /// Whether they may act for the organization.
    pub fn is_active(&self) -> bool {
        self.entry.state.status() == MembershipStatus::Active
    }
}

/// The members that are asked for, by id. One who is named is looked up; for everything else the members are walked, so
/// it costs what the organization is and no more.
pub async fn list<'t, S>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &Asked,
    admits: S,
) -> Result<Answered<Person>, DirectoryError>
where
    S: Fn(&Filter, &Person) -> bool,
{
    permit.is_for(Permission::MemberRead)?;
    let mut answered = Answered::none();
    let is_so = |person: &Person| asked.filter.as_ref().is_none_or(|filter| admits(filter, person));
    if let Some(named) = named(tx, permit, asked.filter.as_ref()).await? {
        let found = match named {
            Some(user) => one(tx, permit, user).await?,
            None => None,
        };
        for person in found.into_iter().filter(is_so) {
            answered.take(asked, person);
        }
        return Ok(answered);
    }
    let organization = permit.organization();
    let mut page = Page::first(STRETCH);
    loop {
        let entries = members::list(tx, organization, &members::Filter::default(), &page).await?;
        let Some(last) = entries.last() else {
            return Ok(answered);
        };
        page.after = last.user.to_string();
        let skipped = asked.filter.is_none() && answered.total + entries.len() < asked.start;
        if skipped {
            answered.total += entries.len();
            continue;
        }
        for person in whole(tx, permit, entries).await?.into_iter().filter(is_so) {
            answered.take(asked, person);
        }
        if asked.filter.is_none() && answered.is_full(asked) {
            let all = members::count(tx, organization, &members::Filter::default()).await?;
            answered.total = usize::try_from(all).unwrap_or_default();
            return Ok(answered);
        }
    }
}

/// Whom a filter names, if it names anybody: nobody else can be meant. By what the provisioning system calls somebody they
/// are found only by that, whatever it looks like (SC2).
async fn named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    filter: Option<&Filter>,
) -> Result<Option<Option<UserId>>, DirectoryError> {
    let Some(filter) = filter else { return Ok(None) };
    if let Some(id) = filter.pinned("id", None) {
        return Ok(Some(id.parse().ok()));
    }
    if let Some(text) = filter.pinned("externalid", None) {
        let found = match ExternalId::parse(text) {
            Ok(external_id) => scim_users::by_external_id(tx, permit.organization(), &external_id).await?,
            Err(_) => None,
        };
        return Ok(Some(found));
    }
    let address = filter.pinned("username", None);
    let Some(address) = address.or_else(|| filter.pinned("emails", Some("value"))) else {
        return Ok(None);
    };
    let found = match Email::parse(address) {
        Ok(email) => users::by_email(tx, &email).await?,
        Err(_) => None,
    };
    Ok(Some(found.map(|user| user.id)))
}

/// A member of the permit's organization, by id and by nothing else.
pub async fn find<'t>(tx: &mut Tx<'t>, permit: &Permit<'t>, user: UserId) -> Result<Person, DirectoryError> {
    let found = one(tx, permit, user).await?;
    found.ok_or(DirectoryError::NotFound)
}

async fn one<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: UserId,
) -> Result<Option<Person>, DirectoryError> {
    let entry = members::find(tx, permit.organization(), user).await?;
    let people = whole(tx, permit, entry.into_iter().collect()).await?;
    Ok(people.into_iter().next())
}

/// Members with all that is said of them: two statements, however many they are.
async fn whole<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    entries: Vec<Entry>,
) -> Result<Vec<Person>, DirectoryError> {
    let (Some(first), Some(last)) = (entries.first(), entries.last()) else {
        return Ok(Vec::new());
    };
    let (organization, first, last) = (permit.organization(), first.user, last.user);
    let mut said = scim_users::between(tx, organization, first, last).await?;
    let mut groups = scim_groups::of_members_between(tx, organization, first, last).await?;
    let people = entries.into_iter().map(|entry| Person {
        said: said.remove(&entry.user).unwrap_or_default(),
        groups: groups.remove(&entry.user).unwrap_or_default(),
        entry,
    });
    Ok(people.collect())
}

/// No two of an organization are called the same by its provisioning system.
async fn is_free<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    said: &ScimUser,
    besides: UserId,
) -> Result<(), DirectoryError> {
    let Some(external_id) = &said.external_id else {
        return Ok(());
    };
    let owner = scim_users::by_external_id(tx, permit.organization(), external_id).await?;
    if owner.is_some_and(|owner| owner != besides) {
        return Err(DirectoryError::Taken("this externalId"));
    }
    Ok(())
}
