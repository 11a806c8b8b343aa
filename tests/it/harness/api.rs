//! Somebody at the API: by key, by a browser's cookie, or as nobody.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::email::Email;
use doorward::domain::id::{KeyId, OrganizationId, UserId};
use doorward::domain::secret::{Purpose, Secret};
use doorward::domain::text::DisplayName;
use doorward::domain::user::{User, UserStatus};
use doorward::random;
use doorward::storage::api_keys::{self, NewKey};
use doorward::storage::memberships::{self, NewMembership};
use doorward::storage::{roles, users};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;

use super::authenticator::Authenticator;
use super::{Answer, House, Person, Visitor};

/// Somebody with what they show on each request.
pub(crate) struct Api {
    visitor: Visitor,
    shown: Shown,
}

enum Shown {
    Nothing,
    Bearer(String),
    /// The browser's cookie, and with changes this.
    Csrf(String),
}

/// Somebody who was made a member for a test, and their key.
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) email: String,
    pub(crate) key: KeyId,
    pub(crate) api: Api,
}

impl House {
    /// Nobody.
    pub(crate) fn nobody(&self) -> Api {
        Api {
            visitor: self.visitor(),
            shown: Shown::Nothing,
        }
    }

    /// Whoever has this key or token.
    pub(crate) fn bearer(&self, token: &str) -> Api {
        Api {
            visitor: self.visitor(),
            shown: Shown::Bearer(token.to_owned()),
        }
    }

    /// Somebody of the cast in a browser.
    pub(crate) async fn in_browser(&self, person: Person) -> Api {
        let visitor = self.signed_in(person).await;
        let csrf = visitor.get("/").await.field("csrf");
        Api {
            visitor,
            shown: Shown::Csrf(csrf),
        }
    }

    /// Somebody in a browser whose password is Bob's.
    pub(crate) async fn in_browser_as(&self, email: &str) -> Api {
        let visitor = self.visitor();
        let page = visitor.get("/sign-in").await;
        let answer = visitor.sign_in_on(&page, email, Person::Bob.password()).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        let csrf = visitor.get("/").await.field("csrf");
        Api {
            visitor,
            shown: Shown::Csrf(csrf),
        }
    }

    /// Whoever has this passkey, in a browser.
    pub(crate) async fn in_browser_with(&self, authenticator: &Authenticator) -> Api {
        let visitor = self.visitor();
        let answer = visitor.sign_in_with(authenticator).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        let csrf = visitor.get("/").await.field("csrf");
        Api {
            visitor,
            shown: Shown::Csrf(csrf),
        }
    }

    /// A key of Acme: a person's, or the organization's own.
    pub(crate) async fn key(&self, user: Option<UserId>, permissions: PermissionSet) -> (KeyId, Api) {
        self.key_of(self.acme.id, user, permissions).await
    }

    /// A key of an organization that is good for 90 days.
    pub(crate) async fn key_of(
        &self,
        organization: OrganizationId,
        user: Option<UserId>,
        permissions: PermissionSet,
    ) -> (KeyId, Api) {
        let now = self.clock.now();
        let (id, text) = (random::id(now), format!("dw_{}", random::secret().expose()));
        let hash = Secret::received(text.as_str()).hash(Purpose::ApiKey);
        self.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move {
                let new = NewKey {
                    id,
                    organization,
                    user,
                    name: "a test's",
                    hash: &hash,
                    permissions,
                    products: &[],
                    ip_allowlist: &[],
                    expires_at: now.plus(std::time::Duration::from_hours(90 * 24)),
                };
                api_keys::insert(tx, &new, now).await
            })
        })
        .await;
        (id, self.bearer(&text))
    }

    /// Makes somebody a member of Acme, with a key that holds every permission by name.
    pub(crate) async fn employ(&self, name: &str, role: BuiltInRole) -> Member {
        self.employ_at(self.acme.id, name, Some(role)).await
    }

    /// The same anywhere, with a role or none.
    pub(crate) async fn employ_at(
        &self,
        organization: OrganizationId,
        name: &str,
        role: Option<BuiltInRole>,
    ) -> Member {
        let now = self.clock.now();
        let (user, membership) = (random::id(now), random::id(now));
        let email = format!("{name}@acme.example");
        let person = User {
            id: user,
            email: Email::parse(&email).unwrap(),
            email_verified: true,
            name: DisplayName::parse(name).unwrap(),
            status: UserStatus::Active,
            superuser: false,
            default_organization: None,
        };
        self.write(move |tx| {
            let person = person.clone();
            Box::pin(async move {
                users::insert(tx, &person, now).await?;
                let role = match role {
                    Some(role) => Some(roles::built_in(tx, role).await?.id),
                    None => None,
                };
                let new = NewMembership {
                    id: membership,
                    organization,
                    user,
                    role,
                };
                memberships::insert(tx, &new, now).await
            })
        })
        .await;
        let (key, api) = self.key_of(organization, Some(user), PermissionSet::ALL).await;
        Member {
            user,
            email,
            key,
            api,
        }
    }
}

impl Api {
    /// Somebody who is signed in already, in their browser.
    pub(crate) async fn of(visitor: Visitor) -> Self {
        let csrf = visitor.get("/").await.field("csrf");
        Self {
            visitor,
            shown: Shown::Csrf(csrf),
        }
    }

    /// The same, whose session got another cookie.
    pub(crate) async fn renewed(self) -> Self {
        let csrf = self.visitor.get("/").await.field("csrf");
        Self {
            shown: Shown::Csrf(csrf),
            ..self
        }
    }

    /// A request that the caller finishes.
    pub(crate) fn request(&self, method: &str, path: &str) -> RequestBuilder {
        let request = self.visitor.request(method, path);
        match &self.shown {
            Shown::Nothing => request,
            Shown::Bearer(token) => request.bearer_auth(token),
            Shown::Csrf(_) if method == "GET" => request,
            Shown::Csrf(csrf) => request.header("x-csrf-token", csrf),
        }
    }

    /// The key or token that is shown.
    pub(crate) fn token(&self) -> &str {
        match &self.shown {
            Shown::Bearer(token) => token,
            _ => panic!("this is somebody in a browser, or nobody"),
        }
    }

    /// The browser, without the token that changes need.
    pub(crate) fn browser(&self) -> &Visitor {
        &self.visitor
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request("GET", path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("POST", path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("PUT", path).json(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        let request = self.request("PATCH", path).body(body.to_string());
        Answer::of(request.header("content-type", "application/merge-patch+json")).await
    }

    /// A PUT whose path says it all.
    pub(crate) async fn put_bare(&self, path: &str) -> Answer {
        Answer::of(self.request("PUT", path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request("DELETE", path)).await
    }
}

impl Answer {
    /// What was made.
    #[track_caller]
    pub(crate) fn created(&self) -> Value {
        assert_eq!(self.status, StatusCode::CREATED, "{self:?}");
        self.json()
    }

    /// What is there.
    #[track_caller]
    pub(crate) fn found(&self) -> Value {
        assert_eq!(self.status, StatusCode::OK, "{self:?}");
        self.json()
    }

    /// What was done without an answer.
    #[track_caller]
    pub(crate) fn done(&self) {
        assert_eq!(self.status, StatusCode::NO_CONTENT, "{self:?}");
        assert_eq!(self.body, "");
    }

    /// The code of a problem, which has its form.
    #[track_caller]
    pub(crate) fn problem(&self) -> String {
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{self:?}"
        );
        assert_eq!(self.header("cache-control"), "no-store");
        let told = self.json();
        assert_eq!(told["status"], self.status.as_u16(), "{self:?}");
        let code = told["code"].as_str().unwrap().to_owned();
        assert!(
            told["type"].as_str().unwrap().ends_with(&format!("/docs#{code}")),
            "{self:?}"
        );
        assert_eq!(told["trace_id"].as_str().unwrap().len(), 16);
        assert!(!told["title"].as_str().unwrap().is_empty() && !told["detail"].as_str().unwrap().is_empty());
        code
    }

    /// The pointer of a problem's first error.
    #[track_caller]
    pub(crate) fn pointer(&self) -> String {
        self.problem();
        self.json()["errors"][0]["pointer"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }
}
