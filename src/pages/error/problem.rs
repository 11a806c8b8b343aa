//! Whatever went wrong, as a page: the one place where faults are logged and shown.

use std::time::Duration;

use askama::Template;
use axum::extract::Request;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::middleware::Next;
use axum::response::Response;

use crate::web::{Fault, FormAction, Frame, TraceId, page, seconds_to_wait};

/// The page: `templates/error/problem.html`.
#[derive(Template)]
#[template(path = "error/problem.html")]
pub struct ProblemPage {
    /// The frame.
    pub page: Frame,
    /// What happened.
    pub title: String,
    /// What to do next.
    pub detail: String,
    /// For whoever is asked about it.
    pub code: String,
    /// For the log.
    pub trace_id: String,
    /// A way on.
    pub back: Option<String>,
}

impl ProblemPage {
    /// Its states: every fault there is.
    pub fn samples() -> Vec<(&'static str, Self)> {
        [
            Fault::UnknownClient,
            Fault::BadRedirect,
            Fault::BadRequest("the parameter code_challenge_method is given twice".into()),
            Fault::ExpiredFlow,
            Fault::TooManyTries(Duration::from_mins(10)),
            Fault::NotFound,
            Fault::MethodNotAllowed,
            Fault::ForbiddenOrigin,
            Fault::ClaimUsed,
            Fault::InvitationOver,
            Fault::PortalOver,
            Fault::TooLarge,
            Fault::Busy,
            Fault::NoAccess,
            Fault::NotAllowed,
            Fault::Server("for the log only".to_owned()),
        ]
        .map(|fault| (fault.kind(), Self::of(&fault, TraceId::sample())))
        .into()
    }

    fn of(fault: &Fault, trace: TraceId) -> Self {
        let page = Frame::english();
        let kind = fault.kind();
        let detail = format!("error-{kind}-detail");
        Self {
            title: page.t(&format!("error-{kind}-title")),
            detail: match fault {
                Fault::BadRequest(what) => page.t1(&detail, "what", what),
                Fault::TooManyTries(wait) => page.t1(&detail, "wait", &page.wait(*wait)),
                _ => page.t(&detail),
            },
            code: kind.replace('-', "_"),
            trace_id: trace.to_string(),
            back: matches!(
                fault,
                Fault::ExpiredFlow
                    | Fault::NotFound
                    | Fault::ClaimUsed
                    | Fault::InvitationOver
                    | Fault::PortalOver
                    | Fault::NoAccess
                    | Fault::NotAllowed
            )
            .then(|| "/".to_owned()),
            page,
        }
    }
}

/// Turns faults, and whatever axum itself refused, into pages; logs what is ours, once.
pub async fn render_faults(trace: TraceId, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let fault = response.extensions_mut().remove::<Fault>().or_else(|| {
        let is_bare = response
            .headers()
            .get(CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
        if is_bare {
            Fault::of_status(response.status())
        } else {
            None
        }
    });
    let Some(fault) = fault else { return response };
    if let Fault::Server(cause) = &fault {
        tracing::error!(trace = %trace, cause, "a request failed");
    }
    let mut shown = page(&ProblemPage::of(&fault, trace), &FormAction::Own);
    *shown.status_mut() = fault.status();
    let wait = match fault {
        Fault::TooManyTries(wait) => Some(seconds_to_wait(wait)),
        Fault::Busy => Some(2),
        _ => None,
    };
    if let Some(wait) = wait {
        shown.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
    }
    shown
}
