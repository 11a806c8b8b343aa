//! What a server refused, told so that whoever asked knows what to do next.

use serde::Deserialize;

use super::connection::Connection;
use super::failure::Failure;
use super::output::plain;
use super::verb::Verb;

/// A problem (RFC 9457), as far as it is told.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    code: String,
    detail: String,
    #[serde(default)]
    errors: Vec<FieldError>,
    permission: Option<String>,
    id: Option<String>,
    #[serde(default)]
    trace_id: String,
}

#[derive(Debug, Deserialize)]
struct FieldError {
    #[serde(default)]
    pointer: String,
    detail: String,
}

impl Problem {
    /// In words, on lines of their own but for the first.
    pub(super) fn told(&self, status: u16, connection: &Connection, verb: Option<&Verb>) -> Failure {
        let [first, rest] = [&self.errors[..self.alone()], &self.errors[self.alone()..]];
        let words = match (status, first) {
            (401, _) => format!(
                "{} does not accept the key from {}",
                connection.server.as_str(),
                connection.key_from
            ),
            (_, [only]) => only.told(verb),
            _ => plain(&self.detail),
        };
        let mut lines = vec![words];
        lines.extend(rest.iter().map(|error| error.told(verb)));
        lines.extend(self.id.as_ref().map(|id| format!("it is {}", plain(id))));
        lines.extend(self.next(status));
        if !self.trace_id.is_empty() {
            lines.push(format!("trace id: {}", plain(&self.trace_id)));
        }
        let words = lines.join("\n  ");
        match status {
            502..=504 => Failure::Unreachable(words),
            _ => Failure::Refused(words),
        }
    }

    /// How many errors the detail tells of already: the one there is, or none.
    fn alone(&self) -> usize {
        usize::from(self.errors.len() == 1 && self.detail.ends_with(&self.errors[0].detail))
    }

    /// What to do next.
    fn next(&self, status: u16) -> Vec<String> {
        let line = |text: &str| vec![text.to_owned()];
        match (status, self.code.as_str()) {
            (_, "sign_in_again" | "insufficient_user_authentication") => {
                line("this takes a person who has just signed in: do it in the browser")
            }
            (401, _) => line(
                "it is revoked, has expired, or belongs to another server; make one: doorward api-keys create --help",
            ),
            (403, "permission_denied") => {
                let permission = self.permission.as_deref().map(plain).unwrap_or_default();
                vec![
                    "ask an administrator for a role or a grant that gives it, or use a key whose scopes reach so far".to_owned(),
                    format!("to see why: doorward access explain --permission {permission}"),
                ]
            }
            (403, "exceeds_own_permissions") => line("whoever holds it can do this"),
            (403, "address_not_allowed") => line("ask from one of the organization's networks"),
            (404, _) => line("check the spelling; what another organization has is not shown"),
            (429 | 503, _) => line("try again in a while"),
            _ => Vec::new(),
        }
    }
}

impl FieldError {
    fn told(&self, verb: Option<&Verb>) -> String {
        match named(&self.pointer, verb).as_str() {
            "" => plain(&self.detail),
            named => format!("{named}: {}", plain(&self.detail)),
        }
    }
}

/// What a pointer is about, as the flag that said it.
fn named(pointer: &str, verb: Option<&Verb>) -> String {
    let field = pointer
        .trim_start_matches('/')
        .split('/')
        .next()
        .unwrap_or_default();
    let flag = verb.and_then(|verb| verb.flags().find(|flag| flag.field() == field));
    flag.map_or_else(|| plain(pointer), |flag| format!("--{}", flag.name))
}
