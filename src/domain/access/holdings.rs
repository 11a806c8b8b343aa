//! Holdings: what somebody holds or would come to hold, and how much of it another may hand on or change.
//!
//! Owns the rule that nobody hands out more than they hold (DESIGN §3). Never loads anything.

use std::collections::BTreeMap;

use super::context::{Context, OrganizationFacts};
use super::grant::{Grant, Standing};
use super::permission_set::PermissionSet;
use super::reason::Reason;
use super::role::Role;
use super::source::{self, Source};
use super::subject::Subject;
use crate::domain::id::{GrantId, ProductId};
use crate::domain::time::Timestamp;

/// What is held, thing by thing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Holdings(Vec<Holding>);

/// One thing that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Holding {
    permissions: PermissionSet,
    /// The one product it is limited to.
    product: Option<ProductId>,
    /// The grant that gives it, if one does.
    grant: Option<GrantId>,
    /// Whether it has neither an end nor a schedule.
    lasting: bool,
}

impl Holdings {
    /// What `subject` holds now, cut to the ceiling; or all that refuses it.
    pub fn now(
        subject: &Subject,
        organization: &OrganizationFacts,
        context: &Context,
    ) -> Result<Self, Vec<Reason>> {
        let held = source::held(subject, organization, context)?;
        Ok(Self(held.iter().map(Holding::of_source).collect()))
    }

    /// The most that somebody or something with this role and these grants can come to hold: on whichever product, at
    /// whichever hour, started or not. What has ended does not count.
    pub fn at_most(role: Option<&Role>, grants: &[Grant], now: Timestamp) -> Self {
        let live = grants
            .iter()
            .filter(|grant| !matches!(grant.standing(now), Standing::Ended(_)));
        let role = role.map(|role| Holding::of(role.permissions, None));
        Self(role.into_iter().chain(live.map(Holding::of_grant)).collect())
    }

    /// These permissions, on one product or on all.
    pub fn of(permissions: PermissionSet, product: Option<ProductId>) -> Self {
        Self(vec![Holding::of(permissions, product)])
    }

    /// What is held on all products.
    pub fn everywhere(&self) -> PermissionSet {
        self.on(None, |_| true)
    }

    /// What is held on single products beyond that; products that add nothing are left out.
    pub fn beyond_everywhere(&self) -> BTreeMap<ProductId, PermissionSet> {
        let everywhere = self.everywhere();
        let mut beyond = BTreeMap::new();
        for product in self.0.iter().filter_map(|holding| holding.product) {
            beyond.insert(product, self.on(Some(product), |_| true).difference(everywhere));
        }
        beyond.retain(|_, held: &mut PermissionSet| !held.is_empty());
        beyond
    }

    /// What is held on all products for good.
    pub fn everywhere_for_good(&self) -> PermissionSet {
        self.on(None, |holding| holding.lasting)
    }

    /// What is held on each of these products; on all products if none is named.
    pub fn everywhere_on(&self, products: &[ProductId]) -> PermissionSet {
        self.on_each(products, |_| true)
    }

    /// What of that is held for good.
    pub fn for_good_on(&self, products: &[ProductId]) -> PermissionSet {
        self.on_each(products, |holding| holding.lasting)
    }

    fn on_each(&self, products: &[ProductId], counts: impl Fn(&Holding) -> bool) -> PermissionSet {
        let each = products.iter().map(|product| self.on(Some(*product), &counts));
        each.reduce(PermissionSet::intersection)
            .unwrap_or_else(|| self.on(None, &counts))
    }

    /// What somebody with these holdings lacks to change or take away what `others` are. Holding it now is enough.
    pub fn lacks_to_change(&self, others: &Self) -> PermissionSet {
        self.lacks(others, |_, _| true)
    }

    /// What somebody with these holdings lacks to give `gift`. It takes what is held for good: what ends, or comes and
    /// goes with the hour, can't be handed on, as the gift would outlast it.
    pub fn lacks_to_give(&self, gift: &Self) -> PermissionSet {
        self.lacks(gift, |own, _| own.lasting)
    }

    /// What somebody with these holdings lacks to let another share in the very grants of a group. One that they have by
    /// that group themselves lasts as long for both.
    pub fn lacks_to_share(&self, grants: &Self) -> PermissionSet {
        self.lacks(grants, |own, shared| {
            own.lasting || (own.grant.is_some() && own.grant == shared.grant)
        })
    }

    fn lacks(&self, wanted: &Self, counts: impl Fn(&Holding, &Holding) -> bool) -> PermissionSet {
        wanted.0.iter().fold(PermissionSet::EMPTY, |lacking, wanted| {
            let held = self.on(wanted.product, |own| counts(own, wanted));
            lacking.union(wanted.permissions.difference(held))
        })
    }

    fn on(&self, product: Option<ProductId>, counts: impl Fn(&Holding) -> bool) -> PermissionSet {
        let reaching = self
            .0
            .iter()
            .filter(|own| own.product.is_none() || own.product == product);
        reaching
            .filter(|own| counts(own))
            .fold(PermissionSet::EMPTY, |held, own| held.union(own.permissions))
    }
}

impl Holding {
    fn of(permissions: PermissionSet, product: Option<ProductId>) -> Self {
        Self {
            permissions,
            product,
            grant: None,
            lasting: true,
        }
    }

    fn of_grant(grant: &Grant) -> Self {
        Self {
            permissions: grant.permissions(),
            product: grant.product,
            grant: Some(grant.id),
            lasting: grant.ends_at.is_none() && grant.schedule.is_none(),
        }
    }

    fn of_source(source: &Source<'_>) -> Self {
        let holding = source
            .as_grant()
            .map_or_else(|| Self::of(source.permissions, None), Self::of_grant);
        Self {
            permissions: source.permissions,
            product: source.product(),
            ..holding
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::cast::{
        NOON, acme, alice, bob, ended, grant_of, id, mallory, noon, on, product, role, under,
    };
    use super::super::permission::Permission::{DeviceRead, DeviceWrite, FirmwareWrite};
    use super::super::{BuiltInRole, PermissionSet};
    use super::*;

    const WRITING: PermissionSet = PermissionSet::of(&[DeviceWrite]);

    fn now(subject: &Subject) -> Holdings {
        Holdings::now(subject, &acme(), &noon()).unwrap()
    }

    fn of_grants(grants: &[Grant]) -> Holdings {
        Holdings::at_most(None, grants, NOON)
    }

    fn until_one(grant: Grant) -> Grant {
        let ends_at = Some(NOON.plus(Duration::from_hours(1)));
        Grant { ends_at, ..grant }
    }

    fn at_noon_only(grant: Grant) -> Grant {
        let noon = r#"{"timezone":"UTC","windows":[{"days":["mon"],"from":"11:00","to":"13:00"}]}"#;
        let schedule = Some(serde_json::from_str(noon).unwrap());
        Grant { schedule, ..grant }
    }

    #[test]
    fn an_owner_may_give_anything_and_mallory_holds_nothing() {
        let everything = Holdings::of(PermissionSet::ALL, None);
        assert_eq!(now(&alice()).lacks_to_give(&everything), PermissionSet::EMPTY);
        assert!(Holdings::now(&mallory(), &acme(), &noon()).is_err());
    }

    #[test]
    fn what_is_held_on_one_product_is_handed_on_for_that_one_alone() {
        let bob = now(&bob(vec![on(1, grant_of(WRITING))]));
        assert_eq!(bob.everywhere(), PermissionSet::EMPTY);
        assert!(
            bob.lacks_to_give(&Holdings::of(WRITING, Some(product(1))))
                .is_empty()
        );
        for elsewhere in [None, Some(product(2))] {
            assert_eq!(bob.lacks_to_give(&Holdings::of(WRITING, elsewhere)), WRITING);
        }
    }

    #[test]
    fn what_ends_or_comes_and_goes_is_held_and_not_handed_on() {
        for timed in [until_one(grant_of(WRITING)), at_noon_only(grant_of(WRITING))] {
            let bob = now(&bob(vec![timed]));
            assert_eq!(
                (bob.everywhere(), bob.everywhere_for_good()),
                (WRITING, PermissionSet::EMPTY)
            );
            let writing = Holdings::of(WRITING, None);
            assert!(bob.lacks_to_change(&writing).is_empty());
            assert_eq!(bob.lacks_to_give(&writing), WRITING);
        }
    }

    #[test]
    fn the_very_same_grant_is_shared_whatever_its_hours_and_no_other() {
        let own = until_one(grant_of(WRITING));
        let bob = now(&bob(vec![own.clone()]));
        assert!(
            bob.lacks_to_share(&of_grants(std::slice::from_ref(&own)))
                .is_empty()
        );
        let other = Grant { id: id(2), ..own };
        assert_eq!(bob.lacks_to_share(&of_grants(&[other])), WRITING);
    }

    #[test]
    fn a_grant_that_is_not_in_force_gives_its_holder_nothing_to_share() {
        let later = Grant {
            starts_at: Some(NOON.plus(Duration::from_hours(1))),
            ..grant_of(WRITING)
        };
        let bob = now(&bob(vec![later.clone()]));
        assert_eq!(bob.lacks_to_share(&of_grants(&[later])), WRITING);
    }

    #[test]
    fn a_ceiling_cuts_what_can_be_handed_on() {
        let ceiling = PermissionSet::of(&[DeviceRead]);
        let alice = Holdings::now(&alice(), &acme(), &under(ceiling)).unwrap();
        assert_eq!(alice.lacks_to_give(&Holdings::of(WRITING, None)), WRITING);
    }

    #[test]
    fn the_most_counts_every_product_and_hour_and_what_starts_later_but_nothing_that_ended() {
        let later = Grant {
            starts_at: Some(NOON.plus(Duration::from_hours(1))),
            ..grant_of(WRITING)
        };
        let firmware = on(1, grant_of(PermissionSet::of(&[FirmwareWrite])));
        let gone = ended(grant_of(PermissionSet::ALL));
        let viewer = role(BuiltInRole::Viewer);
        let most = Holdings::at_most(Some(&viewer), &[later, firmware, gone], NOON);
        let nobody = Holdings::default();
        let expected = viewer
            .permissions
            .union(PermissionSet::of(&[DeviceWrite, FirmwareWrite]));
        assert_eq!(nobody.lacks_to_change(&most), expected);
    }
}
