//! Passkeys and security keys, as far as they are not cryptography, and what a browser is asked to do with one.

use std::fmt;
use std::time::Duration;

use super::id::{CredentialId, SignInId, UserId};
use super::session::Method;
use super::text::DisplayName;
use super::time::Timestamp;

/// A passkey or security key of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passkey {
    /// Names it.
    pub id: CredentialId,
    /// Whose it is.
    pub user: UserId,
    /// What it was enrolled as.
    pub kind: PasskeyKind,
    /// Whether it can be on several devices of its person (WebAuthn's backup eligibility). It never changes.
    pub synced: bool,
    /// What its person calls it.
    pub name: DisplayName,
    /// When it was enrolled.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_used_at: Option<Timestamp>,
    /// When its counter was last seen to go back, as if there were a copy of it.
    pub clone_seen_at: Option<Timestamp>,
}

/// What one can be enrolled as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasskeyKind {
    /// Signs in by itself: it knows whose it is, and makes sure who uses it.
    Passkey,
    /// A second factor beside a password: it is touched.
    SecurityKey,
}

/// What a browser is asked to sign for, and whose answer it is. An answer to one is good for nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceremony {
    /// Somebody adds one.
    Enrol(PasskeyKind, UserId),
    /// Somebody shows one as second factor in a sign-in.
    SecondFactor(UserId, SignInId),
    /// Somebody, nobody knows who yet, signs in with a passkey alone.
    SignIn,
}

impl Passkey {
    /// The most that one person has.
    pub const MOST: usize = 20;

    /// What it proves: by touch alone, that there is this key; and if it made sure who its person is, two factors.
    pub const fn method(&self, user_verified: bool) -> Method {
        match (user_verified, self.synced) {
            (false, _) => Method::SecurityKey,
            (true, false) => Method::Passkey,
            (true, true) => Method::SyncedPasskey,
        }
    }
}

impl PasskeyKind {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Passkey, Self::SecurityKey];

    /// The name in the database and to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::SecurityKey => "security_key",
        }
    }

    /// Reads the name of [`PasskeyKind::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl Ceremony {
    /// How long a browser has to answer.
    pub const LIFETIME: Duration = Duration::from_mins(5);

    /// The most unanswered ones from one network.
    pub const MOST_PER_NETWORK: i64 = 500;
}

/// The form in the database, different for each that is different.
impl fmt::Display for Ceremony {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Enrol(kind, user) => write!(f, "enrol {} {user}", kind.as_str()),
            Self::SecondFactor(user, sign_in) => write!(f, "second_factor {user} {sign_in}"),
            Self::SignIn => f.write_str("sign_in"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn what_is_shown_depends_on_whether_its_person_was_asked() {
        let key = |synced| Passkey {
            id: CredentialId::from_uuid(Uuid::nil()),
            user: UserId::from_uuid(Uuid::nil()),
            kind: PasskeyKind::Passkey,
            synced,
            name: DisplayName::parse("Laptop").unwrap(),
            created_at: Timestamp::from_millis(0),
            last_used_at: None,
            clone_seen_at: None,
        };
        assert_eq!(key(false).method(false), Method::SecurityKey);
        assert_eq!(key(true).method(false), Method::SecurityKey);
        assert_eq!(key(false).method(true), Method::Passkey);
        assert_eq!(key(true).method(true), Method::SyncedPasskey);
    }

    #[test]
    fn no_two_ceremonies_are_written_alike() {
        let (alice, bob) = (
            UserId::from_uuid(Uuid::from_u128(1)),
            UserId::from_uuid(Uuid::from_u128(2)),
        );
        let sign_in = |n| SignInId::from_uuid(Uuid::from_u128(n));
        let all = [
            Ceremony::Enrol(PasskeyKind::Passkey, alice),
            Ceremony::Enrol(PasskeyKind::Passkey, bob),
            Ceremony::Enrol(PasskeyKind::SecurityKey, alice),
            Ceremony::SecondFactor(alice, sign_in(1)),
            Ceremony::SecondFactor(alice, sign_in(2)),
            Ceremony::SecondFactor(bob, sign_in(1)),
            Ceremony::SignIn,
        ];
        let written: std::collections::BTreeSet<_> = all.iter().map(ToString::to_string).collect();
        assert_eq!(written.len(), all.len());
    }
}
