//! `storage::reviews`, `storage::review_items`, `storage::holders`.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Gives, Grant, PermissionSet};
use doorward::domain::description::Description;
use doorward::domain::id::UserId;
use doorward::domain::review::{
    Decision, Ended, Held, Item, Outcome, Recurrence, Remedy, Repeats, Review, Scope, State, Unit, Verdict,
};
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::grants::{self, GrantSubject};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::review_items::{self, Filter};
use doorward::storage::reviews::{self, Tally};
use doorward::storage::{Lane, Page, group_members, groups, holders, roles, users};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const DAY: Duration = Duration::from_hours(24);

fn review(store: &Store) -> Review {
    let monthly = Recurrence::of(1, Unit::Months).unwrap();
    Review {
        id: random::id(NOW),
        organization: store.acme,
        name: samples::name("Autumn"),
        scope: Scope::Everybody,
        reviewer: store.alice,
        started_by: store.alice.to_string(),
        undecided: Verdict::Keep,
        on_revoke: Remedy::Suspend,
        due_at: NOW.plus(DAY * 9),
        remind_at: Some(NOW.plus(DAY * 6)),
        repeats: Some(Repeats::from(monthly, NOW, NOW)),
        created_at: NOW,
        state: State::Open,
    }
}

/// Starts it with these people in it.
async fn started(store: &Store, review: &Review, people: &[UserId]) -> Vec<Item> {
    let draw = |user: &UserId| Item {
        id: random::id(NOW),
        review: review.id,
        user: *user,
        held: Held::default(),
        decision: None,
        outcome: None,
    };
    let (items, review): (Vec<_>, _) = (people.iter().map(draw).collect(), review.clone());
    commit!(store, |tx, review, items| {
        reviews::insert(tx, &review, i64::try_from(items.len()).unwrap()).await?;
        for item in &items {
            review_items::insert(tx, item).await?;
        }
        Ok(())
    })
    .unwrap();
    items
}

async fn found(store: &Store, review: &Review) -> reviews::Entry {
    let mut snapshot = store.snapshot().await;
    let found = reviews::by_id(&mut snapshot.tx(), review.organization, review.id).await;
    found.unwrap().unwrap()
}

async fn item(store: &Store, item: &Item) -> Item {
    let mut snapshot = store.snapshot().await;
    let found = review_items::by_id(&mut snapshot.tx(), item.review, item.id).await;
    found.unwrap().unwrap().item
}

/// One more member of Acme, without a role.
async fn member(store: &Store, email: &str) -> UserId {
    let (user, acme) = (samples::user(email), store.acme);
    let (id, membership) = (user.id, random::id(NOW));
    commit!(store, |tx, user| {
        users::insert(tx, &user, NOW).await?;
        let new = NewMembership {
            id: membership,
            organization: acme,
            user: user.id,
            role: None,
        };
        memberships::insert(tx, &new, NOW).await
    })
    .unwrap();
    id
}

fn decided(item: &Item, verdict: Verdict, by: Option<Ended>) -> Item {
    let note = Description::parse(if by.is_some() { "left" } else { "" }).unwrap();
    Item {
        decision: Some(Decision { verdict, note, by }),
        ..item.clone()
    }
}

on_both! {
    async fn a_review_comes_back_as_it_was_stored(store: Store) {
        let crew = samples::group("Crew");
        let bare = Review {
            id: random::id(NOW), remind_at: None, repeats: None, undecided: Verdict::Revoke, on_revoke: Remedy::Remove,
            scope: Scope::Group(crew.id, "Crew".to_owned()), ..review(&store)
        };
        let of_role = Review {
            id: random::id(NOW), scope: Scope::Role(random::id(NOW), "admin".to_owned()), ..review(&store)
        };
        for stored in [review(&store), bare, of_role] {
            started(&store, &stored, &[store.alice]).await;
            let tally = Tally { people: 1, ..Tally::default() };
            assert_eq!(found(&store, &stored).await, reviews::Entry { review: stored.clone(), tally });
            let mut snapshot = store.snapshot().await;
            assert_eq!(reviews::by_id(&mut snapshot.tx(), store.umbrella, stored.id).await.unwrap(), None);
        }
    }

    async fn reviews_are_listed_by_id_and_by_state(store: Store) {
        let mut made = Vec::new();
        for place in 0..3 {
            let one = Review { id: random::id(NOW.plus(Duration::from_millis(place))), ..review(&store) };
            started(&store, &one, &[]).await;
            made.push(one);
        }
        let ended = made[1].clone().complete("host".to_owned(), NOW).unwrap();
        assert!(commit!(store, |tx, ended| { reviews::end(tx, &ended).await }).unwrap());
        assert!(!commit!(store, |tx, ended| { reviews::end(tx, &ended).await }).unwrap(), "it ends once");
        let open = made[0].clone();
        assert!(!commit!(store, |tx, open| { reviews::end(tx, &open).await }).unwrap(), "an open one ends nothing");
        assert_eq!(found(&store, &made[1]).await.review, ended);
        for (state, places) in [("", vec![0, 1, 2]), ("open", vec![0, 2]), ("completed", vec![1]), ("cancelled", vec![])] {
            let mut snapshot = store.snapshot().await;
            let tx = &mut snapshot.tx();
            assert_eq!(reviews::count(tx, store.acme, state).await.unwrap(), i64::try_from(places.len()).unwrap());
            let mut page = Page::first(1);
            for place in places {
                let listed = reviews::list(tx, store.acme, state, &page).await.unwrap();
                assert_eq!(listed.iter().map(|row| row.review.id).collect::<Vec<_>>(), [made[place].id], "{state}");
                page.after = made[place].id.to_string();
            }
            assert!(reviews::list(tx, store.acme, state, &page).await.unwrap().is_empty());
            assert!(reviews::list(tx, store.umbrella, state, &Page::first(9)).await.unwrap().is_empty());
        }
    }

    async fn a_review_is_changed_and_counts_what_is_decided(store: Store) {
        let before = review(&store);
        started(&store, &before, &[store.alice]).await;
        let bob = member(&store, "bob@acme.example").await;
        let later = NOW.plus(DAY);
        let after = Review {
            name: samples::name("Winter"), reviewer: bob, due_at: later, remind_at: None, repeats: None, ..before.clone()
        };
        let more = Tally { people: 7, kept: 2, revoked: -1, done: 3, refused: 4 };
        commit!(store, |tx, after| {
            reviews::update(tx, &after).await?;
            reviews::tally(tx, after.id, more).await?;
            reviews::tally(tx, after.id, Tally { revoked: 1, ..Tally::default() }).await
        }).unwrap();
        let tally = Tally { people: 1, kept: 2, revoked: 0, done: 3, refused: 4 };
        assert_eq!(found(&store, &before).await, reviews::Entry { review: after, tally });
    }

    async fn of_twenty_jobs_one_reminds_and_one_holds_the_next(store: Store) {
        let due = review(&store);
        started(&store, &due, &[]).await;
        let (id, remind_at, next_at) = (due.id, due.remind_at.unwrap(), due.repeats.unwrap().next_at);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let instant = Duration::from_millis(1);
        assert_eq!(reviews::to_remind(tx, remind_at.minus(instant), 9).await.unwrap(), []);
        assert_eq!(reviews::to_remind(tx, remind_at, 9).await.unwrap(), [(store.acme, id)]);
        assert_eq!(reviews::to_repeat(tx, next_at.minus(instant), 9).await.unwrap(), []);
        assert_eq!(reviews::to_repeat(tx, next_at, 9).await.unwrap(), [(store.acme, id)]);
        drop(snapshot);
        let won = |answers: Vec<Result<bool, _>>| answers.into_iter().filter(|answer| matches!(answer, Ok(true))).count();
        let lane = Lane::Organization(store.acme);
        let reminded = twenty(&store, lane, move |_, tx| Box::pin(async move { reviews::remind(tx, id, remind_at).await }));
        assert_eq!(won(reminded.await), 1);
        let held = twenty(&store, lane, move |_, tx| Box::pin(async move { reviews::hand_on(tx, id, next_at).await }));
        assert_eq!(won(held.await), 1);
        let after = found(&store, &due).await.review;
        assert_eq!((after.remind_at, after.repeats), (None, None));
    }

    async fn what_is_decided_about_somebody_comes_back(store: Store) {
        let bob = member(&store, "bob@acme.example").await;
        let held = Held { role: Some("viewer".to_owned()), groups: vec!["Crew".to_owned()], ..Held::default() };
        let open = review(&store);
        let items = started(&store, &open, &[store.alice]).await;
        let one = Item { id: random::id(NOW), user: bob, held, ..items[0].clone() };
        commit!(store, |tx, one| { review_items::insert(tx, &one).await }).unwrap();
        assert_eq!(item(&store, &one).await, one);
        let by = Ended { at: NOW, by: store.alice.to_string() };
        for changed in [decided(&one, Verdict::Revoke, Some(by)), one.clone()] {
            commit!(store, |tx, changed| { review_items::decide(tx, &changed).await }).unwrap();
            assert_eq!(item(&store, &one).await, changed);
        }
        let refused = Outcome::Refused { code: "last_owner".to_owned(), detail: "she stays".to_owned() };
        for outcome in [refused, Outcome::Removed, Outcome::Suspended, Outcome::Already, Outcome::Kept] {
            let settled = Item { outcome: Some(outcome), ..one.clone() };
            commit!(store, |tx, settled| { review_items::set_outcome(tx, &settled).await }).unwrap();
            assert_eq!(item(&store, &one).await, settled);
        }
        let mut snapshot = store.snapshot().await;
        let elsewhere = review_items::by_id(&mut snapshot.tx(), random::id(NOW), one.id).await.unwrap();
        assert_eq!(elsewhere, None);
    }

    async fn people_are_listed_by_verdict_and_by_what_came_of_it(store: Store) {
        let mut people = vec![store.alice];
        for name in ["bob", "carol", "dan"] {
            people.push(member(&store, &format!("{name}@acme.example")).await);
        }
        people.sort();
        let open = review(&store);
        let items = started(&store, &open, &people).await;
        let by = Some(Ended { at: NOW, by: "host".to_owned() });
        for changed in [decided(&items[0], Verdict::Keep, by.clone()), decided(&items[1], Verdict::Revoke, by)] {
            commit!(store, |tx, changed| { review_items::decide(tx, &changed).await }).unwrap();
        }
        let listed = async |verdict, outcome| {
            let (filter, mut snapshot) = (Filter { verdict, outcome }, store.snapshot().await);
            let tx = &mut snapshot.tx();
            let rows = review_items::list(tx, open.id, filter, &Page::first(9)).await.unwrap();
            let count = review_items::count(tx, open.id, filter).await.unwrap();
            assert_eq!(usize::try_from(count).unwrap(), rows.len());
            rows.into_iter().map(|row| row.item.user).collect::<Vec<_>>()
        };
        assert_eq!(listed("", "").await, people);
        assert_eq!(listed("undecided", "").await, people[2..]);
        assert_eq!(listed("revoke", "").await, people[1..2]);

        let id = open.id;
        assert_eq!(commit!(store, |tx| { review_items::settle(tx, id, Verdict::Revoke).await }).unwrap(), 2);
        assert_eq!(listed("keep", "kept").await, people[..1]);
        assert_eq!(listed("undecided", "").await, []);
        let to_do = async |after: &str| {
            let mut snapshot = store.snapshot().await;
            let found = review_items::to_carry_out(&mut snapshot.tx(), id, after, 9).await.unwrap();
            found.into_iter().map(|entry| entry.item.user).collect::<Vec<_>>()
        };
        assert_eq!(to_do("").await, people[1..]);
        let removed = Item { outcome: Some(Outcome::Removed), ..items[2].clone() };
        let refused = Outcome::Refused { code: "x".to_owned(), detail: "x".to_owned() };
        let refused = Item { outcome: Some(refused), ..items[3].clone() };
        commit!(store, |tx, removed, refused| {
            review_items::set_outcome(tx, &removed).await?;
            review_items::set_outcome(tx, &refused).await
        }).unwrap();
        assert_eq!(to_do("").await, [people[1], people[3]]);
        assert_eq!(to_do(&people[1].to_string()).await, people[3..]);
        assert_eq!(listed("", "removed").await, people[2..3]);
    }

    async fn many_are_read_as_each_alone(store: Store) {
        let (acme, crew) = (store.acme, samples::group("Crew"));
        let bob = member(&store, "bob@acme.example").await;
        member(&store, "carol@acme.example").await;
        let own = Grant { gives: Gives::Permissions(PermissionSet::ALL), ..samples::grant() };
        let shared = samples::grant();
        let seat = memberships::member(&mut store.snapshot().await.tx(), bob, acme).await.unwrap().unwrap();
        let seat = seat.membership.unwrap().id;
        commit!(store, |tx, crew, own, shared| {
            groups::insert(tx, acme, &crew).await?;
            group_members::put(tx, acme, crew.id, seat, false).await?;
            grants::insert(tx, acme, GrantSubject::Member(seat), &own, NOW).await?;
            grants::insert(tx, acme, GrantSubject::Group(crew.id), &shared, NOW).await?;
            let viewer = roles::built_in(tx, BuiltInRole::Viewer).await?.id;
            memberships::set_role(tx, acme, seat, Some(viewer)).await
        }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let mut page = Page::first(2);
        let mut seen = 0;
        loop {
            let found = holders::list(tx, acme, &page).await.unwrap();
            let Some(last) = found.last() else { break };
            page.after = last.entry.user.to_string();
            for holder in found {
                let alone = memberships::member(tx, holder.entry.user, acme).await.unwrap();
                assert_eq!(Some(holder.member), alone);
                seen += 1;
            }
        }
        assert_eq!(seen, 3);
        assert!(holders::list(tx, store.umbrella, &Page::first(9)).await.unwrap().is_empty());
    }
}

/// The end of the day that a job missed is not the end of the chain.
#[test]
fn a_chain_counts_from_its_start() {
    let monthly = Recurrence::of(1, Unit::Months).unwrap();
    let missed: Timestamp = "2027-03-01T00:00:00Z".parse().unwrap();
    let repeats = Repeats::from(monthly, NOW, missed);
    assert_eq!(repeats.next_at.to_string(), "2027-03-22T09:30:00Z");
}
