//! What a command asks of the server: read from its flags, before anything is sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Map, Value, json};

use super::failure::Failure;
use super::verb::{Flag, Method, Takes, Verb};

/// A request to be.
pub(super) struct Request {
    pub(super) method: Method,
    path: &'static str,
    /// The values of the path's `{parts}`, by name.
    pub(super) parts: BTreeMap<String, String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: Body,
}

/// What a request carries.
pub(super) enum Body {
    Nothing,
    Fields(Map<String, Value>),
    Picture {
        media_type: &'static str,
        bytes: Vec<u8>,
    },
}

impl Request {
    /// Reads what was typed.
    pub(super) fn read(verb: &Verb, matches: &ArgMatches) -> Result<Self, Failure> {
        let carries = matches!(verb.method, Method::Post | Method::Put | Method::Patch);
        let mut request = Self {
            method: verb.method,
            path: verb.path,
            parts: BTreeMap::new(),
            query: Vec::new(),
            body: Body::Nothing,
        };
        let mut fields = Map::new();
        for (name, value) in verb.says {
            fields.insert((*name).to_owned(), json!(value));
        }
        for flag in verb.flags {
            if let Takes::Picture = flag.takes {
                request.body = picture(matches.get_one::<PathBuf>(flag.name))?;
                continue;
            }
            let Some(value) = value_of(flag, matches)? else {
                continue;
            };
            let field = flag.field();
            if verb.has_in_path(&field) {
                request.parts.insert(field, plain(&value));
            } else if carries {
                fields.insert(field, value);
            } else {
                request.query.push((field, plain(&value)));
            }
        }
        if carries && let Body::Nothing = request.body {
            let changes = verb.flags.iter().filter(|flag| !verb.has_in_path(&flag.field()));
            let changes: Vec<_> = changes.map(|flag| format!("--{}", flag.name)).collect();
            if fields.is_empty() && verb.method == Method::Patch {
                let told = format!("say what to change: {}", changes.join(", "));
                return Err(Failure::Usage(told));
            }
            if !fields.is_empty() || !changes.is_empty() {
                request.body = Body::Fields(fields);
            }
        }
        if let Some(organization) = matches.try_get_one::<String>("organization").ok().flatten() {
            request.parts.insert("org".to_owned(), organization.clone());
        }
        if let Some(complete) = verb.completes {
            complete(&mut request)?;
        }
        Ok(request)
    }

    /// A text of the body.
    pub(super) fn said(&self, field: &str) -> Option<&str> {
        match &self.body {
            Body::Fields(fields) => fields.get(field)?.as_str(),
            _ => None,
        }
    }

    /// Says something in the body.
    pub(super) fn say(&mut self, field: &str, value: Value) {
        if let Body::Fields(fields) = &mut self.body {
            fields.insert(field.to_owned(), value);
        }
    }

    /// Goes to another route, with the same parts.
    pub(super) fn goes_to(&mut self, path: &'static str) {
        self.path = path;
    }

    /// Whether it is about an organization, and none was named.
    pub(super) fn lacks_organization(&self) -> bool {
        self.path.split('/').any(|part| part == "{org}") && !self.parts.contains_key("org")
    }

    /// The path's segments, whole.
    pub(super) fn segments(&self) -> Result<Vec<&str>, Failure> {
        let mut segments = Vec::new();
        for part in self.path.split('/').skip(1) {
            let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
            let segment = match name {
                None => part,
                Some(name) => self.parts.get(name).map_or("", String::as_str),
            };
            if ["", ".", ".."].contains(&segment) {
                let name = name.map_or(
                    "organization",
                    |name| if name == "org" { "organization" } else { name },
                );
                return Err(Failure::Usage(format!("--{name} can't be {segment:?}")));
            }
            segments.push(segment);
        }
        Ok(segments)
    }

    /// A sentence with the values of its `{flags}`.
    pub(super) fn in_words(&self, sentence: &str) -> String {
        let parts = self.parts.iter();
        parts.fold(sentence.to_owned(), |sentence, (name, value)| {
            sentence.replace(&format!("{{{name}}}"), value)
        })
    }
}

fn value_of(flag: &Flag, matches: &ArgMatches) -> Result<Option<Value>, Failure> {
    let bad = |why: String| Failure::Usage(format!("--{}: {why}", flag.name));
    let texts = || {
        matches
            .get_many::<String>(flag.name)
            .map(|texts| texts.cloned().collect::<Vec<_>>())
    };
    let value = match flag.takes {
        Takes::Number => matches.get_one::<i64>(flag.name).map(|number| json!(number)),
        Takes::YesOrNo => matches.get_one::<bool>(flag.name).map(|yes| json!(yes)),
        Takes::Words | Takes::Texts => texts().map(|mut texts| {
            texts.retain(|text| !text.is_empty());
            json!(texts)
        }),
        Takes::ReadMany(read) => {
            let read = |text: String| read(&text).map_err(bad);
            let given = texts().map(|texts| texts.into_iter().filter(|text| !text.is_empty()));
            given
                .map(|texts| texts.map(read).collect::<Result<Vec<_>, _>>().map(Value::Array))
                .transpose()?
        }
        Takes::Items => matches
            .get_one::<PathBuf>(flag.name)
            .map(|file| items(file))
            .transpose()?,
        Takes::Picture => None,
        Takes::Text | Takes::OneOf(_) | Takes::Read(_) => {
            match (matches.get_one::<String>(flag.name), flag.takes) {
                (Some(text), _) if text.is_empty() && flag.is_nullable => Some(Value::Null),
                (Some(text), Takes::Read(read)) => Some(read(text).map_err(bad)?),
                (text, _) => text.map(|text| json!(text)),
            }
        }
    };
    Ok(value)
}

/// A value as it stands in a path or a query.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The items of a batch.
fn items(file: &Path) -> Result<Value, Failure> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let named = file.display();
    let text = text.map_err(|error| Failure::Usage(format!("can't read {named}: {error}")))?;
    let items: Value = serde_json::from_str(&text)
        .map_err(|error| Failure::Usage(format!("{named} is not JSON: {error}")))?;
    if !items.is_array() {
        return Err(Failure::Usage(format!(
            "{named} is to hold a JSON array, one object an item"
        )));
    }
    Ok(items)
}

fn picture(file: Option<&PathBuf>) -> Result<Body, Failure> {
    let Some(file) = file else {
        return Ok(Body::Nothing);
    };
    let named = file.display();
    let extension = file
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or_default();
    let media_type = match extension.to_ascii_lowercase().as_str() {
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        _ => {
            return Err(Failure::Usage(format!(
                "{named} is to end in .png, .jpg or .webp"
            )));
        }
    };
    let bytes =
        std::fs::read(file).map_err(|error| Failure::Usage(format!("can't read {named}: {error}")))?;
    Ok(Body::Picture { media_type, bytes })
}
