//! How everybody and everything in an organization stands at one moment: what they hold, and whether what acts for them
//! still may. Read in a few statements for many, whatever the size of the organization.

use std::collections::HashMap;

use super::Sight;
use super::outlook::{Cut, Person};
use crate::directory::permit::subjects;
use crate::directory::requester::Who;
use crate::directory::{DirectoryError, Requester};
use crate::domain::access::{
    Address, Context, Effective, Member, OrganizationFacts, PermissionSet, Proved, Reason, SecondFactor,
    Subject, Superuser, effective,
};
use crate::domain::id::{ActivationId, ApplicationId, KeyId, OrganizationId, UserId};
use crate::domain::session::{FactorRules, SessionLimits};
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::UserStatus;
use crate::storage::access_facts::{self, MemberEntry};
use crate::storage::acting_sessions::{self, ActingSession};
use crate::storage::api_keys::{self, ApiKey};
use crate::storage::{Page, Tx, organizations, second_factors, users};

/// Rows read at once.
const STRETCH: i64 = 500;

/// Everybody and everything, as they stand.
#[derive(Debug)]
pub struct Standing {
    pub(super) sight: Sight,
    organization: OrganizationFacts,
    limits: SessionLimits,
    factors: FactorRules,
    now: Timestamp,
    pub(super) people: HashMap<UserId, Holder>,
    pub(super) applications: HashMap<ApplicationId, (DisplayName, Effective)>,
    pub(super) activations: HashMap<ActivationId, Acting>,
    pub(super) keys: HashMap<KeyId, Key>,
}

/// A member.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) person: Person,
    /// What they hold, by browser or token.
    pub(super) access: Effective,
    /// What they hold as the owner of a key, which has no second factor to prove.
    by_key: Effective,
    /// As what they act, without what they hold: enough to tell what refuses them.
    bare: Vec<Subject>,
    /// Whether they have a second factor to show on the way in.
    proved: Proved,
}

/// A session that acts.
#[derive(Debug)]
pub(super) struct Acting {
    pub(super) person: Person,
    pub(super) user: UserId,
    /// All that keeps it from acting.
    pub(super) cut: Vec<Cut>,
}

/// A key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: DisplayName,
    pub(super) user: Option<UserId>,
    pub(super) person: Option<Person>,
    /// All that makes it worth nothing.
    pub(super) refused: Vec<Reason>,
    /// What it can do if nothing does.
    pub(super) holds: Effective,
}

impl Standing {
    /// Reads it all, as far as it may be seen.
    pub async fn look(
        tx: &mut Tx<'_>,
        requester: &Requester,
        organization: OrganizationId,
        sight: Sight,
    ) -> Result<Self, DirectoryError> {
        let found = organizations::by_id(tx, organization).await?;
        let found = found.ok_or(DirectoryError::NotFound)?;
        let mut standing = Self {
            sight,
            organization: OrganizationFacts {
                id: found.id,
                policy: found.policy,
            },
            limits: found.session_limits,
            factors: found.factors,
            now: requester.now,
            people: HashMap::new(),
            applications: HashMap::new(),
            activations: HashMap::new(),
            keys: HashMap::new(),
        };
        standing.look_at_people(tx).await?;
        if sight.access {
            standing.look_at_applications(tx).await?;
        }
        if sight.sessions {
            standing.look_at_sessions(tx).await?;
        }
        if sight.keys {
            standing.look_at_keys(tx).await?;
        }
        Ok(standing)
    }

    async fn look_at_people(&mut self, tx: &mut Tx<'_>) -> Result<(), DirectoryError> {
        let mut page = Page::first(STRETCH);
        loop {
            let entries = access_facts::members(tx, self.organization.id, &page).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            let (after, last) = (page.after, last.member.user.to_string());
            let have = second_factors::in_organization(tx, self.organization.id, &after, &last).await?;
            let have: HashMap<_, _> = have.into_iter().collect();
            page.after = last;
            for entry in entries {
                let user = entry.member.user;
                let has_one = have.get(&user).is_some_and(|has| has.any_of(&self.factors));
                let holder = self.holder(entry, Proved::by_any_way(SecondFactor::of(has_one)));
                self.people.insert(user, holder);
            }
        }
    }

    async fn look_at_applications(&mut self, tx: &mut Tx<'_>) -> Result<(), DirectoryError> {
        let mut page = Page::first(STRETCH);
        loop {
            let entries = access_facts::applications(tx, self.organization.id, &page).await?;
            let Some(last) = entries.last() else { return Ok(()) };
            page.after = last.subject.id.to_string();
            for entry in entries {
                let id = entry.subject.id;
                let subject = [Subject::Application(entry.subject)];
                let holds = self.holds(&subject, Proved::NOT_ASKED);
                self.applications.insert(id, (entry.name, holds));
            }
        }
    }

    async fn look_at_sessions(&mut self, tx: &mut Tx<'_>) -> Result<(), DirectoryError> {
        let mut page = Page::first(STRETCH);
        loop {
            let found = acting_sessions::of_organization(tx, self.organization.id, self.now, &page).await?;
            let Some(last) = found.last() else { return Ok(()) };
            page.after = last.activation.id.to_string();
            for session in found {
                let id = session.activation.id;
                let acting = self.acting(session);
                self.activations.insert(id, acting);
            }
        }
    }

    async fn look_at_keys(&mut self, tx: &mut Tx<'_>) -> Result<(), DirectoryError> {
        let mut page = Page::first(STRETCH);
        loop {
            let found = api_keys::of_organization(tx, self.organization.id, &page).await?;
            let Some(last) = found.last() else { return Ok(()) };
            page.after = last.id.to_string();
            for key in found {
                let id = key.id;
                let key = self.key(tx, key).await?;
                self.keys.insert(id, key);
            }
        }
    }

    fn holder(&self, entry: MemberEntry, proved: Proved) -> Holder {
        let MemberEntry {
            member,
            superuser,
            email,
            name,
        } = entry;
        let mut bare = vec![Subject::Member(Member {
            membership: member.membership.clone().map(|mut membership| {
                membership.role = None;
                membership
            }),
            groups: Vec::new(),
            grants: Vec::new(),
            ..member
        })];
        bare.extend(superuser.then_some(above(member.user, member.user_status)));
        let person = Person {
            id: member.user,
            email,
            name,
        };
        let whole = [&[Subject::Member(member)], &bare[1..]].concat();
        Holder {
            person,
            access: self.holds(&whole, proved),
            by_key: self.holds(&whole, Proved::NOT_ASKED),
            bare,
            proved,
        }
    }

    /// Judged as `directory::require` judges a session at each request.
    fn acting(&self, found: ActingSession) -> Acting {
        let ActingSession {
            activation, session, ..
        } = &found;
        let organization = self.organization.id;
        let proved = session.authenticated_at(organization);
        let seen_at = proved.map_or(activation.last_seen_at, |proved| {
            proved.max(activation.last_seen_at)
        });
        let stop = session.stop(organization, self.limits, seen_at, self.now);
        let address = found.address.parse();
        let address = address.map_or(Address::NotThePersons, Address::Known);
        let superuser = found.superuser.then(|| [above(session.user, found.user_status)]);
        let member = self.people.get(&session.user);
        let proved = session.proved(organization, &self.factors, self.now);
        let refused = match (member, &superuser) {
            (Some(member), _) => self.refusals(&member.bare, address, proved),
            (None, Some(superuser)) => self.refusals(superuser, address, proved),
            (None, None) => vec![Reason::NoMembership],
        };
        let stop = stop.map(Cut::Stopped);
        Acting {
            user: session.user,
            cut: stop
                .into_iter()
                .chain(refused.into_iter().map(Cut::Refused))
                .collect(),
            person: Person {
                id: found.session.user,
                email: found.email,
                name: found.name,
            },
        }
    }

    /// Judged as `Requester::recognise` judges a key when it is shown.
    async fn key(&self, tx: &mut Tx<'_>, key: ApiKey) -> Result<Key, DirectoryError> {
        let mut refused = key.refusals(self.now, Address::NotThePersons);
        let (holds, person) = match key.user {
            None => {
                let own = [Subject::OrganizationKey(key.of_organization())];
                (self.holds(&own, Proved::NOT_ASKED), None)
            }
            Some(user) => {
                if let Some(owner) = self.people.get(&user) {
                    refused.extend(self.refusals(&owner.bare, Address::NotThePersons, Proved::NOT_ASKED));
                    (owner.by_key.clone(), Some(owner.person.clone()))
                } else {
                    let above = self.above(tx, user).await?;
                    refused.extend(above.is_empty().then_some(Reason::NoMembership));
                    (self.holds(&above, Proved::NOT_ASKED), None)
                }
            }
        };
        let holds = holds.cut(key.permissions);
        let holds = match key.only_on() {
            Some(products) => holds.only_on(&products),
            None => holds,
        };
        Ok(Key {
            name: key.name,
            user: key.user,
            person,
            refused,
            holds,
        })
    }

    /// As what somebody acts who is no member.
    async fn above(&self, tx: &mut Tx<'_>, user: UserId) -> Result<Vec<Subject>, DirectoryError> {
        Ok(match users::by_id(tx, user).await? {
            Some(user) => subjects(tx, &Who::Person(user), self.organization.id).await?,
            None => Vec::new(),
        })
    }

    /// What subjects hold from an address that is allowed: the first that holds all, or else the first that may act.
    fn holds(&self, subjects: &[Subject], proved: Proved) -> Effective {
        let context = self.context(Address::NotThePersons, proved);
        let each = subjects
            .iter()
            .filter_map(|subject| effective(subject, &self.organization, &context).ok());
        let widest = |one: Effective, other: Effective| {
            if other.everywhere == PermissionSet::ALL {
                other
            } else {
                one
            }
        };
        each.reduce(widest).unwrap_or_default()
    }

    /// All that refuses them, if everything that they act as is refused.
    fn refusals(&self, subjects: &[Subject], address: Address, proved: Proved) -> Vec<Reason> {
        let context = self.context(address, proved);
        let mut refusals = Vec::new();
        for subject in subjects {
            match effective(subject, &self.organization, &context) {
                Ok(_) => return Vec::new(),
                Err(because) => refusals.extend(because),
            }
        }
        refusals.dedup();
        refusals
    }

    /// What refuses somebody who is gone from here, or still is here.
    pub(super) fn refusals_of(&self, user: UserId) -> Vec<Reason> {
        match self.people.get(&user) {
            Some(member) => self.refusals(&member.bare, Address::NotThePersons, Proved::NOT_ASKED),
            None => vec![Reason::NoMembership],
        }
    }

    /// What a member holds here who is none any more: all, if they stand above.
    pub(super) fn left_to(&self, member: &Holder) -> Effective {
        self.holds(&member.bare[1..], member.proved)
    }

    fn context(&self, address: Address, proved: Proved) -> Context {
        Context {
            now: self.now,
            ceiling: None,
            only_on: None,
            address,
            proved,
        }
    }
}

fn above(user: UserId, user_status: UserStatus) -> Subject {
    Subject::Superuser(Superuser { user, user_status })
}
