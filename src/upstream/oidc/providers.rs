//! What is known of providers: discovered once an hour, their keys again when a token names one that isn't known, and at
//! most once a minute. While a provider can't be asked, what it said last is good for a day (F10).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::discovery::Discovery;
use crate::domain::time::Timestamp;
use crate::domain::upstream::Stage;
use crate::keyring::ForeignKeys;
use crate::outbound::{Outbound, OutboundError};
use crate::upstream::Failure;

/// How long what a provider says of itself is not asked again.
const FRESH: Duration = Duration::from_hours(1);

/// How long it is good while the provider can't be asked.
const GOOD: Duration = Duration::from_hours(24);

/// How long a provider that gave no usable answer is left alone.
const PAUSE: Duration = Duration::from_secs(10);

/// How often keys are asked for at most.
const KEYS_PAUSE: Duration = Duration::from_mins(1);

/// The longest document that is read, in bytes.
const LONGEST: usize = 256 * 1024;

/// So many providers are known at once.
const MOST: usize = 1_000;

/// What is known of providers, by issuer. Cheap to copy.
#[derive(Clone, Default)]
pub(in crate::upstream) struct Providers(Arc<Mutex<HashMap<String, Arc<Slot>>>>);

/// One provider; whoever asks it lets the others wait for the answer.
type Slot = tokio::sync::Mutex<Kept>;

#[derive(Default)]
struct Kept {
    known: Option<Arc<Known>>,
    /// When it was asked last without a usable answer, and why that was none.
    failed: Option<(Timestamp, Failure)>,
}

/// What a provider says of itself.
pub(in crate::upstream) struct Known {
    /// Where its places are.
    pub(in crate::upstream) discovery: Discovery,
    /// Its keys.
    pub(in crate::upstream) keys: ForeignKeys,
    read_at: Timestamp,
    keys_asked_at: Timestamp,
}

impl Providers {
    /// What a provider says of itself, asked now or not long ago.
    pub(in crate::upstream) async fn known(
        &self,
        outbound: &Outbound,
        issuer: &str,
        now: Timestamp,
    ) -> Result<Arc<Known>, Failure> {
        let slot = self.slot(issuer);
        let mut kept = slot.lock().await;
        let age = |known: &Arc<Known>| now.since(known.read_at);
        if let Some(known) = kept.known.as_ref().filter(|known| age(known) < FRESH) {
            return Ok(Arc::clone(known));
        }
        if kept.failed.as_ref().is_none_or(|(at, _)| now.since(*at) >= PAUSE) {
            match ask(outbound, issuer, now).await {
                Ok(known) => {
                    let known = Arc::new(known);
                    *kept = Kept {
                        known: Some(Arc::clone(&known)),
                        failed: None,
                    };
                    return Ok(known);
                }
                Err(failure) => kept.failed = Some((now, failure)),
            }
        }
        let last = kept.known.as_ref().filter(|known| age(known) < GOOD);
        match (last, &kept.failed) {
            (Some(known), _) => Ok(Arc::clone(known)),
            (None, Some((_, failure))) => Err(failure.clone()),
            (None, None) => Err(Failure::at(
                Stage::Provider,
                "provider_silent",
                "it was not asked",
            )),
        }
    }

    /// The same with keys that are newer than those, if the provider can be asked for them again by now.
    pub(in crate::upstream) async fn with_newer_keys(
        &self,
        outbound: &Outbound,
        issuer: &str,
        than: &Arc<Known>,
        now: Timestamp,
    ) -> Result<Option<Arc<Known>>, Failure> {
        let slot = self.slot(issuer);
        let mut kept = slot.lock().await;
        let Some(known) = kept.known.as_ref() else {
            return Ok(None);
        };
        if !Arc::ptr_eq(known, than) {
            return Ok(Some(Arc::clone(known)));
        }
        if now.since(known.keys_asked_at) < KEYS_PAUSE {
            return Ok(None);
        }
        let asked = keys(outbound, &known.discovery).await;
        let renewed = Arc::new(Known {
            discovery: known.discovery.clone(),
            keys: asked.as_ref().map_or_else(|_| known.keys.clone(), Clone::clone),
            read_at: known.read_at,
            keys_asked_at: now,
        });
        kept.known = Some(Arc::clone(&renewed));
        asked.map(|_| Some(renewed))
    }

    fn slot(&self, issuer: &str) -> Arc<Slot> {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= MOST && !slots.contains_key(issuer) {
            slots.clear();
        }
        Arc::clone(slots.entry(issuer.to_owned()).or_default())
    }
}

async fn ask(outbound: &Outbound, issuer: &str, now: Timestamp) -> Result<Known, Failure> {
    let address = Discovery::address(issuer)?;
    let document = outbound.get(&address, LONGEST).await;
    let document = document.map_err(|error| silent("its discovery document", &error))?;
    let discovery = Discovery::read(issuer, &document)?;
    Ok(Known {
        keys: keys(outbound, &discovery).await?,
        discovery,
        read_at: now,
        keys_asked_at: now,
    })
}

async fn keys(outbound: &Outbound, discovery: &Discovery) -> Result<ForeignKeys, Failure> {
    let document = outbound.get(&discovery.jwks_uri, LONGEST).await;
    let document = document.map_err(|error| silent("its keys", &error))?;
    let unreadable = || Failure::at(Stage::Provider, "bad_keys", "its keys are no JWK set");
    ForeignKeys::parse(&document).ok_or_else(unreadable)
}

fn silent(what: &str, error: &OutboundError) -> Failure {
    let told = format!("{what} can't be fetched: {error}");
    Failure::at(Stage::Provider, "provider_silent", told)
}
