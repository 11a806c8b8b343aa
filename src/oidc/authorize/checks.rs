//! Every check that needs no person, in order. Until the destination is known an error is a page; after it, a redirect.

use super::{Destination, RedirectTo};
use crate::config::PublicUrl;
use crate::domain::id::UserId;
use crate::domain::oauth::{
    Answer, Application, AuthorizationRequest, CodeChallenge, CodeRequest, Prompt, Scope,
};
use crate::domain::session::Assurance;
use crate::oidc::id_token::IdTokenClaims;
use crate::oidc::token::resources_of;
use crate::oidc::{ErrorCode, OAuthError, Parameters, Provider};

/// A request that passed.
pub struct Checked {
    /// Where its answer goes.
    pub destination: Destination,
    /// What it asks.
    pub request: AuthorizationRequest,
}

/// A request that did not.
pub enum Refusal {
    /// `redirect_uri` is not one that the application registered: nothing is sent there (RFC 9700 §4.11).
    BadRedirect,
    /// Told to the application.
    Redirect(RedirectTo),
}

/// The table: one line a check, in the order in which they are made.
pub fn check(
    parameters: &Parameters,
    application: &Application,
    provider: &Provider,
) -> Result<Checked, Refusal> {
    let (redirect_uri, destination) = destination(parameters, application, &provider.issuer)?;
    let told = |error: OAuthError| Refusal::Redirect(destination.refuse(&error));

    let state = parameters.one("state").map_err(told)?;
    no_request_object(parameters).map_err(told)?;
    response_type(parameters).map_err(told)?;
    response_mode(parameters).map_err(told)?;
    let code_challenge = pkce(parameters, application).map_err(told)?;
    let scope = scope(parameters, application).map_err(told)?;
    let prompt = prompt(parameters).map_err(told)?;
    let max_age = max_age(parameters).map_err(told)?;
    let acr = acr(parameters).map_err(told)?;
    let nonce = nonce(parameters, application).map_err(told)?;
    let resources = resources(parameters, application, &provider.issuer).map_err(told)?;
    let login_hint = parameters.one("login_hint").map_err(told)?;
    let hinted_user = id_token_hint(parameters, application, provider).map_err(told)?;
    let organization = parameters.one("organization").map_err(told)?;

    let request = AuthorizationRequest {
        answer: Answer::Code(CodeRequest {
            redirect_uri,
            state: state.map(str::to_owned),
            nonce,
            code_challenge,
            resources,
        }),
        scope,
        prompt,
        max_age,
        acr,
        login_hint: login_hint.map(str::to_owned),
        hinted_user,
        organization: organization.map(str::to_owned),
    };
    Ok(Checked { destination, request })
}

/// RFC 9700 §2.1: before anything else, and never a redirect to what was not registered.
fn destination(
    parameters: &Parameters,
    application: &Application,
    issuer: &PublicUrl,
) -> Result<(String, Destination), Refusal> {
    let redirect_uri = parameters
        .required("redirect_uri")
        .map_err(|_| Refusal::BadRedirect)?;
    // A doubled state is told without any.
    let state = parameters.one("state").unwrap_or_default();
    let destination = Destination::validate(application, redirect_uri, state, issuer);
    Ok((redirect_uri.to_owned(), destination.ok_or(Refusal::BadRedirect)?))
}

/// OpenID Connect Core §6: signed requests are not supported, nor anything fetched for them.
fn no_request_object(parameters: &Parameters) -> Result<(), OAuthError> {
    let refused = [
        ("request", ErrorCode::RequestNotSupported),
        ("request_uri", ErrorCode::RequestUriNotSupported),
        ("registration", ErrorCode::RegistrationNotSupported),
    ];
    for (name, code) in refused {
        if parameters.one(name)?.is_some() {
            return Err(code.because(format!("{name} is not supported")));
        }
    }
    Ok(())
}

/// RFC 9700 §2.1.2: `code` and nothing else.
fn response_type(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.required("response_type")? {
        "code" => Ok(()),
        _ => Err(ErrorCode::UnsupportedResponseType.because("response_type must be code")),
    }
}

/// OAuth 2.0 Multiple Response Types §2.1: `query`, which is also the default for codes.
fn response_mode(parameters: &Parameters) -> Result<(), OAuthError> {
    match parameters.one("response_mode")? {
        None | Some("query") => Ok(()),
        Some(_) => Err(ErrorCode::InvalidRequest.because("response_mode must be query")),
    }
}

/// RFC 9700 §2.1.1: S256 for everybody, unless a confidential application was registered without. A challenge that is
/// sent is always checked.
fn pkce(parameters: &Parameters, application: &Application) -> Result<Option<CodeChallenge>, OAuthError> {
    let method = parameters.one("code_challenge_method")?;
    match parameters.one("code_challenge")? {
        Some(challenge) => {
            let challenge = CodeChallenge::parse(challenge, method);
            challenge
                .map(Some)
                .map_err(|error| ErrorCode::InvalidRequest.because(error.to_string()))
        }
        None if method.is_some() || application.require_pkce || application.is_public() => {
            Err(ErrorCode::InvalidRequest.because("code_challenge is missing; PKCE with S256 is required"))
        }
        None => Ok(None),
    }
}

/// RFC 6749 §3.3: what the application may not ask for is left out; if nothing remains, that is an error.
fn scope(parameters: &Parameters, application: &Application) -> Result<Scope, OAuthError> {
    let asked = parameters.one("scope")?.unwrap_or_default();
    let asked = Scope::parse(asked).map_err(|error| ErrorCode::InvalidScope.because(error.to_string()))?;
    let scope = asked.within(&application.scope);
    if scope.is_empty() {
        return Err(ErrorCode::InvalidScope.because("scope names nothing that this application may ask for"));
    }
    Ok(scope)
}

/// OpenID Connect Core §3.1.2.1: known values; `none` stands alone.
fn prompt(parameters: &Parameters) -> Result<Prompt, OAuthError> {
    let mut prompt = Prompt::default();
    let values: Vec<&str> = parameters
        .one("prompt")?
        .unwrap_or_default()
        .split_ascii_whitespace()
        .collect();
    for value in &values {
        match *value {
            "none" => prompt.none = true,
            "login" | "select_account" => prompt.login = true,
            "consent" => prompt.consent = true,
            _ => return Err(ErrorCode::InvalidRequest.because("prompt has a value that is not supported")),
        }
    }
    if prompt.none && values.len() > 1 {
        return Err(ErrorCode::InvalidRequest.because("prompt=none can't go with another value"));
    }
    Ok(prompt)
}

/// OpenID Connect Core §3.1.2.1: seconds.
fn max_age(parameters: &Parameters) -> Result<Option<u32>, OAuthError> {
    let parse = |text: &str| match text.parse() {
        Ok(seconds) if text.bytes().all(|b| b.is_ascii_digit()) => Ok(seconds),
        _ => Err(ErrorCode::InvalidRequest.because("max_age must be a number of seconds")),
    };
    parameters.one("max_age")?.map(parse).transpose()
}

/// OpenID Connect Core §3.1.2.1: levels any of which will do, so the least of those that we know. What we do not know asks
/// nothing; the `acr` that is given tells the truth.
fn acr(parameters: &Parameters) -> Result<Option<Assurance>, OAuthError> {
    let asked = parameters.one("acr_values")?.unwrap_or_default();
    Ok(asked.split_ascii_whitespace().filter_map(Assurance::asked).min())
}

/// OpenID Connect Core §3.1.2.1; at most 512 bytes, as it goes into the id token.
fn nonce(parameters: &Parameters, application: &Application) -> Result<Option<String>, OAuthError> {
    match parameters.one("nonce")? {
        Some(nonce) if nonce.len() > 512 => Err(ErrorCode::InvalidRequest.because("nonce is too long")),
        None if application.require_nonce => Err(ErrorCode::InvalidRequest.because("nonce is missing")),
        nonce => Ok(nonce.map(str::to_owned)),
    }
}

/// OpenID Connect Core §3.1.2.1: an id token of ours that says who is expected.
fn id_token_hint(
    parameters: &Parameters,
    application: &Application,
    provider: &Provider,
) -> Result<Option<UserId>, OAuthError> {
    let client_id = application.id.to_string();
    let hinted = |token| IdTokenClaims::hinted(&provider.keyring, &provider.issuer, &client_id, token);
    let user = parameters.one("id_token_hint")?.map(hinted).transpose();
    user.map_err(|_| {
        ErrorCode::InvalidRequest.because("id_token_hint is not an id token of ours for this application")
    })
}

/// RFC 8707 §2: only what the application registered.
fn resources(
    parameters: &Parameters,
    application: &Application,
    issuer: &PublicUrl,
) -> Result<Vec<String>, OAuthError> {
    let asked = parameters.many("resource")?;
    let known = resources_of(application, issuer);
    if asked
        .iter()
        .any(|resource| !known.iter().any(|known| known == resource))
    {
        return Err(ErrorCode::InvalidTarget.because("resource is not one that this application registered"));
    }
    Ok(asked.into_iter().map(str::to_owned).collect())
}
