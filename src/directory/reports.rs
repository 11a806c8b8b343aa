//! Reports: who may do what, and who signed in when; an organization's, and one's own. They tell, and change nothing.

use std::collections::BTreeMap;

use super::{DirectoryError, Permit, SelfPermit};
use crate::domain::access::{
    Address, Context, Effective, Member, OrganizationFacts, Permission, Proved, Subject, effective,
};
use crate::domain::email::Email;
use crate::domain::id::UserId;
use crate::domain::organization::Organization;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::storage::holders::{self, Holder};
use crate::storage::members::Entry;
use crate::storage::sign_in_counts::{self, Count, Span};
use crate::storage::{Page, StorageError, Tx, api_keys, members, memberships, organizations};

/// A member, and what they may do.
#[derive(Debug)]
pub struct Access {
    /// As lists show them.
    pub entry: Entry,
    /// What they have.
    pub member: Member,
    /// What that comes to now; nothing if they may not act at all.
    pub effective: Option<Effective>,
    /// How many API keys of theirs are good.
    pub api_keys: i64,
}

/// How often somebody signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SignIns {
    /// How often they did.
    pub succeeded: i64,
    /// How often they could not.
    pub failed: i64,
    /// By which methods they did, and how often by each.
    pub methods: BTreeMap<String, i64>,
    /// When they last did.
    pub last_at: Option<Timestamp>,
}

/// Somebody in a report of sign-ins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Who.
    pub user: UserId,
    /// What they are called, as long as they are a member.
    pub member: Option<(Email, DisplayName)>,
}

/// Who signed in when.
#[derive(Debug)]
pub struct SignInReport {
    /// Of which time.
    pub span: Span,
    /// Each person's sign-ins on each day that has any, by day and the person's id.
    pub each: Vec<(i64, Person, SignIns)>,
}

/// When one signed in oneself.
#[derive(Debug)]
pub struct OwnSignInReport {
    /// Of which time.
    pub span: Span,
    /// One's sign-ins on each day that has any.
    pub days: BTreeMap<i64, SignIns>,
}

impl SignIns {
    /// More of them.
    pub fn add(&mut self, more: &Self) {
        self.succeeded += more.succeeded;
        self.failed += more.failed;
        for (method, times) in &more.methods {
            *self.methods.entry(method.clone()).or_default() += times;
        }
        self.last_at = self.last_at.max(more.last_at);
    }

    fn of(count: &Count) -> Self {
        if count.failed {
            return Self {
                failed: count.times,
                ..Self::default()
            };
        }
        let methods = methods(&count.detail)
            .into_iter()
            .map(|method| (method, count.times));
        Self {
            succeeded: count.times,
            failed: 0,
            methods: methods.collect(),
            last_at: Some(count.last_at),
        }
    }
}

impl SignInReport {
    /// Each person's sign-ins altogether.
    pub fn people(&self) -> Vec<(Person, SignIns)> {
        let mut people = BTreeMap::<UserId, (Person, SignIns)>::new();
        for (_, person, sign_ins) in &self.each {
            let all = people
                .entry(person.user)
                .or_insert_with(|| (person.clone(), SignIns::default()));
            all.1.add(sign_ins);
        }
        people.into_values().collect()
    }

    /// Everybody's sign-ins on each day that has any.
    pub fn days(&self) -> BTreeMap<i64, SignIns> {
        let mut days = BTreeMap::<i64, SignIns>::new();
        for (day, _, sign_ins) in &self.each {
            days.entry(*day).or_default().add(sign_ins);
        }
        days
    }
}

/// A page of who may do what in the permit's organization, by the person's id.
pub async fn access<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    page: &Page,
    now: Timestamp,
) -> Result<Vec<Access>, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    let organization = organizations::by_id(tx, permit.organization()).await?;
    let organization = organization.ok_or(DirectoryError::NotFound)?;
    let found = holders::list(tx, organization.id, page).await?;
    let mut lines = Vec::with_capacity(found.len());
    for Holder { entry, member } in found {
        let api_keys = api_keys::count_of_user(tx, entry.user, Some(organization.id)).await?;
        lines.push(line(&organization, entry, member, api_keys, now));
    }
    Ok(lines)
}

/// What one may do oneself, in each organization that one belongs to; by a token or key in the one that it acts in.
pub async fn own_access<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
) -> Result<Vec<(Organization, Access)>, StorageError> {
    let mut lines = Vec::new();
    for (organization, _) in memberships::organizations_of(tx, permit.id()).await? {
        if permit.confined_to().is_some_and(|own| own != organization.id) {
            continue;
        }
        let entry = members::find(tx, organization.id, permit.id()).await?;
        let member = memberships::member(tx, permit.id(), organization.id).await?;
        if let (Some(entry), Some(member)) = (entry, member) {
            let api_keys = api_keys::count_of_user(tx, entry.user, Some(organization.id)).await?;
            let line = line(&organization, entry, member, api_keys, permit.now());
            lines.push((organization, line));
        }
    }
    Ok(lines)
}

fn line(organization: &Organization, entry: Entry, member: Member, api_keys: i64, now: Timestamp) -> Access {
    let facts = OrganizationFacts {
        id: organization.id,
        policy: organization.policy.clone(),
    };
    // What they may do, from wherever they may come and however well they will prove themselves.
    let context = Context {
        now,
        ceiling: None,
        only_on: None,
        address: Address::NotThePersons,
        proved: Proved::NOT_ASKED,
    };
    let effective = effective(&Subject::Member(member.clone()), &facts, &context).ok();
    Access {
        entry,
        member,
        effective,
        api_keys,
    }
}

/// Who signed in when, as far as the organization's log tells.
pub async fn sign_ins<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    span: Span,
) -> Result<SignInReport, DirectoryError> {
    permit.is_for(Permission::AuditLogRead)?;
    let mut each = BTreeMap::<(i64, UserId), (Person, SignIns)>::new();
    for found in sign_in_counts::of_organization(tx, permit.organization(), span).await? {
        let key = (found.count.day, found.user);
        let person = Person {
            user: found.user,
            member: found.member,
        };
        let all = each.entry(key).or_insert_with(|| (person, SignIns::default()));
        all.1.add(&SignIns::of(&found.count));
    }
    let each = each.into_iter();
    Ok(SignInReport {
        span,
        each: each
            .map(|((day, _), (person, sign_ins))| (day, person, sign_ins))
            .collect(),
    })
}

/// When one signed in oneself: to Doorward; or by a token or key, to the organization that it acts in.
pub async fn own_sign_ins<'t>(
    tx: &mut Tx<'t>,
    permit: &SelfPermit<'t>,
    span: Span,
) -> Result<OwnSignInReport, StorageError> {
    let mut days = BTreeMap::<i64, SignIns>::new();
    for count in sign_in_counts::of_user(tx, permit.id(), permit.confined_to(), span).await? {
        days.entry(count.day).or_default().add(&SignIns::of(&count));
    }
    Ok(OwnSignInReport { span, days })
}

/// The methods that the detail of an event tells of: one, or a list.
fn methods(detail: &str) -> Vec<String> {
    let detail: serde_json::Value = serde_json::from_str(detail).unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    match (detail.get("method"), detail.get("methods")) {
        (Some(one), _) => text(one).into_iter().collect(),
        (_, Some(serde_json::Value::Array(all))) => all.iter().filter_map(text).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_read_from_either_event() {
        assert_eq!(methods(r#"{"method":"pwd"}"#), ["pwd"]);
        assert_eq!(methods(r#"{"methods":["otp","pwd"]}"#), ["otp", "pwd"]);
        assert_eq!(methods("{}"), [""; 0]);
        assert_eq!(methods(""), [""; 0]);
    }
}
