//! What letters say. Their words are in `templates/mail` and `templates/locales`.

use serde::{Deserialize, Serialize};

use crate::domain::alert::AlertKind;
use crate::domain::time::Timestamp;

/// One letter, as far as it is not words.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Somebody is invited to an organization.
    Invitation {
        /// What people call the organization.
        organization: String,
        /// Who invites.
        inviter: String,
        /// What they add; may be empty.
        message: String,
        /// The page that accepts it. Good once.
        link: String,
        /// Until when.
        expires_at: Timestamp,
        /// They were told before and did not come yet.
        reminder: bool,
    },
    /// Somebody wants this address for their account.
    ConfirmEmail {
        /// What they are called.
        name: String,
        /// The page that confirms it. Good once.
        link: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// A link to another password, as the person asked for it, or their administrator.
    ResetPassword {
        /// What they are called.
        name: String,
        /// Whose administrator sends it, if one does.
        organization: Option<String>,
        /// The page that sets it. Good once.
        link: String,
        /// Until when.
        expires_at: Timestamp,
    },
    /// There is no link: the account is suspended.
    ResetOfSuspended {
        /// What they are called.
        name: String,
    },
    /// There is no link: the account has no password.
    ResetOfNoPassword {
        /// What they are called.
        name: String,
    },
    /// An organization has another owner; to both of them.
    OwnershipTransferred {
        /// What people call the organization.
        organization: String,
        /// Who owned it.
        from: String,
        /// Who owns it.
        to: String,
    },
    /// An organization uses more of something than it wanted to be told of.
    UsageAlert {
        /// What people call the organization.
        organization: String,
        /// What is used, in words.
        resource: String,
        /// How much of it.
        used: i64,
        /// How much of it there is.
        limit: i64,
    },
    /// Somebody is asked to review who holds what.
    Review {
        /// What people call the organization.
        organization: String,
        /// What the review is called.
        review: String,
        /// How many people are in it.
        people: i64,
        /// Until when it is to be completed.
        due_at: Timestamp,
        /// They were told before, and it is due soon.
        reminder: bool,
    },
    /// Something happened to somebody's account.
    Alert {
        /// What they are called.
        name: String,
        /// What happened.
        what: AlertKind,
        /// What people call the organization where it did, if it is about one.
        organization: Option<String>,
        /// When.
        at: Timestamp,
        /// From which address, if it was done in their name.
        address: Option<String>,
        /// By which program.
        user_agent: String,
        /// The path of the page that says that it was somebody else. Good once.
        link: Option<String>,
        /// Until when.
        expires_at: Timestamp,
    },
}

/// A letter may hold a link.
impl std::fmt::Debug for Letter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Letter(…)")
    }
}
