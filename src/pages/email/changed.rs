//! `/email/changed`: the account has its new address.

use askama::Template;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/email/changed.html`.
#[derive(Template)]
#[template(path = "email/changed.html")]
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

/// `GET /email/changed`
pub async fn show() -> Response {
    let shown = ChangedPage {
        page: Frame::english(),
    };
    page(&shown, &FormAction::Own)
}
