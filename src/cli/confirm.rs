//! Asking whether it is meant. Only a person at a terminal can be asked: a script goes on with what can be made good
//! again, and with what can't be only by `--yes`.

use std::io::{BufRead, IsTerminal, Write};

use super::failure::Failure;

/// Goes on if the answer is yes, or if nobody is there to answer.
pub(super) fn whether(question: &str) -> Result<(), Failure> {
    if !is_somebody_there() {
        return Ok(());
    }
    let answer = ask(&format!("{question} [y/N] "))?;
    if ["y", "yes"].contains(&answer.to_lowercase().as_str()) {
        return Ok(());
    }
    Err(Failure::Refused("nothing was done".to_owned()))
}

/// Goes on if this was typed.
pub(super) fn typed(warning: &str, wanted: &str) -> Result<(), Failure> {
    if !is_somebody_there() {
        return Err(Failure::Usage(
            "this can't be undone, and nobody is there to ask whether it is meant; add --yes if it is"
                .to_owned(),
        ));
    }
    let answer = ask(&format!("{warning}\nType {wanted} to go on: "))?;
    if answer == wanted {
        return Ok(());
    }
    Err(Failure::Refused(format!(
        "that is not {wanted}; nothing was done"
    )))
}

fn is_somebody_there() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

#[expect(clippy::print_stderr, reason = "this is where a command speaks to its person")]
fn ask(question: &str) -> Result<String, Failure> {
    eprint!("{question}");
    let mut answer = String::new();
    let read = std::io::stderr()
        .flush()
        .and_then(|()| std::io::stdin().lock().read_line(&mut answer));
    read.map_err(|error| Failure::Refused(format!("can't read an answer: {error}")))?;
    Ok(answer.trim().to_owned())
}
