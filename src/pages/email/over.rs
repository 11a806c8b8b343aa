//! What is shown in place of `/email/{secret}` when its link can do nothing any more.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/email/over.html`.
#[derive(Template)]
#[template(path = "email/over.html")]
pub struct OverPage {
    /// The frame.
    pub page: Frame,
    /// What happened.
    pub title: String,
    /// What to do next.
    pub detail: String,
    status: StatusCode,
}

/// Why a link can do nothing any more.
#[derive(Debug, Clone, Copy)]
pub enum Why {
    /// It was used, is too old, or another took its place; or there never was one.
    Used,
    /// Somebody else has the address meanwhile.
    Taken,
}

impl OverPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        vec![("used", Self::of(Why::Used)), ("taken", Self::of(Why::Taken))]
    }

    pub(super) fn of(why: Why) -> Self {
        let page = Frame::english();
        let (title, detail, status) = match why {
            Why::Used => (
                "email-over-used-title",
                "email-over-used-detail",
                StatusCode::GONE,
            ),
            Why::Taken => (
                "email-over-taken-title",
                "email-over-taken-detail",
                StatusCode::CONFLICT,
            ),
        };
        Self {
            title: page.t(title),
            detail: page.t(detail),
            status,
            page,
        }
    }

    pub(super) fn answer(&self) -> Response {
        let mut response = page(self, &FormAction::Own);
        *response.status_mut() = self.status;
        response
    }
}
