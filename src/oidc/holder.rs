//! Who a token speaks for: a person, or an application acting for itself.

use std::sync::Arc;

use super::live::{Live, may};
use crate::domain::access::{Address, ApplicationSubject, Context, Effective, Proved, Subject};
use crate::domain::id::{ApplicationId, OrganizationId};
use crate::domain::oauth::Scope;
use crate::domain::organization::Organization;
use crate::domain::session::Authentication;
use crate::domain::time::Timestamp;
use crate::storage::{StorageError, Tx, applications, grants, organizations};

/// Who a token speaks for, alive at one moment.
pub(super) enum Holder {
    /// A person, for whom an application acts.
    Person(Live),
    /// An application, for itself.
    Application(Acting),
}

/// What an application acting for itself stands on, as read at one moment.
pub(super) struct ApplicationFacts {
    application: ApplicationId,
    registered: Scope,
    organization: Organization,
    subject: Subject,
}

/// An application acting for itself, alive at one moment.
pub(super) struct Acting {
    facts: Arc<ApplicationFacts>,
    effective: Effective,
}

impl ApplicationFacts {
    /// Reads everything afresh; nothing if the application is switched off.
    pub(super) async fn load(tx: &mut Tx<'_>, id: ApplicationId) -> Result<Option<Arc<Self>>, StorageError> {
        let Some(application) = applications::active(tx, id).await? else {
            return Ok(None);
        };
        let Some(organization) = organizations::by_id(tx, application.organization).await? else {
            return Ok(None);
        };
        let subject = Subject::Application(ApplicationSubject {
            id,
            organization: organization.id,
            active: true,
            grants: grants::of_application(tx, id).await?,
        });
        Ok(Some(Arc::new(Self {
            application: id,
            registered: application.scope,
            organization,
            subject,
        })))
    }

    /// Where it acts.
    pub(super) fn organization(&self) -> OrganizationId {
        self.organization.id
    }

    /// What they come to now, for a token of some scope. A program is in nobody's office and has no second factor to
    /// prove.
    pub(super) fn judge(self: &Arc<Self>, scope: &Scope, now: Timestamp) -> Option<Acting> {
        let context = Context {
            now,
            ceiling: scope.ceiling_within(&self.registered),
            only_on: None,
            address: Address::NotThePersons,
            proved: Proved::NOT_ASKED,
        };
        let effective = may(&self.subject, &self.organization, &context).ok()?;
        Some(Acting {
            facts: Arc::clone(self),
            effective,
        })
    }
}

impl Holder {
    /// `sub`: the user's id, or the application's, which are never alike (RFC 9700 §4.15).
    pub(super) fn sub(&self) -> String {
        match self {
            Self::Person(live) => live.facts.user.id.to_string(),
            Self::Application(acting) => acting.facts.application.to_string(),
        }
    }

    /// Whose the application is that got the token.
    pub(super) fn owner(&self) -> OrganizationId {
        match self {
            Self::Person(live) => live.facts.owner,
            Self::Application(acting) => acting.facts.organization.id,
        }
    }

    /// For whom it acts.
    pub(super) fn organization(&self) -> &Organization {
        match self {
            Self::Person(live) => &live.facts.organization,
            Self::Application(acting) => &acting.facts.organization,
        }
    }

    /// What access says of it.
    pub(super) fn subject(&self) -> &Subject {
        match self {
            Self::Person(live) => &live.facts.subject,
            Self::Application(acting) => &acting.facts.subject,
        }
    }

    /// What it may do.
    pub(super) fn effective(&self) -> &Effective {
        match self {
            Self::Person(live) => &live.effective,
            Self::Application(acting) => &acting.effective,
        }
    }

    /// How the person proved themselves; an application does so at each request.
    pub(super) fn authentication(&self) -> Option<&Authentication> {
        match self {
            Self::Person(live) => Some(&live.authentication),
            Self::Application(_) => None,
        }
    }
}
