//! `storage::users` and `storage::passwords`.

use doorward::domain::email::Email;
use doorward::domain::user::{User, UserState, UserStatus};
use doorward::random;
use doorward::storage::passwords::{self, StoredPassword};
use doorward::storage::users;

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

on_both! {
    async fn a_user_is_read_back_as_stored(store: Store) {
        let plain = samples::user("bob@acme.example");
        let full = User {
            email_verified: true,
            status: UserStatus::Suspended,
            superuser: true,
            default_organization: Some(store.acme),
            ..samples::user("Carol.O'Hara+x@b\u{fc}cher.example")
        };
        for stored in [plain, full] {
            assert!(commit!(store, |tx, stored| { users::insert(tx, &stored, NOW).await }).unwrap());
            let mut snapshot = store.snapshot().await;
            let by_id = users::by_id(&mut snapshot.tx(), stored.id).await.unwrap().unwrap();
            let by_email = users::by_email(&mut snapshot.tx(), &stored.email).await.unwrap().unwrap();
            for found in [by_id, by_email] {
                assert_eq!(format!("{found:?}"), format!("{stored:?}"));
            }
        }
    }

    async fn an_address_belongs_to_one_user_however_it_is_typed(store: Store) {
        let twin = samples::user(" ALICE@Acme.Example ");
        assert!(!commit!(store, |tx, twin| { users::insert(tx, &twin, NOW).await }).unwrap());
        let mut snapshot = store.snapshot().await;
        assert!(users::by_id(&mut snapshot.tx(), twin.id).await.unwrap().is_none());
        let typed = Email::parse("aLiCe@ACME.example").unwrap();
        let found = users::by_email(&mut snapshot.tx(), &typed).await.unwrap().unwrap();
        assert_eq!(found.id, store.alice);
    }

    async fn nobody_is_found_by_what_nobody_has(store: Store) {
        let mut snapshot = store.snapshot().await;
        assert!(users::by_id(&mut snapshot.tx(), random::id(NOW)).await.unwrap().is_none());
        let email = Email::parse("alice@acme.example.org").unwrap();
        assert!(users::by_email(&mut snapshot.tx(), &email).await.unwrap().is_none());
    }

    async fn the_instance_has_an_owner_once_there_is_a_superuser(store: Store) {
        assert!(!users::any_superuser(&mut store.snapshot().await.tx()).await.unwrap());
        let owner = User { superuser: true, ..samples::user("owner@acme.example") };
        commit!(store, |tx, owner| { users::insert(tx, &owner, NOW).await }).unwrap();
        assert!(users::any_superuser(&mut store.snapshot().await.tx()).await.unwrap());
    }

    async fn a_status_is_changed_for_its_user_alone(store: Store) {
        let (alice, bob) = (store.alice, samples::user("bob@acme.example"));
        commit!(store, |tx, bob| { users::insert(tx, &bob, NOW).await }).unwrap();
        for state in [samples::suspended_user(), UserState::Deleted(NOW), UserState::Active] {
            let status = state.status();
            commit!(store, |tx, state| { users::set_state(tx, alice, &state).await }).unwrap();
            let mut snapshot = store.snapshot().await;
            assert_eq!(users::by_id(&mut snapshot.tx(), alice).await.unwrap().unwrap().status, status);
            let other = users::by_id(&mut snapshot.tx(), bob.id).await.unwrap().unwrap();
            assert_eq!(other.status, UserStatus::Active);
        }
    }

    async fn a_sign_in_is_noted_on_its_user_alone(store: Store) {
        let bob = samples::user("bob@acme.example");
        commit!(store, |tx, bob| { users::insert(tx, &bob, NOW).await }).unwrap();
        let alice = store.alice;
        commit!(store, |tx| { users::signed_in(tx, alice, NOW).await }).unwrap();
        let noted = "SELECT id FROM users WHERE last_sign_in_at = 1795339800000";
        assert_eq!(store.raw().await.texts(noted).await, [alice.to_string()]);
    }

    async fn a_password_is_its_users_and_nobody_elses(store: Store) {
        let (alice, bob) = (store.alice, samples::user("bob@acme.example"));
        let password = StoredPassword { id: random::id(NOW), hash: "$argon2id$one".to_owned() };
        commit!(store, |tx, bob, password| {
            users::insert(tx, &bob, NOW).await?;
            passwords::insert(tx, alice, &password, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let found = passwords::of_user(&mut snapshot.tx(), alice).await.unwrap().unwrap();
        assert_eq!((found.id, found.hash), (password.id, password.hash));
        assert!(passwords::of_user(&mut snapshot.tx(), bob.id).await.unwrap().is_none());
    }

    async fn a_second_password_is_refused(store: Store) {
        let alice = store.alice;
        let [first, second] =
            ["one", "two"].map(|hash| StoredPassword { id: random::id(NOW), hash: hash.to_owned() });
        commit!(store, |tx, first| { passwords::insert(tx, alice, &first, NOW).await }).unwrap();
        assert!(commit!(store, |tx, second| { passwords::insert(tx, alice, &second, NOW).await }).is_err());
        let kept = passwords::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!(kept.hash, "one");
    }

    async fn a_rehash_loses_against_a_change_of_password(store: Store) {
        let alice = store.alice;
        let password = StoredPassword { id: random::id(NOW), hash: "changed meanwhile".to_owned() };
        let id = password.id;
        commit!(store, |tx, password| {
            passwords::insert(tx, alice, &password, NOW).await?;
            passwords::rehash(tx, id, "as it was checked", "stronger").await
        })
        .unwrap();
        let kept = passwords::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!(kept.hash, "changed meanwhile");

        commit!(store, |tx| { passwords::rehash(tx, id, "changed meanwhile", "stronger").await }).unwrap();
        let kept = passwords::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!(kept.hash, "stronger");
    }
}

mod searching {
    use doorward::domain::search::Search;
    use doorward::domain::text::DisplayName;
    use doorward::storage::{Page, profiles};

    use super::*;

    async fn found(store: &Store, typed: &str) -> Vec<String> {
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let search = Search::parse(typed).unwrap();
        let rows = profiles::search(tx, &search, &Page::first(100)).await.unwrap();
        assert_eq!(
            profiles::count_found(tx, &search).await.unwrap(),
            i64::try_from(rows.len()).unwrap()
        );
        rows.iter().map(|one| one.whole.user.email.to_string()).collect()
    }

    on_both! {
        async fn people_are_found_by_what_they_are_called_now(store: Store) {
            let (alice, name) = (store.alice, DisplayName::parse("Anna Anders Ann").unwrap());
            assert_eq!(found(&store, "arch").await, ["alice@acme.example"]);
            commit!(store, |tx, name| { users::rename(tx, alice, &name).await }).unwrap();
            assert_eq!(found(&store, "arch").await, [""; 0]);
            assert_eq!(found(&store, "AN").await, ["alice@acme.example"], "once, whatever matches");
            assert_eq!(found(&store, "ann ander ali").await, ["alice@acme.example"]);
            assert_eq!(found(&store, "ann bob").await, [""; 0]);
            let email: Email = "Anja@acme.example".parse().unwrap();
            assert!(commit!(store, |tx, email| { users::set_email(tx, alice, &email, true).await }).unwrap());
            assert_eq!(found(&store, "anja@ACME").await, ["Anja@acme.example"]);
            assert_eq!(found(&store, "alice").await, [""; 0]);
            commit!(store, |tx| { users::erase(tx, alice, NOW).await }).unwrap();
            assert_eq!(found(&store, "anja").await, [""; 0]);
        }

        async fn a_search_goes_on_where_its_page_ended(store: Store) {
            let people = ["ada@x.example", "adam@x.example", "alan@x.example"].map(samples::user);
            commit!(store, |tx, people| {
                for user in &people {
                    users::insert(tx, user, NOW).await?;
                }
                Ok(())
            })
            .unwrap();
            let search = Search::parse("a").unwrap();
            let mut page = Page::first(1);
            let mut seen = Vec::new();
            loop {
                let rows = profiles::search(&mut store.snapshot().await.tx(), &search, &page).await.unwrap();
                let Some(one) = rows.first() else { break };
                seen.push(one.whole.user.email.to_string());
                page.after.clone_from(&one.place);
            }
            assert_eq!(seen, ["ada@x.example", "adam@x.example", "alan@x.example", "alice@acme.example"]);
            let mut snapshot = store.snapshot().await;
            let tx = &mut snapshot.tx();
            // A place before the first word, as another search may have given it, leads nobody else in.
            let narrow = Search::parse("alice@acme").unwrap();
            let page = Page { after: "ada@x.example usr_0".to_owned(), ..Page::first(9) };
            let rows = profiles::search(tx, &narrow, &page).await.unwrap();
            assert_eq!(rows.iter().map(|one| one.whole.user.id).collect::<Vec<_>>(), [store.alice]);
            assert_eq!(profiles::list(tx, &Page::first(100)).await.unwrap().len(), 4);
            assert_eq!(profiles::count(tx).await.unwrap(), 4);
        }
    }
}
