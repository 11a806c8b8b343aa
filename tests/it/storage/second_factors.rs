//! `storage::second_factors`, and the devices on which one need not show them again.

use doorward::domain::secret::Purpose;
use doorward::domain::security::{Factor, Security};
use doorward::domain::session::{FactorRules, Method, Proof};
use doorward::storage::{known_devices, passwords, second_factors, security};

use super::{NOW, Store, commit, samples};
use crate::harness::{Engine, Raw, on_both};

on_both! {
    async fn a_person_has_what_they_set_up_and_unused_codes(store: Store) {
        let of_alice = async || {
            let mut snapshot = store.snapshot().await;
            second_factors::of_user(&mut snapshot.tx(), store.alice).await.unwrap()
        };
        assert!(!of_alice().await.any());
        let mut raw = Raw::connect(&store.config).await;
        let alice = store.alice;
        for (code, used_at) in [("01", "NULL"), ("02", "NULL"), ("03", "1")] {
            let hash = if store.engine == Engine::Postgres { format!("'\\x{code}'") } else { format!("X'{code}'") };
            raw.run(&format!(
                "INSERT INTO recovery_codes (user_id, code_hash, credential_id, created_at, used_at) \
                 VALUES ('{alice}', {hash}, 'crd_x', 1, {used_at})"
            ))
            .await;
        }
        let codes = of_alice().await;
        assert_eq!((codes.recovery_codes, codes.any()), (2, false), "codes stand for another factor");
        raw.run(&format!(
            "INSERT INTO phones (id, user_id, number, created_at) VALUES ('crd_y', '{alice}', '+491511', 1)"
        ))
        .await;
        let phone = of_alice().await;
        assert!(phone.any() && phone.has(Factor::Sms) && !phone.has(Factor::Totp) && !phone.has(Factor::Webauthn));
        assert!(!second_factors::verify_users(&mut store.snapshot().await.tx(), store.alice).await.unwrap());
        let keys = FactorRules { allowed: vec![Factor::Webauthn], ..FactorRules::default() };
        assert!(phone.any_of(&FactorRules::default()) && !phone.any_of(&keys));
        let mut snapshot = store.snapshot().await;
        let last = alice.to_string();
        let tx = &mut snapshot.tx();
        let members = second_factors::in_organization(tx, store.acme, "", &last).await.unwrap();
        assert_eq!(members, [(alice, phone)]);
        assert!(second_factors::in_organization(tx, store.umbrella, "", &last).await.unwrap().is_empty());
    }

    async fn the_strictest_of_the_organizations_that_ask_says_how_long_a_device_is_trusted(store: Store) {
        let days = async || {
            let mut snapshot = store.snapshot().await;
            second_factors::trusted_device_days(&mut snapshot.tx(), store.alice).await.unwrap()
        };
        assert_eq!(days().await, None, "nobody asks for a second factor");
        let acme = store.acme;
        commit!(store, |tx| {
            let mut strict: Security = security::of(tx, acme).await?.unwrap();
            strict.policy.require_mfa = true;
            strict.trusted_device_days = 7;
            security::set(tx, acme, &strict, NOW).await
        })
        .unwrap();
        assert_eq!(days().await, Some(7));
    }

    async fn a_device_is_trusted_by_what_was_shown_on_it_until_it_is_not(store: Store) {
        let (alice, device) = (store.alice, samples::hash("a device", Purpose::Device));
        let trusted = async || {
            let mut snapshot = store.snapshot().await;
            known_devices::trusted(&mut snapshot.tx(), alice, &device).await.unwrap()
        };
        let proof = Proof { method: Method::Totp, ..samples::proof() };
        let (shown, known) = (proof.clone(), device.clone());
        commit!(store, |tx, shown, known| {
            known_devices::remember(tx, alice, &known, NOW).await?;
            known_devices::trust(tx, alice, &known, &shown).await
        })
        .unwrap();
        assert_eq!(trusted().await, Some(Proof { remembered: true, ..proof }));
        commit!(store, |tx| { known_devices::trust_none(tx, alice).await }).unwrap();
        assert_eq!(trusted().await, None);
        let mut snapshot = store.snapshot().await;
        assert!(known_devices::is_known(&mut snapshot.tx(), alice, &device).await.unwrap(), "known all the same");
    }

    async fn nobody_must_change_a_password_that_they_have_not(store: Store) {
        let mut snapshot = store.snapshot().await;
        assert!(!passwords::must_change(&mut snapshot.tx(), store.alice).await.unwrap());
    }
}
