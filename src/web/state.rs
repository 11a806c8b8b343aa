//! What a running server hands to each request. Cheap to copy: one count goes up.

use std::ops::Deref;
use std::sync::Arc;

use super::{Documents, RateLimit};
use crate::audit::Observations;
use crate::clock::Clock;
use crate::config::Config;
use crate::delivery::Messenger;
use crate::directory::KeyUses;
use crate::dns::Dns;
use crate::downstream::Downstream;
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::outbound::Outbound;
use crate::sign_in::Prover;
use crate::single_logout::SingleLogout;
use crate::upstream::Upstream;

/// What a running server hands to each request.
#[derive(Clone)]
pub struct AppState(Arc<Shared>);

/// What is in it.
pub struct Shared {
    /// The settings.
    pub config: Config,
    /// What time it is.
    pub clock: Clock,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The way into the audit log for what changes nothing.
    pub observations: Observations,
    /// Database, keys and issuer.
    pub provider: Provider,
    /// Password sign-in.
    pub prover: Prover,
    /// What sends text messages, if anything does.
    pub messenger: Option<Messenger>,
    /// What asks other servers.
    pub outbound: Outbound,
    /// Asks what domains' owners wrote into their DNS.
    pub dns: Dns,
    /// What sends people to upstream providers, and takes them back.
    pub upstream: Upstream,
    /// What answers applications that speak SAML.
    pub downstream: Downstream,
    /// What tells everybody that somebody signed out.
    pub single_logout: SingleLogout,
    /// How much each caller of the API may ask.
    pub rate_limit: RateLimit,
    /// How much API keys are used.
    pub key_uses: KeyUses,
    /// What is the same for everybody.
    pub documents: Documents,
}

impl From<Shared> for AppState {
    fn from(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Deref for AppState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}
