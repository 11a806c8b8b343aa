//! Alerts: what a person is told of their account because it could have been somebody else, and what is known of it.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum AlertKind {
    /// A sign-in from a device that the account did not know, and not its very first.
    NewDevice,
    /// Many wrong passwords or codes.
    ManyFailures,
    /// Many wrong codes after the right password: somebody else may know it.
    SecondFactorFailures,
    /// Many failed sign-ins at the whole instance within minutes. Those who stand above organizations are told.
    GuessingEverywhere {
        /// So many at least.
        failures: i64,
    },
    /// The account has another password.
    PasswordChanged,
    /// There is one more thing that proves the person.
    FactorAdded {
        /// What it is.
        factor: OwnFactor,
        /// What they call it, if it has a name.
        name: Option<String>,
    },
    /// Something proves the person no more.
    FactorRemoved {
        /// What it was.
        factor: OwnFactor,
        /// What they called it, if it had a name.
        name: Option<String>,
    },
    /// A passkey's counter went back: there may be a copy of it.
    PasskeyCopied {
        /// What it is called.
        name: String,
    },
    /// A recovery code took the place of a second factor.
    RecoveryCodeUsed {
        /// How many are left.
        left: i64,
    },
    /// There is a key that acts in their name, or their organization's.
    KeyCreated {
        /// What it is called.
        name: String,
    },
    /// Somebody else let them do more.
    RoleRaised {
        /// What they were given.
        given: Given,
        /// Its name; of permissions, all of them.
        to: String,
    },
    /// The account has another address. The old one is told.
    EmailChanged {
        /// The old one.
        was: String,
        /// The new one.
        is: String,
    },
    /// A key is worth nothing soon.
    KeyExpires {
        /// What it is called.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// A token of their organization's directory is worth nothing soon.
    ScimTokenExpires {
        /// What it is called.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// A domain's DNS no longer says that it is their organization's.
    DomainMissing {
        /// Which.
        domain: String,
    },
    /// A certificate of a provider that their organization's people come by ends soon, or did: without another, nobody comes.
    CertificateEnds {
        /// What the connection is called.
        name: String,
        /// When the last one ends.
        at: Timestamp,
    },
    /// A provider signs with another certificate from now on, by its metadata.
    CertificateAdded {
        /// What the connection is called.
        name: String,
        /// SHA-256 of it, in hex.
        fingerprint: String,
    },
    /// A provider's metadata could not be read for days.
    MetadataUnread {
        /// What the connection is called.
        name: String,
        /// Why.
        why: String,
    },
    /// The person said of an alert that it was somebody else; the account was locked.
    Disowned {
        /// The name of the alert's kind.
        what: String,
    },
}

/// What proves a person besides a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnFactor {
    /// An authenticator app.
    Totp,
    /// A passkey.
    Passkey,
    /// A security key.
    SecurityKey,
    /// A phone that gets codes.
    Phone,
    /// Recovery codes.
    RecoveryCodes,
    /// An account at a provider of an organization's.
    Identity,
}

/// What lets somebody do more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Given {
    /// A role.
    Role,
    /// Permissions, one by one.
    Permissions,
    /// A place in a group that was given something.
    Group,
    /// To stand above organizations.
    Superuser,
}

impl AlertKind {
    /// The name of each kind to programs; once published it never changes.
    pub const NAMES: [&'static str; 19] = [
        "new_device",
        "many_failures",
        "password_changed",
        "factor_added",
        "factor_removed",
        "recovery_code_used",
        "key_created",
        "role_raised",
        "email_changed",
        "key_expires",
        "disowned",
        "passkey_copied",
        "second_factor_failures",
        "guessing_everywhere",
        "domain_missing",
        "certificate_ends",
        "certificate_added",
        "metadata_unread",
        "scim_token_expires",
    ];

    /// Its name to programs.
    pub const fn name(&self) -> &'static str {
        let at = match self {
            Self::NewDevice => 0,
            Self::ManyFailures => 1,
            Self::PasswordChanged => 2,
            Self::FactorAdded { .. } => 3,
            Self::FactorRemoved { .. } => 4,
            Self::RecoveryCodeUsed { .. } => 5,
            Self::KeyCreated { .. } => 6,
            Self::RoleRaised { .. } => 7,
            Self::EmailChanged { .. } => 8,
            Self::KeyExpires { .. } => 9,
            Self::Disowned { .. } => 10,
            Self::PasskeyCopied { .. } => 11,
            Self::SecondFactorFailures => 12,
            Self::GuessingEverywhere { .. } => 13,
            Self::DomainMissing { .. } => 14,
            Self::CertificateEnds { .. } => 15,
            Self::CertificateAdded { .. } => 16,
            Self::MetadataUnread { .. } => 17,
            Self::ScimTokenExpires { .. } => 18,
        };
        Self::NAMES[at]
    }

    /// Whether it can have been somebody else in the person's place: then its letter has a link that says so.
    pub const fn may_be_disowned(&self) -> bool {
        !matches!(
            self,
            Self::RoleRaised { .. }
                | Self::KeyExpires { .. }
                | Self::Disowned { .. }
                | Self::GuessingEverywhere { .. }
                | Self::DomainMissing { .. }
                | Self::CertificateEnds { .. }
                | Self::CertificateAdded { .. }
                | Self::MetadataUnread { .. }
                | Self::ScimTokenExpires { .. }
        )
    }

    /// Whether it goes on while somebody keeps at it, so that its person is told once an hour.
    pub const fn goes_on(&self) -> bool {
        matches!(
            self,
            Self::ManyFailures | Self::SecondFactorFailures | Self::GuessingEverywhere { .. }
        )
    }

    /// What is known of it, name by name.
    pub fn detail(&self) -> Map<String, Value> {
        let Ok(Value::Object(mut fields)) = serde_json::to_value(self) else {
            return Map::new();
        };
        fields.remove("kind");
        fields
    }

    /// Reads name and detail.
    pub fn read(name: &str, detail: Map<String, Value>) -> Option<Self> {
        let mut fields = detail;
        fields.insert("kind".to_owned(), name.into());
        serde_json::from_value(fields.into()).ok()
    }
}

impl Given {
    /// The name to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::Permissions => "permissions",
            Self::Group => "group",
            Self::Superuser => "superuser",
        }
    }
}

impl OwnFactor {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Totp,
        Self::Passkey,
        Self::SecurityKey,
        Self::Phone,
        Self::RecoveryCodes,
        Self::Identity,
    ];

    /// The name to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Totp => "totp",
            Self::Passkey => "passkey",
            Self::SecurityKey => "security_key",
            Self::Phone => "phone",
            Self::RecoveryCodes => "recovery_codes",
            Self::Identity => "identity",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_of_an_alert_is_read_again() {
        let kinds = [
            AlertKind::NewDevice,
            AlertKind::FactorAdded {
                factor: OwnFactor::SecurityKey,
                name: Some("Key ring".to_owned()),
            },
            AlertKind::KeyExpires {
                name: "CI".to_owned(),
                at: Timestamp::from_millis(1_795_339_800_000),
            },
        ];
        for kind in kinds {
            assert_eq!(AlertKind::read(kind.name(), kind.detail()), Some(kind));
        }
        assert_eq!(AlertKind::read("key_created", Map::new()), None);
        assert_eq!(AlertKind::read("made_up", Map::new()), None);
    }

    #[test]
    fn factors_and_kinds_have_one_name_each() {
        for factor in OwnFactor::ALL {
            assert_eq!(serde_json::to_value(factor).unwrap(), factor.as_str());
        }
        let disowned = AlertKind::Disowned { what: String::new() };
        assert_eq!(disowned.name(), AlertKind::NAMES[10]);
        assert_eq!(serde_json::to_value(&disowned).unwrap()["kind"], disowned.name());
    }
}
