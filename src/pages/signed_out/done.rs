//! `/signed-out`: the door is closed.

use askama::Template;
use axum::response::Response;

use crate::web::{FormAction, Frame, page};

/// The page: `templates/signed_out/done.html`.
#[derive(Template)]
#[template(path = "signed_out/done.html")]
pub struct DonePage {
    /// The frame.
    pub page: Frame,
    /// Where one signs in again.
    pub sign_in: String,
}

impl DonePage {
    fn new() -> Self {
        Self {
            page: Frame::english(),
            sign_in: "/sign-in".to_owned(),
        }
    }

    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        vec![("usual", Self::new())]
    }
}

/// `GET /signed-out`
pub async fn show() -> Response {
    page(&DonePage::new(), &FormAction::Own)
}
