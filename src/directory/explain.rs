//! Why somebody or something may do what they may: the question of whoever helps, and of whoever was refused.
//!
//! What is asked about is loaded by the functions that load it for a live request, and answered by the same decision.
//! Nothing is changed by asking. Whoever does not belong to the organization is nobody here, whether there is such an
//! account or not.

use std::net::IpAddr;

use super::permit::subjects;
use super::requester::Who;
use super::{DirectoryError, InsightPermit};
use crate::audit::Event;
use crate::domain::access::{
    Address, ApplicationSubject, Context, Explanation, OrganizationFacts, Permission, PermissionSet, Proved,
    SecondFactor, Subject, explain,
};
use crate::domain::email::Email;
use crate::domain::id::{ApplicationId, KeyId, ProductId, UserId};
use crate::domain::session::FactorRules;
use crate::domain::time::Timestamp;
use crate::storage::{Tx, api_keys, applications, grants, organizations, products, second_factors, users};

/// Whom a question is about, as it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// A person, by id or email address; `me` for whoever asks.
    User(String),
    /// An application of the organization, acting for itself.
    Application(String),
    /// A key of the organization, or of somebody in it.
    ApiKey(String),
}

/// What is asked about one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question {
    /// What they would do.
    pub permission: Permission,
    /// On which product; on all if none is named.
    pub product: Option<ProductId>,
    /// When.
    pub at: Timestamp,
    /// From where, if anybody said.
    pub address: Option<IpAddr>,
}

/// Whom a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Somebody who belongs to the organization or stands above it.
    User(UserId),
    /// An application.
    Application(ApplicationId),
    /// A key.
    ApiKey(KeyId),
    /// Nobody here.
    Nobody,
}

/// All facts about whom a question is about, as read at one moment; to be asked as often as one likes.
#[derive(Debug)]
pub struct Case {
    named: Named,
    organization: OrganizationFacts,
    factors: FactorRules,
    /// As what they act, in the order in which it is tried.
    subjects: Vec<Subject>,
    ceiling: Option<PermissionSet>,
    proved: Proved,
    /// The key, if it is about one.
    key: Option<api_keys::ApiKey>,
    is_about_oneself: bool,
}

impl Case {
    /// Reads all that the answers depend on.
    pub async fn load<'t>(
        tx: &mut Tx<'t>,
        permit: &InsightPermit<'t>,
        about: &About,
    ) -> Result<Self, DirectoryError> {
        let organization = organizations::by_id(tx, permit.organization()).await?;
        let organization = organization.ok_or(DirectoryError::NotFound)?;
        let nobody = Self {
            named: Named::Nobody,
            organization: OrganizationFacts {
                id: organization.id,
                policy: organization.policy,
            },
            factors: organization.factors,
            subjects: Vec::new(),
            ceiling: None,
            proved: Proved::NOT_ASKED,
            key: None,
            is_about_oneself: false,
        };
        match about {
            About::User(text) => nobody.of_user(tx, permit, text).await,
            About::Application(text) => nobody.of_application(tx, permit, text).await,
            About::ApiKey(text) => nobody.of_key(tx, permit, text).await,
        }
    }

    /// Why, or why not.
    pub fn ask(&self, question: &Question) -> Explanation {
        let context = Context {
            now: question.at,
            ceiling: self.ceiling,
            only_on: self.key.as_ref().and_then(api_keys::ApiKey::only_on),
            address: question.address.map_or(Address::Untold, Address::Known),
            proved: self.proved,
        };
        let (product, permission) = (question.product, question.permission);
        let told = self.subjects.iter();
        let told = told.map(|subject| explain(subject, &self.organization, product, permission, &context));
        let told = told
            .reduce(Explanation::or)
            .unwrap_or_else(Explanation::of_nobody);
        let key = self.key.as_ref();
        told.refused_by(key.map_or_else(Vec::new, |key| key.refusals(question.at, context.address)))
    }

    /// Whom it is about.
    pub fn named(&self) -> Named {
        self.named
    }

    /// The event of having asked, if it is not about whoever asks.
    pub fn event(
        &self,
        permit: &InsightPermit<'_>,
        question: &Question,
        told: &Explanation,
    ) -> Option<Event> {
        if self.is_about_oneself {
            return None;
        }
        let event = permit.event("access.explained");
        let event = match self.named {
            Named::User(id) => event.on(id),
            Named::Application(id) => event.on(id),
            Named::ApiKey(id) => event.on(id),
            Named::Nobody => event,
        };
        let event = event
            .with("permission", question.permission.as_str())
            .with("product", question.product.map(|product| product.to_string()))
            .with("at", question.at.to_string())
            .with("allowed", told.allowed);
        Some(event)
    }

    async fn of_user<'t>(
        self,
        tx: &mut Tx<'t>,
        permit: &InsightPermit<'t>,
        text: &str,
    ) -> Result<Self, DirectoryError> {
        let id = match (text, text.parse::<UserId>(), Email::parse(text)) {
            ("me", ..) => Some(permit.person().ok_or_else(nobodys)?),
            (_, Ok(id), _) => Some(id),
            (_, _, Ok(email)) if permit.is_own_email(&email) => permit.person(),
            (_, _, Ok(email)) => {
                permit.about_others()?;
                users::by_email(tx, &email).await?.map(|user| user.id)
            }
            _ => {
                return Err(DirectoryError::field(
                    "/user",
                    "this is no id and no email address",
                ));
            }
        };
        let is_about_oneself = id.is_some_and(|id| permit.is_about_oneself(id));
        if !is_about_oneself {
            permit.about_others()?;
        }
        let user = match id {
            Some(id) => users::by_id(tx, id).await?,
            None => None,
        };
        let Some(user) = user else { return Ok(self) };
        let id = user.id;
        // Who has a second factor that counts here shows it on the way in.
        let has_one = second_factors::of_user(tx, id).await?.any_of(&self.factors);
        let mut subjects = subjects(tx, &Who::Person(user), self.organization.id).await?;
        let belongs = subjects
            .iter()
            .any(|subject| matches!(subject, Subject::Member(_)));
        // Who runs the installation is told to nobody who does not.
        if !belongs && !is_about_oneself && !permit.stands_above() {
            subjects.clear();
        }
        Ok(Self {
            named: if subjects.is_empty() {
                Named::Nobody
            } else {
                Named::User(id)
            },
            subjects,
            proved: Proved::by_any_way(SecondFactor::of(has_one)),
            is_about_oneself,
            ..self
        })
    }

    async fn of_application<'t>(
        self,
        tx: &mut Tx<'t>,
        permit: &InsightPermit<'t>,
        text: &str,
    ) -> Result<Self, DirectoryError> {
        let none = || DirectoryError::field("/application", "there is no such application here");
        let id: Option<ApplicationId> = text.parse().ok();
        let is_about_oneself = id.is_some_and(|id| permit.is_itself(id));
        if !is_about_oneself {
            permit.about_others()?;
        }
        let id = id.ok_or_else(none)?;
        let found = applications::by_id(tx, self.organization.id, id)
            .await?
            .ok_or_else(none)?;
        let subject = Subject::Application(ApplicationSubject {
            id,
            organization: self.organization.id,
            active: found.active,
            grants: grants::of_application(tx, id).await?,
        });
        Ok(Self {
            named: Named::Application(id),
            subjects: vec![subject],
            is_about_oneself,
            ..self
        })
    }

    async fn of_key<'t>(
        self,
        tx: &mut Tx<'t>,
        permit: &InsightPermit<'t>,
        text: &str,
    ) -> Result<Self, DirectoryError> {
        let none = || DirectoryError::field("/api_key", "there is no such key here");
        let key = match text.parse() {
            Ok(id) => api_keys::find(tx, self.organization.id, id).await?,
            Err(_) => None,
        };
        let is_about_oneself = key.as_ref().is_some_and(|key| permit.is_own_key(key));
        if !is_about_oneself {
            permit.about_others()?;
        }
        let key = key.ok_or_else(none)?;
        let named = Named::ApiKey(key.id);
        let Some(user) = key.user else {
            return Ok(Self {
                named,
                subjects: vec![Subject::OrganizationKey(key.of_organization())],
                key: Some(key),
                is_about_oneself,
                ..self
            });
        };
        let subjects = match users::by_id(tx, user).await? {
            Some(user) => subjects(tx, &Who::Person(user), self.organization.id).await?,
            None => Vec::new(),
        };
        Ok(Self {
            named,
            subjects,
            ceiling: Some(key.permissions),
            key: Some(key),
            is_about_oneself,
            ..self
        })
    }
}

/// The product that a question names, by id or name.
pub async fn product_named<'t>(
    tx: &mut Tx<'t>,
    permit: &InsightPermit<'t>,
    named: &str,
) -> Result<ProductId, DirectoryError> {
    let found = products::id_named(tx, permit.organization(), named).await?;
    found.ok_or(DirectoryError::field("/product", "there is no such product here"))
}

fn nobodys() -> DirectoryError {
    DirectoryError::field(
        "/user",
        "only a person is somebody; name this application or key itself",
    )
}
