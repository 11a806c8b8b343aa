//! Somebody's SMS gateway on this machine: real HTTP, bounded, and as unhelpful as a test wants it.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use doorward::config::{Config, SmsBody, SmsConfig, SmsMethod, SmsRequest};
use doorward::domain::sms::SmsRules;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A running gateway. It stops when dropped.
pub(crate) struct Gateway {
    url: String,
    taken: Arc<Mutex<Taken>>,
    server: JoinHandle<()>,
}

struct Taken {
    status: StatusCode,
    messages: Vec<Message>,
}

/// A message as it came.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Gateway {
    /// Starts one on a free port.
    pub(crate) async fn start() -> Self {
        let taken = Arc::new(Mutex::new(Taken {
            status: StatusCode::CREATED,
            messages: Vec::new(),
        }));
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(take).with_state(Arc::clone(&taken));
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, taken, server }
    }

    /// Has a house send its messages here, to German numbers alone.
    pub(crate) fn settings(&self) -> impl FnOnce(&mut Config) + use<> {
        let config = self.config();
        move |house| house.sms = Some(config)
    }

    /// What [`Self::settings`] sets.
    pub(crate) fn config(&self) -> SmsConfig {
        SmsConfig {
            request: SmsRequest {
                url: format!("{}/send", self.url),
                method: SmsMethod::Post,
                headers: vec![("x-token".to_owned(), "sesame".to_owned().into())],
                body: r#"{"to":"{to}","text":"{text}"}"#.to_owned(),
                body_kind: SmsBody::Json,
            },
            rules: SmsRules {
                countries: vec!["+49".parse().unwrap()],
                daily_limit: 1_000,
                organization_daily_limit: 200,
                country_daily_limit: 1_000,
            },
        }
    }

    /// Answers like this from now on.
    pub(crate) fn answer(&self, status: StatusCode) {
        self.taken.lock().unwrap().status = status;
    }

    /// Is gone from now on.
    pub(crate) fn stop(&self) {
        self.server.abort();
    }

    /// What it took, oldest first.
    pub(crate) fn messages(&self) -> Vec<Message> {
        self.taken.lock().unwrap().messages.clone()
    }

    /// The code in the newest message.
    pub(crate) fn code(&self) -> String {
        let messages = self.messages();
        let text = messages.last().expect("a message came").text();
        text.split(' ').next().unwrap().to_owned()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Message {
    fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    /// What it says.
    pub(crate) fn text(&self) -> String {
        self.json()["text"].as_str().unwrap().to_owned()
    }

    /// Whom it is for.
    pub(crate) fn to(&self) -> String {
        self.json()["to"].as_str().unwrap().to_owned()
    }
}

async fn take(
    State(taken): State<Arc<Mutex<Taken>>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let mut taken = taken.lock().unwrap();
    taken.messages.push(Message {
        path: uri.to_string(),
        headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    });
    taken.status
}
