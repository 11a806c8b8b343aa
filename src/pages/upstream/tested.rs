//! What came when somebody tried a connection: shown to them and kept nowhere. Nobody is signed in by it.

use askama::Template;
use axum::response::Response;

use crate::domain::arrival::Arrival;
use crate::pages::long;
use crate::web::{FormAction, Frame, page};

/// The page: `templates/upstream/tested.html`.
#[derive(Template)]
#[template(path = "upstream/tested.html")]
pub struct TestedPage {
    /// The frame.
    pub page: Frame,
    /// Who came, by the provider's name for them.
    pub subject: String,
    /// Where they are written to.
    pub email: Option<String>,
    /// Whether the provider says that it verified that.
    pub verified: bool,
    /// Whether they showed a second factor there.
    pub second_factor: bool,
    /// All attributes, name and values.
    pub attributes: Vec<(String, String)>,
}

impl TestedPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let of = |subject: &str, email: Option<&str>, verified| Self {
            page: Frame::english(),
            subject: subject.to_owned(),
            email: email.map(str::to_owned),
            verified,
            second_factor: verified,
            attributes: vec![
                ("email".to_owned(), email.unwrap_or_default().to_owned()),
                ("groups".to_owned(), "fleet-admins, everybody".to_owned()),
            ],
        };
        vec![
            ("verified", of("00u1", Some("bob@acme.example"), true)),
            ("unverified", of("00u1", Some("bob@acme.example"), false)),
            ("bare", of("00u1", None, false)),
            ("long", of(long::NAME, Some(long::EMAIL), true)),
        ]
    }
}

/// The page.
pub fn show(arrival: &Arrival) -> Response {
    let attributes = arrival.attributes.iter();
    let shown = TestedPage {
        page: Frame::english(),
        subject: arrival.subject.as_str().to_owned(),
        email: arrival.email.as_ref().map(|arrived| arrived.email.to_string()),
        verified: arrival.email.as_ref().is_some_and(|arrived| arrived.verified),
        second_factor: arrival.second_factor,
        attributes: attributes
            .map(|(name, values)| (name.clone(), values.join(", ")))
            .collect(),
    };
    page(&shown, &FormAction::Own)
}
