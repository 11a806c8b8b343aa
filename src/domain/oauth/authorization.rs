//! An authorization on its way: what an application asked, and the code it gets for it.

use serde::{Deserialize, Serialize};

use super::{CodeChallenge, Scope};
use crate::domain::id::{ActivationId, ApplicationId, FamilyId, OrganizationId, UserId};
use crate::domain::service_provider::NameIdFormat;
use crate::domain::session::Assurance;
use crate::domain::time::Timestamp;

/// A request that passed every check that needs no person. Kept while its person signs in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationRequest {
    /// By what it is answered, and where.
    #[serde(flatten)]
    pub answer: Answer,
    /// What is asked for, cut to what the application may ask.
    pub scope: Scope,
    /// What the person must or must not see.
    pub prompt: Prompt,
    /// The longest time since the person proved themselves, in seconds.
    pub max_age: Option<u32>,
    /// How sure it must be who the person is (OpenID Connect Core §3.1.2.1, `acr_values`; RFC 9470 §4).
    #[serde(default)]
    pub acr: Option<Assurance>,
    /// Who the application thinks is coming; fills the first field.
    pub login_hint: Option<String>,
    /// Who must be coming, by an id token of theirs (`id_token_hint`).
    pub hinted_user: Option<UserId>,
    /// Id or name of the organization to act for.
    pub organization: Option<String>,
}

/// By what a request is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer {
    /// By a code.
    Code(CodeRequest),
    /// By a SAML assertion.
    Assertion(AssertionRequest),
}

/// What the code that is asked for is bound to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRequest {
    /// Where the answer goes; exactly what the application sent.
    pub redirect_uri: String,
    /// Handed back untouched (RFC 6749 §4.1.1).
    pub state: Option<String>,
    /// Goes into the id token untouched (OpenID Connect Core §3.1.2.1).
    pub nonce: Option<String>,
    /// What the code is bound to.
    pub code_challenge: Option<CodeChallenge>,
    /// Whom the tokens are for (RFC 8707).
    pub resources: Vec<String>,
}

/// What a SAML application asks of the assertion (SAML 2.0 Core §3.4.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AssertionRequest {
    /// The assertion consumer service that the answer goes to.
    pub consumer: String,
    /// The request's `ID`; none where nobody asked, and the person began here.
    pub in_response_to: Option<String>,
    /// Handed back untouched (SAML 2.0 Bindings §3.5.3).
    pub relay_state: Option<String>,
    /// By which kind of name the person is told.
    pub name_id_format: NameIdFormat,
    /// The name of the one person about whom it may be.
    pub subject: Option<String>,
    /// The class of authentication that is to be named; nothing, and it is the true one.
    pub class: Option<String>,
}

/// What the person must or must not see (OpenID Connect Core §3.1.2.1).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// No page at all.
    pub none: bool,
    /// A sign-in, though there is a session.
    pub login: bool,
    /// The question for consent, though it was answered before.
    pub consent: bool,
}

/// What a code stands for.
#[derive(Debug, Clone)]
pub struct AuthorizationCode {
    /// The tokens that will descend from it.
    pub family: FamilyId,
    /// The only one who can redeem it.
    pub application: ApplicationId,
    /// Who agreed.
    pub user: UserId,
    /// For which organization.
    pub organization: OrganizationId,
    /// The session acting for it.
    pub activation: ActivationId,
    /// Where it was sent; the token request must name the same (RFC 6749 §4.1.3).
    pub redirect_uri: String,
    /// What was agreed to.
    pub scope: Scope,
    /// Whom the tokens may be for.
    pub resources: Vec<String>,
    /// For the id token.
    pub nonce: Option<String>,
    /// What its redeemer must know.
    pub code_challenge: Option<CodeChallenge>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it is worth nothing.
    pub expires_at: Timestamp,
}

impl AuthorizationCode {
    /// 60 seconds (RFC 9700 §2.1.1 wants short; FAPI 2.0 §5.3.2.1 says 60).
    pub const LIFETIME: std::time::Duration = std::time::Duration::from_mins(1);
}
