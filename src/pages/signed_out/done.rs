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

/// `GET /signed-out`
pub async fn show() -> Response {
    page(
        &DonePage {
            page: Frame::english(),
            sign_in: "/sign-in".to_owned(),
        },
        &FormAction::Own,
    )
}
