//! Attacks, by the ids of the corpus they come from: each is refused.

mod attestation;
mod codes;
mod cookies;
mod cross_site;
mod guessing;
mod impersonation;
mod lost_passwords;
mod passkeys;
mod sessions;
mod silence;
mod step_skipping;
mod text_messages;

use std::ops::Deref;

use crate::harness::{Engine, House};

/// A house behind a proxy that is trusted: whoever asks says over which network.
struct Proxied(House);

impl Proxied {
    async fn open(engine: Engine) -> Self {
        let house = House::open_with(engine, |config| {
            config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        });
        Self(house.await)
    }
}

impl Deref for Proxied {
    type Target = House;

    fn deref(&self) -> &House {
        &self.0
    }
}
