//! `/portal/{secret}/choose`: the first step, which provider it is.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::guide::Guide;
use super::open;
use crate::pages::long;
use crate::web::{AppState, Caller, Fault, FormAction, Frame, page};

/// The page: `templates/portal/choose.html`.
#[derive(Template)]
#[template(path = "portal/choose.html")]
pub struct ChoosePage {
    /// The frame.
    pub page: Frame,
    /// Whose connection it will be.
    pub organization: String,
    /// The address of the link.
    pub base: String,
    /// The providers.
    pub guides: &'static [Guide],
}

impl ChoosePage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |organization: &str| Self::of(organization.to_owned(), "sample");
        vec![("usual", of("Acme")), ("long", of(long::NAME))]
    }

    fn of(organization: String, secret: &str) -> Self {
        const GUIDES: &[Guide] = &Guide::ALL;
        Self {
            page: Frame::english(),
            organization,
            base: format!("/portal/{secret}"),
            guides: GUIDES,
        }
    }
}

/// `GET /portal/{secret}/choose`
pub async fn show(
    State(state): State<AppState>,
    caller: Caller,
    Path(secret): Path<String>,
) -> Result<Response, Fault> {
    let portal = open(&state, &caller, &secret).await?;
    let shown = ChoosePage::of(portal.organization_name, &secret);
    Ok(caller.browser().remember(page(&shown, &FormAction::Own), &state))
}
