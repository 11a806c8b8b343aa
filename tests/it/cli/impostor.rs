//! A server that is not Doorward: it answers what a test says, and notes what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::Response;
use tokio::net::TcpListener;

/// It answers until it is dropped with its test.
#[derive(Clone)]
pub(crate) struct Impostor {
    pub(crate) url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A status, headers and a body.
type Answer = (u16, Vec<(&'static str, String)>, String);

/// What it was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) authorization: Option<String>,
    pub(crate) once: Option<String>,
}

impl Impostor {
    pub(crate) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let impostor = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(impostor.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        impostor
    }

    /// What it answers next.
    pub(crate) fn answers(&self, status: u16, body: impl Into<String>) -> &Self {
        self.answers_with(status, &[], body)
    }

    pub(crate) fn answers_with(
        &self,
        status: u16,
        headers: &[(&'static str, &str)],
        body: impl Into<String>,
    ) -> &Self {
        let headers = headers
            .iter()
            .map(|(name, value)| (*name, (*value).to_owned()))
            .collect();
        self.answers
            .lock()
            .unwrap()
            .push_back((status, headers, body.into()));
        self
    }

    /// Takes back an answer that nobody asked for; false if there is none.
    pub(crate) fn forgets(&self) -> bool {
        self.answers.lock().unwrap().pop_front().is_some()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

async fn answer(State(impostor): State<Impostor>, request: Request) -> Response<Body> {
    let header = |name: &str| {
        request
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap().to_owned())
    };
    impostor.asked.lock().unwrap().push(Asked {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        authorization: header("authorization"),
        once: header("idempotency-key"),
    });
    let next = impostor.answers.lock().unwrap().pop_front();
    let (status, headers, body) =
        next.unwrap_or_else(|| (500, Vec::new(), "it was asked too much".to_owned()));
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    response.body(Body::from(body)).unwrap()
}
