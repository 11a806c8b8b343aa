//! Sessions, the proofs they list, and the activations that let them act for an organization (DESIGN §4).

use std::time::Duration;

use super::access::Proved;
use super::id::{ActivationId, OrganizationId, SessionId, UserId};
use super::time::Timestamp;

pub use super::proof::{Assurance, Authentication, FactorRules, Method, Proof, ProofSource};

/// A browser signed in here.
#[derive(Debug, Clone)]
pub struct Session {
    /// Names it; the cookie does not hold this.
    pub id: SessionId,
    /// Who is signed in.
    pub user: UserId,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// How the person was recognised, oldest first.
    pub proofs: Vec<Proof>,
}

/// A session acting for an organization; its id is `sid` in tokens.
#[derive(Debug, Clone)]
pub struct Activation {
    /// `sid`.
    pub id: ActivationId,
    /// The session that acts.
    pub session: SessionId,
    /// For whom.
    pub organization: OrganizationId,
    /// When it last acted.
    pub last_seen_at: Timestamp,
    /// When it was revoked, if it was.
    pub ended_at: Option<Timestamp>,
}

/// What keeps a session from acting for an organization until its person signs in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// It is over at the instance itself.
    Over,
    /// It has not been used for longer than the organization allows.
    Idle,
    /// Its newest proof that counts there is older than the organization allows, or there is none.
    TooLong,
}

/// How long a session lives. An organization's own limits only shorten the instance's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    /// The longest time between two uses.
    pub idle: Duration,
    /// The longest time since the newest proof.
    pub max: Duration,
}

impl SessionLimits {
    /// 8 hours idle, 24 hours at most (NIST 800-63B-4 AAL1 would allow more).
    pub const INSTANCE: Self = Self {
        idle: Duration::from_hours(8),
        max: Duration::from_hours(24),
    };

    /// The stricter of two.
    #[must_use]
    pub fn within(self, other: Self) -> Self {
        Self {
            idle: self.idle.min(other.idle),
            max: self.max.min(other.max),
        }
    }
}

impl Session {
    /// How old the proof of a person may be for what is grave.
    pub const FRESH: Duration = Duration::from_mins(15);

    /// Still good at the instance itself. Organizations ask more, see [`Session::acts_for`].
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now < self.expires_at && now.since(self.last_seen_at) <= SessionLimits::INSTANCE.idle
    }

    /// The proofs that count in an organization: the person's own, and those of its own connections. What was shown
    /// earlier, on a device that is trusted, is not among them.
    pub fn counted_proofs(&self, organization: OrganizationId) -> impl Iterator<Item = &Proof> {
        let counts = move |proof: &&Proof| !proof.remembered && proof.counts_in(organization);
        self.proofs.iter().filter(counts)
    }

    /// Whether the person proved lately who they are, by credentials of their own: no organization's provider speaks for
    /// the account itself. Whoever has a second factor proves that too.
    pub fn is_fresh(&self, has_second_factor: bool, now: Timestamp) -> bool {
        let lately = |proof: &&Proof| {
            let own = matches!(proof.source, ProofSource::Own(_));
            own && !proof.remembered && now.since(proof.at) <= Self::FRESH
        };
        let methods: Vec<Method> = self
            .proofs
            .iter()
            .filter(lately)
            .map(|proof| proof.method)
            .collect();
        match Assurance::of(&methods) {
            Assurance::Two => true,
            Assurance::One => methods.contains(&Method::Password) && !has_second_factor,
            Assurance::None => false,
        }
    }

    /// How the person proved themselves, by an organization's way of counting; what was shown earlier on a trusted device
    /// counts for as long as that organization trusts it.
    pub fn proved(&self, organization: OrganizationId, rules: &FactorRules, now: Timestamp) -> Proved {
        rules.judge(organization, &self.proofs, now)
    }

    /// `auth_time`: when the person last proved themselves in a way that counts there.
    pub fn authenticated_at(&self, organization: OrganizationId) -> Option<Timestamp> {
        self.counted_proofs(organization).map(|proof| proof.at).max()
    }

    /// What applications are told of the proofs that count in an organization; nothing if none does.
    pub fn authentication(&self, organization: OrganizationId) -> Option<Authentication> {
        let methods: Vec<Method> = self
            .counted_proofs(organization)
            .map(|proof| proof.method)
            .collect();
        let assurance = Assurance::of(&methods);
        let mut amr: Vec<String> = methods
            .iter()
            .flat_map(|method| method.amr())
            .chain((assurance == Assurance::Two).then_some(&"mfa"))
            .map(|&name| name.to_owned())
            .collect();
        amr.sort_unstable();
        amr.dedup();
        Some(Authentication {
            at: self.authenticated_at(organization)?,
            acr: assurance.acr().to_owned(),
            amr,
        })
    }

    /// How sure it is who the person is, by what counts in an organization.
    pub fn assurance(&self, organization: OrganizationId) -> Assurance {
        let methods: Vec<Method> = self
            .counted_proofs(organization)
            .map(|proof| proof.method)
            .collect();
        Assurance::of(&methods)
    }

    /// Whether the session may act for an organization now, `seen_at` being when it last did.
    pub fn acts_for(
        &self,
        organization: OrganizationId,
        limits: SessionLimits,
        seen_at: Timestamp,
        now: Timestamp,
    ) -> bool {
        self.stop(organization, limits, seen_at, now).is_none()
    }

    /// What keeps it from that, if anything does.
    pub fn stop(
        &self,
        organization: OrganizationId,
        limits: SessionLimits,
        seen_at: Timestamp,
        now: Timestamp,
    ) -> Option<Stop> {
        let limits = limits.within(SessionLimits::INSTANCE);
        let standing = self
            .counted_proofs(organization)
            .filter(|proof| proof.stands(now));
        let proved = standing.map(|proof| proof.at).max();
        if !self.is_alive(now) {
            Some(Stop::Over)
        } else if now.since(seen_at) > limits.idle {
            Some(Stop::Idle)
        } else if proved.is_none_or(|proved| now.since(proved) > limits.max) {
            Some(Stop::TooLong)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{ConnectionId, CredentialId};
    use uuid::Uuid;

    fn organization(n: u128) -> OrganizationId {
        OrganizationId::from_uuid(Uuid::from_u128(n))
    }

    fn bob_proved_by(source: ProofSource) -> Session {
        let at = Timestamp::from_millis(0);
        Session {
            id: SessionId::from_uuid(Uuid::from_u128(1)),
            user: UserId::from_uuid(Uuid::from_u128(2)),
            created_at: at,
            last_seen_at: at,
            expires_at: at.plus(Duration::from_hours(24)),
            proofs: vec![Proof {
                method: Method::Password,
                source,
                at,
                remembered: false,
            }],
        }
    }

    fn by_connection(until: Option<Timestamp>) -> ProofSource {
        ProofSource::Connection {
            id: ConnectionId::from_uuid(Uuid::from_u128(3)),
            organization: organization(1),
            until,
        }
    }

    #[test]
    fn a_provider_says_until_when_it_stands_by_its_word() {
        let start = Timestamp::from_millis(0);
        let ends = start.plus(Duration::from_hours(1));
        let bob = bob_proved_by(by_connection(Some(ends)));
        let before = Timestamp::from_millis(ends.millis() - 1);
        assert!(bob.acts_for(organization(1), SessionLimits::INSTANCE, start, before));
        assert!(!bob.acts_for(organization(1), SessionLimits::INSTANCE, start, ends));
    }

    #[test]
    fn one_organizations_provider_never_opens_another() {
        let bob = bob_proved_by(by_connection(None));
        let (seen, now) = (bob.created_at, bob.created_at);
        assert!(bob.acts_for(organization(1), SessionLimits::INSTANCE, seen, now));
        assert!(!bob.acts_for(organization(2), SessionLimits::INSTANCE, seen, now));
    }

    #[test]
    fn an_organization_only_shortens() {
        let bob = bob_proved_by(ProofSource::Own(CredentialId::from_uuid(Uuid::from_u128(4))));
        let generous = SessionLimits {
            idle: Duration::from_hours(99),
            max: Duration::from_hours(99),
        };
        let strict = SessionLimits {
            idle: Duration::from_mins(5),
            max: Duration::from_mins(10),
        };
        let start = bob.created_at;
        let nine_hours = start.plus(Duration::from_hours(9));
        assert!(!bob.acts_for(organization(1), generous, start, nine_hours));
        assert!(bob.acts_for(organization(1), strict, start, start.plus(Duration::from_mins(5))));
        assert!(!bob.acts_for(organization(1), strict, start, start.plus(Duration::from_mins(6))));
        let seen = start.plus(Duration::from_mins(9));
        assert!(!bob.acts_for(organization(1), strict, seen, start.plus(Duration::from_mins(11))));
    }
}
