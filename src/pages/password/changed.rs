//! `/password/changed`: the link did what it was for; now one signs in.

use askama::Template;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/password/changed.html`.
#[derive(Template)]
#[template(path = "password/changed.html")]
pub struct ChangedPage {
    /// The frame.
    pub page: Frame,
}

impl ChangedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        vec![("usual", Self { page })]
    }
}

/// `GET /password/changed`
pub async fn show() -> Response {
    let shown = ChangedPage {
        page: Frame::english(),
    };
    page(&shown, &FormAction::Own)
}
