//! `storage::activations` and `storage::families`: what tokens hang on.

use std::time::Duration;

use doorward::domain::id::ActivationId;
use doorward::domain::session::Activation;
use doorward::domain::time::Timestamp;
use doorward::random;
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::{StorageError, activations, families, members};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

const HOUR: Duration = Duration::from_hours(1);
const INSTANT: Duration = Duration::from_millis(1);

impl Store {
    async fn activation(&self) -> Activation {
        let mut snapshot = self.snapshot().await;
        activations::latest(&mut snapshot.tx(), self.session, self.acme)
            .await
            .unwrap()
            .unwrap()
    }

    async fn activate(
        &self,
        new: ActivationId,
        authenticated_at: Timestamp,
        now: Timestamp,
    ) -> Result<Option<ActivationId>, StorageError> {
        let (session, acme) = (self.session, self.acme);
        commit!(self, |tx| {
            activations::activate(tx, new, session, acme, authenticated_at, now).await
        })
    }
}

on_both! {
    async fn an_activation_is_read_back_as_stored(store: Store) {
        let mut snapshot = store.snapshot().await;
        let by_id = activations::by_id(&mut snapshot.tx(), store.activation).await.unwrap().unwrap();
        for found in [by_id, store.activation().await] {
            let (id, session, organization) = (found.id, found.session, found.organization);
            assert_eq!((id, session, organization), (store.activation, store.session, store.acme));
            assert_eq!((found.last_seen_at, found.ended_at), (NOW, None));
        }
        let elsewhere = activations::latest(&mut snapshot.tx(), store.session, store.umbrella).await.unwrap();
        assert!(elsewhere.is_none());
    }

    async fn acting_again_keeps_the_activation_and_notes_the_time(store: Store) {
        let again = store.activate(random::id(NOW), NOW, NOW.plus(HOUR)).await.unwrap();
        assert_eq!(again, Some(store.activation));
        assert_eq!(store.activation().await.last_seen_at, NOW.plus(HOUR));
    }

    async fn whoever_begins_to_act_has_signed_in_for_that_organization_and_no_other(store: Store) {
        let (umbrella, alice, membership) = (store.umbrella, store.alice, random::id(NOW));
        commit!(store, |tx| {
            let new = NewMembership { id: membership, organization: umbrella, user: alice, role: None };
            memberships::insert(tx, &new, NOW).await
        }).unwrap();
        let signed_in = async |organization| {
            let mut snapshot = store.snapshot().await;
            let found = members::find(&mut snapshot.tx(), organization, alice).await.unwrap().unwrap();
            found.last_sign_in_at
        };
        assert_eq!((signed_in(store.acme).await, signed_in(umbrella).await), (Some(NOW), None));
        store.activate(random::id(NOW), NOW, NOW.plus(HOUR)).await.unwrap();
        assert_eq!(signed_in(store.acme).await, Some(NOW), "to go on is not to sign in");
        let session = store.session;
        let new = random::id(NOW);
        commit!(store, |tx| {
            activations::activate(tx, new, session, umbrella, NOW, NOW.plus(HOUR)).await
        }).unwrap();
        assert_eq!((signed_in(store.acme).await, signed_in(umbrella).await), (Some(NOW), Some(NOW.plus(HOUR))));
    }

    async fn an_ended_activation_ends_once_and_its_id_opens_nothing(store: Store) {
        let id = store.activation;
        let ended = commit!(store, |tx| {
            Ok((activations::end(tx, id, NOW).await?, activations::end(tx, id, NOW.plus(HOUR)).await?))
        });
        assert_eq!(ended.unwrap(), (true, false));
        assert!(activations::by_id(&mut store.snapshot().await.tx(), id).await.unwrap().is_none());
        assert_eq!(store.activation().await.ended_at, Some(NOW));
    }

    async fn after_a_revocation_only_a_newer_proof_activates_again(store: Store) {
        let (old, new, revoked_at) = (store.activation, random::id(NOW), NOW.plus(HOUR));
        commit!(store, |tx| { activations::end(tx, old, revoked_at).await }).unwrap();
        for proved_too_early in [NOW, revoked_at] {
            let refused = store.activate(new, proved_too_early, revoked_at.plus(HOUR)).await;
            assert_eq!(refused.unwrap(), None);
        }
        assert_eq!(store.activation().await.ended_at, Some(revoked_at), "a refusal changes nothing");

        let proved_since = revoked_at.plus(INSTANT);
        assert_eq!(store.activate(new, proved_since, proved_since).await.unwrap(), Some(new));
        let live = store.activation().await;
        assert_eq!((live.id, live.ended_at), (new, None));
        assert!(activations::by_id(&mut store.snapshot().await.tx(), old).await.unwrap().is_none());
    }

    async fn an_activation_that_is_used_is_seen(store: Store) {
        let id = store.activation;
        commit!(store, |tx| { activations::seen(tx, id, NOW.plus(HOUR)).await }).unwrap();
        let seen = activations::by_id(&mut store.snapshot().await.tx(), id).await.unwrap().unwrap();
        assert_eq!(seen.last_seen_at, NOW.plus(HOUR));
    }

    async fn a_sessions_end_ends_its_activations_alone(store: Store) {
        let (other, hash) = (samples::session(store.alice), samples::hash("other", doorward::domain::secret::Purpose::Session));
        let (session, acme, others): (_, _, ActivationId) = (store.session, store.acme, random::id(NOW));
        commit!(store, |tx, other, hash| {
            doorward::storage::sessions::insert(tx, &other, &hash, &samples::origin()).await?;
            activations::activate(tx, others, other.id, acme, NOW, NOW).await?;
            activations::end_of_session(tx, session, NOW).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        assert!(activations::by_id(&mut snapshot.tx(), store.activation).await.unwrap().is_none());
        assert!(activations::by_id(&mut snapshot.tx(), others).await.unwrap().is_some());
    }

    async fn a_family_is_read_back_as_stored_and_revoked_once(store: Store) {
        let stored = samples::family(&store);
        commit!(store, |tx, stored| { families::insert(tx, &stored, NOW).await }).unwrap();
        let found = families::by_id(&mut store.snapshot().await.tx(), stored.id).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{stored:?}"));

        let id = stored.id;
        let revoked = commit!(store, |tx| {
            Ok((families::revoke(tx, id, NOW).await?, families::revoke(tx, id, NOW.plus(HOUR)).await?))
        });
        assert_eq!(revoked.unwrap(), (true, false));
        let found = families::by_id(&mut store.snapshot().await.tx(), id).await.unwrap().unwrap();
        assert_eq!(found.revoked_at, Some(NOW), "the first revocation counts");
        assert!(families::by_id(&mut store.snapshot().await.tx(), random::id(NOW)).await.unwrap().is_none());
    }
}
