//! What is made of a provider's attributes: by name as it was asked for, by id as it is kept. Only what a rule names is
//! given to anybody (UP9), and nobody writes a rule that gives what they don't hold (OR3).

use crate::directory::{DirectoryError, Permit, holdings};
use crate::domain::connection::{Mapped, Mapping, MappingRule};
use crate::domain::id::RoleId;
use crate::domain::text::misleads;
use crate::domain::time::Timestamp;
use crate::storage::{Tx, groups, roles};

/// The most rules of a connection.
const MOST_RULES: usize = 100;

/// The longest name of an attribute, and the longest value of a rule, in characters.
const LONGEST: usize = 250;

/// A mapping as somebody wrote it.
#[derive(Debug, Clone, Default)]
pub struct AskedMapping {
    /// Which attribute is the email address, if not the usual one.
    pub email: Option<String>,
    /// Which is the whole name.
    pub name: Option<String>,
    /// Which is the name's first part.
    pub given_name: Option<String>,
    /// Which is its last part.
    pub family_name: Option<String>,
    /// Which has the values that rules are about.
    pub groups: Option<String>,
    /// What the values give; if absent, what they gave.
    pub rules: Option<Vec<AskedRule>>,
}

/// A rule as somebody wrote it.
#[derive(Debug, Clone)]
pub struct AskedRule {
    /// The value.
    pub value: String,
    /// What it gives.
    pub gives: AskedGift,
}

/// What a rule gives, as somebody wrote it.
#[derive(Debug, Clone)]
pub enum AskedGift {
    /// A role, by id or name.
    Role(String),
    /// A group, by id or name.
    Group(String),
}

/// Finds what the rules name, in the permit's organization.
pub(super) async fn resolve<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &AskedMapping,
    old: &[MappingRule],
) -> Result<Mapping, DirectoryError> {
    let rules = match &asked.rules {
        Some(asked) => resolve_rules(tx, permit, asked).await?,
        None => old.to_vec(),
    };
    if !rules.is_empty() && asked.groups.is_none() {
        let which = "say which attribute has the values that the rules are about";
        return Err(DirectoryError::field("/mapping/groups", which));
    }
    Ok(Mapping {
        email: attribute(asked.email.as_deref(), "/mapping/email")?,
        name: attribute(asked.name.as_deref(), "/mapping/name")?,
        given_name: attribute(asked.given_name.as_deref(), "/mapping/given_name")?,
        family_name: attribute(asked.family_name.as_deref(), "/mapping/family_name")?,
        groups: attribute(asked.groups.as_deref(), "/mapping/groups")?,
        rules,
    })
}

async fn resolve_rules<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    asked: &[AskedRule],
) -> Result<Vec<MappingRule>, DirectoryError> {
    if asked.len() > MOST_RULES {
        return Err(DirectoryError::field("/mapping/rules", "at most 100"));
    }
    let mut rules: Vec<MappingRule> = Vec::with_capacity(asked.len());
    for (place, rule) in asked.iter().enumerate() {
        let at = |field: &str| format!("/mapping/rules/{place}/{field}");
        let value = plain(&rule.value).ok_or_else(|| DirectoryError::field(at("value"), NOT_PLAIN))?;
        let gives = match &rule.gives {
            AskedGift::Role(named) => {
                let role = role_named(tx, permit, named).await?;
                let none = || DirectoryError::field(at("role"), "there is no such role here");
                Mapped::Role(role.ok_or_else(none)?)
            }
            AskedGift::Group(named) => {
                let group = groups::id_named(tx, permit.organization(), named).await?;
                let none = || DirectoryError::field(at("group"), "there is no such group here");
                Mapped::Group(group.ok_or_else(none)?)
            }
        };
        let rule = MappingRule { value, gives };
        if rules.contains(&rule) {
            return Err(DirectoryError::field(at("value"), "this rule stands twice"));
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// Refuses rules that give more than their author can.
pub(super) async fn may_give<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    mapping: &Mapping,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    for rule in &mapping.rules {
        match rule.gives {
            Mapped::Role(id) => {
                // A role that is gone gives nothing.
                if let Some(role) = roles::available(tx, permit.organization(), id).await? {
                    holdings::may_give_everywhere(permit, role.permissions)?;
                }
            }
            Mapped::Group(id) => holdings::may_share_group(tx, permit, id, now).await?,
        }
    }
    Ok(())
}

const NOT_PLAIN: &str = "1 to 250 characters, none of which hides or controls anything";

fn attribute(text: Option<&str>, pointer: &'static str) -> Result<Option<String>, DirectoryError> {
    let read = text.map(|text| plain(text).ok_or_else(|| DirectoryError::field(pointer, NOT_PLAIN)));
    read.transpose()
}

fn plain(text: &str) -> Option<String> {
    let good = (1..=LONGEST).contains(&text.chars().count()) && !text.chars().any(misleads);
    good.then(|| text.to_owned())
}

async fn role_named<'t>(
    tx: &mut Tx<'t>,
    permit: &Permit<'t>,
    named: &str,
) -> Result<Option<RoleId>, DirectoryError> {
    let organization = permit.organization();
    let role = match named.parse() {
        Ok(id) => roles::available(tx, organization, id).await?,
        Err(_) => roles::named(tx, organization, named).await?,
    };
    Ok(role.map(|role| role.id))
}
