//! Changing a person: their profile and address, whether the account may be used, and whether they stand above.

use super::leave::{keeps_owners, keeps_superusers};
use crate::audit::{self, Fields, Origin};
use crate::directory::alerts::{self, Alert};
use crate::directory::{DirectoryError, PersonPermit, told};
use crate::domain::access::Reason;
use crate::domain::alert::{AlertKind, Given};
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::profile::{Profile, ProfileChange};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::{User, UserState, UserStatus};
use crate::keyring::Keyring;
use crate::sign_in::end_everything;
use crate::storage::profiles::{self, Whole};
use crate::storage::{StorageError, Tx, domains, email_changes, password_resets, users};

/// Whether an account may be used, and why not.
#[derive(Debug, Clone)]
pub enum Use {
    /// It may.
    Active,
    /// It may not, for this reason.
    Suspended(Description),
}

/// What to change of a person; what is absent stays. There is no way to give anybody a password.
#[derive(Debug, Clone, Default)]
pub struct PersonChange {
    /// What they are called.
    pub name: Option<DisplayName>,
    /// What they tell of themselves.
    pub profile: ProfileChange,
    /// Where they are written to, and what they sign in with.
    pub email: Option<Email>,
    /// Whether the account may be used; a superuser's alone to say.
    pub status: Option<Use>,
    /// Whether they stand above organizations; likewise.
    pub superuser: Option<bool>,
}

/// Changes a person.
pub async fn change<'t>(
    tx: &mut Tx<'t>,
    permit: &PersonPermit<'t>,
    keyring: &Keyring,
    whole: &Whole,
    change: &PersonChange,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if whole.user.status == UserStatus::Deleted {
        return Err(DirectoryError::Invalid("a deleted user stays as it is"));
    }
    if permit.managing().is_some() && (change.status.is_some() || change.superuser.is_some()) {
        return Err(DirectoryError::Refused(vec![Reason::NothingGivesIt]));
    }
    let (was, is) = describe(
        tx,
        &whole.user,
        &whole.profile,
        change.name.as_ref(),
        &change.profile,
    )
    .await?;
    if was != is {
        let event = permit.event("user.updated").changed(&was, &is);
        audit::record(tx, keyring, &event, now).await?;
    }
    if let Some(email) = change.email.as_ref().filter(|email| **email != whole.user.email) {
        set_email(tx, permit, keyring, whole, email, now).await?;
    }
    if let Some(superuser) = change
        .superuser
        .filter(|superuser| *superuser != whole.user.superuser)
    {
        if !superuser {
            keeps_superusers(tx, &whole.user).await?;
        }
        users::set_superuser(tx, whole.user.id, superuser).await?;
        let stands = |above: bool| Fields::new().with("superuser", above);
        let event = permit.event("user.superuser_changed");
        let event = event.changed(&stands(!superuser), &stands(superuser));
        audit::record(tx, keyring, &event, now).await?;
        if superuser && !permit.is_about_oneself() {
            let kind = AlertKind::RoleRaised {
                given: Given::Superuser,
                to: "superuser".to_owned(),
            };
            alerts::raise(tx, keyring, &Alert::of(whole.user.id, kind, None), now).await?;
        }
    }
    match &change.status {
        Some(to) => set_state(tx, permit, keyring, whole, to, now).await,
        None => Ok(()),
    }
}

/// Changes what a person is called and tells of themselves; answers what it was and is in the words of the log.
pub(in crate::directory) async fn describe(
    tx: &mut Tx<'_>,
    user: &User,
    before: &Profile,
    name: Option<&DisplayName>,
    change: &ProfileChange,
) -> Result<(Fields, Fields), DirectoryError> {
    if let Some(name) = name.filter(|name| **name != user.name) {
        users::rename(tx, user.id, name).await?;
    }
    let profile = before.clone().changed(change);
    let profile = profile.map_err(|error| DirectoryError::field("/preferences", error.to_string()))?;
    if profile != *before {
        profiles::set(tx, user.id, &profile).await?;
    }
    let after = told::person(name.unwrap_or(&user.name), &profile);
    Ok((told::person(&user.name, before), after))
}

/// Gives a person another address. An administrator's word counts within the organization's own domains, where mail goes
/// to whom the organization says; a superuser's counts anywhere, but only there shows whose the address is.
async fn set_email<'t>(
    tx: &mut Tx<'t>,
    permit: &PersonPermit<'t>,
    keyring: &Keyring,
    whole: &Whole,
    email: &Email,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if permit.is_about_oneself() {
        let way = "one's own email address is changed by POST /v2/users/me/email";
        return Err(DirectoryError::field("/email", way));
    }
    let organization = permit.managing().or(whole.managed_by);
    let vouched = match organization {
        Some(organization) => domains::holds(tx, organization, email).await?,
        None => false,
    };
    if permit.managing().is_some() && !vouched {
        let why = "it is in no domain that is known to be the organization's";
        return Err(DirectoryError::field("/email", why));
    }
    if !users::set_email(tx, whole.user.id, email, vouched).await? {
        return Err(DirectoryError::Taken("this email address"));
    }
    email_changes::end_of_user(tx, whole.user.id).await?;
    password_resets::end_of_user(tx, whole.user.id).await?;
    tell_the_old_address(tx, keyring, whole, email, None, now).await?;
    let (was, is) = (
        told::email(&whole.user.email, whole.user.email_verified),
        told::email(email, vouched),
    );
    let event = permit.event("user.email_changed").changed(&was, &is);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}

/// Whoever reads mail at the old address hears where the account went, and can say that it was not them.
pub(in crate::directory) async fn tell_the_old_address(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    before: &Whole,
    email: &Email,
    origin: Option<&Origin>,
    now: Timestamp,
) -> Result<(), StorageError> {
    let was = &before.user.email;
    let kind = AlertKind::EmailChanged {
        was: was.as_str().to_owned(),
        is: email.as_str().to_owned(),
    };
    let alert = Alert {
        to: Some(was.clone()),
        ..Alert::of(before.user.id, kind, origin.cloned())
    };
    alerts::raise(tx, keyring, &alert, now).await
}

async fn set_state<'t>(
    tx: &mut Tx<'t>,
    permit: &PersonPermit<'t>,
    keyring: &Keyring,
    whole: &Whole,
    to: &Use,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let (state, action) = match (to, whole.state.clone()) {
        (Use::Active, UserState::Active) => return Ok(()),
        (Use::Suspended(reason), UserState::Suspended(ended))
            if reason.as_str().is_empty() || *reason == ended.reason =>
        {
            return Ok(());
        }
        (Use::Active, state) => (state.reactivate(), "user.reactivated"),
        (Use::Suspended(reason), state) => {
            keeps_superusers(tx, &whole.user).await?;
            keeps_owners(tx, whole.user.id).await?;
            (state.suspend(reason.clone(), now), "user.suspended")
        }
    };
    let state = state.map_err(|error| DirectoryError::field("/status", error.to_string()))?;
    users::set_state(tx, whole.user.id, &state).await?;
    if state != UserState::Active {
        end_everything(tx, whole.user.id, now).await?;
    }
    let (was, is) = (told::account(&whole.state), told::account(&state));
    let event = permit.event(action).changed(&was, &is);
    audit::record(tx, keyring, &event, now).await?;
    Ok(())
}
