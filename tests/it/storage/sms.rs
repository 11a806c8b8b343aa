//! `storage::phones`, `sms_codes` and `sms_sends`.

use std::time::Duration;

use doorward::domain::phone::PhoneNumber;
use doorward::domain::secret::{Purpose, SecretHash};
use doorward::domain::sms::{SmsCode, SmsPurpose};
use doorward::random;
use doorward::storage::sms_codes::{self, Sent};
use doorward::storage::sms_sends::{self, Counted};
use doorward::storage::{Lane, phones};

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

const MINUTE: Duration = Duration::from_mins(1);
const INSTANT: Duration = Duration::from_millis(1);

fn number(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text).unwrap()
}

fn hash(text: &str) -> SecretHash {
    samples::hash(text, Purpose::Device)
}

fn sent(store: &Store, purpose: SmsPurpose, code: &str) -> Sent {
    Sent {
        user: store.alice,
        purpose,
        number: number("+4915112345678"),
        hash: hash(code),
    }
}

on_both! {
    async fn a_user_has_one_phone_and_a_new_one_takes_its_place(store: Store) {
        let (alice, first, second) = (store.alice, random::id(NOW), random::id(NOW));
        commit!(store, |tx| {
            assert_eq!(phones::of_user(tx, alice).await?, None);
            phones::put(tx, first, alice, &number("+4915112345678"), NOW).await?;
            phones::used(tx, first, NOW.plus(MINUTE)).await?;
            let stored = phones::of_user(tx, alice).await?.unwrap();
            assert_eq!((stored.id, stored.number.as_str()), (first, "+4915112345678"));
            assert_eq!((stored.created_at, stored.last_used_at), (NOW, Some(NOW.plus(MINUTE))));
            phones::put(tx, second, alice, &number("+4915187654321"), NOW).await?;
            let stored = phones::of_user(tx, alice).await?.unwrap();
            assert_eq!((stored.id, stored.last_used_at), (second, None));
            assert!(phones::delete_of_user(tx, alice).await?);
            assert!(!phones::delete_of_user(tx, alice).await?);
            Ok(())
        })
        .unwrap();
    }

    async fn sm3_a_code_is_bound_to_its_purpose_and_a_new_one_kills_it(store: Store) {
        let alice = store.alice;
        let (one, other) = (SmsPurpose::SignIn(random::id(NOW)), SmsPurpose::SignIn(random::id(NOW)));
        let [first, second] = ["first", "second"].map(|code| sent(&store, one, code));
        let (enrolment, end) = (sent(&store, SmsPurpose::Enrolment, "enrolment"), NOW.plus(SmsCode::LIFETIME));
        commit!(store, |tx, first, second, enrolment| {
            sms_codes::put(tx, &enrolment, NOW).await?;
            sms_codes::put(tx, &first, NOW).await?;
            let tried = sms_codes::count_try(tx, alice, one, NOW).await?;
            assert_eq!(tried, Some((first.hash.clone(), first.number.clone())));
            assert_eq!(sms_codes::count_try(tx, alice, other, NOW).await?, None, "another sign-in");
            assert_eq!(sms_codes::number(tx, alice, one, NOW).await?, Some(first.number.clone()));
            assert_eq!(sms_codes::number(tx, alice, other, NOW).await?, None);
            assert_eq!(sms_codes::count_try(tx, alice, one, end).await?, None, "too late");
            sms_codes::put(tx, &second, NOW).await?;
            assert!(!sms_codes::spend(tx, alice, one, &first.hash).await?);
            assert!(sms_codes::spend(tx, alice, one, &second.hash).await?);
            assert_eq!(sms_codes::count_try(tx, alice, SmsPurpose::Enrolment, NOW).await?.unwrap().0, enrolment.hash);
            Ok(())
        })
        .unwrap();
        assert_eq!(commit!(store, |tx| { sms_codes::purge(tx, end).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { sms_codes::purge(tx, end.plus(INSTANT)).await }).unwrap(), 1);
        commit!(store, |tx, enrolment| {
            sms_codes::put(tx, &enrolment, NOW).await?;
            sms_codes::delete_of_user(tx, alice).await?;
            assert_eq!(sms_codes::number(tx, alice, SmsPurpose::Enrolment, NOW).await?, None);
            Ok(())
        })
        .unwrap();
    }

    async fn sm1_of_twenty_tries_at_once_five_are_made(store: Store) {
        let (alice, purpose) = (store.alice, SmsPurpose::SignIn(random::id(NOW)));
        let code = sent(&store, purpose, "code");
        commit!(store, |tx, code| { sms_codes::put(tx, &code, NOW).await }).unwrap();
        let tries = twenty(&store, Lane::Free, move |_, tx| {
            Box::pin(async move { sms_codes::count_try(tx, alice, purpose, NOW).await })
        });
        let made = tries.await.into_iter().filter(|tried| tried.as_ref().unwrap().is_some());
        assert_eq!(i64::try_from(made.count()).unwrap(), SmsCode::MOST_TRIES);
    }

    async fn f12_of_twenty_who_spend_a_code_one_does(store: Store) {
        let (alice, purpose) = (store.alice, SmsPurpose::SignIn(random::id(NOW)));
        let code = sent(&store, purpose, "code");
        let hash = code.hash.clone();
        commit!(store, |tx, code| { sms_codes::put(tx, &code, NOW).await }).unwrap();
        let spent = twenty(&store, Lane::Free, move |_, tx| {
            let hash = hash.clone();
            Box::pin(async move { sms_codes::spend(tx, alice, purpose, &hash).await })
        });
        assert_eq!(spent.await.into_iter().filter(|spent| *spent.as_ref().unwrap()).count(), 1);
    }

    async fn messages_are_counted_by_subject_and_time(store: Store) {
        let (alices, bobs) = (hash("alice"), hash("bob"));
        let later = NOW.plus(MINUTE);
        commit!(store, |tx, alices, bobs| {
            sms_sends::note(tx, &alices, random::id(NOW), NOW).await?;
            sms_sends::note(tx, &alices, random::id(NOW), NOW).await?;
            sms_sends::note(tx, &alices, random::id(NOW), later).await?;
            let all = sms_sends::since(tx, &alices, NOW.minus(INSTANT)).await?;
            assert_eq!(all, Counted { count: 3, first: Some(NOW), last: Some(later) });
            assert_eq!(sms_sends::since(tx, &alices, NOW).await?.count, 1, "a day ends with its moment");
            let none = Counted { count: 0, first: None, last: None };
            assert_eq!(sms_sends::since(tx, &bobs, NOW.minus(INSTANT)).await?, none);
            Ok(())
        })
        .unwrap();
        assert_eq!(commit!(store, |tx| { sms_sends::purge(tx, later).await }).unwrap(), 2);
    }
}
