//! Letters as they arrive, read as a mail program would.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use doorward::config::PublicUrl;
use doorward::directory::credentials::password_reset::{ResetLinks, answer_those_who_asked};

use super::House;

/// A letter: its headers as they came, and both of its bodies.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    headers: String,
    pub(crate) text: String,
    pub(crate) html: String,
}

impl House {
    /// Writes to those who lost their password, delivers every letter that is due, and reads all that ever came, oldest
    /// first.
    pub(crate) async fn letters(&self) -> Vec<Letter> {
        let links = ResetLinks::to(&PublicUrl::parse(&self.url).unwrap());
        let (instance, now) = (&self.instance, self.clock.now());
        answer_those_who_asked(&instance.db, &instance.keyring, &links, now)
            .await
            .unwrap();
        self.office.deliver(|| false).await.unwrap();
        let mut files: Vec<_> = fs::read_dir(self.mail())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        files
            .iter()
            .map(|file| Letter::read(&fs::read(file).unwrap()))
            .collect()
    }

    /// The newest letter to somebody.
    pub(crate) async fn letter_to(&self, email: &str) -> Letter {
        let letters = self.letters().await;
        let found = letters
            .into_iter()
            .rev()
            .find(|letter| letter.header("To") == email);
        found.unwrap_or_else(|| panic!("no letter to {email}"))
    }
}

impl Letter {
    /// Reads a message of two parts (RFC 2046 §5.1.4).
    pub(crate) fn read(message: &[u8]) -> Self {
        let message = String::from_utf8(message.to_vec()).unwrap().replace("\r\n", "\n");
        let (headers, body) = message.split_once("\n\n").unwrap();
        let headers = headers.replace("\n ", " ").replace("\n\t", " ");
        let boundary = headers.split_once("boundary=\"").unwrap().1;
        let boundary = format!("--{}", boundary.split_once('"').unwrap().0);
        let parts: Vec<_> = body.split(&boundary).skip(1).map(decoded).collect();
        let [text, html, _end] = parts.try_into().unwrap();
        Self { headers, text, html }
    }

    /// A header, unfolded and else as it came; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let line = self
            .headers
            .lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")));
        line.unwrap_or_default()
    }

    /// The names of all headers.
    pub(crate) fn header_names(&self) -> Vec<&str> {
        self.headers
            .lines()
            .map(|line| line.split_once(": ").unwrap().0)
            .collect()
    }

    /// The path of the link that it is about.
    pub(crate) fn path(&self) -> String {
        let link = self.text.lines().find(|line| line.starts_with("http")).unwrap();
        let path = url::Url::parse(link).unwrap().path().to_owned();
        assert!(self.html.contains(link), "{self:?}");
        path
    }
}

/// The body of a part, whatever its transfer encoding.
fn decoded(part: &str) -> String {
    let Some((headers, body)) = part.trim_start_matches('\n').split_once("\n\n") else {
        return String::new();
    };
    let body = body.strip_suffix('\n').unwrap_or(body);
    if headers.contains("base64") {
        let bytes = STANDARD.decode(body.replace('\n', "")).unwrap();
        return String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    }
    if !headers.contains("quoted-printable") {
        return body.to_owned();
    }
    let mut bytes = Vec::new();
    let mut rest = body;
    while let Some((plain, after)) = rest.split_once('=') {
        bytes.extend_from_slice(plain.as_bytes());
        rest = after;
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
        } else {
            bytes.push(u8::from_str_radix(&rest[..2], 16).unwrap());
            rest = &rest[2..];
        }
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap().replace("\r\n", "\n")
}
