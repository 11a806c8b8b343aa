//! What a command answers: on standard output as a table, JSON or YAML; what is only for people goes to standard error.

mod fields;
mod rehearsal;
mod table;
mod words;

use std::fmt::Write as _;
use std::io::{IsTerminal, Write as _};

use clap::ValueEnum;

use super::failure::Failure;
use super::json::Json;
use super::verb::Column;
use crate::clock::Clock;
use crate::domain::text::misleads;

pub(super) use words::plain;

/// How to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Table,
    /// As the API answers; of a list, all that is in it.
    Json,
    /// The same as YAML.
    Yaml,
}

/// What it is printed on.
#[derive(Clone, Copy)]
struct Paper {
    /// None where nobody reads along: nothing is cut or folded there.
    width: Option<usize>,
    colored: bool,
}

impl Paper {
    fn of_stdout() -> Self {
        let stdout = std::io::stdout();
        if !stdout.is_terminal() {
            return Self {
                width: None,
                colored: false,
            };
        }
        let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|found| found == value);
        let refused =
            std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty()) || is("TERM", "dumb");
        let size = terminal_size::terminal_size_of(&stdout);
        Self {
            width: Some(size.map_or(80, |(width, _)| usize::from(width.0)).max(40)),
            colored: !refused,
        }
    }

    /// What stands out.
    fn strong(self, text: &str) -> String {
        if self.colored {
            return format!("\u{1b}[1m{text}\u{1b}[0m");
        }
        text.to_owned()
    }
}

/// Answers a list; of an empty one a sentence says so to whoever reads tables.
pub(super) fn list(items: &[Json], columns: &[Column], format: Format, empty: &str) -> Result<(), Failure> {
    match format {
        Format::Table if items.is_empty() => {
            say(empty);
            Ok(())
        }
        Format::Table => print(&table::drawn(
            items,
            columns,
            Clock::system().now(),
            Paper::of_stdout(),
        )),
        Format::Json | Format::Yaml => print(&written(&Json::List(items.to_vec()), format)),
    }
}

/// Answers one thing.
pub(super) fn one(thing: &Json, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => print(&fields::drawn(thing, Clock::system().now(), Paper::of_stdout())),
        Format::Json | Format::Yaml => print(&written(thing, format)),
    }
}

/// Answers a thing with a secret that is shown this once: for people the secret stands alone on standard output, so that
/// it can be caught there, and all else beside it.
pub(super) fn with_secret(mut thing: Json, field: &str, format: Format) -> Result<(), Failure> {
    if format != Format::Table {
        return one(&thing, format);
    }
    let Json::Text(secret) = thing.take(field) else {
        return one(&thing, format);
    };
    let paper = Paper {
        width: None,
        colored: false,
    };
    say(fields::drawn(&thing, Clock::system().now(), paper).trim_end());
    say("\nThe secret is shown this once:");
    print(&format!("{}\n", plain(&secret)))
}

/// Answers what a change would do.
pub(super) fn rehearsal(told: &Json, format: Format) -> Result<(), Failure> {
    match format {
        Format::Table => print(&rehearsal::drawn(told)),
        Format::Json | Format::Yaml => print(&written(told, format)),
    }
}

/// Answers what became of each of many; it went well if it did for all of them.
pub(super) fn results(told: &Json, format: Format) -> Result<(), Failure> {
    let results = told.items("results");
    let refused = results
        .iter()
        .filter(|result| *result.at("problem") != Json::Null)
        .count();
    match format {
        Format::Table => {
            for (place, result) in results.iter().enumerate() {
                let outcome = match result.text("problem.detail") {
                    Some(detail) => format!("refused: {}", plain(detail)),
                    None => "done".to_owned(),
                };
                print(&format!("{}  {outcome}\n", place + 1))?;
            }
        }
        Format::Json | Format::Yaml => print(&written(told, format))?,
    }
    if refused == 0 {
        return Ok(());
    }
    Err(Failure::Refused(format!(
        "{refused} of {} were refused",
        results.len()
    )))
}

/// Says something to whoever reads along.
#[expect(clippy::print_stderr, reason = "this is where a command speaks to its person")]
pub(super) fn say(words: &str) {
    eprintln!("{words}");
}

/// Writes to standard output; a reader who has seen enough is no error.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    print_bytes(text.as_bytes())
}

/// The same for what is no text of ours.
pub(super) fn print_bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Failure::Refused(format!("can't write the answer: {error}")))
        }
        _ => Ok(()),
    }
}

/// JSON, or the same as YAML. What would reorder or hide text on a screen is written as JSON's escape of it.
fn written(json: &Json, format: Format) -> String {
    let mut text = if format == Format::Yaml {
        serde_saphyr::to_string(&words::Yaml(json)).unwrap_or_default()
    } else {
        serde_json::to_string_pretty(json).unwrap_or_default()
    };
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if misleads(character) && character != '\n' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(character);
        }
    }
    safe
}
