//! What is made of a provider's attributes, as programs write and read it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Field;
use super::problem::Problem;
use crate::directory::connections::{AskedGift, AskedMapping, AskedRule, Found};
use crate::domain::connection::{Mapped, Mapping};

/// Which attributes say what; null where the usual ones do.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct MappingShown {
    /// The email address.
    email: Option<String>,
    /// The whole name.
    name: Option<String>,
    /// The name's first part.
    given_name: Option<String>,
    /// The name's last part.
    family_name: Option<String>,
    /// The values that rules are about.
    groups: Option<String>,
    /// What the values give.
    rules: Vec<Rule>,
}

/// What one value of the groups' attribute gives: a role or a group, one of both.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// The value, exactly.
    #[schema(example = "engineering")]
    value: String,
    /// The role, by name or id: whoever has the value has it here. The first rule that says one counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "developer", nullable = false)]
    role: Option<String>,
    /// The group, by id or name: whoever has the value is in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    group: Option<String>,
}

/// Which attributes say what. What is absent stays; null takes it away.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MappingToChange {
    /// The email address.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "mail")]
    email: Field<String>,
    /// The whole name.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Field<String>,
    /// The name's first part.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    given_name: Field<String>,
    /// The name's last part.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    family_name: Field<String>,
    /// The values that rules are about.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "groups")]
    groups: Field<String>,
    /// What the values give, all of it; at most 100.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Rule>>, max_items = 100)]
    rules: Field<Vec<Rule>>,
}

impl MappingShown {
    pub(super) fn of(found: &Found) -> Self {
        let mapping = found.connection.mapping.clone();
        let rules = mapping.rules.into_iter().map(|rule| match rule.gives {
            Mapped::Role(id) => Rule {
                value: rule.value,
                role: Some(found.roles.get(&id).cloned().unwrap_or_else(|| id.to_string())),
                group: None,
            },
            Mapped::Group(id) => Rule {
                value: rule.value,
                role: None,
                group: Some(id.to_string()),
            },
        });
        Self {
            email: mapping.email,
            name: mapping.name,
            given_name: mapping.given_name,
            family_name: mapping.family_name,
            groups: mapping.groups,
            rules: rules.collect(),
        }
    }
}

impl MappingToChange {
    /// A mapping with what is asked in its place.
    pub(super) fn on(self, old: &Mapping) -> Result<AskedMapping, Problem> {
        let over = |field: Field<String>, old: &Option<String>| field.over(old.clone(), Ok::<_, Problem>);
        let rules = match self.rules {
            Field::Kept => None,
            Field::Gone => Some(Vec::new()),
            Field::Is(rules) => Some(rules_of(rules)?),
        };
        Ok(AskedMapping {
            email: over(self.email, &old.email)?,
            name: over(self.name, &old.name)?,
            given_name: over(self.given_name, &old.given_name)?,
            family_name: over(self.family_name, &old.family_name)?,
            groups: over(self.groups, &old.groups)?,
            rules,
        })
    }
}

fn rules_of(rules: Vec<Rule>) -> Result<Vec<AskedRule>, Problem> {
    let read = rules.into_iter().enumerate().map(|(place, rule)| {
        let gives = match (rule.role, rule.group) {
            (Some(role), None) => AskedGift::Role(role),
            (None, Some(group)) => AskedGift::Group(group),
            _ => {
                let one = "a rule gives a role or a group, one of both";
                return Err(Problem::field(format!("/mapping/rules/{place}"), one));
            }
        };
        Ok(AskedRule {
            value: rule.value,
            gives,
        })
    });
    read.collect()
}
