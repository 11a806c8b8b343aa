//! LO2: no secret, token, code or cookie in any log at any level; the whole run is searched.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::StatusCode;
use serde_json::Value;

use super::home::{EMAIL, PASSWORD};
use super::{Home, Program};
use crate::harness::cast::SECRET;
use crate::harness::visitor::{VERIFIER, authorize};
use crate::harness::{Answer, Person, Visitor, on_both};

/// Everything that must be in no log, by what it is.
#[derive(Default)]
struct Secrets(Vec<(&'static str, String)>);

impl Secrets {
    fn keep(&mut self, what: &'static str, secret: impl Into<String>) {
        let secret = secret.into();
        assert!(
            secret.len() >= 12,
            "{what} is too short to search for: {secret:?}"
        );
        self.0.push((what, secret));
    }

    /// The cookies that an answer sets.
    fn cookies(&mut self, answer: &Answer) {
        for cookie in answer.cookies() {
            let value = cookie
                .split_once('=')
                .unwrap()
                .1
                .split(';')
                .next()
                .unwrap()
                .to_owned();
            if !value.is_empty() {
                self.keep("a cookie", value);
            }
        }
    }

    #[track_caller]
    fn are_not_in(&self, log: &str) {
        for (what, secret) in &self.0 {
            let line = log.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{what} is in the log");
        }
    }
}

/// A tour of every place where a secret passes by, each step's answer looked through for cookies.
struct Tour {
    visitor: Visitor,
    secrets: Secrets,
}

impl Tour {
    async fn get(&mut self, path: &str) -> Answer {
        let answer = self.visitor.get(path).await;
        self.secrets.cookies(&answer);
        answer
    }

    async fn submit(&mut self, page: &Answer, fields: &[(&str, &str)]) -> Answer {
        let answer = self.visitor.submit(page, fields).await;
        self.secrets.keep("a form's token", page.field("csrf"));
        self.secrets.cookies(&answer);
        answer
    }

    async fn follow(&mut self, mut answer: Answer) -> Answer {
        while answer.status.is_redirection() && answer.location().starts_with('/') {
            answer = self.get(&answer.location()).await;
        }
        answer
    }

    /// From the sample's button to its page of tokens, with a slip on the way.
    async fn sign_in_to(&mut self, sample: &str, email: &str, password: &str) {
        let away = self.get(&format!("{sample}/login")).await;
        let arrived = self.get(&away.location()).await;
        let page = self.follow(arrived).await;
        let identified = self.submit(&page, &[("email", email)]).await;
        let page = self.follow(identified).await;
        let slip = self
            .submit(&page, &[("password", "not the right password")])
            .await;
        assert_eq!(slip.status, StatusCode::UNPROCESSABLE_ENTITY, "{slip:?}");
        let signed_in = self.submit(&slip, &[("password", password)]).await;
        let consent = self.follow(signed_in).await;
        let back = self.submit(&consent, &[("decision", "allow")]).await;
        self.secrets.keep("a code", back.code());
        let signed_in = self.get(&back.location()).await;
        assert_eq!(signed_in.location(), "/tokens", "{signed_in:?}");
        let tokens = self.get(&format!("{sample}/tokens")).await;
        assert!(tokens.body.contains(email), "{tokens:?}");
    }

    /// The same by hand, to see the tokens; the code once more, to see it refused.
    async fn see_the_tokens(&mut self, client: &str, secret: &str, callback: &str) {
        let again = self
            .visitor
            .arrives(&authorize(client, &[("redirect_uri", callback)]))
            .await;
        let code = again.code();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", callback),
            ("code_verifier", VERIFIER),
        ];
        let request = || {
            let request = self.visitor.request("POST", "/oauth2/token");
            Answer::of(request.basic_auth(client, Some(secret)).form(&fields))
        };
        let tokens = request().await;
        assert_eq!(tokens.status, StatusCode::OK, "{tokens:?}");
        let token = |name: &str| tokens.json()[name].as_str().unwrap().to_owned();
        let userinfo = self
            .visitor
            .request("GET", "/oauth2/userinfo")
            .bearer_auth(token("access_token"));
        assert_eq!(Answer::of(userinfo).await.status, StatusCode::OK);
        assert_eq!(request().await.error(), "invalid_grant");
        for (what, secret) in [
            ("a code", code),
            ("the access token", token("access_token")),
            ("the id token", token("id_token")),
            ("a code's verifier", VERIFIER.to_owned()),
            (
                "the client's credentials",
                STANDARD.encode(format!("{client}:{secret}")),
            ),
        ] {
            self.secrets.keep(what, secret);
        }
    }
}

on_both! {
    async fn a_whole_sign_in_leaves_no_secret_behind(home: Home) {
        let server = Program::serve(home.demo("127.0.0.1:0").env("RUST_LOG", "trace"));
        let told = home.told();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (sample, user) = (text(&told["sample"]), &told["users"][4]);
        let (client, secret) = (text(&told["application"]["client_id"]), text(&told["application"]["client_secret"]));
        let visitor = Visitor::new(&text(&told["doorward"]));
        let mut tour = Tour { visitor, secrets: Secrets::default() };
        tour.sign_in_to(&sample, &text(&user["email"]), &text(&user["password"])).await;
        tour.see_the_tokens(&client, &secret, &format!("{sample}/callback")).await;
        let confirm = tour.get("/sign-out").await;
        let out = tour.submit(&confirm, &[]).await;
        assert_eq!(out.location(), "/signed-out", "{out:?}");

        let mut secrets = tour.secrets;
        secrets.keep("the client's secret", secret);
        let key = std::fs::read_to_string(home.master_key()).unwrap();
        secrets.keep("the master key", key.trim_end());
        secrets.keep("a wrong password", "not the right password");
        for user in told["users"].as_array().unwrap() {
            secrets.keep("a password", text(&user["password"]));
        }
        let ended = server.stop();
        secrets.are_not_in(&ended.stdout);
        secrets.are_not_in(&ended.stderr);
        assert!(secrets.0.len() > 20 && ended.stderr.contains("TRACE"), "too little was seen: {}", secrets.0.len());
    }

    async fn the_life_of_a_token_leaves_no_secret_behind(home: Home) {
        let applications = home.with_the_cast().await;
        let server = Program::serve(home.serve().env("RUST_LOG", "trace"));
        let (bob, desk) = (Visitor::new(&server.url()), applications.desk.as_str());
        assert_eq!(bob.sign_in(Person::Bob).await.location(), "/");
        let mut secrets = Secrets::default();
        secrets.keep("the client's secret", SECRET);
        let post = async |path: &str, fields: &[(&str, &str)]| {
            let answer = Answer::of(bob.request("POST", path).basic_auth(desk, Some(SECRET)).form(fields)).await;
            assert!(!answer.status.is_server_error(), "{answer:?}");
            answer
        };
        let first = bob.redeem(desk, &bob.code(desk).await).await.json();
        let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
        let token = text(&first, "refresh_token");
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", token.as_str())];
        let second = post("/oauth2/token", &refresh).await.json();
        let again = post("/oauth2/token", &refresh).await.json();
        for (what, tokens) in [("first", &first), ("second", &second), ("again", &again)] {
            secrets.keep(what, text(tokens, "access_token"));
            secrets.keep(what, text(tokens, "refresh_token"));
        }
        secrets.keep("the id token", text(&first, "id_token"));
        for kind in ["access_token", "refresh_token"] {
            for path in ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/introspect"] {
                post(path, &[("token", &text(&second, kind))]).await;
                post(&format!("{path}?token={}", text(&second, kind)), &[]).await;
            }
        }
        post("/oauth2/token", &refresh).await;
        post(&format!("/oauth2/token?refresh_token={token}&client_secret={SECRET}"), &refresh[..1]).await;
        let own = bob.request("POST", "/oauth2/token").basic_auth(&applications.robot, Some(SECRET));
        let own = Answer::of(own.form(&[("grant_type", "client_credentials")])).await.json();
        secrets.keep("an application's own token", text(&own, "access_token"));
        for hint in [text(&second, "access_token"), text(&first, "id_token")] {
            bob.get(&format!("/oauth2/logout?id_token_hint={hint}")).await;
            bob.post("/oauth2/logout", &[("id_token_hint", &hint)]).await;
        }
        let ended = server.stop();
        secrets.are_not_in(&ended.stdout);
        secrets.are_not_in(&ended.stderr);
        assert!(ended.stderr.contains("Doorward is open"), "too little was seen");
    }

    async fn a_claim_leaves_no_secret_behind(home: Home) {
        let server = Program::serve(home.serve().env("RUST_LOG", "trace"));
        let link = home.claim();
        let mut tour = Tour { visitor: Visitor::new(&server.url()), secrets: Secrets::default() };
        tour.secrets.keep("the claim link", link.rsplit_once('/').unwrap().1);
        tour.secrets.keep("the password", PASSWORD);
        tour.secrets.keep("the password as sent", PASSWORD.replace(' ', "+"));
        let form = tour.get(&link).await;
        let fields = [("name", "Alice"), ("email", EMAIL), ("organization", "Acme"), ("password", PASSWORD)];
        let claimed = tour.submit(&form, &fields).await;
        assert_eq!(claimed.status, StatusCode::SEE_OTHER, "{claimed:?}");
        tour.get(&link).await;
        let ended = server.stop();
        tour.secrets.are_not_in(&ended.stderr);
        tour.secrets.are_not_in(&ended.stdout);
    }

    async fn setting_up_logs_neither_key_nor_password(home: Home) {
        let done = Program::run(home.setup("Acme").env("RUST_LOG", "trace").args(["--output", "json"]));
        let told: Value = serde_json::from_str(done.fine()).unwrap();
        let mut secrets = Secrets::default();
        secrets.keep("the API key", told["api_key"].as_str().unwrap());
        secrets.keep("the password", PASSWORD);
        secrets.are_not_in(&done.stderr);
    }
}
