//! What is stored of people beside their own row: `storage::profiles`, `managed_users`, `email_changes`, `avatars`,
//! `domains`, and how everything of a person ends.

use std::time::Duration;

use doorward::domain::email::{Email, EmailDomain};
use doorward::domain::membership::MembershipStatus;
use doorward::domain::oauth::Scope;
use doorward::domain::profile::{Preferences, Profile};
use doorward::domain::secret::Purpose;
use doorward::domain::user::{User, UserState, UserStatus};
use doorward::random;
use doorward::storage::consents::ConsentKey;
use doorward::storage::domain_challenges::Challenge;
use doorward::storage::email_changes::{self, EmailChange};
use doorward::storage::managed_users::{self, Because};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::passwords::StoredPassword;
use doorward::storage::{
    Lane, Page, activations, avatars, consents, domain_challenges, domains, families, known_devices,
    passwords, profiles, sessions, users,
};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

fn domain(text: &str) -> EmailDomain {
    text.parse().unwrap()
}

impl Store {
    async fn whole(&self) -> profiles::Whole {
        let found = profiles::find(&mut self.snapshot().await.tx(), self.alice).await;
        found.unwrap().unwrap()
    }

    /// Who manages Alice.
    async fn manager(&self) -> Option<managed_users::Management> {
        managed_users::of_user(&mut self.snapshot().await.tx(), self.alice)
            .await
            .unwrap()
    }
}

on_both! {
    async fn a_profile_is_read_back_as_stored(store: Store) {
        let blank = store.whole().await;
        assert_eq!((blank.profile, blank.state), (Profile::default(), UserState::Active));
        let full = Profile {
            timezone: Some("Europe/Berlin".parse().unwrap()),
            language: Some("de-AT".parse().unwrap()),
            phone: Some("+4930123456".parse().unwrap()),
            address: "1 Lane\nTown".parse().unwrap(),
            preferences: Preferences::from_json(r#"{"color_theme":"dark"}"#).unwrap(),
        };
        let (alice, acme) = (store.alice, store.acme);
        commit!(store, |tx, full| {
            profiles::set(tx, alice, &full).await?;
            users::set_default_organization(tx, alice, Some(acme)).await?;
            users::set_superuser(tx, alice, true).await?;
            users::set_state(tx, alice, &samples::suspended_user()).await
        })
        .unwrap();
        let whole = store.whole().await;
        assert_eq!((whole.profile, whole.state), (full, samples::suspended_user()));
        assert_eq!((whole.user.default_organization, whole.user.superuser), (Some(acme), true));
        let nobody = profiles::find(&mut store.snapshot().await.tx(), random::id(NOW)).await.unwrap();
        assert!(nobody.is_none());
    }

    async fn another_superuser_is_another_one_who_can_act(store: Store) {
        let (alice, other) = (store.alice, User { superuser: true, ..samples::user("root@acme.example") });
        let id = other.id;
        commit!(store, |tx, other| { users::insert(tx, &other, NOW).await }).unwrap();
        assert!(users::another_superuser(&mut store.snapshot().await.tx(), alice).await.unwrap());
        assert!(users::superusers(&mut store.snapshot().await.tx()).await.unwrap().contains(&id));
        assert!(!users::another_superuser(&mut store.snapshot().await.tx(), id).await.unwrap());
        commit!(store, |tx| { users::set_state(tx, id, &samples::suspended_user()).await }).unwrap();
        assert!(!users::another_superuser(&mut store.snapshot().await.tx(), alice).await.unwrap());
    }

    async fn an_address_is_changed_unless_it_is_anothers(store: Store) {
        let (alice, bob) = (store.alice, samples::user("bob@acme.example"));
        commit!(store, |tx, bob| { users::insert(tx, &bob, NOW).await }).unwrap();
        let taken: Email = "BOB@acme.example".parse().unwrap();
        assert!(!commit!(store, |tx, taken| { users::set_email(tx, alice, &taken, true).await }).unwrap());
        let own: Email = "Alice@acme.example".parse().unwrap();
        assert!(commit!(store, |tx, own| { users::set_email(tx, alice, &own, true).await }).unwrap());
        let found = users::by_email(&mut store.snapshot().await.tx(), &own).await.unwrap().unwrap();
        assert_eq!((found.id, found.email, found.email_verified), (alice, own, true));
    }

    async fn a_membership_tells_its_status(store: Store) {
        let (acme, umbrella, alice) = (store.acme, store.umbrella, store.alice);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(memberships::status(tx, acme, alice).await.unwrap(), Some(MembershipStatus::Active));
        assert_eq!(memberships::status(tx, umbrella, alice).await.unwrap(), None);
    }

    async fn whoever_belongs_twice_is_managed_no_more_and_never_again(store: Store) {
        let (alice, acme, umbrella) = (store.alice, store.acme, store.umbrella);
        assert!(commit!(store, |tx| { managed_users::manage(tx, alice, acme, Because::Invited).await }).unwrap());
        assert_eq!(store.manager().await.unwrap().because, Because::Invited);
        commit!(store, |tx| { managed_users::second_membership_accepted(tx, alice).await }).unwrap();
        assert!(store.manager().await.is_some(), "there is no second one");
        let id = random::id(NOW);
        commit!(store, |tx| {
            let second = NewMembership { id, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &second, NOW).await
        })
        .unwrap();
        assert_eq!(store.manager().await, None);
        commit!(store, |tx| { memberships::delete(tx, umbrella, alice).await }).unwrap();
        for because in [Because::Invited, Because::Agreed] {
            assert!(!commit!(store, |tx| { managed_users::manage(tx, alice, acme, because).await }).unwrap());
        }
        assert_eq!(store.manager().await, None);
    }

    async fn whoever_goes_elsewhere_is_managed_no_more(store: Store) {
        let (alice, acme, umbrella) = (store.alice, store.acme, store.umbrella);
        let id = random::id(NOW);
        commit!(store, |tx| {
            managed_users::manage(tx, alice, acme, Because::Invited).await?;
            memberships::delete(tx, acme, alice).await?;
            let next = NewMembership { id, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &next, NOW).await
        })
        .unwrap();
        assert_eq!(store.manager().await, None);
    }

    async fn an_agreement_lasts_as_long_as_the_domain_is_the_organizations_and_the_address_in_it(store: Store) {
        let (alice, acme, own) = (store.alice, store.acme, domain("acme.example"));
        for agreed in [true, false] {
            let because = if agreed { Because::Agreed } else { Because::Invited };
            commit!(store, |tx, own| {
                domains::insert(tx, acme, &own, NOW).await?;
                managed_users::manage(tx, alice, acme, because).await?;
                domains::delete(tx, acme, &domain("other.example")).await
            })
            .unwrap();
            assert_eq!(store.manager().await.unwrap().because, because);
            commit!(store, |tx, own| { domains::delete(tx, acme, &own).await }).unwrap();
            assert_eq!(store.manager().await.is_some(), !agreed);
        }
        let elsewhere: Email = "alice@home.example".parse().unwrap();
        commit!(store, |tx, elsewhere| {
            managed_users::manage(tx, alice, acme, Because::Agreed).await?;
            users::set_email(tx, alice, &elsewhere, true).await
        })
        .unwrap();
        assert_eq!(store.manager().await, None);
    }

    async fn whoever_manages_somebody_now_still_may(store: Store) {
        let (alice, acme, umbrella, own) = (store.alice, store.acme, store.umbrella, domain("acme.example"));
        let now = async || managed_users::manager(&mut store.snapshot().await.tx(), alice).await.unwrap();
        assert_eq!(now().await, None);
        commit!(store, |tx| { managed_users::manage(tx, alice, acme, Because::Invited).await }).unwrap();
        assert_eq!(now().await, Some(acme));
        commit!(store, |tx| { managed_users::manage(tx, alice, acme, Because::Agreed).await }).unwrap();
        assert_eq!(now().await, None, "nobody knows the domain to be Acme's");
        commit!(store, |tx, own| { domains::insert(tx, acme, &own, NOW).await }).unwrap();
        assert_eq!(now().await, Some(acme));
        commit!(store, |tx| { users::set_superuser(tx, alice, true).await }).unwrap();
        assert_eq!(now().await, None, "nobody manages a superuser");
        commit!(store, |tx| { users::set_superuser(tx, alice, false).await }).unwrap();
        let id = random::id(NOW);
        commit!(store, |tx| {
            let second = NewMembership { id, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &second, NOW).await
        })
        .unwrap();
        assert_eq!(now().await, None, "she belongs to Umbrella too");
    }

    async fn or8_a_domain_is_one_organizations_alone(store: Store) {
        let (acme, umbrella, own) = (store.acme, store.umbrella, domain("B\u{fc}cher.example"));
        assert!(commit!(store, |tx, own| { domains::insert(tx, acme, &own, NOW).await }).unwrap());
        assert!(!commit!(store, |tx, own| { domains::insert(tx, umbrella, &own, NOW).await }).unwrap());
        commit!(store, |tx, own| { domains::delete(tx, umbrella, &own).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(domains::find(tx, umbrella, &own).await.unwrap().is_none());
        assert_eq!(domains::find(tx, acme, &own).await.unwrap().unwrap().verified_at, NOW);
        assert_eq!(domains::list(tx, acme, &Page::first(9)).await.unwrap()[0].domain, own);
        assert_eq!((domains::count(tx, acme).await.unwrap(), domains::count(tx, umbrella).await.unwrap()), (1, 0));
        let inside: Email = "x@b\u{fc}cher.example".parse().unwrap();
        let below: Email = "x@sub.b\u{fc}cher.example".parse().unwrap();
        assert!(domains::holds(tx, acme, &inside).await.unwrap());
        assert!(!domains::holds(tx, umbrella, &inside).await.unwrap());
        assert!(!domains::holds(tx, acme, &below).await.unwrap(), "a part of it is not the whole");
    }

    async fn lg9_of_twenty_who_follow_a_link_one_takes_the_change(store: Store) {
        let link = samples::hash("link", Purpose::EmailChange);
        let change = EmailChange { user: store.alice, email: "new@acme.example".parse().unwrap() };
        let until = NOW.plus(std::time::Duration::from_hours(24));
        commit!(store, |tx, link, change| { email_changes::put(tx, &link, &change, NOW, until).await }).unwrap();
        let hash = link.clone();
        let takers = twenty(&store, Lane::Free, move |_, tx| {
            let link = hash.clone();
            Box::pin(async move { email_changes::take(tx, &link, NOW).await })
        })
        .await;
        let taken = takers.into_iter().filter(|taken| taken.as_ref().unwrap().is_some());
        assert_eq!(taken.count(), 1);
        assert!(email_changes::find(&mut store.snapshot().await.tx(), &link, NOW).await.unwrap().is_none());
    }

    async fn a_user_has_one_change_waiting_and_not_for_ever(store: Store) {
        let alice = store.alice;
        let links = ["first", "second"].map(|link| samples::hash(link, Purpose::EmailChange));
        let change = EmailChange { user: alice, email: "new@acme.example".parse().unwrap() };
        let until = NOW.plus(std::time::Duration::from_hours(24));
        commit!(store, |tx, links, change| {
            for link in &links {
                email_changes::put(tx, link, &change, NOW, until).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(email_changes::find(tx, &links[0], NOW).await.unwrap().is_none(), "the first link is dead");
        assert_eq!(email_changes::find(tx, &links[1], NOW).await.unwrap(), Some(change.clone()));
        assert_eq!(email_changes::of_user(tx, alice, NOW).await.unwrap(), Some(change.clone()));
        assert!(email_changes::find(tx, &links[1], until).await.unwrap().is_none(), "too late");
        assert!(email_changes::of_user(tx, alice, until).await.unwrap().is_none());
        let second = links[1].clone();
        assert!(commit!(store, |tx, second| { email_changes::take(tx, &second, until).await }).unwrap().is_none());
        assert_eq!(commit!(store, |tx| { email_changes::purge(tx, until).await }).unwrap(), 0);
        let later = until.plus(std::time::Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { email_changes::purge(tx, later).await }).unwrap(), 1);
        commit!(store, |tx, second, change| {
            email_changes::put(tx, &second, &change, NOW, until).await?;
            email_changes::end_of_user(tx, alice).await
        })
        .unwrap();
        assert!(email_changes::of_user(&mut store.snapshot().await.tx(), alice, NOW).await.unwrap().is_none());
    }

    async fn a_user_has_one_picture_and_a_new_one_has_a_new_id(store: Store) {
        let (alice, first, second) = (store.alice, random::id(NOW), random::id(NOW));
        commit!(store, |tx| {
            avatars::put(tx, first, alice, "image/png", b"one", NOW).await?;
            avatars::put(tx, second, alice, "image/jpeg", b"two", NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(avatars::find(tx, first).await.unwrap().is_none());
        let found = avatars::find(tx, second).await.unwrap().unwrap();
        assert_eq!(found, ("image/jpeg".to_owned(), b"two".to_vec()));
        assert_eq!(store.whole().await.avatar, Some(second));
        assert!(commit!(store, |tx| { avatars::delete_of_user(tx, alice).await }).unwrap());
        assert!(!commit!(store, |tx| { avatars::delete_of_user(tx, alice).await }).unwrap());
    }

    async fn everything_of_a_person_ends_and_nothing_of_anothers(store: Store) {
        let (alice, bob) = (store.alice, samples::user("bob@acme.example"));
        let device = samples::hash("a device", Purpose::Device);
        let password = StoredPassword { id: random::id(NOW), hash: "$argon2id$one".to_owned() };
        let consent = ConsentKey { user: alice, application: store.fleet, organization: store.acme };
        let (family, session) = (samples::family(&store), samples::session(bob.id));
        let (kept, gone) = (session.id, family.id);
        commit!(store, |tx, bob, device, password, family, session| {
            users::insert(tx, &bob, NOW).await?;
            sessions::insert(tx, &session, &samples::hash("bob's", Purpose::Session), &samples::origin()).await?;
            known_devices::remember(tx, alice, &device, NOW).await?;
            passwords::insert(tx, alice, &password, NOW).await?;
            consents::put(tx, consent, &Scope::parse("openid").unwrap(), NOW).await?;
            families::insert(tx, &family, NOW).await
        })
        .unwrap();
        let ended = commit!(store, |tx| {
            families::revoke_of_user(tx, alice, NOW).await?;
            consents::delete_of_user(tx, alice).await?;
            passwords::delete_of_user(tx, alice).await?;
            known_devices::forget_of_user(tx, alice).await?;
            users::erase(tx, alice, NOW).await?;
            sessions::end_of_user(tx, alice, NOW).await
        });
        assert_eq!(ended.unwrap(), [store.session]);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(sessions::by_id(tx, store.session).await.unwrap().is_none());
        assert!(sessions::by_id(tx, kept).await.unwrap().is_some());
        assert_eq!(families::by_id(tx, gone).await.unwrap().unwrap().revoked_at, Some(NOW));
        assert!(consents::scope_of(tx, consent).await.unwrap().is_none());
        assert!(passwords::of_user(tx, alice).await.unwrap().is_none());
        assert!(!known_devices::is_known(tx, alice, &device).await.unwrap());
        assert!(activations::by_id(tx, store.activation).await.unwrap().is_some(), "activations are ended one by one");
        let erased = profiles::find(tx, alice).await.unwrap().unwrap();
        assert_eq!(erased.state, UserState::Deleted(NOW));
        assert_eq!((erased.user.status, erased.user.name.as_str()), (UserStatus::Deleted, "Deleted user"));
        assert_eq!(erased.user.email.as_str(), format!("{alice}@deleted.invalid"));
        let heir = samples::user("alice@acme.example");
        assert!(commit!(store, |tx, heir| { users::insert(tx, &heir, NOW).await }).unwrap(), "the address is free");
    }

    async fn what_is_to_be_written_into_dns_is_asked_for_until_it_expires(store: Store) {
        let own = domain("acme.example");
        let ask = |proof: &str| Challenge {
            domain: domain("acme.example"),
            proof: proof.to_owned(),
            expires_at: NOW.plus(Duration::from_hours(1)),
        };
        let (first, second) = (ask("one"), ask("two"));
        let acme = store.acme;
        commit!(store, |tx, first| { domain_challenges::put(tx, acme, &first).await }).unwrap();
        commit!(store, |tx, second| { domain_challenges::put(tx, acme, &second).await }).unwrap();
        let late = NOW.plus(Duration::from_hours(1));
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(domain_challenges::find(tx, acme, &own, NOW).await.unwrap(), Some(second));
        assert_eq!(domain_challenges::find(tx, acme, &own, late).await.unwrap(), None);
        assert_eq!(domain_challenges::find(tx, acme, &domain("other.example"), NOW).await.unwrap(), None);
        drop(snapshot);
        assert_eq!(commit!(store, |tx| { domain_challenges::purge(tx, NOW).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { domain_challenges::purge(tx, late).await }).unwrap(), 1);
        commit!(store, |tx, first| { domain_challenges::put(tx, acme, &first).await }).unwrap();
        commit!(store, |tx, own| { domain_challenges::delete(tx, acme, &own).await }).unwrap();
        assert_eq!(domain_challenges::find(&mut store.snapshot().await.tx(), acme, &own, NOW).await.unwrap(), None);
    }

    async fn what_dns_showed_is_looked_at_again(store: Store) {
        let (own, acme) = (domain("acme.example"), store.acme);
        let umbrella = samples::organization("umbrella");
        let theirs = umbrella.id;
        commit!(store, |tx, umbrella| { doorward::storage::organizations::insert(tx, &umbrella, NOW).await }).unwrap();
        assert!(commit!(store, |tx, own| { domains::verify(tx, acme, &own, "proof", NOW).await }).unwrap());
        assert!(!commit!(store, |tx, own| { domains::verify(tx, theirs, &own, "theirs", NOW).await }).unwrap(), "OR8");
        let found = domains::find(&mut store.snapshot().await.tx(), acme, &own).await.unwrap().unwrap();
        assert_eq!((found.proof.as_deref(), found.checked_at, found.missing), (Some("proof"), Some(NOW), 0));
        let day = NOW.plus(Duration::from_hours(24));
        let mut due = domains::due(&mut store.snapshot().await.tx(), NOW, 10).await.unwrap();
        let due = due.pop().unwrap();
        assert_eq!((&due.domain, due.organization), (&own, acme));
        let one = commit!(store, |tx, due| { domains::checked(tx, &due, false, NOW, day).await }).unwrap();
        assert_eq!(one, Some(1));
        let again = commit!(store, |tx, due| { domains::checked(tx, &due, false, NOW, day).await }).unwrap();
        assert_eq!(again, None, "somebody looked meanwhile");
        let there = commit!(store, |tx, due| { domains::checked(tx, &due, true, day, day).await }).unwrap();
        assert_eq!(there, Some(0));
        assert!(domains::due(&mut store.snapshot().await.tx(), NOW, 10).await.unwrap().is_empty());
    }
}
