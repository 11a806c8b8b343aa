//! What is shown in place of `/password/reset/{secret}` when its link can do nothing any more, whatever became of it.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::web::{FormAction, Frame, page};

/// The page: `templates/password/over.html`.
#[derive(Template)]
#[template(path = "password/over.html")]
pub struct OverPage {
    /// The frame.
    pub page: Frame,
}

impl OverPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        vec![("usual", Self { page })]
    }
}

pub(super) fn over() -> Response {
    let shown = OverPage {
        page: Frame::english(),
    };
    (StatusCode::GONE, page(&shown, &FormAction::Own)).into_response()
}
