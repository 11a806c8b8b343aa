//! Applications of others that speak SAML, as small programs around libraries that nobody here wrote: `node-saml`, `pysaml2`
//! and `samael`. What they answer to is told in `tests/clients/README.md`.

use std::path::Path;
use std::process::Command;

use reqwest::StatusCode;
use serde_json::Value;

use super::lifeline::Lifeline;
use super::{Answer, Visitor};

/// Whose library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Node,
    Python,
    Samael,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Node, Self::Python, Self::Samael];

    fn command(self) -> Command {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients");
        let (installed, program, script) = match self {
            Self::Node => (
                clients.join("node/node_modules/@node-saml"),
                "node".into(),
                Some(clients.join("node/saml_sp_node.mjs")),
            ),
            Self::Python => (
                clients.join("python/.venv/installed"),
                clients.join("python/.venv/bin/python"),
                Some(clients.join("python/saml_sp.py")),
            ),
            Self::Samael => {
                let program = clients.join("rust/target/debug/doorward-samael-check");
                (program.clone(), program, None)
            }
        };
        assert!(
            installed.exists(),
            "{self:?} is not installed: run `make clients`"
        );
        let mut command = Command::new(program);
        command.args(script);
        command
    }
}

/// A running application. It stops when dropped.
pub(crate) struct ServiceProvider {
    pub(crate) url: String,
    pub(crate) entity_id: String,
    /// Where answers go.
    pub(crate) acs: String,
    /// Where sign-outs go, by Redirect.
    pub(crate) slo: String,
    /// What it says of itself, in XML.
    pub(crate) metadata: String,
    _lifeline: Lifeline,
}

impl ServiceProvider {
    /// Starts one, with its flags.
    pub(crate) async fn start(kind: Kind, flags: &[&str]) -> Self {
        let mut command = kind.command();
        command.args(flags);
        // Some take their seconds.
        let started = tokio::task::spawn_blocking(move || Lifeline::start(&mut command)).await;
        let (lifeline, told) = started
            .unwrap()
            .unwrap_or_else(|said| panic!("{kind:?} does not start: {said}"));
        let told: Value = serde_json::from_str(&told).unwrap();
        let text = |name: &str| told[name].as_str().unwrap().to_owned();
        Self {
            url: text("url"),
            entity_id: text("entity_id"),
            acs: text("acs"),
            slo: text("slo"),
            metadata: text("metadata"),
            _lifeline: lifeline,
        }
    }

    /// Gives it the metadata of the provider that it lets people in by.
    pub(crate) async fn configure(&self, idp_metadata: &str) {
        let request = reqwest::Client::new().post(format!("{}/configure", self.url));
        let answer = Answer::of(request.body(idp_metadata.to_owned())).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT, "{answer:?}");
    }

    /// A browser's requests to it.
    pub(crate) fn visitor(&self) -> Visitor {
        Visitor::new(&self.url)
    }

    /// What its page says that the library makes of a message: the person, or `error`.
    #[track_caller]
    pub(crate) fn result(page: &Answer) -> Value {
        let shown = page.body.split_once("<pre id=\"result\">");
        let (_, rest) = shown.unwrap_or_else(|| panic!("no result: {page:?}"));
        let (shown, _) = rest.split_once("</pre>").unwrap();
        serde_json::from_str(&unescaped(shown)).unwrap_or_else(|_| panic!("not JSON: {shown}"))
    }
}

/// HTML's text as it was meant.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut pieces = text.split('&');
    plain.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once(';').expect("an entity ends");
        plain.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            _ => character(name),
        });
        plain.push_str(rest);
    }
    plain
}

fn character(name: &str) -> char {
    let number = name.strip_prefix('#').expect("one of the few");
    let number = match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => number.parse(),
    };
    number.ok().and_then(char::from_u32).expect("a character")
}
