//! On to a provider that takes its requests by a form (SAML 2.0 Bindings §3.5). A person presses the button: no script runs
//! here.

use askama::Template;
use axum::response::Response;
use url::Url;

use crate::web::{Fault, FormAction, Frame, page};

/// The page: `templates/upstream/post.html`.
#[derive(Template)]
#[template(path = "upstream/post.html")]
pub struct PostPage {
    /// The frame.
    pub page: Frame,
    /// Where the form goes.
    pub action: String,
    /// Whose that is, as a person knows it.
    pub host: String,
    /// What it carries, name and value.
    pub fields: Vec<(&'static str, String)>,
}

impl PostPage {
    /// Its states.
    pub fn samples() -> Vec<(&'static str, Self)> {
        vec![(
            "usual",
            Self {
                page: Frame::english(),
                action: "https://login.acme.example/saml".to_owned(),
                host: "login.acme.example".to_owned(),
                fields: vec![
                    ("SAMLRequest", "sample".to_owned()),
                    ("RelayState", "sample".to_owned()),
                ],
            },
        )]
    }
}

/// The page.
pub fn show(to: &str, fields: Vec<(&'static str, String)>) -> Result<Response, Fault> {
    let url = Url::parse(to).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| Fault::Server("a provider's place is no address".into()))?;
    let shown = PostPage {
        page: Frame::english(),
        action: to.to_owned(),
        host: url.host_str().unwrap_or_default().to_owned(),
        fields,
    };
    Ok(page(
        &shown,
        &FormAction::AndOnTo(url.origin().ascii_serialization()),
    ))
}
