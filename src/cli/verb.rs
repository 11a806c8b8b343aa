//! How a noun of the command line is described: its verbs, each one route of `/v2` with what it takes and answers. From
//! this come the commands, their help, the requests and what is shown; it does nothing itself.

use super::failure::Failure;
use super::flag::{Flag, Takes};
use super::request::Request;

/// What there is to administer, and what can be done with it.
#[derive(Clone, Copy)]
pub(super) struct Noun {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) verbs: &'static [Verb],
    /// What belongs to one of these, such as a user's sessions.
    pub(super) nouns: &'static [Noun],
}

/// What is done by one route.
#[derive(Clone, Copy)]
pub(super) struct Verb {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// A whole command line, but for the program's name.
    pub(super) example: &'static str,
    pub(super) method: Method,
    /// As the API describes it; `{org}` is `--organization`, every other part a flag of that name.
    pub(super) path: &'static str,
    flags: &'static [Flag],
    more_flags: &'static [Flag],
    /// What the verb itself says in the body.
    pub(super) says: &'static [(&'static str, &'static str)],
    pub(super) answer: Answer,
    pub(super) asks: Asks,
    /// Whether the server can tell beforehand what a change would do to whom.
    pub(super) rehearses: bool,
    /// What the flags alone don't say.
    pub(super) completes: Option<Completes>,
}

/// What makes a request whole.
pub(super) type Completes = fn(&mut Request) -> Result<(), Failure>;

/// How a route is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// What a route answers.
#[derive(Clone, Copy)]
pub(super) enum Answer {
    /// A list of things, shown in these columns.
    List(&'static [Column]),
    /// A list that comes whole, without pages.
    Whole(&'static [Column]),
    /// A file, as it is.
    File,
    /// One thing.
    One,
    /// Nothing: this sentence is said instead, with the values of its `{flags}`.
    Done(&'static str),
    /// One thing with a secret that is shown this once, by its name.
    Secret(&'static str),
    /// What became of each of many.
    Results,
}

/// What a person at a terminal is asked before it is done.
#[derive(Clone, Copy)]
pub(super) enum Asks {
    Nothing,
    /// A question, to be answered with yes.
    Whether(&'static str),
    /// A warning; to be answered with what the thing has under this name, read from the same path.
    For {
        warning: &'static str,
        field: &'static str,
        /// The query parameter that the server wants it in.
        parameter: Option<&'static str>,
    },
}

/// A column of a table.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) title: &'static str,
    /// Where the value is, by names joined by dots.
    pub(super) path: &'static str,
    pub(super) looks: Looks,
}

/// What a value looks like in a table.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Looks {
    /// As it is; it may be cut to fit.
    Text,
    /// As it is, and never cut: an id, or what is typed again.
    Whole,
    /// A moment, told from now.
    When,
}

impl Verb {
    const fn new(name: &'static str, method: Method, path: &'static str, answer: Answer) -> Self {
        Self {
            name,
            about: "",
            example: "",
            method,
            path,
            flags: &[],
            more_flags: &[],
            says: &[],
            answer,
            asks: Asks::Nothing,
            rehearses: false,
            completes: None,
        }
    }

    pub(super) const fn list(path: &'static str, columns: &'static [Column]) -> Self {
        Self::new("list", Method::Get, path, Answer::List(columns))
    }

    pub(super) const fn whole_list(path: &'static str, columns: &'static [Column]) -> Self {
        Self::new("list", Method::Get, path, Answer::Whole(columns))
    }

    pub(super) const fn file(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Get, path, Answer::File)
    }

    pub(super) const fn show(path: &'static str) -> Self {
        Self::new("show", Method::Get, path, Answer::One)
    }

    pub(super) const fn create(path: &'static str) -> Self {
        Self::new("create", Method::Post, path, Answer::One)
    }

    pub(super) const fn act(name: &'static str, path: &'static str, done: &'static str) -> Self {
        Self::new(name, Method::Post, path, Answer::Done(done))
    }

    pub(super) const fn update(path: &'static str) -> Self {
        Self::new("update", Method::Patch, path, Answer::One)
    }

    pub(super) const fn put(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Put, path, Answer::One)
    }

    pub(super) const fn delete(path: &'static str, done: &'static str) -> Self {
        Self::new("delete", Method::Delete, path, Answer::Done(done))
    }

    pub(super) const fn batch(name: &'static str, path: &'static str) -> Self {
        Self::new(name, Method::Post, path, Answer::Results)
    }

    /// Under another name.
    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    pub(super) const fn told(mut self, about: &'static str, example: &'static str) -> Self {
        self.about = about;
        self.example = example;
        self
    }

    pub(super) const fn takes(mut self, flags: &'static [Flag]) -> Self {
        self.flags = flags;
        self
    }

    /// And these, which several verbs take.
    pub(super) const fn and_takes(mut self, flags: &'static [Flag]) -> Self {
        self.more_flags = flags;
        self
    }

    /// All that it takes.
    pub(super) fn flags(&self) -> impl Iterator<Item = &'static Flag> + use<> {
        self.flags.iter().chain(self.more_flags)
    }

    pub(super) const fn says(mut self, fields: &'static [(&'static str, &'static str)]) -> Self {
        self.says = fields;
        self
    }

    /// Answers a secret, once.
    pub(super) const fn shows_once(mut self, field: &'static str) -> Self {
        self.answer = Answer::Secret(field);
        self
    }

    pub(super) const fn asks_whether(mut self, question: &'static str) -> Self {
        self.asks = Asks::Whether(question);
        self
    }

    pub(super) const fn asks_for(mut self, field: &'static str, warning: &'static str) -> Self {
        self.asks = Asks::For {
            warning,
            field,
            parameter: None,
        };
        self
    }

    /// What was typed goes to the server too.
    pub(super) const fn and_sends_it_as(mut self, name: &'static str) -> Self {
        if let Asks::For { warning, field, .. } = self.asks {
            self.asks = Asks::For {
                warning,
                field,
                parameter: Some(name),
            };
        }
        self
    }

    pub(super) const fn rehearses(mut self) -> Self {
        self.rehearses = true;
        self
    }

    pub(super) const fn completed_by(mut self, completes: Completes) -> Self {
        self.completes = Some(completes);
        self
    }

    /// Whether a flag is part of the path.
    pub(super) fn has_in_path(&self, field: &str) -> bool {
        self.path
            .split('/')
            .any(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) == Some(field))
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self.answer, Answer::List(_))
    }
}

impl Method {
    /// As the description of the API has it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Post => "post",
            Self::Put => "put",
            Self::Patch => "patch",
            Self::Delete => "delete",
        }
    }
}

impl Column {
    pub(super) const fn text(title: &'static str, path: &'static str) -> Self {
        Self {
            title,
            path,
            looks: Looks::Text,
        }
    }

    pub(super) const fn whole(title: &'static str, path: &'static str) -> Self {
        Self {
            looks: Looks::Whole,
            ..Self::text(title, path)
        }
    }

    pub(super) const fn when(title: &'static str, path: &'static str) -> Self {
        Self {
            looks: Looks::When,
            ..Self::text(title, path)
        }
    }
}

/// A route of `/v2` as a verb uses it.
#[derive(Debug)]
pub struct Route {
    /// In small letters.
    pub method: &'static str,
    /// With its `{parts}`.
    pub path: &'static str,
    /// What is said in the query or the body, by the API's names.
    pub fields: Vec<String>,
    /// Whether it can be asked to change nothing.
    pub rehearses: bool,
}

/// The routes of all verbs of these nouns.
pub(super) fn routes(nouns: &[Noun]) -> Vec<Route> {
    let route = |verb: &Verb| {
        let flags = verb
            .flags()
            .filter(|flag| !matches!(flag.takes, Takes::Picture))
            .map(Flag::field);
        let said = verb.says.iter().map(|(field, _)| (*field).to_owned());
        Route {
            method: verb.method.name(),
            path: verb.path,
            fields: flags
                .filter(|field| !verb.has_in_path(field))
                .chain(said)
                .collect(),
            rehearses: verb.rehearses,
        }
    };
    let below = |noun: &Noun| {
        let own = noun.verbs.iter().map(route);
        own.chain(routes(noun.nouns)).collect::<Vec<_>>()
    };
    nouns.iter().flat_map(below).collect()
}
