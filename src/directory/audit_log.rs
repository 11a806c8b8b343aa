//! The audit log as people and programs read it: an organization's, the instance's, and what is one's own.

use super::{DirectoryError, InstancePermit, Permit, SelfPermit};
use crate::audit::Event;
use crate::audit::export::Export;
use crate::domain::access::Permission;
use crate::domain::email::Email;
use crate::domain::id::{EventKind, OrganizationId, UserId, earliest};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_log::{self, Filter};
use crate::storage::{StorageError, Tx, users};

/// What is asked of a log.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// By whom, in whose place, or to whom.
    pub user: Option<UserId>,
    /// From this moment on.
    pub from: Option<Timestamp>,
    /// Up to before this moment.
    pub before: Option<Timestamp>,
    /// `noun.verb`.
    pub action: Option<String>,
    /// `success` or `refused`.
    pub result: Option<String>,
    /// An id.
    pub target: Option<String>,
    /// Of earlier ids than this, which the page before ended with; empty for the first page.
    pub after: String,
    /// At most so many.
    pub limit: i64,
}

impl Question {
    fn of(&self, organization: Option<OrganizationId>) -> Filter {
        let first = |at: Timestamp| earliest::<EventKind>(at).to_string();
        let end = self.before.map_or_else(|| "evt_~".to_owned(), first);
        Filter {
            organization,
            user: self.user,
            from: self.from.map(first).unwrap_or_default(),
            before: match self.after.as_str() {
                "" => end,
                after => end.min(after.to_owned()),
            },
            action: self.action.clone().unwrap_or_default(),
            result: self.result.clone().unwrap_or_default(),
            target: self.target.clone().unwrap_or_default(),
            limit: self.limit,
        }
    }
}

/// The person of an id or an email address. An id is taken as it is: the log remembers who is gone.
pub async fn person(tx: &mut Tx<'_>, named: &str) -> Result<Option<UserId>, StorageError> {
    match (named.parse(), Email::parse(named)) {
        (Ok(id), _) => Ok(Some(id)),
        (_, Ok(email)) => Ok(users::by_email(tx, &email).await?.map(|user| user.id)),
        _ => Ok(None),
    }
}

/// An organization's log, newest first.
pub async fn of_organization<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &Question,
) -> Result<Vec<StoredEvent>, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    Ok(audit_log::list(tx, &asked.of(Some(permit.organization()))).await?)
}

/// The instance's own log, newest first: what belongs to no organization.
pub async fn of_instance<'t>(
    tx: &mut Tx<'t>,
    _: &InstancePermit<'t>,
    asked: &Question,
) -> Result<Vec<StoredEvent>, DirectoryError> {
    Ok(audit_log::list(tx, &asked.of(None)).await?)
}

/// What changed who may do what in an organization, newest first.
pub async fn permission_changes<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &Question,
) -> Result<Vec<StoredEvent>, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    Ok(audit_log::permission_changes(tx, &asked.of(Some(permit.organization()))).await?)
}

/// Somebody's sign-ins as far as the organization knows of them, newest first.
pub async fn sign_ins_of<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    user: UserId,
    asked: &Question,
) -> Result<Vec<StoredEvent>, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    Ok(audit_log::sign_ins(tx, user, &asked.of(Some(permit.organization()))).await?)
}

/// One's own sign-ins, newest first: by a token or key only those of the organization that it acts in.
pub async fn own_sign_ins<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    asked: &Question,
) -> Result<Vec<StoredEvent>, DirectoryError> {
    Ok(audit_log::sign_ins(tx, permit.id(), &asked.of(permit.confined_to())).await?)
}

/// An organization's log, as far as it is sealed, to be proved elsewhere; and the event of having taken it.
pub fn export(permit: &Permit<'_>, keyring: &Keyring) -> Result<(Export, Event), DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    let chain = permit.organization().to_string();
    let event = permit.event("audit_log.exported");
    Ok((Export::of(keyring.audit(), &chain), event))
}

/// The same of the instance's own log.
pub fn export_of_instance(permit: &InstancePermit<'_>, keyring: &Keyring) -> (Export, Event) {
    let event = permit.event("audit_log.exported");
    (Export::of(keyring.audit(), ""), event)
}
