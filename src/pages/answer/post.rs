//! On to an application that takes its answers by a form (SAML 2.0 Bindings §3.5). Our own script sends it; without scripts
//! a person presses the button.

use askama::Template;
use axum::response::Response;
use url::Url;

use crate::pages::long;
use crate::web::{Fault, FormAction, Frame, page_that_goes_on};

/// The page: `templates/answer/post.html`.
#[derive(Template)]
#[template(path = "answer/post.html")]
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
        let to = |host: &str| Self {
            page: Frame::english(),
            action: format!("https://{host}/saml/acs"),
            host: host.to_owned(),
            fields: vec![
                ("SAMLResponse", "sample".to_owned()),
                ("RelayState", "\"><script>".to_owned()),
            ],
        };
        let long = long::EMAIL.replace(['@', '+', '_'], ".");
        vec![("usual", to("wiki.acme.example")), ("long", to(&long))]
    }
}

/// The page.
pub fn show(to: &str, fields: Vec<(&'static str, String)>) -> Result<Response, Fault> {
    let url = Url::parse(to).ok().filter(Url::has_host);
    let url = url.ok_or_else(|| Fault::Server("an application's place is no address".into()))?;
    let shown = PostPage {
        page: Frame::english(),
        action: to.to_owned(),
        host: url.host_str().unwrap_or_default().to_owned(),
        fields,
    };
    // Applications go on from there to wherever they are at home, and browsers check the whole way.
    let leads_to = match url.scheme() {
        "https" => "https:".to_owned(),
        _ => url.origin().ascii_serialization(),
    };
    Ok(page_that_goes_on(&shown, &FormAction::AndOnTo(leads_to)))
}
