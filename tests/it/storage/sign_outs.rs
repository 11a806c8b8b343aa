//! SAML applications, who is signed in at them and at providers, and sign-outs on their way.

use std::time::Duration;

use doorward::domain::id::{ActivationId, ApplicationId, SessionId};
use doorward::domain::secret::Purpose;
use doorward::domain::service_provider::{
    AssertionAlgorithm, Consumer, NameIdFormat, SamlSession, ServiceProvider,
};
use doorward::domain::sign_out::{Party, SignOut, Stop, Then, UpstreamSession};
use doorward::random;
use doorward::storage::{
    Lane, activations, applications, connections, logout_requests, saml_sessions, service_providers,
    sessions, sign_outs, upstream_sessions,
};

use super::federation::connection;
use super::samples::{self, NOW, hash};
use super::{Store, commit, twenty};
use crate::harness::on_both;

fn provider() -> ServiceProvider {
    ServiceProvider {
        entity_id: "https://wiki.acme.example/saml".to_owned(),
        consumers: vec![Consumer {
            index: 0,
            url: "https://wiki.acme.example/saml/acs".to_owned(),
        }],
        slo: None,
        certificates: vec!["MIIC".to_owned()],
        requires_signed_requests: true,
        encryption_certificate: None,
        signs_assertions: true,
        signs_responses: false,
        algorithm: AssertionAlgorithm::EcdsaSha256,
        name_id_formats: vec![NameIdFormat::Email, NameIdFormat::Transient],
        attributes: ServiceProvider::usual_attributes(),
        idp_initiated: true,
    }
}

/// A session of Alice's that acts for Acme.
async fn acting(store: &Store) -> (SessionId, ActivationId) {
    let session = samples::session(store.alice);
    let (id, drawn): (SessionId, ActivationId) = (session.id, random::id(NOW));
    let acme = store.acme;
    let activation = commit!(store, |tx, session| {
        let secret = hash(&session.id.to_string(), Purpose::Session);
        sessions::insert(tx, &session, &secret, &samples::origin()).await?;
        activations::activate(tx, drawn, session.id, acme, NOW, NOW).await
    })
    .unwrap();
    (id, activation.unwrap())
}

fn told(application: ApplicationId, activation: ActivationId, name_id: &str) -> SamlSession {
    SamlSession {
        application,
        activation,
        name_id: name_id.to_owned(),
        format: NameIdFormat::Transient,
    }
}

on_both! {
    async fn how_an_application_speaks_saml_is_read_back_and_goes_with_it(store: Store) {
        let (fleet, mut known) = (store.fleet, provider());
        let read = async || service_providers::of(&mut store.snapshot().await.tx(), fleet).await.unwrap();
        for change in [true, false] {
            known.idp_initiated = change;
            commit!(store, |tx, known| { service_providers::put(tx, fleet, &known, NOW).await }).unwrap();
            assert_eq!(read().await, Some(known.clone()));
        }
        commit!(store, |tx| { service_providers::remove(tx, fleet).await }).unwrap();
        assert_eq!(read().await, None);
        commit!(store, |tx, known| { service_providers::put(tx, fleet, &known, NOW).await }).unwrap();
        commit!(store, |tx| { applications::delete(tx, fleet).await }).unwrap();
        assert_eq!(read().await, None);
    }

    async fn a_sign_in_at_an_application_is_found_by_its_session_and_its_name(store: Store) {
        let (session, activation) = acting(&store).await;
        let (_, other) = acting(&store).await;
        let (fleet, first, second) = (store.fleet, told(store.fleet, activation, "_1"), told(store.fleet, activation, "_2"));
        let others = told(store.fleet, other, "_2");
        commit!(store, |tx, first, second, others| {
            saml_sessions::put(tx, &first, NOW).await?;
            saml_sessions::put(tx, &second, NOW).await?;
            saml_sessions::put(tx, &others, NOW).await
        }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(saml_sessions::find(tx, fleet, activation).await.unwrap(), Some(second.clone()));
        assert_eq!(saml_sessions::of_session(tx, session).await.unwrap(), [second]);
        assert_eq!(saml_sessions::sessions_of(tx, fleet, "_1").await.unwrap(), []);
        assert_eq!(saml_sessions::sessions_of(tx, fleet, "_2").await.unwrap().len(), 2);
    }

    async fn a_session_at_a_provider_goes_with_the_one_here(store: Store) {
        let ((session, _), kept) = (acting(&store).await, connection(&store));
        let there = UpstreamSession {
            connection: kept.id, subject: "00u1".to_owned(), format: None, index: Some("_7".to_owned()),
            sealed_id_token: Some(b"sealed".to_vec()),
        };
        let later = UpstreamSession { index: Some("_8".to_owned()), sealed_id_token: None, ..there.clone() };
        commit!(store, |tx, kept, there, later| {
            connections::insert(tx, &kept).await?;
            upstream_sessions::put(tx, session, &there, NOW).await?;
            upstream_sessions::put(tx, session, &later, NOW).await
        }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(upstream_sessions::of_session(tx, session).await.unwrap(), [later]);
        let found = upstream_sessions::sessions_of(tx, kept.id, "00u1").await.unwrap();
        assert_eq!(found, [(session, Some("_8".to_owned()))]);
        assert_eq!(upstream_sessions::sessions_of(tx, kept.id, "00u2").await.unwrap(), []);
    }

    async fn sa37_a_request_to_sign_out_is_taken_once(store: Store) {
        let until = NOW.plus(Duration::from_mins(15));
        let taken = twenty(&store, Lane::Guarded, move |_, tx| {
            Box::pin(async move { logout_requests::use_once(tx, "app_1", "_1", until).await })
        });
        let taken: Vec<_> = taken.await.into_iter().filter(|taken| matches!(taken, Ok(true))).collect();
        assert_eq!(taken.len(), 1);
        assert!(commit!(store, |tx| { logout_requests::use_once(tx, "app_2", "_1", until).await }).unwrap());
        assert_eq!(commit!(store, |tx| { logout_requests::purge(tx, NOW).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { logout_requests::purge(tx, until).await }).unwrap(), 2);
    }

    async fn a_sign_out_goes_on_in_its_browser_until_it_is_done_or_forgotten(store: Store) {
        let (_, activation) = acting(&store).await;
        let mut state = SignOut {
            rest: vec![Stop::Application(told(store.fleet, activation, "_1"))],
            waits_for: None,
            is_partial: false,
            then: Then::Address("https://fleet.acme.example/".to_owned()),
        };
        let (handle, browser) = (hash("a handle", Purpose::SignOut), hash("a browser", Purpose::Browser));
        commit!(store, |tx, handle, browser, state| {
            sign_outs::insert(tx, &handle, &browser, &state, NOW).await
        }).unwrap();
        let find = async |browser: &str, at| {
            let browser = hash(browser, Purpose::Browser);
            sign_outs::find(&mut store.snapshot().await.tx(), &handle, &browser, at).await.unwrap()
        };
        assert_eq!(find("a browser", NOW).await, Some(state.clone()));
        assert_eq!(find("another", NOW).await, None);
        state.waits_for = Some((Party::Application(store.fleet), "_1".to_owned()));
        state.rest.clear();
        commit!(store, |tx, handle, state| { sign_outs::update(tx, &handle, &state).await }).unwrap();
        assert_eq!(find("a browser", NOW).await, Some(state.clone()));
        let end = NOW.plus(sign_outs::LIFETIME);
        assert_eq!(find("a browser", end).await, None);
        assert_eq!(commit!(store, |tx| { sign_outs::purge(tx, NOW).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { sign_outs::purge(tx, end).await }).unwrap(), 1);
        commit!(store, |tx, handle, browser, state| {
            sign_outs::insert(tx, &handle, &browser, &state, NOW).await
        }).unwrap();
        commit!(store, |tx, handle| { sign_outs::remove(tx, &handle).await }).unwrap();
        assert_eq!(find("a browser", NOW).await, None);
    }
}
