//! What is counted while the server runs, for Prometheus to read. Every label is a word of ours or a route's pattern:
//! nothing that a caller sends, no id and no address.
//!
//! Counting takes atomic additions and no lock. What is true at the moment of reading (connections, queues, keys) is
//! not kept here: the endpoint asks whoever knows it.

mod counters;
mod exposition;
mod histogram;
mod requests;

pub use counters::{Counters, Label};
pub use exposition::{Exposition, Kind};
pub use requests::Requests;

/// Everything that is counted.
#[derive(Default)]
pub struct Metrics {
    /// HTTP requests answered on the public port.
    pub requests: Requests,
    /// Passwords that somebody tried.
    pub sign_ins: Counters<SignInOutcome>,
    /// Token requests that were granted.
    pub tokens: Counters<TokenGrant>,
}

/// How somebody's try to sign in ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInOutcome {
    /// In.
    SignedIn,
    /// Not with this, or no such account.
    Wrong,
    /// After too many tries.
    TooSoon,
    /// The sign-in was over, or another browser's.
    Over,
    /// The server had too many passwords to check.
    Busy,
}

/// What a token was given for: the grant types that we know, and one word for all others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenGrant {
    /// RFC 6749 §4.1.
    AuthorizationCode,
    /// RFC 6749 §6.
    RefreshToken,
    /// RFC 6749 §4.4.
    ClientCredentials,
    /// RFC 8628.
    DeviceCode,
    /// RFC 8693.
    TokenExchange,
    /// None of these.
    Other,
}

impl Label for SignInOutcome {
    const ALL: &'static [Self] = &[Self::SignedIn, Self::Wrong, Self::TooSoon, Self::Over, Self::Busy];

    fn word(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::Wrong => "wrong",
            Self::TooSoon => "too_soon",
            Self::Over => "over",
            Self::Busy => "busy",
        }
    }
}

impl Label for TokenGrant {
    const ALL: &'static [Self] = &[
        Self::AuthorizationCode,
        Self::RefreshToken,
        Self::ClientCredentials,
        Self::DeviceCode,
        Self::TokenExchange,
        Self::Other,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::AuthorizationCode => "authorization_code",
            Self::RefreshToken => "refresh_token",
            Self::ClientCredentials => "client_credentials",
            Self::DeviceCode => "device_code",
            Self::TokenExchange => "token_exchange",
            Self::Other => "other",
        }
    }
}

impl TokenGrant {
    /// From a request's `grant_type`.
    pub fn named(grant_type: &str) -> Self {
        let word = grant_type
            .strip_prefix("urn:ietf:params:oauth:grant-type:")
            .unwrap_or(grant_type);
        match word {
            "authorization_code" => Self::AuthorizationCode,
            "refresh_token" => Self::RefreshToken,
            "client_credentials" => Self::ClientCredentials,
            "device_code" => Self::DeviceCode,
            "token-exchange" => Self::TokenExchange,
            _ => Self::Other,
        }
    }
}

impl Metrics {
    /// Writes all of it.
    pub fn write(&self, page: &mut Exposition) {
        self.requests.write(page);
        page.family(
            "doorward_sign_ins_total",
            Kind::Counter,
            "Passwords that somebody tried, by how it ended.",
        );
        self.sign_ins.write(page, "doorward_sign_ins_total", "outcome");
        page.family(
            "doorward_tokens_issued_total",
            Kind::Counter,
            "Token requests that were granted.",
        );
        self.tokens
            .write(page, "doorward_tokens_issued_total", "grant_type");
    }
}
