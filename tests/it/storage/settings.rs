//! `storage::security` and `storage::billing`.

use std::time::Duration;

use doorward::domain::access::{Grace, Policy};
use doorward::domain::billing::{Billing, PaymentMethod};
use doorward::domain::security::{Factor, Security};
use doorward::domain::session::SessionLimits;
use doorward::random;
use doorward::storage::{billing, organizations, security};

use super::{NOW, Store, commit};
use crate::harness::on_both;

fn strict() -> Security {
    Security {
        policy: Policy {
            ip_allowlist: vec!["192.0.2.0/24".parse().unwrap(), "2001:db8::/32".parse().unwrap()],
            require_mfa: true,
            // Asked for since it was set, and a day long.
            mfa_grace: Grace {
                since: NOW,
                lasts: Duration::from_hours(24),
            },
        },
        session_limits: SessionLimits {
            idle: Duration::from_secs(61),
            max: Duration::from_secs(3601),
        },
        mfa_grace_days: 1,
        allowed_factors: vec![Factor::Totp, Factor::Webauthn],
        require_user_verification: true,
        trusted_device_days: 2,
        api_key_max_age_days: Some(3),
        password_min_length: 16,
        password_history: 5,
        required_connection: Some(random::id(NOW)),
    }
}

on_both! {
    async fn a_new_organization_asks_what_the_house_asks(store: Store) {
        let mut snapshot = store.snapshot().await;
        let found = security::of(&mut snapshot.tx(), store.acme).await.unwrap().unwrap();
        let house = Security {
            policy: Policy::default(),
            session_limits: SessionLimits::INSTANCE,
            mfa_grace_days: 0,
            allowed_factors: Factor::ALL.to_vec(),
            require_user_verification: false,
            trusted_device_days: 0,
            api_key_max_age_days: None,
            password_min_length: 15,
            password_history: 0,
            required_connection: None,
        };
        assert_eq!(found, house);
        assert!(found.faults().is_empty());
        assert!(security::of(&mut snapshot.tx(), random::id(NOW)).await.unwrap().is_none());
    }

    async fn security_is_changed_for_its_organization_alone(store: Store) {
        let (acme, strict) = (store.acme, strict());
        commit!(store, |tx, strict| { security::set(tx, acme, &strict, NOW).await }).unwrap();
        let mut snapshot = store.snapshot().await;
        assert_eq!(security::of(&mut snapshot.tx(), acme).await.unwrap().as_ref(), Some(&strict));
        let acme = organizations::by_id(&mut snapshot.tx(), acme).await.unwrap().unwrap();
        assert_eq!((acme.policy, acme.session_limits), (strict.policy, strict.session_limits));
        let umbrella = organizations::by_id(&mut snapshot.tx(), store.umbrella).await.unwrap().unwrap();
        assert!(!umbrella.policy.require_mfa);
    }

    async fn billing_is_read_back_as_stored(store: Store) {
        let acme = store.acme;
        let paid = Billing {
            email: Some("bills@acme.example".parse().unwrap()),
            payment_method: Some(PaymentMethod::Invoice),
            payment_reference: Some("Acme GmbH 2026".parse().unwrap()),
            usage_alerts: vec!["devices:80".parse().unwrap(), "api_keys:100".parse().unwrap()],
            outstanding_charges: 1_999,
        };
        for stored in [paid, Billing::default()] {
            commit!(store, |tx, stored| { billing::set(tx, acme, &stored).await }).unwrap();
            let mut snapshot = store.snapshot().await;
            assert_eq!(billing::of(&mut snapshot.tx(), acme).await.unwrap(), Some(stored));
            assert_eq!(billing::of(&mut snapshot.tx(), store.umbrella).await.unwrap(), Some(Billing::default()));
        }
        assert_eq!(billing::of(&mut store.snapshot().await.tx(), random::id(NOW)).await.unwrap(), None);
    }
}
