//! What organizations' directories provision with, and what they know people and groups by.

use std::time::Duration;

use doorward::domain::access::{Permission, PermissionSet};
use doorward::domain::id::GroupId;
use doorward::domain::scim::ExternalId;
use doorward::domain::secret::Purpose;
use doorward::random;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::scim_groups::{self, ScimGroup};
use doorward::storage::scim_tokens::{self, ScimToken};
use doorward::storage::scim_users::{self, ScimUser};
use doorward::storage::{Page, group_members, groups, scim_leavers};

use super::samples::{self, NOW, hash, name};
use super::{Store, commit};
use crate::harness::on_both;

fn external(text: &str) -> ExternalId {
    ExternalId::parse(text).unwrap()
}

fn token(store: &Store) -> ScimToken {
    ScimToken {
        id: random::id(NOW),
        organization: store.acme,
        name: name("Okta"),
        permissions: PermissionSet::of(&[Permission::MemberRead, Permission::GroupWrite]),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(1)),
        last_used_at: None,
    }
}

on_both! {
    async fn a_token_is_read_back_as_stored_and_forgotten(store: Store) {
        let (stored, secret) = (token(&store), hash("okta's", Purpose::ScimToken));
        let (id, acme, later) = (stored.id, store.acme, NOW.plus(Duration::from_mins(1)));
        commit!(store, |tx, stored, secret| {
            scim_tokens::insert(tx, &stored, &secret).await?;
            scim_tokens::used(tx, id, later).await
        })
        .unwrap();
        let used = ScimToken { last_used_at: Some(later), ..stored };
        {
            let mut snapshot = store.snapshot().await;
            let tx = &mut snapshot.tx();
            assert_eq!(scim_tokens::by_secret(tx, &secret).await.unwrap().as_ref(), Some(&used));
            assert_eq!(scim_tokens::by_secret(tx, &hash("okta's", Purpose::ApiKey)).await.unwrap(), None);
            assert_eq!(scim_tokens::find(tx, acme, id).await.unwrap().as_ref(), Some(&used));
            assert_eq!(scim_tokens::find(tx, store.umbrella, id).await.unwrap(), None);
            assert_eq!(scim_tokens::list(tx, acme, &Page::first(9)).await.unwrap(), [used]);
            assert_eq!(scim_tokens::count(tx, acme).await.unwrap(), 1);
            assert_eq!(scim_tokens::count(tx, store.umbrella).await.unwrap(), 0);
        }
        let umbrella = store.umbrella;
        let gone = commit!(store, |tx| {
            let elsewhere = scim_tokens::delete(tx, umbrella, id).await?;
            Ok([elsewhere, scim_tokens::delete(tx, acme, id).await?, scim_tokens::delete(tx, acme, id).await?])
        });
        assert_eq!(gone.unwrap(), [false, true, false]);
    }

    async fn all_tokens_come_page_by_page(store: Store) {
        let (one, mut two) = (token(&store), token(&store));
        two.organization = store.umbrella;
        for (stored, secret) in [(one.clone(), "one"), (two.clone(), "two")] {
            let secret = hash(secret, Purpose::ScimToken);
            commit!(store, |tx, stored, secret| { scim_tokens::insert(tx, &stored, &secret).await }).unwrap();
        }
        let mut both = [one, two];
        both.sort_by_key(|token| token.id.to_string());
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let first = scim_tokens::all(tx, "", 1).await.unwrap();
        assert_eq!(first, both[..1]);
        assert_eq!(scim_tokens::all(tx, &first[0].id.to_string(), 9).await.unwrap(), both[1..]);
    }

    async fn what_is_said_of_a_member_goes_with_the_membership(store: Store) {
        let said = ScimUser {
            external_id: Some(external("00u1")),
            given_name: "Alice".to_owned(),
            family_name: String::new(),
        };
        let (acme, alice, member) = (store.acme, store.alice, store.membership);
        commit!(store, |tx, said| {
            scim_users::put(tx, acme, member, &ScimUser::default()).await?;
            scim_users::put(tx, acme, member, &said).await
        })
        .unwrap();
        {
            let mut snapshot = store.snapshot().await;
            let tx = &mut snapshot.tx();
            let found = scim_users::between(tx, acme, alice, alice).await.unwrap();
            assert_eq!(found.into_iter().collect::<Vec<_>>(), [(alice, said)]);
            assert_eq!(scim_users::by_external_id(tx, acme, &external("00u1")).await.unwrap(), Some(alice));
            assert_eq!(scim_users::by_external_id(tx, acme, &external("00U1")).await.unwrap(), None);
            assert_eq!(scim_users::by_external_id(tx, store.umbrella, &external("00u1")).await.unwrap(), None);
        }
        commit!(store, |tx| { memberships::delete(tx, acme, alice).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(scim_users::by_external_id(&mut snapshot.tx(), acme, &external("00u1")).await.unwrap(), None);
    }

    async fn whoever_was_removed_is_remembered_until_they_are_back(store: Store) {
        let (acme, umbrella, alice) = (store.acme, store.umbrella, store.alice);
        commit!(store, |tx| {
            memberships::delete(tx, acme, alice).await?;
            scim_leavers::insert(tx, acme, alice).await?;
            scim_leavers::insert(tx, acme, alice).await
        })
        .unwrap();
        let is_one = |organization| {
            let store = &store;
            async move { scim_leavers::is_one(&mut store.snapshot().await.tx(), organization, alice).await.unwrap() }
        };
        assert!(is_one(acme).await && !is_one(umbrella).await);
        let id = random::id(NOW);
        commit!(store, |tx| {
            let back = NewMembership { id, organization: acme, user: alice, role: None };
            memberships::insert(tx, &back, NOW).await
        })
        .unwrap();
        assert!(!is_one(acme).await);
    }

    async fn a_directorys_groups_are_told_from_others(store: Store) {
        let (ours, theirs) = (samples::group("Pilots"), samples::group("Engineering"));
        let (acme, umbrella, alice, member) = (store.acme, store.umbrella, store.alice, store.membership);
        let (our_id, their_id): (GroupId, GroupId) = (ours.id, theirs.id);
        commit!(store, |tx, ours, theirs| {
            groups::insert(tx, acme, &ours).await?;
            groups::insert(tx, acme, &theirs).await?;
            group_members::put(tx, acme, our_id, member, false).await?;
            group_members::put(tx, acme, their_id, member, false).await?;
            scim_groups::put(tx, acme, their_id, None).await?;
            scim_groups::put(tx, acme, their_id, Some(&external("00g1"))).await
        })
        .unwrap();
        let whole = ScimGroup { group: theirs, external_id: Some(external("00g1")) };
        {
            let mut snapshot = store.snapshot().await;
            let tx = &mut snapshot.tx();
            assert_eq!(scim_groups::find(tx, acme, their_id).await.unwrap().as_ref(), Some(&whole));
            assert_eq!(scim_groups::find(tx, acme, our_id).await.unwrap(), None);
            assert_eq!(scim_groups::find(tx, umbrella, their_id).await.unwrap(), None);
            assert_eq!(scim_groups::list(tx, acme, &Page::first(9)).await.unwrap(), [whole]);
            assert_eq!(scim_groups::count(tx, acme).await.unwrap(), 1);
            assert_eq!(scim_groups::by_external_id(tx, acme, &external("00g1")).await.unwrap(), Some(their_id));
            assert_eq!(scim_groups::by_external_id(tx, umbrella, &external("00g1")).await.unwrap(), None);
            assert_eq!(scim_groups::named(tx, acme, "ENGINEERING").await.unwrap(), Some(their_id));
            assert_eq!(scim_groups::named(tx, acme, "Pilots").await.unwrap(), None);
            let found = scim_groups::of_members_between(tx, acme, alice, alice).await.unwrap();
            assert_eq!(found[&alice].iter().map(|group| group.id).collect::<Vec<_>>(), [their_id]);
        }
        commit!(store, |tx| { groups::delete(tx, acme, their_id).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(scim_groups::count(&mut snapshot.tx(), acme).await.unwrap(), 0);
    }
}
