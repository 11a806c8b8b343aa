//! What the API lists and changes: `storage::products`, `members`, `api_keys`, `session_lists`, `idempotency_keys`, and
//! their neighbours.

use std::time::Duration;

use doorward::domain::access::{Address, BuiltInRole, PermissionSet, Reason};
use doorward::domain::id::{KeyId, OrganizationId, ProductId, UserId};
use doorward::domain::membership::{MembershipState, MembershipStatus};
use doorward::domain::oauth::OpenTo;
use doorward::domain::search::Search;
use doorward::domain::secret::Purpose;
use doorward::domain::user::UserState;
use doorward::random;
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::consents::{self, ConsentKey};
use doorward::storage::idempotency_keys::{self, IdempotencyKey, StoredAnswer};
use doorward::storage::members::{self, Filter};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::products::{self, NewProduct};
use doorward::storage::sessions::SessionOrigin;
use doorward::storage::{
    Lane, Page, activations, applications, families, roles, session_lists, sessions, users,
};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

fn all() -> Page {
    Page::first(100)
}

fn product(organization: OrganizationId, name: &str) -> NewProduct {
    NewProduct {
        id: random::id(NOW),
        organization,
        name: name.parse().unwrap(),
        display_name: samples::name("Rover"),
    }
}

impl Store {
    /// One more member of Acme.
    pub(super) async fn member(&self, email: &str, role: BuiltInRole) -> UserId {
        let (user, acme) = (samples::user(email), self.acme);
        let (id, membership) = (user.id, random::id(NOW));
        commit!(self, |tx, user| {
            users::insert(tx, &user, NOW).await?;
            let role = Some(roles::built_in(tx, role).await?.id);
            let new = NewMembership {
                id: membership,
                organization: acme,
                user: user.id,
                role,
            };
            memberships::insert(tx, &new, NOW).await
        })
        .unwrap();
        id
    }

    async fn key(&self, user: Option<UserId>, secret: &str) -> KeyId {
        let (id, acme, hash) = (random::id(NOW), self.acme, samples::hash(secret, Purpose::ApiKey));
        commit!(self, |tx, hash| {
            let new = NewKey {
                id,
                organization: acme,
                user,
                name: "CI",
                hash: &hash,
                permissions: PermissionSet::ALL,
                products: &[],
                ip_allowlist: &[],
                expires_at: NOW.plus(Duration::from_hours(24)),
            };
            api_keys::insert(tx, &new, NOW).await
        })
        .unwrap();
        id
    }
}

on_both! {
    async fn products_are_listed_renamed_and_deleted_in_their_organization(store: Store) {
        let (acme, umbrella) = (store.acme, store.umbrella);
        let made = [product(acme, "rover"), product(acme, "lantern"), product(umbrella, "rover")];
        commit!(store, |tx, made| {
            for new in &made {
                assert!(products::insert(tx, new, NOW).await?);
            }
            Ok(())
        })
        .unwrap();
        let mut ids: Vec<ProductId> = vec![made[0].id, made[1].id];
        ids.sort_unstable_by_key(ToString::to_string);
        let (rover, elsewhere, name) = (made[0].id, made[2].id, samples::name("Rover II"));
        let tx = &mut store.snapshot().await;
        let tx = &mut tx.tx();
        let listed = products::list(tx, acme, &all()).await.unwrap();
        assert_eq!(listed.iter().map(|product| product.id).collect::<Vec<_>>(), ids);
        let rest = Page { after: ids[0].to_string(), limit: 1, counted: false };
        assert_eq!(products::list(tx, acme, &rest).await.unwrap()[0].id, ids[1]);
        assert_eq!(products::count(tx, acme).await.unwrap(), 2);
        assert!(products::by_id(tx, acme, elsewhere).await.unwrap().is_none());
        for (named, found) in [(ids[1].to_string(), Some(ids[1])), (elsewhere.to_string(), None), ("nothing".to_owned(), None)] {
            assert_eq!(products::id_named(tx, acme, &named).await.unwrap(), found);
        }

        commit!(store, |tx, name| {
            products::rename(tx, acme, rover, &name).await?;
            products::rename(tx, acme, elsewhere, &name).await?;
            products::delete(tx, acme, elsewhere).await
        })
        .unwrap();
        let mut after = store.snapshot().await;
        let tx = &mut after.tx();
        assert_eq!(products::by_id(tx, acme, rover).await.unwrap().unwrap().display_name.as_str(), "Rover II");
        let untouched = products::by_id(tx, umbrella, elsewhere).await.unwrap().unwrap();
        assert_eq!(untouched.display_name.as_str(), "Rover", "an organization changes its own only");
        commit!(store, |tx| { products::delete(tx, acme, rover).await }).unwrap();
        assert!(products::by_id(&mut store.snapshot().await.tx(), acme, rover).await.unwrap().is_none());
    }

    async fn members_are_found_filtered_and_counted(store: Store) {
        let bob = store.member("bob@acme.example", BuiltInRole::Operator).await;
        let acme = store.acme;
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = members::find(tx, acme, bob).await.unwrap().unwrap();
        assert_eq!((found.email.as_str(), found.role.as_deref()), ("bob@acme.example", Some("operator")));
        assert!(members::find(tx, store.umbrella, bob).await.unwrap().is_none());
        let beginning = |text: &str| Filter { search: Search::parse(text).unwrap(), ..Filter::default() };
        for (filter, count) in [
            (Filter::default(), 2),
            (beginning("bob@"), 1),
            (beginning("alice a"), 2),
            (beginning("archer"), 2),
            (beginning("ARCH ali al"), 2),
            (beginning("archer bob"), 1),
            (beginning("rcher"), 0),
            (beginning("%"), 0),
            (Filter { role: "operator".to_owned(), ..Filter::default() }, 1),
            (Filter { role: "king".to_owned(), ..Filter::default() }, 0),
            (Filter { status: Some(MembershipStatus::Suspended), ..Filter::default() }, 0),
            // Bob joined and never signed in; Alice did when she joined.
            (Filter { idle_since: Some(NOW), ..Filter::default() }, 2),
            (Filter { idle_since: Some(NOW.minus(Duration::from_millis(1))), ..Filter::default() }, 0),
            (Filter { ended_since: Some(NOW), ..Filter::default() }, 0),
        ] {
            assert_eq!(members::list(tx, acme, &filter, &all()).await.unwrap().len(), count, "{filter:?}");
            assert_eq!(members::count(tx, acme, &filter).await.unwrap(), i64::try_from(count).unwrap());
        }
    }

    async fn only_owners_who_can_act_count_as_owners(store: Store) {
        let (acme, alice) = (store.acme, store.alice);
        let olga = store.member("olga@acme.example", BuiltInRole::Owner).await;
        let others = async |store: &Store| {
            members::other_owners(&mut store.snapshot().await.tx(), acme, alice).await.unwrap()
        };
        assert_eq!(others(&store).await, 1);
        let found = members::find(&mut store.snapshot().await.tx(), acme, olga).await.unwrap().unwrap();
        commit!(store, |tx| { memberships::set_state(tx, found.membership, &samples::suspended_member()).await }).unwrap();
        assert_eq!(others(&store).await, 0);
        commit!(store, |tx| {
            memberships::set_state(tx, found.membership, &MembershipState::Active).await?;
            users::set_state(tx, olga, &samples::suspended_user()).await
        })
        .unwrap();
        assert_eq!(others(&store).await, 0);
        commit!(store, |tx| {
            users::set_state(tx, olga, &UserState::Active).await?;
            let admin = roles::named(tx, acme, "admin").await?.map(|role| role.id);
            memberships::set_role(tx, acme, found.membership, admin).await
        })
        .unwrap();
        assert_eq!(others(&store).await, 0);
        let mut snapshot = store.snapshot().await;
        let demoted = members::find(&mut snapshot.tx(), acme, olga).await.unwrap().unwrap();
        assert_eq!(demoted.role.as_deref(), Some("admin"));
        assert!(roles::named(&mut snapshot.tx(), acme, "king").await.unwrap().is_none());
    }

    async fn a_membership_goes_and_what_acts_in_its_name_ends(store: Store) {
        let (acme, umbrella, alice) = (store.acme, store.umbrella, store.alice);
        let family = samples::family(&store);
        let key = store.key(Some(alice), "alice's").await;
        let own = store.key(None, "acme's").await;
        commit!(store, |tx, family| {
            families::insert(tx, &family, NOW).await?;
            activations::end_of_member(tx, alice, umbrella, NOW).await?;
            families::revoke_of_member(tx, alice, umbrella, NOW).await?;
            assert_eq!(api_keys::revoke_of_member(tx, alice, umbrella, NOW).await?, 0);
            assert!(activations::by_id(tx, family.activation).await?.is_some());
            assert!(families::by_id(tx, family.id).await?.unwrap().revoked_at.is_none());
            activations::end_of_member(tx, alice, acme, NOW).await?;
            families::revoke_of_member(tx, alice, acme, NOW).await?;
            assert_eq!(api_keys::revoke_of_member(tx, alice, acme, NOW).await?, 1);
            memberships::delete(tx, acme, alice).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(activations::by_id(tx, store.activation).await.unwrap().is_none());
        assert_eq!(families::by_id(tx, family.id).await.unwrap().unwrap().revoked_at, Some(NOW));
        assert!(api_keys::by_id(tx, key).await.unwrap().is_none());
        assert!(api_keys::by_id(tx, own).await.unwrap().is_some());
        let revoked = api_keys::find(tx, acme, key).await.unwrap().unwrap();
        assert_eq!((revoked.revoked_at, revoked.refusals(NOW, Address::NotThePersons)), (Some(NOW), vec![Reason::KeyRevoked]));
        assert!(api_keys::find(tx, umbrella, key).await.unwrap().is_none());
        assert!(members::find(tx, acme, alice).await.unwrap().is_none());
        let family = samples::family(&store);
        commit!(store, |tx, family| {
            families::insert(tx, &family, NOW).await?;
            families::revoke_of_activation(tx, family.activation, NOW).await
        })
        .unwrap();
        let revoked = families::by_id(&mut store.snapshot().await.tx(), family.id).await.unwrap().unwrap();
        assert_eq!(revoked.revoked_at, Some(NOW));
    }

    async fn keys_are_found_by_secret_listed_used_and_revoked_once(store: Store) {
        let (acme, alice) = (store.acme, store.alice);
        let (own, personal) = (store.key(None, "acme's").await, store.key(Some(alice), "alice's").await);
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let secret = samples::hash("alice's", Purpose::ApiKey);
        let found = api_keys::by_secret(tx, &secret).await.unwrap().unwrap();
        assert_eq!((found.id, found.user, found.use_count, found.last_used_at), (personal, Some(alice), 0, None));
        assert!(api_keys::by_secret(tx, &samples::hash("alice's", Purpose::Session)).await.unwrap().is_none());
        assert_eq!(api_keys::of_organization(tx, acme, &all()).await.unwrap().len(), 2);
        assert_eq!(api_keys::count_of_organization(tx, acme).await.unwrap(), 2);
        for (place, count) in [(None, 1), (Some(acme), 1), (Some(store.umbrella), 0)] {
            assert_eq!(api_keys::of_user(tx, alice, place, &all()).await.unwrap().len(), count);
            assert_eq!(api_keys::count_of_user(tx, alice, place).await.unwrap(), i64::try_from(count).unwrap());
        }
        let later = NOW.plus(Duration::from_secs(9));
        let earlier = SessionOrigin { address: "203.0.113.9".to_owned(), user_agent: "curl".to_owned() };
        commit!(store, |tx, earlier| {
            api_keys::used(tx, own, 2, later, &samples::origin()).await?;
            api_keys::used(tx, own, 3, NOW, &earlier).await?;
            assert!(api_keys::revoke(tx, personal, NOW).await?);
            assert!(!api_keys::revoke(tx, personal, NOW).await?);
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let used = api_keys::by_id(tx, own).await.unwrap().unwrap();
        assert_eq!((used.use_count, used.last_used_at), (5, Some(later)), "time does not go back");
        assert_eq!(used.last_used_from.map(|from| from.address), Some("192.0.2.1".to_owned()));
        assert!(api_keys::by_secret(tx, &secret).await.unwrap().unwrap().revoked_at.is_some());
        assert_eq!(api_keys::count_of_organization(tx, acme).await.unwrap(), 1);
    }

    async fn sessions_are_listed_for_the_organization_and_for_their_person(store: Store) {
        let (acme, alice) = (store.acme, store.alice);
        let dead = NOW.plus(Duration::from_hours(24));
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let [acting] = session_lists::acting_for(tx, acme, NOW, &all()).await.unwrap().try_into().unwrap();
        assert_eq!((acting.id, acting.user, acting.origin.address.as_str()), (store.activation, alice, "192.0.2.1"));
        assert_eq!(session_lists::count_acting_for(tx, acme, NOW).await.unwrap(), 1);
        assert_eq!(session_lists::count_acting_for(tx, acme, dead).await.unwrap(), 0);
        assert!(session_lists::one_acting_for(tx, acme, store.activation, NOW).await.unwrap().is_some());
        assert!(session_lists::one_acting_for(tx, store.umbrella, store.activation, NOW).await.unwrap().is_none());
        let [hers] = session_lists::acting_for_by(tx, acme, alice, NOW, &all()).await.unwrap().try_into().unwrap();
        assert_eq!(hers.id, store.activation);
        assert_eq!(session_lists::count_acting_for_by(tx, acme, alice, NOW).await.unwrap(), 1);
        assert_eq!(session_lists::count_acting_for_by(tx, store.umbrella, alice, NOW).await.unwrap(), 0);
        assert!(session_lists::acting_for_by(tx, store.umbrella, alice, NOW, &all()).await.unwrap().is_empty());
        let [own] = session_lists::of_user(tx, alice, NOW, &all()).await.unwrap().try_into().unwrap();
        assert_eq!(own.id, store.session);
        assert_eq!(session_lists::count_of_user(tx, alice, NOW).await.unwrap(), 1);
        let session = store.session;
        commit!(store, |tx| { sessions::end(tx, session, NOW).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(session_lists::acting_for(tx, acme, NOW, &all()).await.unwrap().is_empty());
        assert_eq!(session_lists::count_of_user(tx, alice, NOW).await.unwrap(), 0);
    }

    async fn consents_are_listed_and_taken_back_once(store: Store) {
        let key = ConsentKey { user: store.alice, application: store.fleet, organization: store.acme };
        let alice = store.alice;
        commit!(store, |tx| { consents::put(tx, key, &samples::scope("openid"), NOW).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let [given] = consents::of_user(tx, alice, None, &all()).await.unwrap().try_into().unwrap();
        assert_eq!((given.key, given.application_name.as_str(), given.organization_name.as_str()), (key, "Acme Fleet", "acme"));
        let rest = Page { after: format!("{} {}", store.fleet, store.acme), limit: 9, counted: false };
        assert!(consents::of_user(tx, alice, None, &rest).await.unwrap().is_empty());
        assert!(consents::of_user(tx, alice, Some(store.umbrella), &all()).await.unwrap().is_empty());
        assert_eq!(consents::count_of_user(tx, alice, Some(store.acme)).await.unwrap(), 1);
        commit!(store, |tx| {
            assert!(consents::delete(tx, key).await?);
            assert!(!consents::delete(tx, key).await?);
            Ok(())
        })
        .unwrap();
        assert_eq!(consents::count_of_user(&mut store.snapshot().await.tx(), alice, None).await.unwrap(), 0);
    }

    async fn applications_are_listed_changed_and_forgotten(store: Store) {
        let acme = store.acme;
        let mut changed = samples::application(acme);
        changed.id = store.fleet;
        changed.open_to = OpenTo::EveryOrganization;
        changed.name = samples::name("Fleet II");
        let fleet = store.fleet;
        commit!(store, |tx, changed| {
            applications::update(tx, &changed).await?;
            applications::set_active(tx, fleet, false).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let found = applications::by_id(tx, acme, fleet).await.unwrap().unwrap();
        assert_eq!(format!("{:?}", found.application), format!("{changed:?}"));
        assert!(!found.active && found.created_at == NOW);
        assert!(applications::by_id(tx, store.umbrella, fleet).await.unwrap().is_none());
        assert_eq!(applications::list(tx, acme, &all()).await.unwrap().len(), 1);
        assert_eq!(applications::count(tx, acme).await.unwrap(), 1);
        commit!(store, |tx| { applications::delete(tx, fleet).await }).unwrap();
        assert_eq!(applications::count(&mut store.snapshot().await.tx(), acme).await.unwrap(), 0);
    }

    async fn a_person_is_renamed(store: Store) {
        let (alice, name) = (store.alice, samples::name("Alice Adler"));
        commit!(store, |tx, name| { users::rename(tx, alice, &name).await }).unwrap();
        let renamed = users::by_id(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!(renamed.name.as_str(), "Alice Adler");
    }

    async fn an_answer_is_kept_once_for_a_caller_and_key_and_forgotten_after_its_time(store: Store) {
        let key = IdempotencyKey { caller: "key_1".to_owned(), key: "k".to_owned() };
        let answer = StoredAnswer {
            request_hash: samples::hash("a body", Purpose::RequestBody),
            status: 201,
            body: "{}".to_owned(),
            shown_once: true,
        };
        let stored = (key.clone(), answer.clone());
        let told = twenty(&store, Lane::Free, move |_, tx| {
            let (key, answer) = stored.clone();
            Box::pin(async move { idempotency_keys::insert(tx, &key, &answer, NOW).await })
        })
        .await;
        assert_eq!(told.into_iter().filter(|told| matches!(told, Ok(true))).count(), 1);
        let mut snapshot = store.snapshot().await;
        assert_eq!(idempotency_keys::find(&mut snapshot.tx(), &key).await.unwrap(), Some(answer));
        let others = IdempotencyKey { caller: "key_2".to_owned(), key: "k".to_owned() };
        assert!(idempotency_keys::find(&mut snapshot.tx(), &others).await.unwrap().is_none());
        assert_eq!(commit!(store, |tx| { idempotency_keys::purge(tx, NOW).await }).unwrap(), 0);
        let later = NOW.plus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { idempotency_keys::purge(tx, later).await }).unwrap(), 1);
    }
}
