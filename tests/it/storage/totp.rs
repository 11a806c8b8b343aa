//! `storage::totp`: an app's secret, the step that was spent last, and the secret that waits.

use std::time::Duration;

use doorward::domain::time::Timestamp;
use doorward::domain::totp::{Step, TotpCode, TotpSecret};
use doorward::random;
use doorward::sign_in;
use doorward::storage::{Lane, totp};

use super::{NOW, Store, commit, twenty};
use crate::harness::on_both;

const MINUTE: Duration = Duration::from_mins(1);
const INSTANT: Duration = Duration::from_millis(1);

/// The secret of RFC 6238 appendix B.
fn secret() -> TotpSecret {
    TotpSecret::from_bytes(*b"12345678901234567890")
}

/// When the app shows `005924`, by the same appendix.
const LATER: Timestamp = Timestamp::from_millis(1_234_567_890_000);

fn step(code: &str, at: Timestamp) -> Step {
    secret().step_of(&TotpCode::parse(code).unwrap(), at).unwrap()
}

fn earlier() -> Step {
    step("050471", Timestamp::from_millis(1_111_111_111_000))
}

fn later() -> Step {
    step("005924", LATER)
}

on_both! {
    async fn mf1_a_step_is_spent_once_and_none_before_it(store: Store) {
        let (alice, id) = (store.alice, random::id(NOW));
        let (earlier, later) = (earlier(), later());
        commit!(store, |tx| { totp::put(tx, id, alice, b"sealed", earlier, NOW).await }).unwrap();
        let spent = commit!(store, |tx| {
            Ok([
                totp::spend(tx, id, earlier, NOW).await?,
                totp::spend(tx, id, later, NOW.plus(MINUTE)).await?,
                totp::spend(tx, id, later, NOW.plus(MINUTE)).await?,
                totp::spend(tx, id, earlier, NOW.plus(MINUTE)).await?,
            ])
        });
        // The code that showed the app is spent (MF3), and nothing after the later step's.
        assert_eq!(spent.unwrap(), [false, true, false, false]);
        let stored = totp::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!((stored.id, stored.secret.as_slice()), (id, b"sealed".as_slice()));
        assert_eq!((stored.created_at, stored.last_used_at), (NOW, Some(NOW.plus(MINUTE))));
    }

    async fn mf1_twenty_with_one_step_are_one(store: Store) {
        let (alice, id) = (store.alice, random::id(NOW));
        commit!(store, |tx| { totp::put(tx, id, alice, b"sealed", earlier(), NOW).await }).unwrap();
        for lane in [Lane::Free, Lane::Guarded, Lane::User(alice)] {
            commit!(store, |tx| { totp::put(tx, id, alice, b"sealed", earlier(), NOW).await }).unwrap();
            let answers = twenty(&store, lane, move |_, tx| {
                Box::pin(async move { totp::spend(tx, id, later(), NOW).await })
            });
            let won = answers.await.into_iter().filter(|answer| *answer.as_ref().unwrap());
            assert_eq!(won.count(), 1, "{lane:?}");
        }
    }

    async fn f12_a_code_opens_once_though_twenty_on_two_nodes_type_it(store: Store) {
        let (alice, id, keyring) = (store.alice, random::id(NOW), store.keyring().await);
        let sealed = sign_in::totp::seal(&keyring, alice, &secret());
        commit!(store, |tx, sealed| { totp::put(tx, id, alice, &sealed, earlier(), NOW).await }).unwrap();
        let other = store.another_node().await;
        let tries = (0..20).map(|number| {
            let db = if number % 2 == 0 { store.db.clone() } else { other.clone() };
            let keyring = keyring.clone();
            tokio::spawn(async move {
                db.write(Lane::Free, move |tx| {
                    let keyring = keyring.clone();
                    Box::pin(async move { sign_in::totp::spend(tx, &keyring, alice, "005 924", LATER).await })
                })
                .await
            })
        });
        let tries: Vec<_> = tries.collect();
        let mut opened = Vec::new();
        for answer in tries {
            opened.extend(answer.await.unwrap().unwrap());
        }
        assert_eq!(opened, [id]);
    }

    async fn a_secret_is_sealed_for_its_user_alone(store: Store) {
        let (alice, keyring) = (store.alice, store.keyring().await);
        let sealed = sign_in::totp::seal(&keyring, alice, &secret());
        assert!(sign_in::totp::unseal(&keyring, alice, &sealed).is_some());
        assert!(sign_in::totp::unseal(&keyring, random::id(NOW), &sealed).is_none());
        // Another's secret in Alice's row opens nothing, and is told to the log.
        let theirs = sign_in::totp::seal(&keyring, random::id(NOW), &secret());
        let id = random::id(NOW);
        commit!(store, |tx, theirs| { totp::put(tx, id, alice, &theirs, earlier(), NOW).await }).unwrap();
        let spent = sign_in::totp::spend(&mut store.snapshot().await.tx(), &keyring, alice, "005924", LATER).await;
        assert!(spent.unwrap_err().to_string().contains("totp_credentials.secret"));
    }

    async fn a_secret_waits_for_its_first_code_and_not_for_ever(store: Store) {
        let alice = store.alice;
        let until = NOW.plus(15 * MINUTE);
        commit!(store, |tx| {
            totp::begin_enrolment(tx, alice, b"first", NOW, until).await?;
            totp::begin_enrolment(tx, alice, b"second", NOW, until).await
        })
        .unwrap();
        let waiting = totp::enrolment(&mut store.snapshot().await.tx(), alice, until.minus(INSTANT)).await.unwrap();
        assert_eq!(waiting.as_deref(), Some(b"second".as_slice()));
        assert_eq!(totp::enrolment(&mut store.snapshot().await.tx(), alice, until).await.unwrap(), None);
        assert_eq!(commit!(store, |tx| { totp::purge(tx, until).await }).unwrap(), 0);
        let ended = twenty(&store, Lane::Free, move |_, tx| {
            Box::pin(async move { totp::end_enrolment(tx, alice).await })
        });
        assert_eq!(ended.await.into_iter().filter(|ended| *ended.as_ref().unwrap()).count(), 1);
        commit!(store, |tx| { totp::begin_enrolment(tx, alice, b"third", NOW, until).await }).unwrap();
        assert_eq!(commit!(store, |tx| { totp::purge(tx, until.plus(INSTANT)).await }).unwrap(), 1);
    }

    async fn an_app_takes_the_place_of_another_and_goes_with_what_waits(store: Store) {
        let (alice, first, second) = (store.alice, random::id(NOW), random::id(NOW));
        commit!(store, |tx| {
            totp::put(tx, first, alice, b"one", later(), NOW).await?;
            totp::put(tx, second, alice, b"two", earlier(), NOW).await?;
            totp::begin_enrolment(tx, alice, b"three", NOW, NOW.plus(MINUTE)).await
        })
        .unwrap();
        let stored = totp::of_user(&mut store.snapshot().await.tx(), alice).await.unwrap().unwrap();
        assert_eq!((stored.id, stored.last_used_at), (second, None));
        let deleted = commit!(store, |tx| {
            Ok((totp::delete_of_user(tx, alice).await?, totp::delete_of_user(tx, alice).await?))
        });
        assert_eq!(deleted.unwrap(), (true, false));
        let tx = &mut store.snapshot().await;
        assert_eq!(totp::of_user(&mut tx.tx(), alice).await.unwrap(), None);
        assert_eq!(totp::enrolment(&mut tx.tx(), alice, NOW).await.unwrap(), None);
    }
}
