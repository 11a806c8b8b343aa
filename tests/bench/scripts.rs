//! What connections do: the walk of somebody who signs in, and what their application asks then.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::client::{Answer, Connection, get, post};
use crate::load::Script;
use crate::seed::{CALLBACK, PASSWORD, SECRET, email};

/// The verifier and challenge of RFC 7636 appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// Somebody who signs in with a new browser, again and again: four requests, from the first page to the session.
pub(crate) struct SignIn {
    person: usize,
    step: Step,
    /// The session of the last time.
    session: String,
}

enum Step {
    Begin,
    Identify {
        browser: String,
        csrf: String,
    },
    Look {
        browser: String,
        page: String,
    },
    Prove {
        browser: String,
        page: String,
        csrf: String,
    },
}

impl SignIn {
    pub(crate) fn of(person: usize) -> Self {
        Self {
            person,
            step: Step::Begin,
            session: String::new(),
        }
    }

    fn headers(&self, browser: &str) -> String {
        // A network of their own: so many from one would be slowed down.
        format!(
            "X-Forwarded-For: 10.{}.0.1\r\nCookie: doorward_browser={browser}\r\n",
            self.person
        )
    }

    fn follow(&mut self, answer: &Answer<'_>) -> Option<Step> {
        let csrf = || answer.between("name=\"csrf\" value=\"", "\"").map(str::to_owned);
        Some(match std::mem::replace(&mut self.step, Step::Begin) {
            Step::Begin => Step::Identify {
                browser: answer.cookie("doorward_browser")?,
                csrf: csrf()?,
            },
            Step::Identify { browser, .. } => Step::Look {
                browser,
                page: answer.header("location")?.to_owned(),
            },
            Step::Look { browser, page } => Step::Prove {
                browser,
                page,
                csrf: csrf()?,
            },
            Step::Prove { .. } => {
                self.session = answer.cookie("doorward_session")?;
                Step::Begin
            }
        })
    }
}

impl Script for SignIn {
    fn next(&mut self) -> Vec<u8> {
        match &self.step {
            Step::Begin => get("/sign-in", &self.headers("")),
            Step::Identify { browser, csrf } => post(
                "/sign-in",
                &self.headers(browser),
                &[("csrf", csrf), ("email", &email(self.person))],
            ),
            Step::Look { browser, page } => get(page, &self.headers(browser)),
            Step::Prove { browser, page, csrf } => post(
                page,
                &self.headers(browser),
                &[("csrf", csrf), ("password", PASSWORD)],
            ),
        }
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        let ends = matches!(self.step, Step::Prove { .. });
        self.step = self.follow(answer).ok_or("not the way through a sign-in")?;
        Ok(ends)
    }
}

/// Somebody who is signed in, and asks for a code that their application redeems: two requests.
#[derive(Clone)]
pub(crate) struct Authorize {
    session: String,
    client: String,
    code: Option<String>,
    /// The last answer of the token endpoint.
    tokens: serde_json::Value,
}

impl Script for Authorize {
    fn next(&mut self) -> Vec<u8> {
        let Some(code) = &self.code else {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs([
                    ("response_type", "code"),
                    ("client_id", &self.client),
                    ("redirect_uri", CALLBACK),
                    ("scope", "openid profile email offline_access"),
                    ("state", "the state"),
                    ("nonce", "the nonce"),
                    ("code_challenge", CHALLENGE),
                    ("code_challenge_method", "S256"),
                ])
                .finish();
            return get(
                &format!("/oauth2/authorize?{query}"),
                &format!("Cookie: doorward_session={}\r\n", self.session),
            );
        };
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        post("/oauth2/token", &basic(&self.client), &fields)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        if self.code.take().is_some() {
            self.tokens = serde_json::from_slice(answer.body).unwrap_or_default();
            return if self.tokens["access_token"].is_string() {
                Ok(true)
            } else {
                Err("no token".to_owned())
            };
        }
        let location = answer.header("location").and_then(|to| to.split_once("code="));
        let code = location.and_then(|(_, rest)| rest.split('&').next());
        self.code = Some(code.ok_or("no code")?.to_owned());
        Ok(false)
    }
}

/// An application that spends its refresh token for the next, again and again.
pub(crate) struct Refresh {
    client: String,
    token: String,
}

impl Refresh {
    /// With the refresh token that somebody's sign-in left.
    pub(crate) fn of(person: &Authorize) -> Self {
        Self {
            client: person.client.clone(),
            token: person.token("refresh_token").to_owned(),
        }
    }
}

impl Script for Refresh {
    fn next(&mut self) -> Vec<u8> {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", self.token.as_str()),
        ];
        post("/oauth2/token", &basic(&self.client), &fields)
    }

    fn take(&mut self, answer: &Answer<'_>) -> Result<bool, String> {
        let successor = answer.between("\"refresh_token\":\"", "\"");
        let successor = successor.filter(|token| *token != self.token);
        self.token = successor.ok_or("no successor")?.to_owned();
        Ok(true)
    }
}

impl Authorize {
    /// Their application.
    pub(crate) fn client(&self) -> &str {
        &self.client
    }

    /// What the last answer of the token endpoint held.
    pub(crate) fn token(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap_or_default()
    }

    /// Asks who they are, with their own token.
    pub(crate) fn userinfo(&self) -> Vec<u8> {
        let header = format!("Authorization: Bearer {}\r\n", self.token("access_token"));
        get("/oauth2/userinfo", &header)
    }

    /// Asks what their token is worth.
    pub(crate) fn introspect(&self) -> Vec<u8> {
        let token = self.token("access_token");
        post("/oauth2/introspect", &basic(&self.client), &[("token", token)])
    }

    /// Ends their tokens.
    pub(crate) fn revoke(&self) -> Vec<u8> {
        let token = self.token("refresh_token");
        post("/oauth2/revoke", &basic(&self.client), &[("token", token)])
    }
}

/// Asks for a token of the application's own.
pub(crate) fn client_credentials(client: &str) -> Vec<u8> {
    let fields = [("grant_type", "client_credentials")];
    post("/oauth2/token", &basic(client), &fields)
}

/// Signs somebody in and gets tokens for them.
pub(crate) async fn arrive(address: SocketAddr, person: usize, client: &str) -> Authorize {
    let mut connection = Connection::open(address).await.unwrap();
    let mut sign_in = SignIn::of(person);
    once(&mut connection, &mut sign_in).await;
    let mut authorize = Authorize {
        session: sign_in.session,
        client: client.to_owned(),
        code: None,
        tokens: serde_json::Value::Null,
    };
    once(&mut connection, &mut authorize).await;
    authorize
}

/// One unit of work, not measured.
async fn once(connection: &mut Connection, script: &mut impl Script) {
    loop {
        let answer = connection.exchange(&script.next()).await.unwrap();
        let taken = script.take(&answer);
        if taken.unwrap_or_else(|wrong| panic!("{wrong}: {}", answer.told())) {
            return;
        }
    }
}

/// The application's credentials.
fn basic(client: &str) -> String {
    let credentials = STANDARD.encode(format!("{client}:{SECRET}"));
    format!("Authorization: Basic {credentials}\r\n")
}
