//! What a house does all day, all at once: codes, refreshes, revocations, people who come and go, programs that act for
//! themselves; and what of all that was acknowledged before the server was gone.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::harness::cast::{CALLBACK, SECRET};
use crate::harness::visitor::{VERIFIER, authorize};
use crate::harness::{Answer, Person, Visitor};
use doorward::clock::Clock;
use doorward::domain::time::Timestamp;

/// An access token and the refresh token that came with it.
#[derive(Clone)]
pub(super) struct Pair {
    pub(super) access: String,
    pub(super) refresh: String,
}

/// What the world was told by one server.
#[derive(Default)]
pub(super) struct Told {
    /// Codes that were given out and not redeemed.
    pub(super) given: Vec<String>,
    /// Codes that were redeemed, and what for.
    pub(super) redeemed: Vec<(String, Pair)>,
    /// What was revoked by its refresh token.
    pub(super) revoked: Vec<Pair>,
    /// What lost its access token alone.
    pub(super) lessened: Vec<Pair>,
    /// Browsers that are signed in.
    pub(super) arrived: Vec<Visitor>,
    /// Browsers that were and are not.
    pub(super) left: Vec<Visitor>,
    /// An application's own tokens.
    pub(super) own: Vec<String>,
}

/// One family's refresh tokens, over many servers.
pub(super) struct Chain {
    /// What was got last.
    pub(super) last: Pair,
    /// What was spent for it, oldest first, and when that was acknowledged.
    pub(super) spent: Vec<(String, Timestamp)>,
}

/// Counts what was acknowledged, and wakes whoever waits for enough of it.
#[derive(Default)]
struct Acknowledged(AtomicUsize, Notify);

/// The applications that everybody uses.
#[derive(Clone)]
pub(super) struct Applications {
    pub(super) desk: String,
    pub(super) robot: String,
}

/// The load on one server. Each of its parts goes on until the server is gone.
#[derive(Clone)]
pub(super) struct Load {
    way: Arc<Visitor>,
    applications: Applications,
    told: Arc<Mutex<Told>>,
    acknowledged: Arc<Acknowledged>,
}

impl Load {
    pub(super) fn on(url: &str, applications: &Applications) -> Self {
        Self {
            way: Arc::new(Visitor::new(url)),
            applications: applications.clone(),
            told: Arc::default(),
            acknowledged: Arc::default(),
        }
    }

    /// Everything at once, by people who are signed in.
    pub(super) fn start(&self, people: &[Visitor], chains: &[Arc<tokio::sync::Mutex<Chain>>]) -> JoinSet<()> {
        let mut parts = JoinSet::new();
        for person in people {
            parts.spawn(ended(self.clone().codes(person.again())));
            parts.spawn(ended(self.clone().revocations(person.again())));
        }
        for chain in chains {
            parts.spawn(ended(self.clone().refreshes(Arc::clone(chain))));
        }
        parts.spawn(ended(self.clone().sign_ins()));
        parts.spawn(ended(self.clone().programs()));
        parts
    }

    /// Until this many things were acknowledged.
    pub(super) async fn reach(&self, enough: usize) {
        while self.acknowledged.0.load(Ordering::SeqCst) < enough {
            self.acknowledged.1.notified().await;
        }
    }

    /// What was acknowledged, once every part of the load has ended.
    pub(super) fn told(self) -> Told {
        let told = Arc::into_inner(self.told).expect("every part has ended");
        told.into_inner().unwrap()
    }

    fn tell(&self, note: impl FnOnce(&mut Told)) {
        note(&mut self.told.lock().unwrap());
        self.acknowledged.0.fetch_add(1, Ordering::SeqCst);
        self.acknowledged.1.notify_one();
    }

    /// Gets codes and redeems every other one.
    async fn codes(self, person: Visitor) -> Option<()> {
        for number in 0.. {
            let code = self.code(&person).await?;
            if number % 2 == 0 {
                self.tell(|told| told.given.push(code));
                continue;
            }
            // From here on nobody knows whether it is spent, until the answer is here.
            let pair = self.redeem(&code).await?;
            self.tell(|told| told.redeemed.push((code, pair)));
        }
        None
    }

    /// Gets tokens and revokes them, by turns all of them and the access token alone.
    async fn revocations(self, person: Visitor) -> Option<()> {
        for number in 0.. {
            let pair = self.redeem(&self.code(&person).await?).await?;
            let token = if number % 2 == 0 {
                &pair.refresh
            } else {
                &pair.access
            };
            let done = self
                .post(&self.applications.desk, "/oauth2/revoke", &[("token", token)])
                .await?;
            assert_eq!(done.status, StatusCode::OK, "{done:?}");
            self.tell(|told| match number % 2 {
                0 => told.revoked.push(pair),
                _ => told.lessened.push(pair),
            });
        }
        None
    }

    /// Spends each refresh token for the next.
    async fn refreshes(self, chain: Arc<tokio::sync::Mutex<Chain>>) -> Option<()> {
        let mut chain = chain.lock().await;
        loop {
            let answer = self.refresh(&chain.last.refresh).await?;
            chain.goes_on(&answer);
            self.tell(|_| ());
        }
    }

    /// Signs people in, and every other one out again.
    async fn sign_ins(self) -> Option<()> {
        for number in 0.. {
            let person = if number % 3 == 0 {
                Person::Alice
            } else {
                Person::Bob
            };
            let somebody = self.way.newcomer();
            let page = sent(somebody.request("GET", "/sign-in")).await?;
            let fields = [("csrf", page.field("csrf")), ("email", person.email().to_owned())];
            let identified = sent(somebody.request("POST", &page.action()).form(&fields)).await?;
            let page = sent(somebody.request("GET", &identified.location())).await?;
            let fields = [
                ("csrf", page.field("csrf")),
                ("password", person.password().to_owned()),
            ];
            let signed_in = sent(somebody.request("POST", &page.action()).form(&fields)).await?;
            if signed_in.status == StatusCode::TOO_MANY_REQUESTS {
                // A password that was being looked at when a server was killed counts as a wrong one.
                continue;
            }
            assert_eq!(signed_in.location(), "/", "{signed_in:?}");
            if number % 2 == 0 {
                self.tell(|told| told.arrived.push(somebody));
                continue;
            }
            let page = sent(somebody.request("GET", "/sign-out")).await?;
            let fields = [("csrf", page.field("csrf"))];
            let out = sent(somebody.request("POST", "/sign-out").form(&fields)).await?;
            assert_eq!(out.location(), "/signed-out", "{out:?}");
            self.tell(|told| told.left.push(somebody));
        }
        None
    }

    /// Asks for tokens of an application's own.
    async fn programs(self) -> Option<()> {
        loop {
            let fields = [("grant_type", "client_credentials")];
            let answer = self
                .post(&self.applications.robot, "/oauth2/token", &fields)
                .await?;
            self.tell(|told| told.own.push(text(&answer, "access_token")));
        }
    }

    /// A code for somebody who is signed in.
    async fn code(&self, person: &Visitor) -> Option<String> {
        let answer = sent(person.request("GET", &authorize(&self.applications.desk, &[]))).await?;
        Some(answer.code())
    }

    pub(super) async fn redeem(&self, code: &str) -> Option<Pair> {
        let answer = self.asks_to_redeem(code).await?;
        Some(Pair::of(&answer))
    }

    pub(super) async fn asks_to_redeem(&self, code: &str) -> Option<Answer> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.post(&self.applications.desk, "/oauth2/token", &fields).await
    }

    pub(super) async fn refresh(&self, token: &str) -> Option<Answer> {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.post(&self.applications.desk, "/oauth2/token", &fields).await
    }

    /// Whether a person's access token is good.
    pub(super) async fn opens(&self, access: &str) -> bool {
        let userinfo = self.way.request("GET", "/oauth2/userinfo").bearer_auth(access);
        let answer = sent(userinfo).await.expect("the server is there");
        match answer.status {
            StatusCode::OK => true,
            StatusCode::UNAUTHORIZED => false,
            _ => panic!("{answer:?}"),
        }
    }

    /// Whether an application's own access token is good.
    pub(super) async fn is_active(&self, access: &str) -> bool {
        let fields = [("token", access)];
        let asked = self.post(&self.applications.robot, "/oauth2/introspect", &fields);
        asked.await.expect("the server is there").json()["active"] == true
    }

    /// A client's request, unless the server is killed before its answer is here.
    async fn post(&self, client: &str, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        sent(
            self.way
                .request("POST", path)
                .basic_auth(client, Some(SECRET))
                .form(fields),
        )
        .await
    }
}

impl Pair {
    #[track_caller]
    pub(super) fn of(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{answer:?}");
        Self {
            access: text(answer, "access_token"),
            refresh: text(answer, "refresh_token"),
        }
    }
}

impl Chain {
    /// One link more.
    #[track_caller]
    pub(super) fn goes_on(&mut self, answer: &Answer) {
        let next = Pair::of(answer);
        let spent = std::mem::replace(&mut self.last, next);
        self.spent.push((spent.refresh, Clock::system().now()));
    }
}

/// A whole answer, unless the server is gone before it is here.
pub(super) async fn sent(request: RequestBuilder) -> Option<Answer> {
    let response = request.send().await.ok()?;
    let (status, headers) = (response.status(), response.headers().clone());
    Some(Answer {
        status,
        headers,
        body: response.text().await.ok()?,
    })
}

async fn ended(part: impl Future<Output = Option<()>>) {
    let _the_server_is_gone = part.await;
}

#[track_caller]
fn text(answer: &Answer, name: &str) -> String {
    match &answer.json()[name] {
        Value::String(text) => text.clone(),
        _ => panic!("no {name}: {answer:?}"),
    }
}
