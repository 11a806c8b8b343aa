//! Text messages: handed to a gateway at once, outside of any transaction, and bounded. What it answers is told to whoever
//! asked, as a code that comes late is worth nothing.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, Method};
use url::form_urlencoded::byte_serialize;

use crate::config::{PublicUrl, SmsBody, SmsConfig, SmsMethod, SmsRequest};
use crate::domain::phone::PhoneNumber;
use crate::domain::sms::{SmsCode, SmsRules};
use crate::words::Words;

/// How long a gateway may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends text messages.
pub struct Messenger {
    http: Client,
    config: SmsConfig,
    host: String,
    is_secure: bool,
}

/// Why a message was not sent; fit to be logged, without anything secret.
#[derive(Debug, thiserror::Error)]
pub enum NotDelivered {
    /// The gateway did not answer in time, or not at all.
    #[error("the gateway can't be reached: {0}")]
    Unreachable(String),
    /// The gateway refused.
    #[error("the gateway answered {0}")]
    Refused(u16),
}

impl Messenger {
    /// Gets ready as the settings say. Nobody is called yet.
    pub fn open(config: &SmsConfig, public_url: &PublicUrl) -> Result<Self, String> {
        let builder = Client::builder()
            .redirect(Policy::none())
            .timeout(PATIENCE)
            .user_agent(concat!("doorward/", env!("CARGO_PKG_VERSION")));
        // A gateway on this very machine is reached by no proxy, and needs none of the system's certificates.
        let builder = if config.request.url.starts_with("https:") {
            builder.https_only(true)
        } else {
            builder.no_proxy().tls_certs_only([])
        };
        Ok(Self {
            http: builder.build().map_err(|error| error.to_string())?,
            config: config.clone(),
            host: public_url.host().to_owned(),
            is_secure: public_url.is_secure(),
        })
    }

    /// To whom messages go, and how many.
    pub fn rules(&self) -> &SmsRules {
        &self.config.rules
    }

    /// Sends a code. Where browsers read it themselves, the last line tells them whose it is (WICG's origin-bound one-time
    /// codes).
    pub async fn send_code(
        &self,
        to: &PhoneNumber,
        code: &SmsCode,
        language: &str,
    ) -> Result<(), NotDelivered> {
        let words = Words::in_language(language);
        let own = [("code", code.expose()), ("host", self.host.as_str())];
        let mut text = words.say("sms-code", &own);
        if self.is_secure {
            let bound = format!("\n\n@{} #{}", self.host, code.expose());
            text.push_str(&bound);
        }
        self.send(to, &text).await
    }

    /// Tells a number that it is an account's no more. Nobody waits for this, so what goes wrong is for the log alone.
    pub async fn say_good_bye(&self, to: &PhoneNumber) {
        let told = Words::english().say("sms-number-gone", &[("host", self.host.as_str())]);
        if let Err(error) = self.send(to, &told).await {
            tracing::warn!(%error, "a number could not be told that it is an account's no more");
        }
    }

    async fn send(&self, to: &PhoneNumber, text: &str) -> Result<(), NotDelivered> {
        let SmsRequest {
            url,
            method,
            headers,
            body,
            body_kind,
        } = &self.config.request;
        let encoded = |value: &str| byte_serialize(value.as_bytes()).collect::<String>();
        let url = filled(url, to.as_str(), text, encoded);
        let unreachable = |error: reqwest::Error| NotDelivered::Unreachable(told(error));
        let request = match method {
            SmsMethod::Get => self.http.request(Method::GET, url),
            SmsMethod::Post => {
                let (kind, body) = match body_kind {
                    SmsBody::Json => ("application/json", filled(body, to.as_str(), text, in_json)),
                    SmsBody::Form => (
                        "application/x-www-form-urlencoded",
                        filled(body, to.as_str(), text, encoded),
                    ),
                };
                self.http
                    .request(Method::POST, url)
                    .header(CONTENT_TYPE, kind)
                    .body(body)
            }
        };
        let mut request = request.build().map_err(unreachable)?;
        for (name, value) in headers {
            let header = HeaderName::try_from(name.as_str())
                .ok()
                .zip(HeaderValue::try_from(value.as_str()).ok());
            if let Some((name, mut value)) = header {
                value.set_sensitive(true);
                request.headers_mut().insert(name, value);
            }
        }
        // The answer's body is nobody's business, and not read.
        let status = self.http.execute(request).await.map_err(unreachable)?.status();
        if status.is_success() {
            Ok(())
        } else {
            Err(NotDelivered::Refused(status.as_u16()))
        }
    }
}

/// A template with number and message in it, each written as its place asks. What is put in is not looked at again.
fn filled(template: &str, to: &str, text: &str, write: impl Fn(&str) -> String) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let placeholder = [("{to}", to), ("{text}", text)]
            .into_iter()
            .find(|(name, _)| rest.starts_with(name));
        if let Some((name, value)) = placeholder {
            filled.push_str(&write(value));
            rest = &rest[name.len()..];
        } else {
            filled.push('{');
            rest = &rest[1..];
        }
    }
    filled + rest
}

/// As it stands between the quotes of a JSON string.
fn in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// What went wrong, without the address: that may hold a secret.
fn told(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it took too long".to_owned();
    }
    if error.is_connect() {
        return "no connection".to_owned();
    }
    error.without_url().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_in_stays_in_its_place() {
        let text = "\"}, {to}\\\n{text}";
        let json = filled(r#"{"n":"{to}","m":{"t":"{text}"}}"#, "+49", text, in_json);
        let read: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (read["n"].as_str(), read["m"]["t"].as_str()),
            (Some("+49"), Some(text))
        );
        let form = |value: &str| byte_serialize(value.as_bytes()).collect::<String>();
        assert_eq!(
            filled("To={to}&Body={text}{", "+49", "a&b={to} c", form),
            "To=%2B49&Body=a%26b%3D%7Bto%7D+c{"
        );
    }
}
