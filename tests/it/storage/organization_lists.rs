//! `storage::organization_lists`: names in their order, by page and by beginning.

use doorward::domain::id::{MembershipId, OrganizationId};
use doorward::domain::organization::Organization;
use doorward::random;
use doorward::storage::memberships::NewMembership;
use doorward::storage::organization_lists::{self, Entry};
use doorward::storage::{Page, memberships, organizations};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

/// Acme and Umbrella are there; these come too, and Alice belongs to some of them.
async fn some(store: &Store) -> OrganizationId {
    let names = ["ac", "acme-labs", "acmf", "zebra"];
    let more: Vec<Organization> = names.into_iter().map(samples::organization).collect();
    let (alice, last) = (store.alice, more[3].id);
    let suspended: MembershipId = random::id(NOW);
    commit!(store, |tx, more| {
        for organization in &more {
            organizations::insert(tx, organization, NOW).await?;
        }
        for (organization, id) in [(more[1].id, random::id(NOW)), (more[3].id, suspended)] {
            let new = NewMembership {
                id,
                organization,
                user: alice,
                role: None,
            };
            memberships::insert(tx, &new, NOW).await?;
        }
        memberships::set_state(tx, suspended, &samples::suspended_member()).await
    })
    .unwrap();
    last
}

fn names(found: &[Entry]) -> Vec<&str> {
    found.iter().map(|entry| entry.name.as_str()).collect()
}

fn after(name: &str, limit: i64) -> Page {
    Page {
        after: name.to_owned(),
        ..Page::first(limit)
    }
}

on_both! {
    async fn all_are_found_in_the_order_of_their_names(store: Store) {
        some(&store).await;
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = organization_lists::all(tx, "", &Page::first(9)).await.unwrap();
        assert_eq!(names(&found), ["ac", "acme", "acme-labs", "acmf", "umbrella", "zebra"]);
        assert_eq!((found[1].id, found[1].created_at), (store.acme, NOW));
        let found = organization_lists::all(tx, "acme", &Page::first(9)).await.unwrap();
        assert_eq!(names(&found), ["acme", "acme-labs"]);
        let found = organization_lists::all(tx, "ac", &after("acme", 2)).await.unwrap();
        assert_eq!(names(&found), ["acme-labs", "acmf"]);
        let found = organization_lists::all(tx, "acm", &after("ac", 9)).await.unwrap();
        assert_eq!(names(&found), ["acme", "acme-labs", "acmf"], "a page that begins before");
        for (beginning, count) in [("", 6), ("acme", 2), ("acme-labs", 1), ("%", 0), ("ac_e", 0)] {
            assert_eq!(organization_lists::count_all(tx, beginning).await.unwrap(), count, "{beginning}");
        }
    }

    async fn a_person_finds_those_where_they_are_active(store: Store) {
        some(&store).await;
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = organization_lists::of_user(tx, store.alice, "", &Page::first(9)).await.unwrap();
        assert_eq!(names(&found), ["acme", "acme-labs"]);
        let found = organization_lists::of_user(tx, store.alice, "acme", &after("acme", 9)).await.unwrap();
        assert_eq!(names(&found), ["acme-labs"]);
        for (beginning, count) in [("", 2), ("acme-", 1), ("z", 0)] {
            let counted = organization_lists::count_of_user(tx, store.alice, beginning).await.unwrap();
            assert_eq!(counted, count, "{beginning}");
        }
        let nobody = random::id(NOW);
        assert!(organization_lists::of_user(tx, nobody, "", &Page::first(9)).await.unwrap().is_empty());
    }

    async fn one_is_found_unless_another_page_or_name_is_asked(store: Store) {
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        for (beginning, page, found) in [
            ("", Page::first(9), true),
            ("ac", Page::first(9), true),
            ("b", Page::first(9), false),
            ("", after("acme", 9), false),
        ] {
            let one = organization_lists::one(tx, store.acme, beginning, &page).await.unwrap();
            assert_eq!(!one.is_empty(), found, "{beginning} {page:?}");
        }
    }
}
