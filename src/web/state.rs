//! What a running server hands to each request. Cheap to copy.

use std::sync::Arc;

use super::RateLimit;
use crate::audit::Observations;
use crate::clock::Clock;
use crate::config::Config;
use crate::directory::KeyUses;
use crate::metrics::Metrics;
use crate::oidc::Provider;
use crate::sign_in::Prover;

/// What a running server hands to each request.
#[derive(Clone)]
pub struct AppState {
    /// The settings.
    pub config: Arc<Config>,
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
    /// How much each caller of the API may ask.
    pub rate_limit: Arc<RateLimit>,
    /// How much API keys are used.
    pub key_uses: KeyUses,
}
