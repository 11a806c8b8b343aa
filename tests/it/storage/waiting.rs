//! `storage::sign_ins` and `storage::authorization_requests`: what waits for somebody's browser, for ten minutes.

use std::time::Duration;

use doorward::domain::network::Network;
use doorward::domain::oauth::{
    Answer, AssertionRequest, AuthorizationRequest, CodeChallenge, CodeRequest, Prompt,
};
use doorward::domain::secret::Purpose;
use doorward::domain::service_provider::NameIdFormat;
use doorward::domain::session::Assurance;
use doorward::domain::sign_in::{AccountPage, Onward, SignIn, Step};
use doorward::random;
use doorward::storage::authorization_requests::{self, WaitingRequest};
use doorward::storage::sign_ins;

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;
use crate::harness::visitor::CHALLENGE;

const INSTANT: Duration = Duration::from_millis(1);

fn here() -> Network {
    samples::network("192.0.2.1")
}

on_both! {
    async fn a_sign_in_is_read_back_as_stored(store: Store) {
        let full = SignIn { onward: Onward::Request(random::id(NOW)), ..samples::sign_in() };
        for stored in [samples::sign_in(), full] {
            assert!(commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap());
            let mut snapshot = store.snapshot().await;
            let found = sign_ins::find(&mut snapshot.tx(), stored.id, &stored.browser, NOW).await.unwrap().unwrap();
            assert_eq!(format!("{found:?}"), format!("{stored:?}"));
            assert!(found.browser == stored.browser);
        }
    }

    async fn a_sign_in_needs_its_browser_and_its_ten_minutes(store: Store) {
        let stored = samples::sign_in();
        commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        let another = samples::hash("another browser", Purpose::Browser);
        assert!(sign_ins::find(&mut snapshot.tx(), stored.id, &another, NOW).await.unwrap().is_none());
        let last = stored.expires_at.minus(INSTANT);
        assert!(sign_ins::find(&mut snapshot.tx(), stored.id, &stored.browser, last).await.unwrap().is_some());
        let over = sign_ins::find(&mut snapshot.tx(), stored.id, &stored.browser, stored.expires_at).await;
        assert!(over.unwrap().is_none());
    }

    async fn a_sign_in_is_consumed_once_at_its_step_in_its_browser(store: Store) {
        let stored = samples::sign_in();
        let elsewhere = SignIn { browser: samples::hash("another", Purpose::Browser), ..stored.clone() };
        let step = Step::identified("bob@acme.example".parse().unwrap());
        let at_another_step = SignIn { step, ..stored.clone() };
        commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap();
        let mut consumed = Vec::new();
        for sign_in in [elsewhere, at_another_step, stored.clone(), stored] {
            consumed.push(commit!(store, |tx, sign_in| { sign_ins::consume(tx, &sign_in).await }).unwrap());
        }
        assert_eq!(consumed, [false, false, true, false]);
    }

    async fn a_sign_in_goes_on_from_each_step_once(store: Store) {
        let stored = samples::sign_in();
        let next = Step::SecondFactor {
            user: store.alice,
            email: "alice@acme.example".parse().unwrap(),
            proofs: vec![samples::proof()],
        };
        commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap();
        let mut advanced = Vec::new();
        for _ in 0..2 {
            let (stored, next) = (stored.clone(), next.clone());
            advanced.push(commit!(store, |tx, stored, next| { sign_ins::advance(tx, &stored, &next).await }).unwrap());
        }
        assert_eq!(advanced, [true, false]);
        let mut snapshot = store.snapshot().await;
        let found = sign_ins::find(&mut snapshot.tx(), stored.id, &stored.browser, NOW).await.unwrap().unwrap();
        assert_eq!(found.step, next);
    }

    async fn a_sign_in_leads_back_to_the_page_that_asked_for_it(store: Store) {
        for page in AccountPage::ALL {
            let stored = SignIn { onward: Onward::Account(page), ..samples::sign_in() };
            commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap();
            let mut snapshot = store.snapshot().await;
            let found = sign_ins::find(&mut snapshot.tx(), stored.id, &stored.browser, NOW).await.unwrap().unwrap();
            assert_eq!(found.onward, stored.onward);
        }
    }

    async fn the_newest_request_of_a_browser_is_found_and_can_be_put_off(store: Store) {
        let browser = samples::hash("a browser", Purpose::Browser);
        for _ in 0..2 {
            let (stored, browser) = (samples::waiting(store.fleet), browser.clone());
            commit!(store, |tx, stored, browser| {
                authorization_requests::insert(tx, &stored, &browser, here()).await
            })
            .unwrap();
        }
        let latest = async || {
            let mut snapshot = store.snapshot().await;
            authorization_requests::latest_in(&mut snapshot.tx(), &browser, NOW).await.unwrap().unwrap()
        };
        let found = latest().await;
        assert!(!found.put_off);
        commit!(store, |tx| { authorization_requests::put_off(tx, found.id).await }).unwrap();
        assert!(latest().await.put_off, "{:?}", found.id);
        let another = samples::hash("another", Purpose::Browser);
        let mut snapshot = store.snapshot().await;
        assert!(authorization_requests::latest_in(&mut snapshot.tx(), &another, NOW).await.unwrap().is_none());
        let over = NOW.plus(SignIn::LIFETIME);
        assert!(authorization_requests::latest_in(&mut snapshot.tx(), &browser, over).await.unwrap().is_none());
    }

    async fn a_network_has_so_many_sign_ins_and_no_more(store: Store) {
        commit!(store, |tx| {
            for _ in 0..SignIn::MOST_PER_NETWORK {
                assert!(sign_ins::insert(tx, &samples::sign_in(), here(), NOW).await?);
            }
            assert!(!sign_ins::insert(tx, &samples::sign_in(), here(), NOW).await?);
            assert!(sign_ins::insert(tx, &samples::sign_in(), samples::network("192.0.2.2"), NOW).await?);
            let later = NOW.plus(SignIn::LIFETIME);
            assert!(sign_ins::insert(tx, &samples::sign_in(), here(), later).await?, "the old ones don't count");
            Ok(())
        })
        .unwrap();
    }

    async fn expired_sign_ins_are_forgotten(store: Store) {
        let stored = samples::sign_in();
        let end = stored.expires_at;
        commit!(store, |tx, stored| { sign_ins::insert(tx, &stored, here(), NOW).await }).unwrap();
        assert_eq!(commit!(store, |tx| { sign_ins::purge(tx, end.minus(INSTANT)).await }).unwrap(), 0);
        assert_eq!(commit!(store, |tx| { sign_ins::purge(tx, end).await }).unwrap(), 1);
    }

    async fn an_authorization_request_is_read_back_as_stored(store: Store) {
        let request = AuthorizationRequest {
            answer: Answer::Code(CodeRequest {
                redirect_uri: "http://127.0.0.1:51004/done".to_owned(),
                state: Some("\u{1f6aa} \"state\"".to_owned()),
                nonce: Some("n".to_owned()),
                code_challenge: Some(CodeChallenge::parse(CHALLENGE, Some("S256")).unwrap()),
                resources: vec!["https://api.example".to_owned()],
            }),
            hinted_user: None,
            scope: samples::scope("openid device:read"),
            prompt: Prompt { none: false, login: true, consent: true },
            max_age: Some(0),
            acr: Some(Assurance::Two),
            login_hint: Some("bob".to_owned()),
            organization: Some("acme".to_owned()),
        };
        let full = WaitingRequest { request, ..samples::waiting(store.fleet) };
        let browser = samples::hash("a browser", Purpose::Browser);
        let saml = AuthorizationRequest {
            answer: Answer::Assertion(AssertionRequest {
                consumer: "https://wiki.acme.example/saml/acs".to_owned(),
                in_response_to: Some("_1".to_owned()),
                relay_state: Some("\u{1f6aa}".to_owned()),
                name_id_format: NameIdFormat::Email,
                subject: Some("bob@acme.example".to_owned()),
                class: Some("urn:class".to_owned()),
            }),
            ..full.request.clone()
        };
        let saml = WaitingRequest { request: saml, ..samples::waiting(store.fleet) };
        for mut stored in [samples::waiting(store.fleet), full, saml] {
            assert!(commit!(store, |tx, stored, browser| {
                authorization_requests::insert(tx, &stored, &browser, here()).await
            })
            .unwrap());
            for chosen in [None, Some(store.acme)] {
                if let Some(organization) = chosen {
                    let id = stored.id;
                    commit!(store, |tx| {
                        authorization_requests::choose_organization(tx, id, organization).await
                    })
                    .unwrap();
                }
                stored.chosen_organization = chosen;
                let mut snapshot = store.snapshot().await;
                let found = authorization_requests::find(&mut snapshot.tx(), stored.id, &browser, NOW).await;
                assert_eq!(format!("{:?}", found.unwrap().unwrap()), format!("{stored:?}"));
            }
        }
    }

    async fn an_authorization_request_needs_its_browser_its_ten_minutes_and_no_answer_yet(store: Store) {
        let (stored, browser) = (samples::waiting(store.fleet), samples::hash("a browser", Purpose::Browser));
        commit!(store, |tx, stored, browser| {
            authorization_requests::insert(tx, &stored, &browser, here()).await
        })
        .unwrap();
        let (id, end) = (stored.id, NOW.plus(SignIn::LIFETIME));
        let another = samples::hash("another", Purpose::Browser);
        let mut found = Vec::new();
        for (browser, now) in [(&another, NOW), (&browser, end), (&browser, end.minus(INSTANT))] {
            let mut snapshot = store.snapshot().await;
            found.push(authorization_requests::find(&mut snapshot.tx(), id, browser, now).await.unwrap().is_some());
        }
        assert_eq!(found, [false, false, true]);
        let consumed = commit!(store, |tx| {
            Ok((authorization_requests::consume(tx, id).await?, authorization_requests::consume(tx, id).await?))
        });
        assert_eq!(consumed.unwrap(), (true, false));
        let mut snapshot = store.snapshot().await;
        assert!(authorization_requests::find(&mut snapshot.tx(), id, &browser, NOW).await.unwrap().is_none());
    }

    async fn a_network_has_so_many_authorization_requests_and_expired_ones_are_forgotten(store: Store) {
        let (fleet, browser) = (store.fleet, samples::hash("a browser", Purpose::Browser));
        commit!(store, |tx, browser| {
            for _ in 0..SignIn::MOST_PER_NETWORK {
                let waiting = samples::waiting(fleet);
                assert!(authorization_requests::insert(tx, &waiting, &browser, here()).await?);
            }
            let one_more = samples::waiting(fleet);
            assert!(!authorization_requests::insert(tx, &one_more, &browser, here()).await?);
            let there = samples::network("192.0.2.2");
            assert!(authorization_requests::insert(tx, &one_more, &browser, there).await?);
            let end = NOW.plus(SignIn::LIFETIME);
            assert_eq!(authorization_requests::purge(tx, end.minus(INSTANT)).await?, 0);
            let stored = u64::try_from(SignIn::MOST_PER_NETWORK).unwrap() + 1;
            assert_eq!(authorization_requests::purge(tx, end).await?, stored);
            Ok(())
        })
        .unwrap();
    }
}
