//! A SAML service provider by crate `samael`: what Doorward lets people into. See ../../README.md.
//!
//! Says `ready` and a line of JSON about itself, then serves until standard input ends.

mod keys;
mod provider;

use std::error::Error;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};
use tiny_http::{Header, Method, Request, Response, Server};
use url::Url;

use provider::{Asked, Provider, Sent};

type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a browser gets.
enum Answer {
    Nothing,
    Shown(Value),
    Page(String),
    Leave(String),
}

impl From<Sent> for Answer {
    fn from(sent: Sent) -> Self {
        match sent {
            Sent::To(url) => Self::Leave(url),
            Sent::Form(page) => Self::Page(page),
        }
    }
}

fn main() -> Outcome<()> {
    let flags: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    let asked = Asked {
        signed: has("--signed"),
        encrypted: has("--encrypted"),
        post: has("--post"),
        unsolicited: has("--unsolicited"),
    };
    let server = Server::http("127.0.0.1:0").map_err(|error| error.to_string())?;
    let base = format!("http://{}", server.server_addr());
    let mut provider = Provider::new(&base, asked)?;
    println!("ready {}", provider.told()?);
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    for mut request in server.incoming_requests() {
        // The library panics at some of what nobody should send.
        let outcome = catch_unwind(AssertUnwindSafe(|| serve(&mut provider, &base, &mut request)));
        let outcome = outcome.unwrap_or_else(|_| Err("samael panicked".into()));
        answer(request, outcome);
    }
    Ok(())
}

fn serve(provider: &mut Provider, base: &str, request: &mut Request) -> Outcome<Answer> {
    let url: Url = format!("{base}{}", request.url()).parse()?;
    let mut body = String::new();
    request.as_reader().read_to_string(&mut body)?;
    let form = |name: &str| field(body.as_bytes(), name);
    let query = |name: &str| field(url.query().unwrap_or_default().as_bytes(), name);
    Ok(match (request.method(), url.path()) {
        (Method::Post, "/configure") => {
            provider.configure(&body)?;
            Answer::Nothing
        }
        (Method::Get, "/login") => {
            let is = |name: &str| query(name).as_deref() == Some("1");
            let relay_state = query("relay_state").unwrap_or_default();
            provider
                .log_in(&relay_state, is("force_authn"), is("passive"))?
                .into()
        }
        (Method::Post, "/acs") => {
            let response = form("SAMLResponse").ok_or("no SAMLResponse")?;
            Answer::Shown(provider.consume(&response, form("RelayState"))?)
        }
        (Method::Get, "/logout") => Answer::Leave(provider.log_out()?),
        (Method::Get, "/slo") => match query("SAMLRequest") {
            Some(message) => {
                Answer::Leave(provider.is_told_to_log_out(&url, &message, query("RelayState"))?)
            }
            None => {
                let message = query("SAMLResponse").ok_or("no message")?;
                provider.is_logged_out(&url, &message)?;
                Answer::Shown(json!({ "logged_out": true }))
            }
        },
        _ => return Err("nothing is here".into()),
    })
}

fn field(encoded: &[u8], name: &str) -> Option<String> {
    let mut fields = url::form_urlencoded::parse(encoded);
    fields
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn answer(request: Request, outcome: Outcome<Answer>) {
    let header = |name: &str, value: &str| Header::from_bytes(name, value).expect("a header's value");
    let html = header("content-type", "text/html; charset=utf-8");
    let response = match outcome {
        Ok(Answer::Nothing) => Response::from_string("").with_status_code(204),
        Ok(Answer::Leave(place)) => {
            let leave = Response::from_string("").with_status_code(302);
            leave.with_header(header("location", &place))
        }
        Ok(Answer::Page(page)) => Response::from_string(page).with_header(html),
        Ok(Answer::Shown(result)) => {
            Response::from_string(result_page("A service provider", &result)).with_header(html)
        }
        Err(error) => {
            let result = json!({ "error": error.to_string() });
            let page = Response::from_string(result_page("Refused", &result)).with_header(html);
            page.with_status_code(403)
        }
    };
    let _ = request.respond(response);
}

fn result_page(heading: &str, result: &Value) -> String {
    let result = escaped(&result.to_string());
    format!(r#"<!DOCTYPE html><title>samael</title><h1>{heading}</h1><pre id="result">{result}</pre>"#)
}

/// Text as HTML has it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            _ => escaped.push(character),
        }
    }
    escaped
}
