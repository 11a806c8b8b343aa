//! Going on with an authorization request: after each step the browser comes by here, and is led to what is next.

use axum::response::Response;

use super::{AppState, Caller, Fault, Waiting, redirect};
use crate::domain::id::OrganizationId;
use crate::domain::secret::Purpose;
use crate::domain::sign_in::{Onward, SignIn};
use crate::oidc::ErrorCode;
use crate::oidc::authorize::{Chosen, Grounds, Issued, Next, SignInReason, issue};

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
        return give_code(state, caller, &waiting, chosen, true).await;
    }
    lead_to(state, caller, &waiting, next).await
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
        Next::Refuse(error) => waiting.refuse(state, &error).await,
        Next::Issue(_) => Ok(redirect(&waiting.address())),
    }
}

/// Gives the application its code; a request that was stored is consumed with it.
pub async fn give_code(
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
    match issue(&state.provider, grounds, state.clock.now()).await? {
        Issued::Code(code) => Ok(redirect(waiting.destination.answer(&code).expose())),
        Issued::Not(next) if stored => lead_to(state, caller, waiting, next).await,
        Issued::Not(Next::Refuse(error)) => Ok(redirect(waiting.destination.refuse(&error).expose())),
        Issued::Not(_) => {
            let error = ErrorCode::TemporarilyUnavailable.because("something changed meanwhile; try again");
            Ok(redirect(waiting.destination.refuse(&error).expose()))
        }
        Issued::Over => Err(Fault::ExpiredFlow),
    }
}
