//! `storage::groups` and `group_members`.

use doorward::domain::access::{GroupKind, GroupName};
use doorward::domain::description::Description;
use doorward::domain::membership::MembershipStatus;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::groups::{self, Filter, Group};
use doorward::storage::{Page, group_members, memberships};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

impl Store {
    /// These groups of Acme's.
    async fn groups(&self, names: &[&str]) -> Vec<Group> {
        let (acme, groups): (_, Vec<_>) =
            (self.acme, names.iter().map(|name| samples::group(name)).collect());
        commit!(self, |tx, groups| {
            for group in &groups {
                groups::insert(tx, acme, group).await?;
            }
            Ok(())
        })
        .unwrap();
        groups
    }

    async fn found(&self, filter: &Filter) -> Vec<String> {
        let mut snapshot = self.snapshot().await;
        let rows = groups::list(&mut snapshot.tx(), self.acme, filter, &Page::first(50))
            .await
            .unwrap();
        let count = groups::count(&mut snapshot.tx(), self.acme, filter)
            .await
            .unwrap();
        assert_eq!(usize::try_from(count).unwrap(), rows.len());
        rows.into_iter().map(|group| group.name.to_string()).collect()
    }
}

on_both! {
    async fn a_group_is_read_back_changed_and_gone(store: Store) {
        let (acme, umbrella) = (store.acme, store.umbrella);
        let group = store.groups(&["Night watch"]).await.remove(0);
        let mut snapshot = store.snapshot().await;
        assert_eq!(groups::by_id(&mut snapshot.tx(), acme, group.id).await.unwrap().as_ref(), Some(&group));
        assert!(groups::by_id(&mut snapshot.tx(), umbrella, group.id).await.unwrap().is_none());
        drop(snapshot);

        let changed = Group {
            name: samples::name("Day watch"),
            kind: GroupKind::Department,
            description: Description::parse("By day").unwrap(),
            ..group.clone()
        };
        commit!(store, |tx, changed| {
            groups::update(tx, umbrella, &changed).await?;
            groups::delete(tx, umbrella, changed.id).await
        })
        .unwrap();
        let found = groups::by_id(&mut store.snapshot().await.tx(), acme, group.id).await.unwrap();
        assert_eq!(found.as_ref(), Some(&group), "another organization changes nothing of it");
        commit!(store, |tx, changed| { groups::update(tx, acme, &changed).await }).unwrap();
        assert_eq!(groups::by_id(&mut store.snapshot().await.tx(), acme, group.id).await.unwrap(), Some(changed));

        let (id, member, grant) = (group.id, store.membership, samples::grant());
        commit!(store, |tx, grant| {
            group_members::put(tx, acme, id, member, true).await?;
            grants::insert(tx, acme, GrantSubject::Group(id), &grant, NOW).await?;
            groups::delete(tx, acme, id).await
        })
        .unwrap();
        assert!(groups::by_id(&mut store.snapshot().await.tx(), acme, id).await.unwrap().is_none());
        let mut raw = store.raw().await;
        assert_eq!((raw.count("group_members").await, raw.count("grants").await), (0, 0));
    }

    async fn or7_a_name_is_taken_in_whatever_case_and_no_other(store: Store) {
        let group = store.groups(&["Équipe"]).await.remove(0);
        let mut snapshot = store.snapshot().await;
        for (name, taken) in [("Équipe", true), ("ÉQUIPE", true), ("E\u{301}quipe", true), ("Equipe", false), ("Équip", false)] {
            let found = groups::is_taken(&mut snapshot.tx(), store.acme, &samples::name(name), random::id(NOW)).await;
            assert_eq!(found.unwrap(), taken, "{name}");
        }
        let own = groups::is_taken(&mut snapshot.tx(), store.acme, &group.name, group.id).await.unwrap();
        assert!(!own, "its own name is not in its way");
        assert!(!groups::is_taken(&mut snapshot.tx(), store.umbrella, &group.name, group.id).await.unwrap());
    }

    async fn groups_are_found_by_kind_beginning_and_member(store: Store) {
        let groups = store.groups(&["Équipe", "Equator", "Night_watch"]).await;
        let (acme, member, id) = (store.acme, store.membership, groups[2].id);
        commit!(store, |tx| { group_members::put(tx, acme, id, member, false).await }).unwrap();
        let beginning = |text: &str| Filter { beginning: GroupName::comparable(text), ..Filter::default() };
        assert_eq!(store.found(&Filter::default()).await.len(), 3);
        assert_eq!(store.found(&beginning("ÉQ")).await, ["Équipe"]);
        assert_eq!(store.found(&beginning("NIGHT_")).await, ["Night_watch"]);
        for nothing in ["%", "_ight", "watch", "night%"] {
            assert!(store.found(&beginning(nothing)).await.is_empty(), "{nothing}");
        }
        assert_eq!(store.found(&Filter { kind: Some(GroupKind::Team), ..Filter::default() }).await.len(), 3);
        assert!(store.found(&Filter { kind: Some(GroupKind::Group), ..Filter::default() }).await.is_empty());
        assert_eq!(store.found(&Filter { member: Some(member), ..Filter::default() }).await, ["Night_watch"]);
        let nobody = Filter { member: Some(random::id(NOW)), ..Filter::default() };
        assert!(store.found(&nobody).await.is_empty());
        let after = Page { after: groups[0].id.to_string(), ..Page::first(50) };
        let rest = groups::list(&mut store.snapshot().await.tx(), acme, &Filter::default(), &after).await.unwrap();
        let mut ids: Vec<_> = groups.iter().map(|group| group.id.to_string()).collect();
        ids.sort_unstable();
        let expected: Vec<_> = ids.into_iter().filter(|id| *id > after.after).collect();
        assert_eq!(rest.iter().map(|group| group.id.to_string()).collect::<Vec<_>>(), expected);
    }

    async fn members_of_a_group_come_lead_and_go(store: Store) {
        let group = store.groups(&["Night watch"]).await.remove(0);
        let (acme, umbrella, member, id) = (store.acme, store.umbrella, store.membership, group.id);
        for lead in [false, true, true] {
            commit!(store, |tx| { group_members::put(tx, acme, id, member, lead).await }).unwrap();
            let mut snapshot = store.snapshot().await;
            let found = group_members::find(&mut snapshot.tx(), id, member).await.unwrap().unwrap();
            assert_eq!((found.user, found.membership, found.lead), (store.alice, member, lead));
            assert_eq!((found.email.as_str(), found.status), ("alice@acme.example", MembershipStatus::Active));
            let list = group_members::list(&mut snapshot.tx(), id, &Page::first(50)).await.unwrap();
            assert_eq!(list, [found]);
            assert_eq!(group_members::count(&mut snapshot.tx(), id).await.unwrap(), 1);
            let after = Page { after: member.to_string(), ..Page::first(50) };
            assert!(group_members::list(&mut snapshot.tx(), id, &after).await.unwrap().is_empty());
        }
        commit!(store, |tx| { group_members::remove(tx, umbrella, id, member).await }).unwrap();
        assert!(group_members::find(&mut store.snapshot().await.tx(), id, member).await.unwrap().is_some());
        commit!(store, |tx| { group_members::remove(tx, acme, id, member).await }).unwrap();
        assert!(group_members::find(&mut store.snapshot().await.tx(), id, member).await.unwrap().is_none());

        let alice = store.alice;
        commit!(store, |tx| {
            group_members::put(tx, acme, id, member, true).await?;
            memberships::delete(tx, acme, alice).await
        })
        .unwrap();
        assert_eq!(group_members::count(&mut store.snapshot().await.tx(), id).await.unwrap(), 0, "who leaves, leaves all");
    }
}
