//! `storage::applications`, `consents` and `api_keys`.

use doorward::domain::access::{Permission, PermissionSet};
use doorward::domain::oauth::{Application, ClientAuthentication, GrantType, OpenTo, RedirectUri};
use doorward::domain::secret::Purpose;
use doorward::domain::signing_key::SigningAlgorithm;
use doorward::random;
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::applications;
use doorward::storage::consents::{self, ConsentKey};

use super::{NOW, Store, commit, samples};
use crate::harness::on_both;

on_both! {
    async fn an_application_is_read_back_as_stored(store: Store) {
        let secret = samples::hash("a client's secret", Purpose::ClientSecret);
        let uri = |text: &str| RedirectUri::register(text).unwrap();
        let full = Application {
            authentication: ClientAuthentication::Basic(secret.clone()),
            redirect_uris: vec![uri("https://one.example/a?b=c"), uri("com.example.app:/done")],
            post_logout_redirect_uris: vec![uri("https://one.example/bye")],
            scope: samples::scope("openid profile device:read"),
            resources: vec!["https://api.example/a".to_owned(), "https://api.example/b".to_owned()],
            grant_types: GrantType::ALL.to_vec(),
            admin_api: true,
            id_token_on_refresh: true,
            id_token_algorithm: SigningAlgorithm::EdDsa,
            require_pkce: false,
            require_nonce: true,
            first_party: true,
            open_to: OpenTo::EveryOrganization,
            ..samples::application(store.acme)
        };
        let by_post = Application {
            authentication: ClientAuthentication::Post(secret),
            redirect_uris: Vec::new(),
            id_token_algorithm: SigningAlgorithm::Es256,
            scope: samples::scope(""),
            ..samples::application(store.acme)
        };
        for stored in [samples::application(store.acme), full, by_post] {
            commit!(store, |tx, stored| { applications::insert(tx, &stored, NOW).await }).unwrap();
            let found = applications::active(&mut store.snapshot().await.tx(), stored.id).await.unwrap().unwrap();
            assert_eq!(format!("{found:?}"), format!("{stored:?}"));
            assert!(found.authentication == stored.authentication, "a secret's hash changed");
        }
    }

    async fn an_application_that_is_switched_off_is_not_found_until_it_is_on_again(store: Store) {
        let fleet = store.fleet;
        for on in [false, true] {
            commit!(store, |tx| { applications::set_active(tx, fleet, on).await }).unwrap();
            let found = applications::active(&mut store.snapshot().await.tx(), fleet).await.unwrap();
            assert_eq!(found.is_some(), on);
        }
        let nobody = applications::active(&mut store.snapshot().await.tx(), random::id(NOW)).await.unwrap();
        assert!(nobody.is_none());
    }

    async fn a_consent_is_replaced_and_counts_for_its_organization_alone(store: Store) {
        let here = ConsentKey { user: store.alice, application: store.fleet, organization: store.acme };
        for agreed in ["openid", "email openid profile"] {
            let scope = samples::scope(agreed);
            commit!(store, |tx, scope| { consents::put(tx, here, &scope, NOW).await }).unwrap();
            let found = consents::scope_of(&mut store.snapshot().await.tx(), here).await.unwrap().unwrap();
            assert_eq!(found, scope);
        }
        let elsewhere = ConsentKey { organization: store.umbrella, ..here };
        assert!(consents::scope_of(&mut store.snapshot().await.tx(), elsewhere).await.unwrap().is_none());
    }

    async fn an_api_key_is_stored_by_its_hash_with_or_without_a_user(store: Store) {
        let (alice, acme) = (store.alice, store.acme);
        for (secret, user) in [("one", Some(alice)), ("two", None)] {
            let hash = samples::hash(secret, Purpose::ApiKey);
            commit!(store, |tx, hash| {
                let key = NewKey {
                    id: random::id(NOW),
                    organization: acme,
                    user,
                    name: secret,
                    hash: &hash,
                    permissions: PermissionSet::of(&[Permission::DeviceRead]),
                    products: &[], ip_allowlist: &[], expires_at: NOW,
                };
                api_keys::insert(tx, &key, NOW).await
            })
            .unwrap();
        }
        let told = "SELECT name || ' ' || permissions || ' ' || COALESCE(user_id, 'nobody') FROM api_keys ORDER BY name";
        let expected = [format!("one device:read {alice}"), "two device:read nobody".to_owned()];
        assert_eq!(store.raw().await.texts(told).await, expected);
    }

    async fn two_api_keys_never_share_a_secret(store: Store) {
        let acme = store.acme;
        let hash = samples::hash("the same", Purpose::ApiKey);
        let mut stored = Vec::new();
        for name in ["one", "two"] {
            let done = commit!(store, |tx, hash| {
                let permissions = PermissionSet::EMPTY;
                let id = random::id(NOW);
                let key = NewKey { id, organization: acme, user: None, name, hash: &hash, permissions, products: &[], ip_allowlist: &[], expires_at: NOW };
                api_keys::insert(tx, &key, NOW).await
            });
            stored.push(done.is_ok());
        }
        assert_eq!(stored, [true, false]);
    }
}
