//! Sources: whatever gives a subject permissions, seen alike.
//!
//! [`held`] is the one function behind both `decide` and `effective`.

use super::conditions::refusals;
use super::context::{Context, OrganizationFacts};
use super::grant::{Grant, Standing};
use super::permission_set::PermissionSet;
use super::reason::{CitedGrant, Reason};
use super::role::Role;
use super::subject::Subject;
use crate::domain::id::{KeyId, ProductId};
use crate::domain::time::Timestamp;

/// Something that gives permissions, in force or not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Source<'a> {
    /// What it gives, already cut when it comes from [`held`].
    pub(super) permissions: PermissionSet,
    /// The one product it is limited to: by the grant it is, or by the key in use.
    product: Option<ProductId>,
    by: By<'a>,
}

#[derive(Debug, Clone, Copy)]
enum By<'a> {
    Role(&'a Role),
    Grant(&'a Grant),
    Superuser,
    Key(KeyId),
}

/// What `subject` holds in `organization` now: each source in force, cut to the ceiling.
///
/// Fails with all that refuses the subject, whatever it holds.
pub(super) fn held<'a>(
    subject: &'a Subject,
    organization: &OrganizationFacts,
    context: &Context,
) -> Result<Vec<Source<'a>>, Vec<Reason>> {
    let refusals = refusals(subject, organization, context);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    Ok(counting(subject, context))
}

/// Each source of `subject` in force, cut to the ceiling, whether or not something refuses it.
pub(super) fn counting<'a>(subject: &'a Subject, context: &Context) -> Vec<Source<'a>> {
    let in_force = of(subject)
        .into_iter()
        .filter(|source| source.in_force(context.now));
    let cut = in_force.map(|source| Source {
        permissions: context.cut(source.permissions),
        ..source
    });
    match &context.only_on {
        None => cut.collect(),
        Some(products) => cut.flat_map(|source| source.only_on(products)).collect(),
    }
}

/// Every source of `subject`, in force or not, uncut.
pub(super) fn of(subject: &Subject) -> Vec<Source<'_>> {
    match subject {
        Subject::Member(member) => {
            let role = member
                .membership
                .as_ref()
                .and_then(|membership| membership.role.as_ref());
            role.map(Source::role)
                .into_iter()
                .chain(member.grants.iter().map(Source::grant))
                .collect()
        }
        Subject::Superuser(_) => vec![Source {
            permissions: PermissionSet::ALL,
            product: None,
            by: By::Superuser,
        }],
        Subject::Application(application) => application.grants.iter().map(Source::grant).collect(),
        Subject::OrganizationKey(key) => vec![Source {
            permissions: key.permissions,
            product: None,
            by: By::Key(key.id),
        }],
    }
}

impl<'a> Source<'a> {
    fn role(role: &'a Role) -> Self {
        Self {
            permissions: role.permissions,
            product: None,
            by: By::Role(role),
        }
    }

    fn grant(grant: &'a Grant) -> Self {
        Self {
            permissions: grant.permissions(),
            product: grant.product,
            by: By::Grant(grant),
        }
    }

    fn in_force(&self, now: Timestamp) -> bool {
        self.as_grant().is_none_or(|grant| grant.in_force(now))
    }

    /// The grant it is, if it is one.
    pub(super) fn as_grant(&self) -> Option<&'a Grant> {
        match self.by {
            By::Grant(grant) => Some(grant),
            By::Role(_) | By::Superuser | By::Key(_) => None,
        }
    }

    /// The same on these products alone.
    fn only_on(self, products: &[ProductId]) -> Vec<Self> {
        let reached = products.iter().filter(|product| self.reaches(Some(**product)));
        let on = |product: &ProductId| Self {
            product: Some(*product),
            ..self
        };
        reached.map(on).collect()
    }

    /// The one product it is limited to.
    pub(super) fn product(&self) -> Option<ProductId> {
        self.product
    }

    /// Whether it counts for a question about `product`, or about all products when that is absent.
    pub(super) fn reaches(&self, product: Option<ProductId>) -> bool {
        self.product().is_none() || self.product() == product
    }

    /// The role it gives, if it gives one.
    pub(super) fn given_role(&self) -> Option<&'a Role> {
        match self.by {
            By::Role(role) => Some(role),
            By::Grant(grant) => grant.role(),
            By::Superuser | By::Key(_) => None,
        }
    }

    /// The reason it is when it gives what was asked for.
    pub(super) fn reason(&self) -> Reason {
        match self.by {
            By::Role(role) => Reason::Role {
                id: role.id,
                name: role.name.clone(),
            },
            By::Grant(grant) => Reason::Grant(CitedGrant::from(grant)),
            By::Superuser => Reason::Superuser,
            By::Key(id) => Reason::KeyPermission(id),
        }
    }

    /// Why it does not count for a question about `product`; empty when it does.
    pub(super) fn obstacles(&self, product: Option<ProductId>, now: Timestamp) -> Vec<Reason> {
        let By::Grant(grant) = self.by else {
            return Vec::new();
        };
        let time = match grant.standing(now) {
            Standing::InForce => None,
            Standing::NotYet(at) => Some(Reason::GrantNotYet(grant.into(), at)),
            Standing::Ended(at) => Some(Reason::GrantEnded(grant.into(), at)),
            Standing::OutsideSchedule => Some(Reason::OutsideSchedule(grant.into())),
        };
        let place = (!self.reaches(product)).then(|| Reason::OutsideProduct(grant.into()));
        time.into_iter().chain(place).collect()
    }
}
