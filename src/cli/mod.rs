//! The command line: one file per command on the server's machine, one per noun that is administered over `/v2`.
//!
//! Exit codes: 0 ok, 1 refused, 2 usage, 3 unreachable.

mod admin;
mod audit;
mod client;
mod command;
mod confirm;
mod connection;
mod failure;
mod flag;
mod help;
mod json;
mod keys;
mod logging;
mod nouns;
mod output;
mod perform;
mod problem;
mod profile;
mod request;
mod serve;
mod setup;
mod shell;
mod storage_flags;
mod verb;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

pub use failure::Failure;
pub use verb::Route;

/// Single sign-on for your company's applications: one program, your own machine.
#[derive(Parser)]
#[command(
    name = "doorward",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Serve(serve::Serve),
    Setup(setup::Setup),
    #[command(subcommand)]
    Admin(admin::Admin),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Profile(profile::Command),
    Completions(shell::Completions),
    Man(shell::Man),
}

/// How a command on the server's machine answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// For people.
    Table,
    /// For programs.
    Json,
}

/// Every command there is.
pub fn commands() -> clap::Command {
    let of_nouns = nouns::ALL.iter().map(command::of_noun);
    help::grouped(Arguments::command().subcommands(of_nouns))
}

/// The routes of `/v2` that commands lead to.
pub fn routes() -> Vec<Route> {
    verb::routes(nouns::ALL)
}

/// Runs the command that the process was started with.
pub async fn run() -> ExitCode {
    let matches = commands().get_matches();
    match dispatch(&matches).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

async fn dispatch(matches: &clap::ArgMatches) -> Result<(), Failure> {
    if let Some((name, below)) = matches.subcommand()
        && let Some(noun) = nouns::ALL.iter().find(|noun| noun.name == name)
    {
        return perform::perform(noun, below).await;
    }
    let arguments = Arguments::from_arg_matches(matches).unwrap_or_else(|error| error.exit());
    match arguments.command {
        Command::Serve(command) => command.run().await,
        Command::Setup(command) => command.run().await,
        Command::Admin(command) => command.run().await,
        Command::Keys(command) => command.run().await,
        Command::Audit(command) => command.run().await,
        Command::Profile(command) => command.run(),
        Command::Completions(command) => command.run(commands()),
        Command::Man(command) => command.run(commands()),
    }
}
