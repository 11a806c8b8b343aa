//! Passkeys, and the questions that browsers are asked about them.

use doorward::domain::passkey::{Ceremony, Passkey, PasskeyKind};
use doorward::domain::secret::Purpose;
use doorward::random;
use doorward::storage::passkeys::{self, StoredPasskey};
use doorward::storage::webauthn_ceremonies::{self, CeremonyKey};
use doorward::storage::{Lane, Page};

use super::samples::{self, NOW, hash, name, network};
use super::{Store, commit, twenty};
use crate::harness::on_both;

/// Alice's key ring.
pub(crate) fn key_ring(store: &Store, webauthn_id: &[u8]) -> StoredPasskey {
    StoredPasskey {
        passkey: Passkey {
            id: random::id(NOW),
            user: store.alice,
            kind: PasskeyKind::SecurityKey,
            synced: false,
            name: name("Key ring"),
            created_at: NOW,
            last_used_at: None,
            clone_seen_at: None,
        },
        webauthn_id: webauthn_id.to_vec(),
        credential: "{}".to_owned(),
    }
}

fn sign_in(secret: &str) -> CeremonyKey {
    CeremonyKey {
        secret: hash(secret, Purpose::Ceremony),
        browser: hash("a browser", Purpose::Browser),
        ceremony: Ceremony::SignIn,
    }
}

on_both! {
    async fn what_is_stored_of_a_passkey_is_read_again(store: Store) {
        let mut key = key_ring(&store, b"one");
        assert!(commit!(store, |tx, key| { passkeys::insert(tx, &key).await }).unwrap());
        let read = async || {
            let mut snapshot = store.snapshot().await;
            passkeys::by_webauthn_id(&mut snapshot.tx(), b"one").await.unwrap().unwrap()
        };
        assert_eq!(read().await, key);
        let (id, later, called) = (key.passkey.id, NOW.plus(Ceremony::LIFETIME), name("Spare"));
        commit!(store, |tx, called| {
            passkeys::used(tx, id, "{\"counter\":1}", later).await?;
            passkeys::clone_seen(tx, id, later).await?;
            passkeys::rename(tx, id, &called).await
        })
        .unwrap();
        "{\"counter\":1}".clone_into(&mut key.credential);
        (key.passkey.last_used_at, key.passkey.clone_seen_at, key.passkey.name) = (Some(later), Some(later), called);
        assert_eq!(read().await, key);
    }

    async fn wa6_an_authenticators_id_is_there_once_over_all_people(store: Store) {
        let first = key_ring(&store, b"one");
        let bob = samples::user("bob@acme.example");
        let mut second = key_ring(&store, b"one");
        second.passkey.user = bob.id;
        let stored = commit!(store, |tx, first, second, bob| {
            doorward::storage::users::insert(tx, &bob, NOW).await?;
            Ok((passkeys::insert(tx, &first).await?, passkeys::insert(tx, &second).await?))
        });
        assert_eq!(stored.unwrap(), (true, false));
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(passkeys::by_webauthn_id(tx, b"one").await.unwrap().unwrap().passkey.user, store.alice);
        assert!(passkeys::by_webauthn_id(tx, b"other").await.unwrap().is_none());
        assert!(passkeys::find(tx, bob.id, first.passkey.id).await.unwrap().is_none(), "not Bob's");
        assert_eq!(passkeys::find(tx, store.alice, first.passkey.id).await.unwrap(), Some(first));
    }

    async fn a_persons_are_listed_page_by_page_and_forgotten(store: Store) {
        let keys: Vec<_> = [b"1", b"2", b"3"].into_iter().map(|id| key_ring(&store, id)).collect();
        commit!(store, |tx, keys| {
            for key in &keys {
                passkeys::insert(tx, key).await?;
            }
            Ok(())
        })
        .unwrap();
        let alice = store.alice;
        let mut sorted: Vec<_> = keys.iter().map(|key| key.passkey.id.to_string()).collect();
        sorted.sort();
        let ids = async |page: Page| {
            let mut snapshot = store.snapshot().await;
            let rows = passkeys::of_user(&mut snapshot.tx(), alice, &page).await.unwrap();
            rows.into_iter().map(|row| row.passkey.id.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(ids(Page::first(2)).await, sorted[..2]);
        assert_eq!(ids(Page { after: sorted[1].clone(), ..Page::first(2) }).await, sorted[2..]);
        assert_eq!(passkeys::count_of_user(&mut store.snapshot().await.tx(), alice).await.unwrap(), 3);
        let gone = keys[0].passkey.id;
        let left = commit!(store, |tx| {
            passkeys::delete(tx, gone).await?;
            passkeys::delete_of_user(tx, alice).await
        });
        assert_eq!(left.unwrap(), 2);
        assert!(ids(Page::first(9)).await.is_empty());
    }

    async fn wa1_a_question_is_taken_by_its_browser_for_its_purpose_in_time(store: Store) {
        let asked = sign_in("a secret");
        let of = network("192.0.2.1");
        assert!(commit!(store, |tx, asked| { webauthn_ceremonies::insert(tx, &asked, "asked", of, NOW).await }).unwrap());
        let take = async |key: CeremonyKey, at| {
            commit!(store, |tx, key| { webauthn_ceremonies::take(tx, &key, at).await }).unwrap()
        };
        let elsewhere = CeremonyKey { browser: hash("another", Purpose::Browser), ..asked.clone() };
        assert_eq!(take(elsewhere, NOW).await, None);
        let other = CeremonyKey { ceremony: Ceremony::SecondFactor(store.alice, random::id(NOW)), ..asked.clone() };
        assert_eq!(take(other, NOW).await, None);
        assert_eq!(take(sign_in("another secret"), NOW).await, None);
        assert_eq!(take(asked.clone(), NOW.plus(Ceremony::LIFETIME)).await, None, "too late");
        assert_eq!(take(asked.clone(), NOW).await.as_deref(), Some("asked"));
        assert_eq!(take(asked, NOW).await, None, "once");
    }

    async fn wa1_of_twenty_who_take_a_question_one_gets_it(store: Store) {
        let asked = sign_in("a secret");
        let of = network("192.0.2.1");
        commit!(store, |tx, asked| { webauthn_ceremonies::insert(tx, &asked, "asked", of, NOW).await }).unwrap();
        let told = twenty(&store, Lane::Free, move |_, tx| {
            let asked = asked.clone();
            Box::pin(async move { webauthn_ceremonies::take(tx, &asked, NOW).await })
        });
        let got = told.await.into_iter().filter(|told| matches!(told, Ok(Some(_))));
        assert_eq!(got.count(), 1);
    }

    async fn a_network_asks_so_much_and_what_is_too_old_is_forgotten(store: Store) {
        let of = network("192.0.2.1");
        let stored = commit!(store, |tx| {
            for number in 0..Ceremony::MOST_PER_NETWORK {
                let asked = sign_in(&format!("secret {number}"));
                assert!(webauthn_ceremonies::insert(tx, &asked, "asked", of, NOW).await?);
            }
            let one_more = webauthn_ceremonies::insert(tx, &sign_in("one more"), "asked", of, NOW).await?;
            let others = network("192.0.2.2");
            let of_others = webauthn_ceremonies::insert(tx, &sign_in("theirs"), "asked", others, NOW).await?;
            Ok((one_more, of_others))
        });
        assert_eq!(stored.unwrap(), (false, true));
        let over = NOW.plus(Ceremony::LIFETIME);
        let forgotten = commit!(store, |tx| {
            assert_eq!(webauthn_ceremonies::purge(tx, NOW).await?, 0);
            webauthn_ceremonies::purge(tx, over).await
        });
        assert_eq!(forgotten.unwrap(), u64::try_from(Ceremony::MOST_PER_NETWORK).unwrap() + 1);
    }
}
