//! `storage::authorization_codes`, `claims` and `attempts`: what is spent, and what is counted.

use std::time::Duration;

use doorward::domain::oauth::{AuthorizationCode, CodeChallenge};
use doorward::domain::secret::Purpose;
use doorward::domain::throttle::Failures;
use doorward::storage::{attempts, authorization_codes, claims};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;
use crate::harness::visitor::CHALLENGE;

const HOUR: Duration = Duration::from_hours(1);
const INSTANT: Duration = Duration::from_millis(1);

on_both! {
    async fn a_code_is_read_back_as_stored_and_consumed_once(store: Store) {
        let full = AuthorizationCode {
            scope: samples::scope("openid profile"),
            resources: vec!["https://a.example".to_owned(), "https://b.example".to_owned()],
            nonce: Some("the nonce".to_owned()),
            code_challenge: Some(CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap()),
            ..samples::code(&store)
        };
        for (secret, stored) in [("plain", samples::code(&store)), ("full", full)] {
            let hash = samples::hash(secret, Purpose::AuthorizationCode);
            commit!(store, |tx, stored, hash| { authorization_codes::insert(tx, &hash, &stored).await }).unwrap();
            let found = authorization_codes::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().unwrap();
            assert_eq!(format!("{:?}", found.code), format!("{stored:?}"));
            assert_eq!(found.consumed_at, None);

            let consumed = commit!(store, |tx, hash| {
                let first = authorization_codes::consume(tx, &hash, NOW).await?;
                Ok((first, authorization_codes::consume(tx, &hash, NOW.plus(HOUR)).await?))
            });
            assert_eq!(consumed.unwrap(), (true, false));
            let found = authorization_codes::find(&mut store.snapshot().await.tx(), &hash).await.unwrap().unwrap();
            assert_eq!(found.consumed_at, Some(NOW));
        }
        let nobodys = samples::hash("guess", Purpose::AuthorizationCode);
        let found = authorization_codes::find(&mut store.snapshot().await.tx(), &nobodys).await.unwrap();
        assert!(found.is_none());
        assert!(!commit!(store, |tx, nobodys| { authorization_codes::consume(tx, &nobodys, NOW).await }).unwrap());
    }

    async fn a_code_is_forgotten_after_it_expired_and_not_at_that_moment(store: Store) {
        let (stored, hash) = (samples::code(&store), samples::hash("code", Purpose::AuthorizationCode));
        let end = stored.expires_at;
        commit!(store, |tx, stored, hash| { authorization_codes::insert(tx, &hash, &stored).await }).unwrap();
        assert_eq!(commit!(store, |tx| { authorization_codes::purge(tx, end).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { authorization_codes::purge(tx, end.plus(INSTANT)).await }).unwrap(), 1);
    }

    async fn a_claim_is_open_until_used_too_old_or_replaced(store: Store) {
        let [first, second] = ["one", "two"].map(|secret| samples::hash(secret, Purpose::Claim));
        let end = NOW.plus(HOUR);
        commit!(store, |tx, first, second| {
            claims::replace(tx, &first, NOW, end).await?;
            assert!(claims::is_open(tx, &first, end.minus(INSTANT)).await?);
            assert!(!claims::is_open(tx, &first, end).await?, "too old");
            assert!(!claims::consume(tx, &first, end).await?, "too old");

            claims::replace(tx, &second, NOW, end).await?;
            assert!(!claims::is_open(tx, &first, NOW).await?, "replaced");
            assert!(!claims::consume(tx, &first, NOW).await?, "replaced");

            assert!(claims::consume(tx, &second, NOW).await?);
            assert!(!claims::is_open(tx, &second, NOW).await?, "used");
            assert!(!claims::consume(tx, &second, NOW).await?, "used");
            Ok(())
        })
        .unwrap();
    }

    async fn failures_are_kept_replaced_forgiven_and_cleared_by_subject(store: Store) {
        let [alice, bob] = ["alice", "bob"].map(|who| samples::hash(who, Purpose::Device));
        let failures = |count| Failures { count, blocked_until: NOW.plus(HOUR), reckoned_at: NOW };
        commit!(store, |tx, alice, bob| {
            assert_eq!(attempts::of(tx, &alice).await?, None);
            attempts::put(tx, &bob, failures(7)).await?;
            attempts::put(tx, &alice, failures(1)).await?;
            attempts::put(tx, &alice, failures(2)).await?;
            assert_eq!(attempts::of(tx, &alice).await?, Some(failures(2)));

            attempts::forgive_one(tx, &alice).await?;
            let forgiven = attempts::of(tx, &alice).await?.unwrap();
            assert_eq!((forgiven.count, forgiven.blocked_until.millis()), (1, 0));
            attempts::forgive_one(tx, &alice).await?;
            attempts::forgive_one(tx, &alice).await?;
            assert_eq!(attempts::of(tx, &alice).await?.unwrap().count, 0, "never below none");

            attempts::clear(tx, &alice).await?;
            assert_eq!(attempts::of(tx, &alice).await?, None);
            assert_eq!(attempts::of(tx, &bob).await?, Some(failures(7)));

            assert_eq!(attempts::purge(tx, NOW).await?, 0, "the last failure was at this moment");
            assert_eq!(attempts::purge(tx, NOW.plus(INSTANT)).await?, 1);
            Ok(())
        })
        .unwrap();
    }
}
