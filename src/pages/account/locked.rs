//! `/account/locked`: the account is locked against everybody else, and what to do next.

use askama::Template;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/account/locked.html`.
#[derive(Template)]
#[template(path = "account/locked.html")]
pub struct LockedPage {
    /// The frame.
    pub page: Frame,
}

impl LockedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let page = Frame::english();
        vec![("usual", Self { page })]
    }
}

/// `GET /account/locked`
pub async fn show() -> Response {
    let shown = LockedPage {
        page: Frame::english(),
    };
    page(&shown, &FormAction::Own)
}
