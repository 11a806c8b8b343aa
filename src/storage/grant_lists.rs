//! Grants as lists show them: each with whom it was given to.

use super::grants::{GrantRow, GrantSubject};
use super::page::Page;
use super::query::fetch;
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::access::Grant;
use crate::domain::id::{ApplicationId, GrantId, GroupId, OrganizationId, ProductId, UserId};
use crate::domain::time::Timestamp;

/// A grant of an organization.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The grant itself.
    pub grant: Grant,
    /// Who has it.
    pub holder: Holder,
    /// When it was given.
    pub created_at: Timestamp,
}

/// Whom a grant was given to, as others name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A member.
    User(UserId),
    /// All members of a group.
    Group(GroupId),
    /// An application acting for itself.
    Application(ApplicationId),
}

/// Which grants.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter {
    /// Of this subject alone; of any if absent.
    pub subject: Option<GrantSubject>,
    /// Limited to this product; to any or none if absent.
    pub product: Option<ProductId>,
}

impl Filter {
    fn product(&self) -> String {
        self.product.map(|id| id.to_string()).unwrap_or_default()
    }
}

#[derive(sqlx::FromRow)]
struct EntryRow {
    #[sqlx(flatten)]
    grant: GrantRow,
    user_id: Option<String>,
    application_id: Option<String>,
    created_at: i64,
}

impl TryFrom<EntryRow> for Entry {
    type Error = StorageError;

    fn try_from(columns: EntryRow) -> Result<Self, StorageError> {
        let (id, group) = (columns.grant.id.clone(), columns.grant.group_id.clone());
        let row = Row::of("grants", &id);
        let holder = match (&columns.user_id, &group, &columns.application_id) {
            (Some(user), None, None) => Holder::User(row.parse("membership_id", user)?),
            (None, Some(group), None) => Holder::Group(row.parse("group_id", group)?),
            (None, None, Some(application)) => Holder::Application(row.parse("application_id", application)?),
            _ => return Err(row.corrupt("membership_id")),
        };
        Ok(Self {
            grant: columns.grant.try_into()?,
            holder,
            created_at: Timestamp::from_millis(columns.created_at),
        })
    }
}

/// A grant of an organization.
pub async fn find(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    id: GrantId,
) -> Result<Option<Entry>, StorageError> {
    let row = fetch!(
        fetch_optional as EntryRow,
        tx,
        "SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule, \
         m.user_id, a.application_id, a.created_at \
         FROM grants a LEFT JOIN memberships m ON m.id = a.membership_id LEFT JOIN groups g ON g.id = a.group_id \
         LEFT JOIN roles r ON r.id = a.role_id WHERE a.organization_id = $1 AND a.id = $2",
        organization.to_string(),
        id.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// An organization's grants, by id.
pub async fn list(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    if let Some(subject) = filter.subject {
        return list_of(tx, subject, filter, page).await;
    }
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule, \
         m.user_id, a.application_id, a.created_at \
         FROM grants a LEFT JOIN memberships m ON m.id = a.membership_id LEFT JOIN groups g ON g.id = a.group_id \
         LEFT JOIN roles r ON r.id = a.role_id \
         WHERE a.organization_id = $1 AND a.id > $2 AND ($4 = '' OR a.product_id = $4) ORDER BY a.id LIMIT $3",
        organization.to_string(),
        &page.after,
        page.limit,
        filter.product(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// A subject is of one organization, and so are all of its grants.
async fn list_of(
    tx: &mut Tx<'_>,
    subject: GrantSubject,
    filter: &Filter,
    page: &Page,
) -> Result<Vec<Entry>, StorageError> {
    let [member, group, application] = subject.columns();
    let rows = fetch!(
        fetch_all as EntryRow,
        tx,
        "SELECT a.id, a.group_id, g.name AS group_name, a.role_id, r.name AS role_name, \
         r.permissions AS role_permissions, a.permissions, a.product_id, a.starts_at, a.ends_at, a.schedule, \
         m.user_id, a.application_id, a.created_at \
         FROM (SELECT * FROM grants WHERE membership_id = $1 UNION ALL SELECT * FROM grants WHERE group_id = $2 \
         UNION ALL SELECT * FROM grants WHERE application_id = $3) a \
         LEFT JOIN memberships m ON m.id = a.membership_id LEFT JOIN groups g ON g.id = a.group_id \
         LEFT JOIN roles r ON r.id = a.role_id \
         WHERE a.id > $4 AND ($6 = '' OR a.product_id = $6) ORDER BY a.id LIMIT $5",
        member,
        group,
        application,
        &page.after,
        page.limit,
        filter.product(),
    )?;
    rows.into_iter().map(TryInto::try_into).collect()
}

/// How many grants of that kind an organization has.
pub async fn count(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    filter: &Filter,
) -> Result<i64, StorageError> {
    let (count,) = match filter.subject {
        None => fetch!(
            fetch_one as (i64,),
            tx,
            "SELECT COUNT(*) FROM grants WHERE organization_id = $1 AND ($2 = '' OR product_id = $2)",
            organization.to_string(),
            filter.product(),
        )?,
        Some(GrantSubject::Member(id)) => fetch!(
            fetch_one as (i64,),
            tx,
            "SELECT COUNT(*) FROM grants WHERE membership_id = $1 AND ($2 = '' OR product_id = $2)",
            id.to_string(),
            filter.product(),
        )?,
        Some(GrantSubject::Group(id)) => fetch!(
            fetch_one as (i64,),
            tx,
            "SELECT COUNT(*) FROM groups g JOIN grants a ON a.group_id = g.id \
             WHERE g.id = $1 AND ($2 = '' OR a.product_id = $2)",
            id.to_string(),
            filter.product(),
        )?,
        Some(GrantSubject::Application(id)) => fetch!(
            fetch_one as (i64,),
            tx,
            "SELECT COUNT(*) FROM applications p JOIN grants a ON a.application_id = p.id \
             WHERE p.id = $1 AND ($2 = '' OR a.product_id = $2)",
            id.to_string(),
            filter.product(),
        )?,
    };
    Ok(count)
}
