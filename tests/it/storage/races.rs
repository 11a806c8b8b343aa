//! Twenty at once want the same thing: one gets it, and nobody sees an error but the refusal that is meant for them.

use doorward::directory::DirectoryError;
use doorward::directory::claim;
use doorward::directory::organizations::NewOrganization;
use doorward::directory::setup::{self, FirstOwner};
use doorward::directory::users::NewUser;
use doorward::domain::id::ActivationId;
use doorward::domain::secret::Purpose;
use doorward::domain::throttle::{Allowance, Failures};
use doorward::random;
use doorward::storage::{
    Lane, StorageError, activations, attempts, authorization_codes, authorization_requests, claims, families,
    sign_ins, users,
};
use tokio::task::JoinSet;

use super::{NOW, Store, commit, samples, twenty};
use crate::harness::on_both;

/// How many were told yes; none of the twenty may have seen an error.
#[track_caller]
fn winners(answers: Vec<Result<bool, StorageError>>) -> usize {
    assert_eq!(answers.len(), 20);
    answers
        .into_iter()
        .filter_map(|answer| answer.unwrap().then_some(()))
        .count()
}

on_both! {
    async fn a_code_is_redeemed_by_one_of_twenty(store: Store) {
        let (code, hash) = (samples::code(&store), samples::hash("code", Purpose::AuthorizationCode));
        commit!(store, |tx, code, hash| { authorization_codes::insert(tx, &hash, &code).await }).unwrap();
        let answers = twenty(&store, Lane::Free, move |_, tx| {
            let hash = hash.clone();
            Box::pin(async move { authorization_codes::consume(tx, &hash, NOW).await })
        });
        assert_eq!(winners(answers.await), 1);
    }

    async fn a_sign_in_is_finished_by_one_of_twenty(store: Store) {
        let sign_in = samples::sign_in();
        let here = samples::network("192.0.2.1");
        commit!(store, |tx, sign_in| { sign_ins::insert(tx, &sign_in, here, NOW).await }).unwrap();
        let answers = twenty(&store, Lane::Free, move |_, tx| {
            let sign_in = sign_in.clone();
            Box::pin(async move { sign_ins::consume(tx, &sign_in).await })
        });
        assert_eq!(winners(answers.await), 1);
    }

    async fn an_authorization_request_is_answered_by_one_of_twenty(store: Store) {
        let (waiting, browser) = (samples::waiting(store.fleet), samples::hash("a browser", Purpose::Browser));
        let (id, here) = (waiting.id, samples::network("192.0.2.1"));
        commit!(store, |tx, waiting, browser| {
            authorization_requests::insert(tx, &waiting, &browser, here).await
        })
        .unwrap();
        let answers =
            twenty(&store, Lane::Free, move |_, tx| Box::pin(async move { authorization_requests::consume(tx, id).await }));
        assert_eq!(winners(answers.await), 1);
    }

    async fn a_claim_is_used_by_one_of_twenty(store: Store) {
        let hash = samples::hash("claim", Purpose::Claim);
        let end = NOW.plus(claim::LIFETIME);
        commit!(store, |tx, hash| { claims::replace(tx, &hash, NOW, end).await }).unwrap();
        let answers = twenty(&store, Lane::Free, move |_, tx| {
            let hash = hash.clone();
            Box::pin(async move { claims::consume(tx, &hash, NOW).await })
        });
        assert_eq!(winners(answers.await), 1);
    }

    async fn a_family_is_revoked_by_one_of_twenty(store: Store) {
        let family = samples::family(&store);
        let id = family.id;
        commit!(store, |tx, family| { families::insert(tx, &family, NOW).await }).unwrap();
        let answers = twenty(&store, Lane::Free, move |_, tx| Box::pin(async move { families::revoke(tx, id, NOW).await }));
        assert_eq!(winners(answers.await), 1);
    }

    async fn an_address_goes_to_one_of_twenty(store: Store) {
        let answers = twenty(&store, Lane::Free, |number, tx| {
            let typed = if number % 2 == 0 { "bob@acme.example" } else { "BOB@acme.example" };
            let bob = samples::user(typed);
            Box::pin(async move { users::insert(tx, &bob, NOW).await })
        });
        assert_eq!(winners(answers.await), 1);
        assert_eq!(store.raw().await.count("users").await, 2);
    }

    async fn a_session_gets_one_activation_however_many_begin_at_once(store: Store) {
        let (session, umbrella) = (store.session, store.umbrella);
        let answers = twenty(&store, Lane::Free, move |_, tx| {
            let new: ActivationId = random::id(NOW);
            Box::pin(async move { activations::activate(tx, new, session, umbrella, NOW, NOW).await })
        });
        let mut told: Vec<_> = answers.await.into_iter().map(|answer| answer.unwrap().unwrap()).collect();
        told.dedup();
        let latest = activations::latest(&mut store.snapshot().await.tx(), session, umbrella).await.unwrap();
        assert_eq!(told, [latest.unwrap().id]);
    }

    async fn twenty_tries_are_counted_as_twenty(store: Store) {
        let subject = samples::hash("an account", Purpose::Device);
        let counted = subject.clone();
        let unlimited = Allowance { free: 1000, ..Allowance::ACCOUNT };
        let answers = twenty(&store, Lane::Free, move |_, tx| {
            let subject = subject.clone();
            Box::pin(async move {
                let before = attempts::of(tx, &subject).await?;
                attempts::put(tx, &subject, Failures::one_more(before, unlimited, NOW).unwrap()).await?;
                Ok(true)
            })
        });
        assert_eq!(winners(answers.await), 20);
        let known = attempts::of(&mut store.snapshot().await.tx(), &counted).await.unwrap().unwrap();
        assert_eq!(known.count, 20);
    }

    async fn twenty_sign_ins_begin_at_once_in_one_network(store: Store) {
        let answers = twenty(&store, Lane::Free, |_, tx| {
            let (sign_in, here) = (samples::sign_in(), samples::network("192.0.2.1"));
            Box::pin(async move { sign_ins::insert(tx, &sign_in, here, NOW).await })
        });
        assert_eq!(winners(answers.await), 20);
    }

    async fn an_instance_gets_one_first_owner_of_twenty(store: Store) {
        store.raw().await.run("DELETE FROM roles; DELETE FROM memberships").await;
        let keys = store.keyring().await;
        let mut tries = JoinSet::new();
        for number in 0..20 {
            let owner = FirstOwner {
                key: None,
                organization: NewOrganization {
                    id: random::id(NOW),
                    name: format!("acme-{number}").parse().unwrap(),
                    display_name: samples::name("Acme"),
                },
                user: NewUser::draw(
                    format!("owner{number}@acme.example").parse().unwrap(),
                    samples::name("Owner"),
                    "$argon2id$".to_owned(),
                    true,
                    NOW,
                ),
            };
            let (db, keyring) = (store.db.clone(), keys.clone());
            tries.spawn(async move {
                db.write(Lane::Free, move |tx| {
                    let (owner, keyring) = (owner.clone(), keyring.clone());
                    Box::pin(async move { setup::first_owner(tx, &keyring, &owner, NOW).await })
                })
                .await
            });
        }
        let mut owners = 0;
        for answer in tries.join_all().await {
            match answer {
                Ok(()) => owners += 1,
                Err(DirectoryError::AlreadySetUp) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(owners, 1);
        let mut raw = store.raw().await;
        assert_eq!(raw.number("SELECT COUNT(*) FROM users WHERE superuser").await, 1);
        assert_eq!((raw.count("roles").await, raw.count("organizations").await), (6, 3));
    }
}
