//! A mail server that nobody here wrote (`aiosmtpd`), gone with the test process.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use doorward::config::{Config, Relay};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::letters::Letter;
use super::lifeline::Lifeline;

/// How a sink wants to be spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SinkTls {
    Plain,
    Starttls,
    Implicit,
}

/// A running mail server. It stops when dropped.
pub(crate) struct Sink {
    port: u16,
    folder: TempDir,
    _lifeline: Lifeline,
}

impl Sink {
    /// Starts one on a free port.
    pub(crate) fn start(tls: SinkTls, login: Option<(&str, &str)>) -> Self {
        Self::start_at(0, tls, login)
    }

    /// Starts one on this port.
    pub(crate) fn start_at(port: u16, tls: SinkTls, login: Option<(&str, &str)>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/python");
        let python = clients.join(".venv/bin/python");
        assert!(
            python.exists(),
            "the mail server is not installed: run `make clients`"
        );
        let tls = match tls {
            SinkTls::Plain => "plain",
            SinkTls::Starttls => "starttls",
            SinkTls::Implicit => "implicit",
        };
        let settings = json!({ "folder": folder.path(), "port": port, "tls": tls, "login": login });
        let mut command = Command::new(python);
        command
            .arg(clients.join("smtp_sink.py"))
            .arg(settings.to_string());
        let (lifeline, port) =
            Lifeline::start(&mut command).unwrap_or_else(|said| panic!("no mail server: {said}"));
        Self {
            port: port.parse().unwrap(),
            folder,
            _lifeline: lifeline,
        }
    }

    /// The authority that signed its certificate.
    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The setting that names it: `mail.smtp`.
    pub(crate) fn url(&self, scheme: &str, login: &str, query: &str) -> String {
        format!("{scheme}://{login}127.0.0.1:{}{query}", self.port)
    }

    /// Has a house send its letters here.
    pub(crate) fn relay(&self) -> impl FnOnce(&mut Config) + use<> {
        let url = self.url("smtp", "", "");
        move |config| config.mail.relay = Some(Relay::parse(&url).unwrap())
    }

    /// Answers every letter like this from now on, and takes none.
    pub(crate) fn answer(&self, answer: &str) {
        fs::write(self.folder.path().join("answer"), answer).unwrap();
    }

    /// Takes letters again.
    pub(crate) fn take(&self) {
        fs::remove_file(self.folder.path().join("answer")).unwrap();
    }

    /// What it took, in that order: each letter with its envelope.
    pub(crate) fn taken(&self) -> Vec<(Letter, Value)> {
        let part = |number: usize, ending: &str| {
            fs::read(self.folder.path().join(format!("{number}.{ending}"))).ok()
        };
        let taken = |number| {
            let letter = Letter::read(&part(number, "eml")?);
            Some((letter, serde_json::from_slice(&part(number, "json")?).unwrap()))
        };
        (1..).map_while(taken).collect()
    }
}
