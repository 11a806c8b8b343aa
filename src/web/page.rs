//! Pages: a template, the words of its language, and the policy of what it may load and where its forms may lead.

use std::time::Duration;

use askama::Template;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Fault, assets, seconds_to_wait};
use crate::words::Words;

/// What every page stands in: its language, and the addresses of its style and emblem.
#[derive(Clone, Copy)]
pub struct Frame {
    words: &'static Words,
}

impl Frame {
    /// A page in English, the one language there is yet.
    pub fn english() -> Self {
        Self {
            words: Words::english(),
        }
    }

    /// A message.
    pub fn t(&self, key: &str) -> String {
        self.words.say(key, &[])
    }

    /// A message with one variable.
    pub fn t1(&self, key: &str, name: &str, value: &str) -> String {
        self.words.say(key, &[(name, value)])
    }

    /// A message that says how many.
    pub fn count(&self, key: &str, count: u32) -> String {
        self.words.count(key, count)
    }

    /// How long to wait, rounded up: seconds, or from two minutes on minutes.
    pub fn wait(&self, wait: Duration) -> String {
        let seconds = seconds_to_wait(wait);
        let (key, count) = if seconds < 120 {
            ("base-wait-seconds", seconds)
        } else {
            ("base-wait-minutes", seconds.div_ceil(60))
        };
        self.words.count(key, u32::try_from(count).unwrap_or(u32::MAX))
    }

    /// The language, for `html lang`.
    pub fn lang(&self) -> &str {
        self.words.language()
    }

    /// The stylesheet's address.
    pub fn stylesheet(&self) -> &str {
        assets::stylesheet_url()
    }

    /// The address of the script for passkeys.
    pub fn webauthn(&self) -> &str {
        assets::webauthn_url()
    }

    /// The address of the script that sends a page's form on.
    pub fn onward(&self) -> &str {
        assets::onward_url()
    }

    /// The emblem's address.
    pub fn emblem(&self) -> &str {
        assets::emblem_url()
    }
}

/// Where a page's forms may lead. Browsers check the whole chain of redirects, so the last stop is named too.
pub enum FormAction {
    /// Here.
    Own,
    /// Here, and on to an application's validated redirect.
    AndOnTo(String),
}

/// A page as an answer: never stored, never framed, with nothing from anywhere else, and without scripts.
pub fn page(template: &impl Template, form_action: &FormAction) -> Response {
    answer(template, form_action, "")
}

/// The same where passkeys are used: with our own script, which asks nobody but us.
pub fn page_with_passkeys(template: &impl Template, form_action: &FormAction) -> Response {
    answer(template, form_action, " script-src 'self'; connect-src 'self';")
}

/// The same where a form goes on by itself: with our own script, which asks nobody anything.
pub fn page_that_goes_on(template: &impl Template, form_action: &FormAction) -> Response {
    answer(template, form_action, " script-src 'self';")
}

fn answer(template: &impl Template, form_action: &FormAction, scripts: &str) -> Response {
    let html = match template.render() {
        Ok(html) => html,
        Err(error) => return Fault::Server(format!("a template failed: {error}")).into_response(),
    };
    let on_to = match form_action {
        FormAction::Own => String::new(),
        FormAction::AndOnTo(source) => format!(" {source}"),
    };
    let policy = format!(
        "default-src 'none';{scripts} style-src 'self'; img-src 'self' data:; form-action 'self'{on_to}; \
         frame-ancestors 'none'; base-uri 'none'"
    );
    let Ok(policy) = HeaderValue::from_str(&policy) else {
        return Fault::Server("a form action is no header value".into()).into_response();
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, policy),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, html).into_response()
}

/// Sends the browser on with a GET, whatever it came with (RFC 9700 §4.12: 303, never 307).
pub fn redirect(to: &str) -> Response {
    match HeaderValue::from_str(to) {
        Ok(to) => {
            let headers = [
                (LOCATION, to),
                (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            ];
            (StatusCode::SEE_OTHER, headers).into_response()
        }
        Err(_) => Fault::Server("a redirect is no header value".into()).into_response(),
    }
}
