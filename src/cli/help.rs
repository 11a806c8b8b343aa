//! The help of the whole program: its commands by what they are for.

use clap::Command;

use super::nouns;

/// What is of this program itself.
const OWN: &[&str] = &["profile", "completions", "man"];

const CLOSING: &str = "\
Commands that administer speak to the server at DOORWARD_URL, by an API key from
DOORWARD_API_KEY, from the file that DOORWARD_API_KEY_FILE names, or from a
profile; never from an argument, which others on the machine could read.

Exit codes: 0 done, 1 refused, 2 used wrongly, 3 the server can't be reached.

Example:
  doorward users invite --email carol@example.com --role developer";

/// The program with its commands in groups.
pub(super) fn grouped(command: Command) -> Command {
    let is_noun = |name: &str| nouns::ALL.iter().any(|noun| noun.name == name);
    let is_own = |name: &str| OWN.contains(&name);
    let widest = command
        .get_subcommands()
        .map(|below| below.get_name().len())
        .max()
        .unwrap_or(0);
    let lines = |fits: &dyn Fn(&str) -> bool| {
        let fitting = command.get_subcommands().filter(|below| fits(below.get_name()));
        let told = fitting.map(|below| {
            let about = below.get_about().map(ToString::to_string).unwrap_or_default();
            format!("  {:<widest$}  {about}\n", below.get_name())
        });
        told.collect::<String>()
    };
    let template = format!(
        "{{about}}\n\n{{usage-heading}} {{usage}}\n\nOn the server's machine:\n{}\nAdministration, over HTTP:\n{}\nThis \
         program:\n{}\nOptions:\n{{options}}{{after-help}}",
        lines(&|name| !is_noun(name) && !is_own(name)),
        lines(&is_noun),
        lines(&is_own),
    );
    command.help_template(template).after_help(CLOSING)
}
