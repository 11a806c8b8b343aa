//! The link of an invitation and the letter that it stands in: nowhere else does it stand as it is.

use super::super::DirectoryError;
use crate::audit::Actor;
use crate::config::PublicUrl;
use crate::delivery::{self, Addressed, Letter};
use crate::domain::id::InvitationId;
use crate::domain::invitation::{Invitation, State, one_more_letter};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::storage::invitations::StoredLink;
use crate::storage::{Tx, attempts, organizations, users};

/// Where invitation links lead: an address of ours up to the secret.
#[derive(Clone)]
pub struct Link(String);

/// A link that was just drawn.
#[derive(Clone)]
pub struct NewLink {
    address: String,
    stored: StoredLink,
}

impl Link {
    /// To the page that accepts invitations, at the address that the operator set.
    pub fn to(public_url: &PublicUrl) -> Self {
        Self(public_url.at("/invitation/"))
    }

    /// Draws the secret of an invitation's link.
    pub fn draw(&self, invitation: InvitationId, keyring: &Keyring) -> NewLink {
        let secret = random::secret();
        NewLink {
            address: self.with(&secret),
            stored: StoredLink {
                hash: secret.hash(Purpose::Invitation),
                sealed: keyring.seal(&context(invitation), secret.expose().as_bytes()),
            },
        }
    }

    /// The address with a secret that was sealed for the reminder.
    pub(super) fn unseal(
        &self,
        invitation: InvitationId,
        keyring: &Keyring,
        sealed: &[u8],
    ) -> Option<String> {
        let plain = keyring.open_sealed(&context(invitation), sealed)?;
        let secret = std::str::from_utf8(&plain).ok()?;
        Some(self.with(&Secret::received(secret)))
    }

    fn with(&self, secret: &Secret) -> String {
        format!("{}{}", self.0, secret.expose())
    }
}

impl NewLink {
    /// What is kept of it.
    pub(super) fn stored(&self) -> StoredLink {
        self.stored.clone()
    }
}

fn context(invitation: InvitationId) -> String {
    format!("invitation {invitation}")
}

/// Posts the letter of an invitation, unless the address gets too many.
pub(super) async fn post(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    invitation: &Invitation,
    link: &NewLink,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let counter = Secret::received(format!(
        "letters to {} of {}",
        invitation.email.comparable(),
        invitation.organization
    ));
    let counter: SecretHash = counter.hash(Purpose::Invitation);
    let more = one_more_letter(attempts::of(tx, &counter).await?, now);
    let more = more.ok_or_else(|| {
        let told = "this address got six letters about invitations lately; wait some hours";
        DirectoryError::Unmet(vec![("too_many_letters", told.to_owned())])
    })?;
    attempts::put(tx, &counter, more).await?;
    post_with(tx, keyring, invitation, link.address.clone(), false, now).await
}

/// Posts a letter about an invitation.
pub(super) async fn post_with(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    invitation: &Invitation,
    link: String,
    reminder: bool,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let State::Pending { expires_at } = invitation.state else {
        return Ok(());
    };
    let organization = organizations::by_id(tx, invitation.organization).await?;
    let organization = organization.ok_or(DirectoryError::NotFound)?;
    let letter = Addressed {
        to: invitation.email.clone(),
        language: String::new(),
        letter: Letter::Invitation {
            organization: organization.display_name.to_string(),
            inviter: inviter(tx, invitation, organization.display_name.as_str()).await?,
            message: invitation.message.as_str().to_owned(),
            link,
            expires_at,
            reminder,
        },
    };
    delivery::post(tx, keyring, &letter, now).await?;
    Ok(())
}

/// What whoever invites is called: a person by name, a program as its organization.
pub(super) async fn inviter(
    tx: &mut Tx<'_>,
    invitation: &Invitation,
    organization: &str,
) -> Result<String, DirectoryError> {
    let person = match invitation.invited_by.parse() {
        Ok(id) => users::by_id(tx, id).await?,
        Err(_) => None,
    };
    Ok(person.map_or_else(|| organization.to_owned(), |person| person.name.to_string()))
}

/// Whoever invited, as the audit log names them; nobody if it was somebody who can't any more.
pub(super) fn actor(invitation: &Invitation) -> Actor {
    let text = &invitation.invited_by;
    let person = text.parse().map(Actor::User);
    let program = || text.parse().map(Actor::Key);
    let application = |_| text.parse().map(Actor::Application);
    person
        .or_else(|_| program())
        .or_else(application)
        .unwrap_or(Actor::Nobody)
}
