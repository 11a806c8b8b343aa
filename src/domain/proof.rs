//! Proofs: how a person was recognised, how sure that makes it, and which organization counts it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::access::{Proved, SecondFactor, WayIn};
use super::id::{ConnectionId, CredentialId, OrganizationId};
use super::security::Factor;
use super::time::Timestamp;

/// How someone was recognised, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// What was shown.
    pub method: Method,
    /// Whose word it is.
    pub source: ProofSource,
    /// When.
    pub at: Timestamp,
    /// It was shown earlier, on a device that its person trusts, and not again for this session.
    pub remembered: bool,
}

/// How a person had proved themselves at some moment, as applications are told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentication {
    /// `auth_time`.
    pub at: Timestamp,
    /// `acr`.
    pub acr: String,
    /// `amr`, sorted, each once.
    pub amr: Vec<String>,
}

/// What a person showed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// A password.
    Password,
    /// A code of an authenticator app.
    Totp,
    /// A code by text message.
    Sms,
    /// One of the codes that were printed for the day when nothing else is at hand.
    RecoveryCode,
    /// A security key that was touched, by whomever.
    SecurityKey,
    /// A passkey of one device, which made sure who its person is.
    Passkey,
    /// The same, where the passkey is on all devices of its person.
    SyncedPasskey,
    /// What a provider upstream asked for, whatever that was.
    Federated,
    /// The same with a second factor, by the word of a provider that the organization trusts with it.
    FederatedMfa,
}

/// Whose word a proof is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofSource {
    /// The person's own credential: counts in every organization.
    Own(CredentialId),
    /// A connection's word.
    Connection {
        /// Which.
        id: ConnectionId,
        /// The organization that owns it: nowhere else does it count.
        organization: OrganizationId,
        /// Until when its provider stands by it, if it said so (SAML 2.0 Core §2.7.2, `SessionNotOnOrAfter`).
        until: Option<Timestamp>,
    },
}

/// Which proofs an organization counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactorRules {
    /// These kinds; a recovery code stands for any of them, and so does the word of a provider that is trusted with it.
    pub allowed: Vec<Factor>,
    /// A key counts only if it made sure who its person is (`WebAuthn` §6.2.3), not if it was merely touched.
    pub user_verification: bool,
    /// How long one that was shown on a trusted device counts there; not at all if zero.
    pub trusted_for: Duration,
    /// The connection that people come by, if it requires one.
    pub connection: Option<ConnectionId>,
}

impl FactorRules {
    /// Whether a proof is one that counts.
    pub fn count(&self, proof: &Proof, now: Timestamp) -> bool {
        let kind = match proof.method {
            Method::SecurityKey if self.user_verification => false,
            Method::RecoveryCode | Method::FederatedMfa => true,
            method => method
                .factor()
                .is_some_and(|factor| self.allowed.contains(&factor)),
        };
        kind && (!proof.remembered || now.since(proof.at) < self.trusted_for)
    }
}

impl FactorRules {
    fn way_in(&self, by_it: bool) -> WayIn {
        if by_it || self.connection.is_none() {
            WayIn::Right
        } else {
            WayIn::Wrong
        }
    }

    /// What the proofs of a session come to in the organization.
    pub(super) fn judge(&self, organization: OrganizationId, proofs: &[Proof], now: Timestamp) -> Proved {
        let counted = || proofs.iter().filter(|proof| proof.counts_in(organization));
        let by_it = |proof: &Proof| {
            matches!(proof.source, ProofSource::Connection { id, .. } if Some(id) == self.connection)
                && proof.stands(now)
        };
        Proved {
            second_factor: SecondFactor::of(counted().any(|proof| self.count(proof, now))),
            way_in: self.way_in(counted().any(by_it)),
        }
    }
}

impl Default for FactorRules {
    /// Any kind, and no device is trusted.
    fn default() -> Self {
        Self {
            allowed: Factor::ALL.to_vec(),
            user_verification: false,
            trusted_for: Duration::ZERO,
            connection: None,
        }
    }
}

impl Proof {
    /// Whether it counts in an organization: one's own does everywhere, a connection's where it belongs.
    pub fn counts_in(&self, organization: OrganizationId) -> bool {
        match self.source {
            ProofSource::Own(_) => true,
            ProofSource::Connection {
                organization: owner, ..
            } => owner == organization,
        }
    }

    /// Whether whose word it is still stands by it.
    pub fn stands(&self, now: Timestamp) -> bool {
        match self.source {
            ProofSource::Own(_) => true,
            ProofSource::Connection { until, .. } => until.is_none_or(|until| now < until),
        }
    }
}

impl Authentication {
    /// What that was, by an organization's way of counting. Only its own connections counted there, so whoever came by
    /// one did by its own.
    pub fn proved(&self, rules: &FactorRules) -> Proved {
        let federated = self.amr.iter().any(|method| method == "fed");
        Proved {
            second_factor: SecondFactor::of(self.has_second_factor(rules)),
            way_in: rules.way_in(federated),
        }
    }

    /// Whether what was shown then is a second factor that an organization counts.
    fn has_second_factor(&self, rules: &FactorRules) -> bool {
        let shown = |name: &str| self.amr.iter().any(|method| method == name);
        let kind = |factor: &Factor| match factor {
            Factor::Totp => shown("otp"),
            Factor::Sms => shown("sms"),
            Factor::Webauthn => (shown("hwk") || shown("swk")) && (shown("pin") || !rules.user_verification),
        };
        let own = ["otp", "sms", "hwk", "swk"];
        let trusted_upstream = shown("fed") && !own.into_iter().any(shown);
        self.acr == Assurance::Two.acr() && (trusted_upstream || rules.allowed.iter().any(kind))
    }
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Password,
        Self::Totp,
        Self::Sms,
        Self::RecoveryCode,
        Self::SecurityKey,
        Self::Passkey,
        Self::SyncedPasskey,
        Self::Federated,
        Self::FederatedMfa,
    ];

    /// The name in the database and in the audit log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Password => "pwd",
            Self::Totp => "totp",
            Self::Sms => "sms",
            Self::RecoveryCode => "recovery_code",
            Self::SecurityKey => "security_key",
            Self::Passkey => "passkey",
            Self::SyncedPasskey => "synced_passkey",
            Self::Federated => "federated",
            Self::FederatedMfa => "federated_mfa",
        }
    }

    /// Reads the name of [`Method::as_str`].
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|method| method.as_str() == text)
    }

    /// The names in `amr` (RFC 8176 §2). A recovery code is a password that is good once; a synced passkey's key is in
    /// software. For what was shown to somebody else there is no name: it is `fed`.
    pub const fn amr(self) -> &'static [&'static str] {
        match self {
            Self::Password => &["pwd"],
            Self::Totp | Self::RecoveryCode => &["otp"],
            Self::Sms => &["sms"],
            Self::SecurityKey => &["hwk", "user"],
            Self::Passkey => &["hwk", "pin", "user"],
            Self::SyncedPasskey => &["pin", "swk", "user"],
            Self::Federated | Self::FederatedMfa => &["fed"],
        }
    }

    /// Which kind of second factor it is, if it is one.
    pub const fn factor(self) -> Option<Factor> {
        match self {
            Self::Totp => Some(Factor::Totp),
            Self::Sms => Some(Factor::Sms),
            Self::SecurityKey | Self::Passkey | Self::SyncedPasskey => Some(Factor::Webauthn),
            Self::Password | Self::RecoveryCode | Self::Federated | Self::FederatedMfa => None,
        }
    }

    /// Whether it is two factors in one, and so enough alone.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Passkey | Self::SyncedPasskey | Self::FederatedMfa)
    }
}

/// How sure it is who somebody is, by NIST 800-63B-4's levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Assurance {
    /// By nothing.
    None,
    /// By one factor.
    One,
    /// By two.
    Two,
}

impl Assurance {
    /// What so many methods come to.
    pub fn of(methods: &[Method]) -> Self {
        let first = methods.contains(&Method::Password) || methods.contains(&Method::Federated);
        let second = |method: &Method| method.factor().is_some() || *method == Method::RecoveryCode;
        if methods.iter().any(|method| method.is_whole()) || first && methods.iter().any(second) {
            Self::Two
        } else if methods.is_empty() {
            Self::None
        } else {
            Self::One
        }
    }

    /// The name in `acr`.
    pub const fn acr(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::One => "aal1",
            Self::Two => "aal2",
        }
    }

    /// Reads a name that may be asked for in `acr_values`.
    pub fn asked(text: &str) -> Option<Self> {
        [Self::One, Self::Two]
            .into_iter()
            .find(|level| level.acr() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_factors_are_a_password_and_another_or_a_passkey_alone() {
        use Method::{Passkey, Password, RecoveryCode, SecurityKey, Sms, SyncedPasskey, Totp};
        for second in [Totp, Sms, RecoveryCode, SecurityKey] {
            assert_eq!(Assurance::of(&[second]), Assurance::One, "{second:?}");
            assert_eq!(Assurance::of(&[Password, second]), Assurance::Two, "{second:?}");
        }
        assert_eq!(
            Assurance::of(&[Totp, Sms]),
            Assurance::One,
            "two of one kind are one"
        );
        assert_eq!(Assurance::of(&[Passkey]), Assurance::Two);
        assert_eq!(Assurance::of(&[SyncedPasskey]), Assurance::Two);
        assert_eq!(Assurance::of(&[]), Assurance::None);
    }

    #[test]
    fn an_organization_counts_what_it_allows_and_a_trusted_device_for_so_long() {
        let now = Timestamp::from_millis(1_763_683_200_000);
        let proof = |method, remembered| Proof {
            method,
            source: ProofSource::Own(CredentialId::from_uuid(uuid::Uuid::nil())),
            at: now,
            remembered,
        };
        let keys_only = FactorRules {
            allowed: vec![Factor::Webauthn],
            user_verification: false,
            trusted_for: Duration::from_hours(24),
            connection: None,
        };
        assert!(keys_only.count(&proof(Method::SecurityKey, false), now));
        assert!(keys_only.count(&proof(Method::RecoveryCode, false), now));
        assert!(!keys_only.count(&proof(Method::Totp, false), now));
        let verified_only = FactorRules {
            user_verification: true,
            ..keys_only.clone()
        };
        assert!(!verified_only.count(&proof(Method::SecurityKey, false), now));
        assert!(verified_only.count(&proof(Method::Passkey, false), now));
        assert!(!keys_only.count(&proof(Method::Password, false), now));
        let remembered = proof(Method::Passkey, true);
        assert!(keys_only.count(&remembered, now.plus(Duration::from_hours(23))));
        assert!(!keys_only.count(&remembered, now.plus(Duration::from_hours(24))));
        assert!(!FactorRules::default().count(&remembered, now));
    }

    #[test]
    fn every_method_is_read_by_the_name_it_is_written_by() {
        for method in Method::ALL {
            assert_eq!(Method::parse(method.as_str()), Some(method));
        }
        assert_eq!(Method::parse("magic"), None);
    }
}
