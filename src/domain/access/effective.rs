//! All that a subject may do, at once: what tokens claim and consoles show.

use std::collections::{BTreeMap, BTreeSet};

use super::context::{Context, OrganizationFacts};
use super::permission_set::PermissionSet;
use super::reason::Reason;
use super::source::{Source, held};
use super::subject::Subject;
use crate::domain::id::ProductId;

/// What a subject holds in one organization at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Effective {
    /// The permissions held on all products.
    pub everywhere: PermissionSet,
    /// What is held on a product beyond `everywhere`; products that add nothing are left out.
    pub by_product: BTreeMap<ProductId, PermissionSet>,
    /// The names of the roles held on all products, sorted, each once. A ceiling cuts permissions, not roles.
    pub roles: Vec<String>,
    /// The names of the subject's groups, sorted, each once.
    pub groups: Vec<String>,
}

impl Effective {
    /// All permissions held on `product`, or on all products when that is absent.
    pub fn on(&self, product: Option<ProductId>) -> PermissionSet {
        let beyond = product.and_then(|product| self.by_product.get(&product));
        beyond.map_or(self.everywhere, |beyond| self.everywhere.union(*beyond))
    }

    /// The same under a ceiling.
    #[must_use]
    pub fn cut(mut self, ceiling: PermissionSet) -> Self {
        self.everywhere = self.everywhere.intersection(ceiling);
        for beyond in self.by_product.values_mut() {
            *beyond = beyond.intersection(ceiling);
        }
        self.by_product.retain(|_, beyond| !beyond.is_empty());
        self
    }

    /// The same by a key that is limited to these products.
    #[must_use]
    pub fn only_on(self, products: &[ProductId]) -> Self {
        let on = |product: &ProductId| (*product, self.on(Some(*product)));
        let mut by_product: BTreeMap<_, _> = products.iter().map(on).collect();
        by_product.retain(|_, held| !held.is_empty());
        Self {
            everywhere: PermissionSet::EMPTY,
            by_product,
            roles: Vec::new(),
            ..self
        }
    }

    /// What of this `other` does not hold: on all products, and what more on single ones. Whoever held something on all
    /// and still has it on one has lost it on all.
    pub fn besides(&self, other: &Self) -> BTreeMap<Option<ProductId>, PermissionSet> {
        let everywhere = self.everywhere.difference(other.everywhere);
        let products = self.by_product.keys().chain(other.by_product.keys());
        let mut besides: BTreeMap<_, _> = products
            .map(|product| {
                let product = Some(*product);
                let here = self.on(product).difference(other.on(product));
                (product, here.difference(everywhere))
            })
            .collect();
        besides.insert(None, everywhere);
        besides.retain(|_, permissions| !permissions.is_empty());
        besides
    }
}

/// Lists what `subject` holds in `organization`, exactly as `decide` would answer; or all that refuses it.
pub fn effective(
    subject: &Subject,
    organization: &OrganizationFacts,
    context: &Context,
) -> Result<Effective, Vec<Reason>> {
    let held = held(subject, organization, context)?;
    let everywhere = held.iter().filter(|source| source.product().is_none());
    let roles = everywhere.clone().filter_map(Source::given_role);
    let roles = sorted(roles.map(|role| role.name.clone()));
    let everywhere = everywhere.fold(PermissionSet::EMPTY, |all, source| all.union(source.permissions));
    let by_product = beyond(everywhere, &held);
    Ok(Effective {
        everywhere,
        by_product,
        roles,
        groups: groups(subject),
    })
}

/// What `held` gives on single products beyond `everywhere`.
fn beyond(everywhere: PermissionSet, held: &[Source<'_>]) -> BTreeMap<ProductId, PermissionSet> {
    let mut by_product = BTreeMap::<ProductId, PermissionSet>::new();
    for source in held {
        if let Some(product) = source.product() {
            let on_product = by_product.entry(product).or_default();
            *on_product = on_product.union(source.permissions.difference(everywhere));
        }
    }
    by_product.retain(|_, on_product| !on_product.is_empty());
    by_product
}

fn groups(subject: &Subject) -> Vec<String> {
    match subject {
        Subject::Member(member) => sorted(member.groups.iter().map(|group| group.name.clone())),
        Subject::Superuser(_) | Subject::Application(_) | Subject::OrganizationKey(_) => Vec::new(),
    }
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    names.collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::super::cast::{
        acme, alice, ended, field_team, grant_of, id, mallory, member, noon, on, organization_key, product,
        role, superuser, under,
    };
    use super::super::permission::Permission::{DeviceRead, DeviceWrite, FirmwareWrite};
    use super::super::{BuiltInRole, Gives, Grant, GroupName, Member, decide};
    use super::*;
    use crate::domain::user::UserStatus;

    const READING: PermissionSet = PermissionSet::of(&[DeviceRead]);

    fn of(subject: &Subject) -> Effective {
        effective(subject, &acme(), &noon()).unwrap()
    }

    #[test]
    fn alice_holds_everything_everywhere_as_owner() {
        let everything = Effective {
            everywhere: PermissionSet::ALL,
            ..Effective::default()
        };
        assert_eq!(
            of(&alice()),
            Effective {
                roles: vec!["owner".to_owned()],
                ..everything
            }
        );
    }

    #[test]
    fn a_product_lists_only_what_is_not_held_everywhere_and_only_when_there_is_any() {
        let devices = grant_of(PermissionSet::of(&[DeviceRead, DeviceWrite]));
        let firmware = grant_of(PermissionSet::of(&[FirmwareWrite]));
        let grants = vec![
            on(1, devices.clone()),
            on(1, firmware),
            on(2, grant_of(READING)),
            ended(on(3, devices)),
        ];
        let bob = of(&Subject::Member(Member {
            grants,
            ..member(2, Some(role(BuiltInRole::Viewer)))
        }));

        assert_eq!(bob.everywhere, BuiltInRole::Viewer.permissions());
        let beyond = PermissionSet::of(&[DeviceWrite, FirmwareWrite]);
        assert_eq!(bob.by_product, BTreeMap::from([(product(1), beyond)]));
        assert_eq!(bob.on(Some(product(1))), bob.everywhere.union(beyond));
        assert_eq!(bob.on(Some(product(2))), bob.everywhere);
        assert_eq!(bob.on(None), bob.everywhere);
    }

    #[test]
    fn roles_are_those_held_on_all_products_sorted_and_each_once() {
        let giving = |built_in| Grant {
            gives: Gives::Role(role(built_in)),
            ..grant_of(READING)
        };
        let grants = vec![
            giving(BuiltInRole::Viewer),
            giving(BuiltInRole::Operator),
            on(1, giving(BuiltInRole::Developer)),
            ended(giving(BuiltInRole::Admin)),
        ];
        let bob = of(&Subject::Member(Member {
            grants,
            ..member(2, Some(role(BuiltInRole::Viewer)))
        }));
        assert_eq!(bob.roles, ["operator", "viewer"]);
    }

    #[test]
    fn groups_are_named_sorted_and_each_once() {
        let night_shift = GroupName {
            id: id(2),
            name: "Night Shift".to_owned(),
        };
        let groups = vec![night_shift, field_team(), field_team()];
        let bob = of(&Subject::Member(Member {
            groups,
            ..member(2, None)
        }));
        assert_eq!(bob.groups, ["Field Team", "Night Shift"]);
    }

    #[test]
    fn a_ceiling_cuts_permissions_and_leaves_roles() {
        let alice = effective(&alice(), &acme(), &under(READING)).unwrap();
        assert_eq!(alice.everywhere, READING);
        assert_eq!(alice.roles, ["owner"]);
    }

    #[test]
    fn a_key_limited_to_products_reaches_those_and_nothing_else() {
        let context = Context {
            only_on: Some(vec![product(1), product(2)]),
            ..noon()
        };
        let firmware = grant_of(PermissionSet::of(&[FirmwareWrite]));
        let bob = Subject::Member(Member {
            grants: vec![on(1, firmware.clone()), on(3, firmware)],
            ..member(2, Some(role(BuiltInRole::Viewer)))
        });
        let held = effective(&bob, &acme(), &context).unwrap();
        let viewing = BuiltInRole::Viewer.permissions();
        let more = viewing.union(PermissionSet::of(&[FirmwareWrite]));
        assert_eq!(held.everywhere, PermissionSet::EMPTY);
        assert_eq!(
            held.by_product,
            BTreeMap::from([(product(1), more), (product(2), viewing)])
        );
        assert_eq!(held, of(&bob).only_on(&[product(1), product(2)]));
        for (asked, allowed) in [(Some(product(1)), true), (Some(product(3)), false), (None, false)] {
            let decision = decide(&bob, &acme(), asked, DeviceRead, &context);
            assert_eq!(decision.allowed, allowed, "{asked:?}");
            assert!(
                allowed || decision.because.contains(&Reason::AboveCeiling),
                "{decision:?}"
            );
        }
    }

    #[test]
    fn superusers_and_keys_have_permissions_without_roles() {
        let superuser = of(&superuser(UserStatus::Active));
        assert_eq!(
            superuser,
            Effective {
                everywhere: PermissionSet::ALL,
                ..Effective::default()
            }
        );
        let key = of(&Subject::OrganizationKey(organization_key(READING)));
        assert_eq!(
            key,
            Effective {
                everywhere: READING,
                ..Effective::default()
            }
        );
    }

    #[test]
    fn mallory_gets_the_reasons_instead_of_a_list() {
        assert_eq!(
            effective(&mallory(), &acme(), &noon()),
            Err(vec![Reason::NoMembership])
        );
    }
}
