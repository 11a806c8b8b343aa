//! Doing what a verb says: ask the server, and show what it answers.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::ArgMatches;

use super::client::{Client, Unsuccessful};
use super::confirm;
use super::connection::Connection;
use super::failure::Failure;
use super::json::Json;
use super::output::{self, Format};
use super::request::Request;
use super::verb::{Answer, Asks, Method, Noun, Verb};
use crate::random;

/// The most things that a server puts on one page.
const PAGE: usize = 200;

/// Does what was typed after a noun.
pub(super) async fn perform(noun: &Noun, matches: &ArgMatches) -> Result<(), Failure> {
    let Some((name, below)) = matches.subcommand() else {
        return Ok(());
    };
    if let Some(within) = noun.nouns.iter().find(|within| within.name == name) {
        return Box::pin(perform(within, below)).await;
    }
    let verb = noun.verbs.iter().find(|verb| verb.name == name);
    let verb = verb.expect("commands are made of these verbs");
    let mut request = Request::read(verb, below)?;
    let client = Client::open(Connection::read(below)?)?;
    let done = Asking {
        noun: noun.name,
        verb,
        matches: below,
        client: &client,
    };
    done.ask(&mut request)
        .await
        .map_err(|unsuccessful| match unsuccessful {
            Unsuccessful::Problem(status, problem) => problem.told(status, &client.connection, Some(verb)),
            Unsuccessful::Failed(failure) => failure,
        })
}

/// A verb at work.
struct Asking<'a> {
    noun: &'static str,
    verb: &'a Verb,
    matches: &'a ArgMatches,
    client: &'a Client,
}

impl Asking<'_> {
    async fn ask(&self, request: &mut Request) -> Result<(), Unsuccessful> {
        if request.lacks_organization() {
            let own = self.own_organization().await?;
            request.parts.insert("org".to_owned(), own);
        }
        if let Answer::File = self.verb.answer {
            let segments = request.segments()?;
            return self
                .client
                .read(&segments, &request.query, output::print_bytes)
                .await;
        }
        let format = format(self.matches);
        if let Answer::List(columns) | Answer::Whole(columns) = self.verb.answer {
            let items = self.list(request).await?;
            let empty = format!("No {} to list.", self.noun.replace('-', " "));
            return Ok(output::list(&items, columns, format, &empty)?);
        }
        if self.is_set("dry-run") {
            request.query.push(("dry_run".to_owned(), "true".to_owned()));
            let told = self.send(request).await?;
            return Ok(output::rehearsal(&told, format)?);
        }
        self.confirm(request).await?;
        let answer = self.send(request).await?;
        match self.verb.answer {
            Answer::Done(_) if answer != Json::Null => output::one(&answer, format)?,
            Answer::Done(sentence) => output::say(&output::plain(&request.in_words(sentence))),
            Answer::Secret(field) => output::with_secret(answer, field, format)?,
            Answer::Results => output::results(&answer, format)?,
            Answer::One | Answer::List(_) | Answer::Whole(_) | Answer::File => output::one(&answer, format)?,
        }
        Ok(())
    }

    async fn send(&self, request: &Request) -> Result<Json, Unsuccessful> {
        let once = (request.method == Method::Post).then(|| {
            let given = self.matches.get_one::<String>("idempotency-key").cloned();
            given.unwrap_or_else(|| URL_SAFE_NO_PAD.encode(random::bytes::<16>()))
        });
        let segments = request.segments()?;
        let (query, body) = (&request.query, &request.body);
        self.client
            .send(request.method, &segments, query, body, once.as_deref())
            .await
    }

    /// All pages of a list, or as much as was asked for.
    async fn list(&self, request: &Request) -> Result<Vec<Json>, Unsuccessful> {
        let most = self
            .matches
            .get_one::<u64>("limit")
            .and_then(|most| usize::try_from(*most).ok());
        let segments = request.segments()?;
        if let Answer::Whole(_) = self.verb.answer {
            let mut whole = self.client.get(&segments, &request.query).await?;
            return Ok(match whole.take("data") {
                Json::List(items) => items,
                _ => Vec::new(),
            });
        }
        let (mut items, mut cursor) = (Vec::new(), None);
        loop {
            let wanted = most.map_or(PAGE, |most| PAGE.min(most - items.len()));
            let mut query = request.query.clone();
            query.push(("limit".to_owned(), wanted.to_string()));
            query.extend(cursor.clone().map(|cursor| ("cursor".to_owned(), cursor)));
            let mut page = self.client.get(&segments, &query).await?;
            let next = page.text("next_cursor").map(str::to_owned);
            if let Json::List(found) = page.take("data") {
                items.extend(found);
            }
            if let Some(most) = most {
                items.truncate(most);
            }
            if next.is_none() || next == cursor || most == Some(items.len()) {
                return Ok(items);
            }
            cursor = next;
        }
    }

    /// The organization that the key acts in, by its name.
    async fn own_organization(&self) -> Result<String, Unsuccessful> {
        let me = match self.client.get(&["v2", "users", "me"], &[]).await {
            Ok(me) => me,
            // An organization's own key is nobody's; it sees the one organization that it acts in.
            Err(Unsuccessful::Problem(403 | 404, _)) => {
                let seen = self.client.get(&["v2", "organizations"], &[]).await?;
                return named(seen.items("data"), "name");
            }
            Err(other) => return Err(other),
        };
        named(me.items("organizations"), "organization.name")
    }

    async fn confirm(&self, request: &mut Request) -> Result<(), Unsuccessful> {
        let sure = self.is_set("yes");
        match self.verb.asks {
            Asks::Nothing => {}
            Asks::Whether(_) | Asks::For { parameter: None, .. } if sure => {}
            Asks::Whether(question) => confirm::whether(&output::plain(&request.in_words(question)))?,
            Asks::For {
                warning,
                field,
                parameter,
            } => {
                let thing = self.client.get(&request.segments()?, &[]).await?;
                let wanted = thing.text(field).unwrap_or_default().to_owned();
                if !sure {
                    let warning = request.in_words(warning);
                    confirm::typed(&output::plain(&warning), &output::plain(&wanted))?;
                }
                request
                    .query
                    .extend(parameter.map(|name| (name.to_owned(), wanted)));
            }
        }
        Ok(())
    }

    fn is_set(&self, flag: &str) -> bool {
        self.matches.try_get_one::<bool>(flag).ok().flatten() == Some(&true)
    }
}

fn format(matches: &ArgMatches) -> Format {
    let said = matches.get_one::<String>("output").map(String::as_str);
    said.and_then(|said| <Format as clap::ValueEnum>::from_str(said, false).ok())
        .unwrap_or(Format::Table)
}

/// What the only one of these is called.
fn named(found: &[Json], path: &str) -> Result<String, Unsuccessful> {
    let only = match found {
        [only] => only.text(path),
        _ => None,
    };
    let unclear = || {
        let told = "this key acts in no organization, or in several; say which with --organization";
        Failure::Usage(told.to_owned()).into()
    };
    only.map(str::to_owned).ok_or_else(unclear)
}
