//! Where an assertion may go. Only a recipient gets an answer, and only this file makes one.

use url::Url;

use crate::domain::oauth::AssertionRequest;
use crate::domain::service_provider::ServiceProvider;

/// An assertion consumer service that its application registered.
#[derive(Debug, Clone)]
pub struct Recipient(Url);

impl Recipient {
    /// The recipient of an answer, if its application has it registered now.
    pub fn validate(sp: &ServiceProvider, asked: &AssertionRequest) -> Option<Self> {
        let consumer = sp.consumer_at(&asked.consumer)?;
        Url::parse(&consumer.url).ok().filter(Url::has_host).map(Self)
    }

    /// What a form's `form-action` must allow: applications go on from there to wherever they are at home.
    pub fn form_action(&self) -> String {
        match self.0.scheme() {
            "https" => "https:".to_owned(),
            _ => self.0.origin().ascii_serialization(),
        }
    }

    /// The host that a person is shown.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}
