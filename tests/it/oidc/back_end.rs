//! An application behind its pages: what it asks of the house with the tokens it holds.

use std::fmt::Display;

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::refusal::{is_no_token, is_nobody};
use super::{claims_of, userinfo_with};
use crate::harness::cast::{CALLBACK, SECRET};
use crate::harness::visitor::{VERIFIER, authorize};
use crate::harness::{Answer, House, Person, Visitor};
use doorward::domain::access::Permission;
use doorward::domain::oauth::{Application, GrantType, Scope};
use doorward::storage::audit_events;

/// The back end of an application.
pub(super) struct BackEnd {
    pub(super) id: String,
    secret: Option<&'static str>,
    callback: &'static str,
    way: Visitor,
}

/// What it got.
#[derive(Debug, Clone)]
pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) body: Value,
}

impl Tokens {
    #[track_caller]
    pub(super) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let body = answer.json();
        Self {
            access: body["access_token"].as_str().unwrap().to_owned(),
            body,
        }
    }

    /// The refresh token, which must be there.
    #[track_caller]
    pub(super) fn refresh(&self) -> &str {
        self.body["refresh_token"].as_str().expect("there is one")
    }

    /// The id token, which must be there.
    #[track_caller]
    pub(super) fn id(&self) -> &str {
        self.body["id_token"].as_str().expect("there is one")
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.body.get(name).is_some()
    }

    /// What the access token says.
    pub(super) fn claims(&self) -> Value {
        claims_of(&self.access)
    }

    /// Whether the access token says that its holder may do something everywhere.
    pub(super) fn allows(&self, permission: Permission) -> bool {
        may(&self.claims(), permission)
    }
}

/// Whether claims, or what introspection says, hold a permission on all products.
pub(super) fn may(claims: &Value, permission: Permission) -> bool {
    let everywhere = claims["permissions"]["*"]
        .as_array()
        .unwrap_or_else(|| panic!("no permissions: {claims}"));
    everywhere.contains(&json!(permission.as_str()))
}

impl BackEnd {
    /// A confidential application's.
    pub(super) fn of(house: &House, application: impl Display) -> Self {
        Self {
            id: application.to_string(),
            secret: Some(SECRET),
            callback: CALLBACK,
            way: house.visitor(),
        }
    }

    /// One that can keep no secret.
    pub(super) fn public(house: &House) -> Self {
        Self::without_secret(house, house.acme.pocket)
    }

    /// Any such.
    pub(super) fn without_secret(house: &House, application: impl Display) -> Self {
        Self {
            id: application.to_string(),
            secret: None,
            callback: "http://127.0.0.1/done",
            way: house.visitor(),
        }
    }

    /// One that acts for itself too, with these scopes.
    pub(super) async fn acting(house: &House, scope: &str, change: impl FnOnce(&mut Application)) -> Self {
        let id = house
            .register("Acme Robot", |application| {
                application.grant_types = vec![GrantType::ClientCredentials];
                application.scope = Scope::parse(scope).unwrap();
                change(application);
            })
            .await;
        Self::of(house, id)
    }

    /// The same application with another word for a secret.
    pub(super) fn with_secret(&self, secret: Option<&'static str>) -> Self {
        Self {
            id: self.id.clone(),
            secret,
            callback: self.callback,
            way: self.way.again(),
        }
    }

    /// A request that only a client can make.
    pub(super) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let request = self.way.request("POST", path);
        let mut fields = fields.to_vec();
        let request = if let Some(secret) = self.secret {
            request.basic_auth(&self.id, Some(secret))
        } else {
            fields.push(("client_id", &self.id));
            request
        };
        Answer::of(request.form(&fields)).await
    }

    /// Sends somebody who is signed in through the house, and gets what it asked for.
    pub(super) async fn signs_in(&self, browser: &Visitor, changed: &[(&str, &str)]) -> Tokens {
        let mut changed = changed.to_vec();
        changed.push(("redirect_uri", self.callback));
        let code = browser.agrees(&authorize(&self.id, &changed)).await.code();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", self.callback),
            ("code_verifier", VERIFIER),
        ];
        Tokens::of(&self.post("/oauth2/token", &fields).await)
    }

    pub(super) async fn refresh(&self, token: &str) -> Answer {
        self.refresh_with(token, &[]).await
    }

    pub(super) async fn refresh_with(&self, token: &str, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
        fields.extend_from_slice(more);
        self.post("/oauth2/token", &fields).await
    }

    /// The same, brought by a proxy from there.
    pub(super) async fn refresh_from(&self, token: &str, address: &str) -> Answer {
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", token),
            ("client_id", &self.id),
        ];
        let request = self.way.request("POST", "/oauth2/token").form(&fields);
        Answer::of(request.header("x-forwarded-for", address)).await
    }

    /// A refresh that must go well.
    pub(super) async fn refreshed(&self, tokens: &Tokens) -> Tokens {
        Tokens::of(&self.refresh(tokens.refresh()).await)
    }

    /// Asks for a token of its own.
    pub(super) async fn acts(&self, more: &[(&str, &str)]) -> Answer {
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend_from_slice(more);
        self.post("/oauth2/token", &fields).await
    }

    pub(super) async fn introspect(&self, token: &str) -> Value {
        let answer = self.post("/oauth2/introspect", &[("token", token)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        answer.json()
    }

    /// Revokes a token, and is told nothing of it.
    pub(super) async fn revoke(&self, token: &str) {
        let answer = self.post("/oauth2/revoke", &[("token", token)]).await;
        assert_eq!(
            (answer.status, answer.body.as_str()),
            (StatusCode::OK, ""),
            "{answer:?}"
        );
    }

    /// A person's access token opens everything that it should.
    pub(super) async fn is_open_to(&self, access: &str, case: &str) {
        let answer = userinfo_with(&self.way, access).await;
        assert_eq!(answer.status, StatusCode::OK, "{case}: {answer:?}");
        assert_eq!(self.introspect(access).await["active"], true, "{case}");
    }

    /// A person's access token opens nothing, and nobody hears why.
    pub(super) async fn is_closed_to(&self, access: &str, case: &str) {
        is_nobody(&userinfo_with(&self.way, access).await, case);
        assert_eq!(
            self.introspect(access).await,
            json!({ "active": false }),
            "{case}"
        );
    }

    /// Both of a person's tokens are worth nothing.
    pub(super) async fn has_lost(&self, tokens: &Tokens, case: &str) {
        self.is_closed_to(&tokens.access, case).await;
        let refresh = tokens.refresh();
        assert_eq!(
            self.introspect(refresh).await,
            json!({ "active": false }),
            "{case}"
        );
        is_no_token(&self.refresh(refresh).await, "invalid_grant", case);
    }
}

/// Desk, and Bob's browser with what Desk got for him.
pub(super) async fn bob_at_desk(house: &House) -> (BackEnd, Visitor, Tokens) {
    let desk = BackEnd::of(house, house.acme.desk);
    let bob = house.signed_in(Person::Bob).await;
    let tokens = desk.signs_in(&bob, &[]).await;
    (desk, bob, tokens)
}

/// How many events there are of an action.
pub(super) async fn events(house: &House, action: &str) -> usize {
    let mut snapshot = house.snapshot().await;
    let all = audit_events::all(&mut snapshot.tx()).await.unwrap();
    all.iter().filter(|event| event.action == action).count()
}
