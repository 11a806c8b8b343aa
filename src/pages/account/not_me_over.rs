//! What is shown in place of `/account/not-me/{secret}` when its link can do nothing any more.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/account/not_me_over.html`.
#[derive(Template)]
#[template(path = "account/not_me_over.html")]
pub struct OverPage {
    /// The frame.
    pub page: Frame,
}

impl OverPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        vec![("usual", Self::new())]
    }

    pub(super) fn new() -> Self {
        Self {
            page: Frame::english(),
        }
    }

    pub(super) fn answer(&self) -> Response {
        let mut response = page(self, &FormAction::Own);
        *response.status_mut() = StatusCode::GONE;
        response
    }
}
