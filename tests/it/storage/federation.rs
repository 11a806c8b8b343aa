//! Connections, who comes by them, what is away at them, and how that went.

use std::time::Duration;

use doorward::domain::arrival::{Identity, Subject};
use doorward::domain::connection::{
    ClientAuthentication, Connection, ConnectionStatus, Mapped, Mapping, MappingRule, OidcProvider, Provider,
};
use doorward::domain::id::ConnectionId;
use doorward::domain::secret::Purpose;
use doorward::domain::session::{Method, Proof, ProofSource};
use doorward::domain::sign_in::Onward;
use doorward::domain::upstream::{Attempt, Reference, Sent, Stage, UpstreamPurpose, UpstreamRequest};
use doorward::random;
use doorward::storage::portal_links::PortalLink;
use doorward::storage::sessions::{self, SessionOrigin};
use doorward::storage::{
    Lane, Page, connection_watches, connections, identities, portal_links, sso_log, upstream_requests,
};

use super::samples::{self, NOW, hash, name, network};
use super::{Store, commit, twenty};
use crate::harness::on_both;

/// Acme's provider, as it is when people come by it.
pub(crate) fn connection(store: &Store) -> Connection {
    Connection {
        id: random::id(NOW),
        organization: store.acme,
        name: name("Acme Entra"),
        status: ConnectionStatus::Enabled,
        provider: Provider::Oidc(OidcProvider {
            issuer: "https://login.acme.example".to_owned(),
            client_id: "doorward".to_owned(),
            authentication: ClientAuthentication::PrivateKeyJwt,
            scopes: vec!["email".to_owned()],
        }),
        mapping: Mapping {
            groups: Some("groups".to_owned()),
            rules: vec![MappingRule {
                value: "fleet-admins".to_owned(),
                gives: Mapped::Role(random::id(NOW)),
            }],
            ..Mapping::default()
        },
        creates_members: true,
        trusts_mfa: false,
        created_at: NOW,
        updated_at: NOW,
    }
}

fn subject(text: &str) -> Subject {
    Subject::try_from(text.to_owned()).unwrap()
}

fn alices(store: &Store, connection: ConnectionId) -> Identity {
    Identity {
        id: random::id(NOW),
        user: store.alice,
        connection,
        subject: subject("00u1"),
        created_at: NOW,
        last_used_at: None,
    }
}

fn away(connection: &Connection, state: &str) -> UpstreamRequest {
    UpstreamRequest {
        id: random::id(NOW),
        state: hash(state, Purpose::UpstreamState),
        browser: hash("a browser", Purpose::Browser),
        connection: connection.id,
        organization: connection.organization,
        purpose: UpstreamPurpose::SignIn(Onward::Home),
        sent: Sent::Saml {
            request_id: "_1".to_owned(),
        },
        reference: Reference::from_bytes([7; 8]),
        expires_at: NOW.plus(UpstreamRequest::LIFETIME),
    }
}

on_both! {
    async fn what_is_stored_of_a_connection_is_read_again(store: Store) {
        let mut kept = connection(&store);
        commit!(store, |tx, kept| {
            connections::insert(tx, &kept).await?;
            connections::set_secret(tx, kept.id, Some(b"sealed")).await
        })
        .unwrap();
        let umbrella = samples::organization("umbrella");
        let theirs = umbrella.id;
        commit!(store, |tx, umbrella| { doorward::storage::organizations::insert(tx, &umbrella, NOW).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(connections::by_id(tx, kept.id).await.unwrap(), Some(kept.clone()));
        assert_eq!(connections::find(tx, store.acme, kept.id).await.unwrap(), Some(kept.clone()));
        assert_eq!(connections::find(tx, theirs, kept.id).await.unwrap(), None, "not another's");
        assert_eq!(connections::secret(tx, kept.id).await.unwrap().as_deref(), Some(b"sealed".as_slice()));
        assert_eq!(connections::enabled(tx, store.acme).await.unwrap(), [kept.clone()]);
        drop(snapshot);

        kept.status = ConnectionStatus::Disabled;
        kept.name = name("Acme Okta");
        kept.updated_at = NOW.plus(Duration::from_mins(1));
        commit!(store, |tx, kept| { connections::update(tx, &kept).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(connections::enabled(tx, store.acme).await.unwrap().is_empty());
        assert_eq!(connections::list(tx, store.acme, &Page::first(10)).await.unwrap(), [kept.clone()]);
        assert_eq!(connections::count(tx, store.acme).await.unwrap(), 1);
        drop(snapshot);

        let (acme, id) = (store.acme, kept.id);
        commit!(store, |tx| { connections::delete(tx, theirs, id).await }).unwrap();
        commit!(store, |tx| { connections::delete(tx, acme, id).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(connections::by_id(&mut snapshot.tx(), id).await.unwrap(), None);
    }

    async fn an_account_upstream_is_one_persons_here(store: Store) {
        let (kept, bob) = (connection(&store), samples::user("bob@acme.example"));
        let first = alices(&store, kept.id);
        let second = Identity { id: random::id(NOW), user: bob.id, ..first.clone() };
        let stored = commit!(store, |tx, kept, bob, first, second| {
            connections::insert(tx, &kept).await?;
            doorward::storage::users::insert(tx, &bob, NOW).await?;
            Ok((identities::insert(tx, &first).await?, identities::insert(tx, &second).await?))
        });
        assert_eq!(stored.unwrap(), (true, false));
        let later = NOW.plus(Duration::from_mins(1));
        let id = first.id;
        commit!(store, |tx| { identities::used(tx, id, later).await }).unwrap();
        let used = Identity { last_used_at: Some(later), ..first };
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(identities::by_subject(tx, kept.id, &used.subject).await.unwrap(), Some(used.clone()));
        assert_eq!(identities::by_subject(tx, kept.id, &subject("00U1")).await.unwrap(), None, "byte by byte");
        assert_eq!(identities::of_user(tx, store.alice, &Page::first(9)).await.unwrap(), [used]);
        assert_eq!(identities::count_of_user(tx, bob.id).await.unwrap(), 0);
        drop(snapshot);

        let (alice, bob) = (store.alice, bob.id);
        assert!(!commit!(store, |tx| { identities::delete(tx, bob, id).await }).unwrap());
        assert!(commit!(store, |tx| { identities::delete(tx, alice, id).await }).unwrap());
        commit!(store, |tx| { identities::forget(tx, alice).await }).unwrap();
    }

    async fn of_twenty_who_bring_one_subject_one_is_linked(store: Store) {
        let kept = connection(&store);
        commit!(store, |tx, kept| { connections::insert(tx, &kept).await }).unwrap();
        let identity = alices(&store, kept.id);
        let linked = twenty(&store, Lane::Free, move |_, tx| {
            let identity = Identity { id: random::id(NOW), ..identity.clone() };
            Box::pin(async move { identities::insert(tx, &identity).await })
        });
        assert_eq!(linked.await.into_iter().filter(|linked| matches!(linked, Ok(true))).count(), 1);
    }

    async fn up5_whoever_is_away_comes_back_once_in_their_browser_by_their_connection(store: Store) {
        let (kept, other) = (connection(&store), connection(&store));
        let (request, network) = (away(&kept, "state"), network("192.0.2.7"));
        let stored = commit!(store, |tx, kept, other, request| {
            connections::insert(tx, &kept).await?;
            connections::insert(tx, &other).await?;
            upstream_requests::insert(tx, &request, network, NOW).await
        });
        assert!(stored.unwrap());
        let browser = hash("a browser", Purpose::Browser);
        let elsewhere = hash("another", Purpose::Browser);
        let state = request.state.clone();
        let wrong = hash("guessed", Purpose::UpstreamState);
        let late = request.expires_at;
        for (state, browser, by, now) in [
            (&wrong, &browser, kept.id, NOW),
            (&state, &elsewhere, kept.id, NOW),
            (&state, &browser, other.id, NOW),
            (&state, &browser, kept.id, late),
        ] {
            let (state, browser) = (state.clone(), browser.clone());
            let taken = commit!(store, |tx, state, browser| {
                upstream_requests::take(tx, &state, &browser, by, now).await
            });
            assert!(taken.unwrap().is_none());
        }
        let by = kept.id;
        let taken = twenty(&store, Lane::Free, move |_, tx| {
            let (state, browser) = (state.clone(), browser.clone());
            Box::pin(async move { upstream_requests::take(tx, &state, &browser, by, NOW).await })
        });
        let taken: Vec<_> = taken.await.into_iter().filter_map(Result::ok).flatten().collect();
        assert_eq!(taken.len(), 1);
        assert_eq!((taken[0].id, &taken[0].sent), (request.id, &request.sent));
        assert_eq!(taken[0].purpose, request.purpose);
    }

    async fn one_network_keeps_only_so_many_away_and_they_are_forgotten(store: Store) {
        let kept = connection(&store);
        let all: Vec<_> = (0..=UpstreamRequest::MOST_PER_NETWORK)
            .map(|number| away(&kept, &number.to_string()))
            .collect();
        let home = network("192.0.2.7");
        let last = commit!(store, |tx, kept, all| {
            connections::insert(tx, &kept).await?;
            let mut last = false;
            for request in &all {
                last = upstream_requests::insert(tx, request, home, NOW).await?;
            }
            Ok(last)
        });
        assert!(!last.unwrap());
        let expired = NOW.plus(UpstreamRequest::LIFETIME);
        let forgotten = commit!(store, |tx| { upstream_requests::purge(tx, expired).await });
        assert_eq!(i64::try_from(forgotten.unwrap()).unwrap(), UpstreamRequest::MOST_PER_NETWORK);
    }

    async fn the_sso_log_is_read_from_its_end_and_forgotten(store: Store) {
        let kept = connection(&store);
        let attempt = |minutes: u64, refusal| {
            let at = NOW.plus(Duration::from_mins(minutes));
            Attempt {
                id: random::id(at),
                organization: kept.organization,
                connection: kept.id,
                at,
                reference: Reference::from_bytes([1; 8]),
                stage: Stage::Conditions,
                refusal,
                detail: "The answer is for somebody else.".to_owned(),
                subject: Some("00u1".to_owned()),
                user: Some(store.alice),
                test: false,
                address: "192.0.2.7".parse().unwrap(),
            }
        };
        let attempts = [attempt(0, Some("wrong_audience")), attempt(1, None)];
        let all = attempts.clone();
        commit!(store, |tx, kept, all| {
            connections::insert(tx, &kept).await?;
            for attempt in &all {
                sso_log::insert(tx, attempt).await?;
            }
            Ok(())
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        let lines = sso_log::list(tx, store.acme, kept.id, &Page::first(9)).await.unwrap();
        assert_eq!(lines.iter().map(|line| line.id).collect::<Vec<_>>(), [attempts[1].id, attempts[0].id]);
        assert_eq!(sso_log::count(tx, store.acme, kept.id).await.unwrap(), 2);
        assert_eq!(lines[1].refusal.as_deref(), Some("wrong_audience"));
        assert_eq!((lines[1].user, lines[1].stage), (Some(store.alice), Stage::Conditions));
        drop(snapshot);
        let until = attempts[1].at;
        assert_eq!(commit!(store, |tx| { sso_log::purge(tx, until).await }).unwrap(), 1);
    }

    async fn a_word_that_is_taken_back_is_in_no_session(store: Store) {
        let (one, two) = (random::id(NOW), random::id(NOW));
        let proof = |id: ConnectionId| Proof {
            method: Method::Federated,
            source: ProofSource::Connection { id, organization: store.acme, until: None },
            at: NOW,
            remembered: false,
        };
        let session = doorward::domain::session::Session {
            id: random::id(NOW),
            user: store.alice,
            created_at: NOW,
            last_seen_at: NOW,
            expires_at: NOW.plus(Duration::from_hours(24)),
            proofs: vec![proof(one), proof(two)],
        };
        let secret = hash("a session", Purpose::Session);
        let origin = SessionOrigin { address: "192.0.2.7".to_owned(), user_agent: "Firefox".to_owned() };
        let id = session.id;
        commit!(store, |tx, session, secret, origin| {
            sessions::insert(tx, &session, &secret, &origin).await
        })
        .unwrap();
        let somebody = samples::user("bob@acme.example").id;
        commit!(store, |tx| { sessions::forget_word(tx, one, Some(somebody)).await }).unwrap();
        let proofs = async || {
            let mut snapshot = store.snapshot().await;
            sessions::by_id(&mut snapshot.tx(), id).await.unwrap().unwrap().proofs
        };
        assert_eq!(proofs().await.len(), 2);
        commit!(store, |tx| { sessions::forget_word(tx, one, None).await }).unwrap();
        assert_eq!(proofs().await, [proof(two)]);
    }

    async fn a_connection_is_looked_after_when_it_is_due(store: Store) {
        let kept = connection(&store);
        let id = kept.id;
        let day = NOW.plus(Duration::from_hours(24));
        let ends = NOW.plus(Duration::from_hours(20 * 24));
        commit!(store, |tx, kept| {
            connections::insert(tx, &kept).await?;
            connection_watches::put(tx, id, Some(day), Some(ends)).await
        })
        .unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert!(connection_watches::due(tx, NOW, 10).await.unwrap().is_empty());
        assert_eq!(connection_watches::due(tx, day, 10).await.unwrap(), [id]);
        assert_eq!(connection_watches::ending_within(tx, 30, NOW).await.unwrap(), [id]);
        assert!(connection_watches::ending_within(tx, 7, NOW).await.unwrap().is_empty());
        drop(snapshot);

        let later = day.plus(Duration::from_hours(6));
        assert!(commit!(store, |tx| { connection_watches::take(tx, id, later, day).await }).unwrap());
        assert!(!commit!(store, |tx| { connection_watches::take(tx, id, later, day).await }).unwrap(), "once");
        assert_eq!(commit!(store, |tx| { connection_watches::failed(tx, id).await }).unwrap(), 1);
        assert_eq!(commit!(store, |tx| { connection_watches::failed(tx, id).await }).unwrap(), 2);
        commit!(store, |tx| { connection_watches::refreshed(tx, id, day).await }).unwrap();
        assert_eq!(commit!(store, |tx| { connection_watches::failed(tx, id).await }).unwrap(), 1, "in a row");

        assert!(commit!(store, |tx| { connection_watches::warned(tx, id, 30).await }).unwrap());
        assert!(!commit!(store, |tx| { connection_watches::warned(tx, id, 30).await }).unwrap());
        let ending = async |days| connection_watches::ending_within(&mut store.snapshot().await.tx(), days, NOW).await.unwrap();
        commit!(store, |tx| { connection_watches::put(tx, id, None, Some(ends)).await }).unwrap();
        assert!(ending(30).await.is_empty(), "of that end they were warned");
        let sooner = NOW.plus(Duration::from_hours(10 * 24));
        commit!(store, |tx| { connection_watches::put(tx, id, None, Some(sooner)).await }).unwrap();
        assert_eq!(ending(30).await, [id], "of this they were not");
    }

    async fn a_set_up_link_is_found_by_what_opens_it(store: Store) {
        let (opens, other) = (hash("opens", Purpose::Portal), hash("other", Purpose::Portal));
        let link = PortalLink {
            id: random::id(NOW),
            organization: store.acme,
            connection: random::id(NOW),
            made_by: store.alice.to_string(),
            created_at: NOW,
            expires_at: NOW.plus(Duration::from_hours(24)),
            revoked_at: None,
        };
        let (id, acme, kept) = (link.id, store.acme, link.clone());
        commit!(store, |tx, kept, opens| { portal_links::insert(tx, &kept, &opens).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(portal_links::by_secret(tx, &opens).await.unwrap(), Some(link.clone()));
        assert_eq!(portal_links::by_secret(tx, &other).await.unwrap(), None);
        assert_eq!(portal_links::find(tx, acme, id).await.unwrap(), Some(link.clone()));
        assert_eq!(portal_links::find(tx, random::id(NOW), id).await.unwrap(), None, "not another's");
        assert_eq!(portal_links::list(tx, acme, &Page::first(9)).await.unwrap(), std::slice::from_ref(&link));
        assert_eq!(portal_links::count(tx, acme).await.unwrap(), 1);
        drop(snapshot);
        assert!(link.is_good(NOW) && !link.is_good(link.expires_at));
        commit!(store, |tx| { portal_links::revoke(tx, id, NOW).await }).unwrap();
        let found = portal_links::find(&mut store.snapshot().await.tx(), acme, id).await.unwrap().unwrap();
        assert!(!found.is_good(NOW));
        let end = link.expires_at;
        assert_eq!(commit!(store, |tx| { portal_links::purge(tx, end).await }).unwrap(), 0);
        let later = end.plus(Duration::from_millis(1));
        assert_eq!(commit!(store, |tx| { portal_links::purge(tx, later).await }).unwrap(), 1);
    }
}
