//! An application's request on its way to its answer: after each step the browser comes by here and is led to what is next,
//! until the answer can be given, by a redirect or by a form.

pub mod post;

use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

use crate::domain::id::OrganizationId;
use crate::domain::network::Network;
use crate::domain::oauth::Answer;
use crate::domain::secret::Purpose;
use crate::domain::sign_in::{Onward, SignIn};
use crate::downstream::{NotAsserted, Posting};
use crate::oidc::authorize::{Chosen, Grounds, Next, NotGranted, SignInReason, issue};
use crate::oidc::{ErrorCode, OAuthError};
use crate::saml::idp::Status;
use crate::storage::{Lane, StorageError, authorization_requests};
use crate::web::{AnswerTo, AppState, Caller, Fault, Waiting, redirect};

/// Takes a request that was just made: it is answered at once, or waits for its person.
pub async fn begin(
    state: &AppState,
    caller: &Caller,
    headers: &HeaderMap,
    waiting: Waiting,
) -> Result<Response, Fault> {
    match waiting.next(state, caller, None).await? {
        Next::SignIn(_)
        | Next::ChooseOrganization(_)
        | Next::SecondFactor(_)
        | Next::Enrol(_)
        | Next::Consent(_) => {
            require_navigation(headers)?;
            store(state, caller, waiting).await
        }
        Next::Issue(_) => give(state, caller, &waiting, waiting.chosen(caller, None), false).await,
        Next::NoAccess(_) => Err(Fault::NoAccess),
        Next::Refuse(error) => tell(state, &waiting, &error).await,
    }
}

/// Goes on with a waiting request; `agreed` is the person's word of this very moment, for one organization.
pub async fn proceed(
    state: &AppState,
    caller: &Caller,
    waiting: Waiting,
    agreed: Option<OrganizationId>,
) -> Result<Response, Fault> {
    let next = waiting.next(state, caller, agreed).await?;
    if matches!(next, Next::Issue(_)) {
        let chosen = waiting.chosen(caller, agreed);
        return give(state, caller, &waiting, chosen, true).await;
    }
    lead_to(state, caller, &waiting, next).await
}

/// Answers a waiting request with an error, once.
pub async fn refuse(state: &AppState, waiting: &Waiting, error: &OAuthError) -> Result<Response, Fault> {
    let id = waiting.row.id;
    let work = state.provider.db.write(Lane::Free, move |tx| {
        Box::pin(async move { authorization_requests::consume(tx, id).await })
    });
    let consumed: Result<bool, StorageError> = work.await;
    if consumed? {
        tell(state, waiting, error).await
    } else {
        Err(Fault::ExpiredFlow)
    }
}

/// The page that carries a form to an application.
pub fn posted(posting: &Posting) -> Result<Response, Fault> {
    post::show(&posting.to, posting.fields.clone())
}

/// Lets a request wait, and leads to what it waits for.
async fn store(state: &AppState, caller: &Caller, waiting: Waiting) -> Result<Response, Fault> {
    let browser = caller.browser();
    let (row, hash) = (waiting.row.clone(), browser.secret.hash(Purpose::Browser));
    let network = Network::of(caller.origin.address);
    let work = state.provider.db.write(Lane::Network(network), move |tx| {
        let (row, hash) = (row.clone(), hash.clone());
        Box::pin(async move { authorization_requests::insert(tx, &row, &hash, network).await })
    });
    let stored: Result<bool, StorageError> = work.await;
    if !stored? {
        return Err(Fault::TooManyTries(SignIn::LIFETIME));
    }
    Ok(browser.remember(redirect(&waiting.address()), state))
}

/// Somebody who is to see a page comes in a window of their own. An image or frame on another site that points here
/// leaves nothing waiting, so no site fills its visitors' network with requests that nobody made.
fn require_navigation(headers: &HeaderMap) -> Result<(), Fault> {
    match headers.get("sec-fetch-dest").map(HeaderValue::as_bytes) {
        None | Some(b"document") => Ok(()),
        Some(_) => Err(Fault::ForbiddenOrigin),
    }
}

/// The page or the answer that a step stands for.
async fn lead_to(
    state: &AppState,
    caller: &Caller,
    waiting: &Waiting,
    next: Next,
) -> Result<Response, Fault> {
    let id = waiting.row.id;
    match next {
        Next::SignIn(reason) => Ok(redirect(&match reason {
            SignInReason::NotSignedIn => format!("/sign-in?request={id}"),
            SignInReason::Fresh => format!("/sign-in?request={id}&reason=fresh"),
            SignInReason::Connection(organization) => format!("/o/{organization}/login?request={id}"),
            SignInReason::TooOld => format!("/sign-in?request={id}&reason=too-old"),
        })),
        Next::ChooseOrganization(_) => Ok(redirect(&format!("/organization/{id}"))),
        Next::SecondFactor(user) => {
            let visitor = caller.visitor(caller.known_browser()?);
            let now = state.clock.now();
            let asked = state.prover.ask_second(&visitor, user, Onward::Request(id), now);
            let sign_in = asked.await?.ok_or(Fault::TooManyTries(SignIn::LIFETIME))?;
            Ok(redirect(&format!("/sign-in/{sign_in}/second-factor")))
        }
        Next::Enrol(_) => Ok(redirect(&format!("/enrolment/{id}"))),
        Next::Consent(_) => Ok(redirect(&format!("/consent/{id}"))),
        Next::NoAccess(_) => Err(Fault::NoAccess),
        Next::Refuse(error) => refuse(state, waiting, &error).await,
        Next::Issue(_) => Ok(redirect(&waiting.address())),
    }
}

/// Gives the application its answer; a request that was stored is consumed with it.
async fn give(
    state: &AppState,
    caller: &Caller,
    waiting: &Waiting,
    chosen: Chosen,
    stored: bool,
) -> Result<Response, Fault> {
    let session = caller.session.as_ref().ok_or(Fault::ExpiredFlow)?;
    let grounds = Grounds {
        application: waiting.application.id,
        request: waiting.row.request.clone(),
        session: session.hash(Purpose::Session),
        chosen,
        waiting: stored.then_some(waiting.row.id),
        origin: caller.origin.clone(),
    };
    let now = state.clock.now();
    let not_granted = match (&waiting.row.request.answer, &waiting.destination) {
        (Answer::Code(asked), AnswerTo::Redirect(destination)) => {
            match issue(&state.provider, grounds, asked.clone(), now).await? {
                Ok(code) => return Ok(redirect(destination.answer(&code).expose())),
                Err(other) => other,
            }
        }
        (Answer::Assertion(asked), AnswerTo::Post(_)) => {
            match state.downstream.assert(grounds, asked.clone(), now).await? {
                Ok(posting) => return posted(&posting),
                Err(NotAsserted::Status(status)) => return tell_status(state, waiting, status).await,
                Err(NotAsserted::Not(other)) => other,
            }
        }
        _ => return Err(Fault::BadRedirect),
    };
    match not_granted {
        NotGranted::Not(next) if stored => lead_to(state, caller, waiting, next).await,
        NotGranted::Not(Next::Refuse(error)) => tell(state, waiting, &error).await,
        NotGranted::Not(_) => {
            let error = ErrorCode::TemporarilyUnavailable.because("something changed meanwhile; try again");
            tell(state, waiting, &error).await
        }
        NotGranted::Over => Err(Fault::ExpiredFlow),
    }
}

/// Tells the application that there is no answer, and why.
async fn tell(state: &AppState, waiting: &Waiting, error: &OAuthError) -> Result<Response, Fault> {
    match &waiting.destination {
        AnswerTo::Redirect(destination) => Ok(redirect(destination.refuse(error).expose())),
        AnswerTo::Post(_) => tell_status(state, waiting, status_of(error.code)).await,
    }
}

async fn tell_status(state: &AppState, waiting: &Waiting, status: Status) -> Result<Response, Fault> {
    let Answer::Assertion(asked) = &waiting.row.request.answer else {
        return Err(Fault::BadRedirect);
    };
    let downstream = &state.downstream;
    let sp = downstream.service_provider(waiting.application.id).await?;
    let (sp, now) = (sp.ok_or(Fault::NotFound)?, state.clock.now());
    let refused = downstream.refuse(&waiting.application, &sp, asked, status, now);
    posted(&refused.await?)
}

/// What SAML calls it.
fn status_of(error: ErrorCode) -> Status {
    match error {
        ErrorCode::LoginRequired | ErrorCode::InteractionRequired | ErrorCode::ConsentRequired => {
            Status::NoPassive
        }
        ErrorCode::AccessDenied => Status::RequestDenied,
        _ => Status::AuthnFailed,
    }
}
