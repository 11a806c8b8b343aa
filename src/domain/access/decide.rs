//! The decision: may this subject use this permission here and now, and why.

use super::context::{Context, OrganizationFacts};
use super::permission::Permission;
use super::reason::Reason;
use super::source::{self, Source};
use super::subject::Subject;
use crate::domain::id::ProductId;

/// The answer to one question, with every reason for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// Whether the permission may be used.
    pub allowed: bool,
    /// When allowed, each thing that gives the permission. When refused, all that is in the way: each condition that
    /// refuses, and then, if nothing in force gives it, what would give it and why that doesn't count. Never empty.
    pub because: Vec<Reason>,
}

/// Decides whether `subject` may use `permission` in `organization`, on `product` or else on all products.
pub fn decide(
    subject: &Subject,
    organization: &OrganizationFacts,
    product: Option<ProductId>,
    permission: Permission,
    context: &Context,
) -> Decision {
    let held = match source::held(subject, organization, context) {
        Ok(held) => held,
        Err(mut because) => {
            if !because.iter().any(Reason::says_it_all)
                && would_give(subject, product, permission, context).is_empty()
            {
                because.extend(near_misses(subject, product, permission, context));
            }
            return Decision {
                allowed: false,
                because,
            };
        }
    };
    let because = giving(&held, product, permission);
    if because.is_empty() {
        return Decision {
            allowed: false,
            because: near_misses(subject, product, permission, context),
        };
    }
    Decision {
        allowed: true,
        because,
    }
}

/// What gives `permission`, were it not for the conditions that refuse `subject`.
pub(super) fn would_give(
    subject: &Subject,
    product: Option<ProductId>,
    permission: Permission,
    context: &Context,
) -> Vec<Reason> {
    giving(&source::counting(subject, context), product, permission)
}

fn giving(held: &[Source<'_>], product: Option<ProductId>, permission: Permission) -> Vec<Reason> {
    held.iter()
        .filter(|it| it.reaches(product) && it.permissions.contains(permission))
        .map(Source::reason)
        .collect()
}

/// What would give `permission`, were it in force, on this product and under the ceiling; else that nothing
/// would.
fn near_misses(
    subject: &Subject,
    product: Option<ProductId>,
    permission: Permission,
    context: &Context,
) -> Vec<Reason> {
    let mut sources = source::of(subject);
    sources.retain(|it| it.permissions.contains(permission));
    if sources.is_empty() {
        return vec![Reason::NothingGivesIt];
    }
    let cut = context
        .ceiling
        .is_some_and(|ceiling| !ceiling.contains(permission));
    let above_ceiling = cut || !context.reaches(product);
    let obstacles = sources.iter().flat_map(|it| it.obstacles(product, context.now));
    obstacles
        .chain(above_ceiling.then_some(Reason::AboveCeiling))
        .collect()
}

#[cfg(test)]
mod tests;
