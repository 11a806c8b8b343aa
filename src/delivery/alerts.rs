//! Alerts: a person is told, here and by a letter, of what somebody else could have done in their place. Each is put down
//! in the transaction of what it tells of.

use std::time::Duration;

use super::{Addressed, Letter, post};
use crate::audit::Origin;
use crate::domain::alert::AlertKind;
use crate::domain::email::Email;
use crate::domain::id::{OrganizationId, UserId};
use crate::domain::secret::Purpose;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::{self, StorageError, Tx, alerts, managed_users, organizations, profiles};

/// How long the link of a letter says that it was somebody else.
pub const LINK_LIFETIME: Duration = Duration::from_hours(7 * 24);

/// Whoever guesses at an account all day has its person told once an hour.
const FAILURES_AT_MOST_EVERY: Duration = Duration::from_hours(1);

/// What to tell a person.
#[derive(Debug, Clone)]
pub struct Alert {
    /// Whom.
    pub user: UserId,
    /// What.
    pub kind: AlertKind,
    /// Where it happened, if it is about what they do in one organization; else whoever manages them is told, too.
    pub organization: Option<OrganizationId>,
    /// From where it was done in their name. What an administrator or a program did has no place that is theirs to know.
    pub origin: Option<Origin>,
    /// Where the letter goes, if not to the account's address.
    pub to: Option<Email>,
}

impl Alert {
    /// Of what was done in somebody's name, to their own account.
    pub fn of(user: UserId, kind: AlertKind, origin: Option<Origin>) -> Self {
        Self {
            user,
            kind,
            organization: None,
            origin,
            to: None,
        }
    }

    /// It is about what they do in one organization.
    #[must_use]
    pub fn within(mut self, organization: OrganizationId) -> Self {
        self.organization = Some(organization);
        self
    }
}

/// Raises an alert. To whoever has no account any more nothing is told.
pub async fn raise(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    alert: &Alert,
    now: Timestamp,
) -> Result<(), StorageError> {
    let whole = profiles::find(tx, alert.user).await?;
    let Some(whole) = whole.filter(|whole| whole.user.status != UserStatus::Deleted) else {
        return Ok(());
    };
    if alert.kind.goes_on() {
        let since = now.minus(FAILURES_AT_MOST_EVERY);
        if alerts::was_raised(tx, alert.user, alert.kind.name(), since).await? {
            return Ok(());
        }
    }
    let organization = match alert.organization {
        Some(organization) => Some(organization),
        None => managed_users::manager(tx, alert.user).await?,
    };
    let place = match alert.organization {
        Some(organization) => organizations::profile(tx, organization).await?,
        None => None,
    };
    // Drawn here, in a transaction that may run twice: what the first run drew is undone with all that it wrote.
    let secret = alert.kind.may_be_disowned().then(random::secret);
    let link = secret.as_ref().map(|secret| secret.hash(Purpose::NotMe));
    let until = now.plus(LINK_LIFETIME);
    let origin = alert.origin.as_ref();
    let stored = storage::alerts::Alert {
        id: random::id(now),
        user: alert.user,
        organization,
        kind: alert.kind.clone(),
        address: origin.map(|origin| origin.address.to_string()),
        user_agent: origin.map(|origin| origin.user_agent.clone()).unwrap_or_default(),
        created_at: now,
        seen_at: None,
    };
    alerts::insert(tx, &stored, link.as_ref().map(|link| (link, until))).await?;
    let language = whole.profile.language.as_ref();
    let letter = Addressed {
        to: alert.to.clone().unwrap_or(whole.user.email),
        language: language
            .map(|language| language.as_str().to_owned())
            .unwrap_or_default(),
        letter: Letter::Alert {
            name: whole.user.name.as_str().to_owned(),
            what: stored.kind,
            organization: place.map(|place| place.display_name.as_str().to_owned()),
            at: now,
            address: stored.address,
            user_agent: stored.user_agent,
            link: secret.map(|secret| format!("/account/not-me/{}", secret.expose())),
            expires_at: until,
        },
    };
    post(tx, keyring, &letter, now).await
}
