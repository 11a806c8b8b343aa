//! Commands of the command line, made from what describes their nouns.

use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, ValueEnum, value_parser};

use super::flag::{Flag, Takes};
use super::output::Format;
use super::verb::{Answer, Asks, Method, Noun, Verb};

/// The command of a noun, with all below it.
pub(super) fn of_noun(noun: &Noun) -> Command {
    Command::new(noun.name)
        .about(noun.about)
        .arg_required_else_help(true)
        .subcommand_required(true)
        .disable_help_subcommand(true)
        .subcommands(noun.verbs.iter().map(of_verb))
        .subcommands(noun.nouns.iter().map(of_noun))
}

fn of_verb(verb: &Verb) -> Command {
    let mut command = Command::new(verb.name)
        .about(verb.about)
        .after_help(format!("Example:\n  doorward {}", verb.example));
    if verb.has_in_path("org") {
        command = command.arg(
            text("organization", "ORGANIZATION")
                .help("Where: an id or a name [default: the key's organization]"),
        );
    }
    command = command.args(verb.flags().map(of_flag));
    if verb.is_list() {
        let limit = Arg::new("limit")
            .long("limit")
            .value_name("N")
            .value_parser(value_parser!(u64).range(1..));
        command = command.arg(limit.help("How many at most [default: all]"));
    }
    if !matches!(verb.asks, Asks::Nothing) {
        let yes = Arg::new("yes").long("yes").short('y').action(ArgAction::SetTrue);
        command = command.arg(yes.help("Don't ask whether it is meant"));
    }
    if verb.rehearses {
        let rehearse = Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue);
        command = command
            .arg(rehearse.help("Change nothing; tell who would gain and lose what, and what would end"));
    }
    if verb.method == Method::Post {
        let once = text("idempotency-key", "KEY")
            .help("Asked again with the same key within a day, it is done once");
        command = command.arg(once);
    }
    if !matches!(verb.answer, Answer::File) {
        command = command.arg(output());
    }
    command.args(connection())
}

/// How to answer.
pub(super) fn output() -> Arg {
    Arg::new("output")
        .long("output")
        .short('o')
        .value_name("FORMAT")
        .value_parser(PossibleValuesParser::new(
            Format::value_variants()
                .iter()
                .filter_map(ValueEnum::to_possible_value),
        ))
        .default_value("table")
        .help("How to answer")
}

/// Which server, and as whom.
pub(super) fn connection() -> [Arg; 2] {
    let url = text("url", "URL")
        .help("The server [default: DOORWARD_URL, the profile's, or http://localhost:8080]");
    let profile =
        text("profile", "NAME").help("A server and key from `doorward profile` [default: DOORWARD_PROFILE]");
    [url, profile].map(|arg| arg.help_heading("Connection"))
}

fn text(name: &'static str, value_name: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value_name)
}

fn of_flag(flag: &Flag) -> Arg {
    let arg = Arg::new(flag.name).long(flag.name).required(flag.is_required);
    let value_name = flag.value_name.map_or_else(
        || match flag.takes {
            Takes::Number => "N".to_owned(),
            Takes::YesOrNo => "true|false".to_owned(),
            Takes::Items | Takes::Picture => "FILE".to_owned(),
            _ => flag.name.to_ascii_uppercase(),
        },
        str::to_owned,
    );
    let mut help = flag.about.to_owned();
    if flag.is_nullable {
        help.push_str("; '' takes it away");
    }
    let arg = arg.value_name(value_name).help(help);
    match flag.takes {
        Takes::Text | Takes::Read(_) => arg,
        Takes::Number => arg.value_parser(value_parser!(i64)).allow_negative_numbers(true),
        Takes::YesOrNo => arg.value_parser(value_parser!(bool)).hide_possible_values(true),
        Takes::OneOf(words) if flag.is_nullable => {
            arg.value_parser(PossibleValuesParser::new(words.iter().copied().chain([""])))
        }
        Takes::OneOf(words) => arg.value_parser(PossibleValuesParser::new(words)),
        Takes::Words => arg.action(ArgAction::Append).value_delimiter(','),
        Takes::Texts | Takes::ReadMany(_) => arg.action(ArgAction::Append),
        Takes::Items | Takes::Picture => arg.value_parser(value_parser!(PathBuf)),
    }
}
