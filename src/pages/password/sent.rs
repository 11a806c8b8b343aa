//! `/password/sent`: a letter is on its way, if there is somebody to get it.

use askama::Template;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/password/sent.html`.
#[derive(Template)]
#[template(path = "password/sent.html")]
pub struct SentPage {
    /// The frame.
    pub page: Frame,
}

impl SentPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        vec![("usual", Self { page })]
    }
}

/// `GET /password/sent`
pub async fn show() -> Response {
    let shown = SentPage {
        page: Frame::english(),
    };
    page(&shown, &FormAction::Own)
}
