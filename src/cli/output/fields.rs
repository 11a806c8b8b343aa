//! One thing, field below field; and what a change would do to whom.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::{Paper, words};
use crate::cli::json::Json;
use crate::domain::time::Timestamp;

/// A thing's fields, in the order of the API.
pub(super) fn drawn(thing: &Json, now: Timestamp, paper: Paper) -> String {
    let mut lines = Vec::new();
    collect(thing, "", now, &mut lines);
    let widest = lines.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
    let mut text = String::new();
    for (label, value) in lines {
        let space = " ".repeat(widest - label.width() + 2);
        let folded = fold(&value, paper.width, widest + 2);
        _ = writeln!(text, "{}{space}{folded}", paper.strong(&label));
    }
    text
}

fn collect(thing: &Json, within: &str, now: Timestamp, lines: &mut Vec<(String, String)>) {
    for (name, field) in thing.fields() {
        let label = words::plain(&format!("{within}{}", name.replace('_', " ")));
        match field {
            Json::Object(fields) if !fields.is_empty() => collect(field, &format!("{label} "), now, lines),
            Json::List(items) if items.iter().any(|item| matches!(item, Json::Object(_))) => {
                for item in items {
                    lines.push((label.clone(), words::value(item)));
                }
            }
            other => {
                let value = match words::moment(other) {
                    Some(then) => words::at(then, now),
                    None => words::value(other),
                };
                lines.push((label, value));
            }
        }
    }
}

/// Folds a long value between its words, so that it stays right of its label.
fn fold(value: &str, width: Option<usize>, indent: usize) -> String {
    let Some(room) = width.map(|width| width.saturating_sub(indent).max(20)) else {
        return value.to_owned();
    };
    let mut folded = String::new();
    let mut used = 0;
    for word in value.split(' ') {
        if used > 0 && used + 1 + word.width() > room {
            folded.push('\n');
            folded.push_str(&" ".repeat(indent));
            used = 0;
        } else if used > 0 {
            folded.push(' ');
            used += 1;
        }
        folded.push_str(word);
        used += word.width();
    }
    folded
}
