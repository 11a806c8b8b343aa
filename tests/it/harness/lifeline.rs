//! Helper processes that never outlive the test process, however it ends.
//!
//! A destructor does not run on `kill -9`, on an abort or for a `static`. So each helper has a shell for a
//! keeper, which reads a pipe that only the test process holds: when the test process is gone, the kernel
//! closes the pipe, and the keeper cleans up.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::Mutex;

/// The test process's end of the pipe. Dropped, or lost with the process, it ends the keeper and all it
/// keeps.
#[derive(Debug)]
pub(crate) struct Lifeline(Mutex<ChildStdin>);

impl Lifeline {
    /// Starts `keeper`, a `sh` script or what runs one, and waits for its first line.
    ///
    /// The script says one line once its charge is ready, then reads standard input to its end, then cleans
    /// up. If it ends before that line, all that it said is the error.
    pub(crate) fn start(keeper: &mut Command) -> Result<(Self, String), String> {
        let mut keeper = keeper
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // A group of its own: Ctrl-C in the terminal ends the tests, and the keeper then cleans up in
            // peace.
            .process_group(0)
            .spawn()
            .map_err(|error| error.to_string())?;
        let hold = keeper
            .stdin
            .take()
            .expect("standard input was asked for as a pipe");
        let mut said = BufReader::new(
            keeper
                .stdout
                .take()
                .expect("standard output was asked for as a pipe"),
        );
        let mut first = String::new();
        said.read_line(&mut first).map_err(|error| error.to_string())?;
        if let Some(what) = first.strip_prefix("ready ") {
            return Ok((Self(Mutex::new(hold)), what.trim_end().to_owned()));
        }
        drop(hold);
        said.read_to_string(&mut first)
            .map_err(|error| error.to_string())?;
        Err(first)
    }

    /// Tells the keeper something to do while it waits. A keeper that is gone has nothing left to do.
    pub(crate) fn tell(&self, line: &str) {
        if let Ok(mut hold) = self.0.lock() {
            let _ = writeln!(hold, "{line}");
        }
    }
}
