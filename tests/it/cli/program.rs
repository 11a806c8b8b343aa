//! The real binary, in a clean environment, with what it says read as it says it. Nothing here sleeps: a test waits
//! for words, or for the end.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Far longer than anything takes, even on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running program. It is killed when dropped.
pub(crate) struct Program {
    child: Child,
    stdout: Heard,
    stderr: Heard,
}

/// A program that ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; none if a signal ended it.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What was said so far on one stream, and whether it is closed.
#[derive(Clone, Default)]
struct Heard(Arc<(Mutex<(String, bool)>, Condvar)>);

impl Heard {
    fn listen(stream: impl Read + Send + 'static) -> Self {
        let heard = Self::default();
        let shared = heard.clone();
        std::thread::spawn(move || {
            let mut lines = BufReader::new(stream);
            loop {
                let mut line = Vec::new();
                let read = lines.read_until(b'\n', &mut line).unwrap_or(0);
                let (state, news) = &*shared.0;
                let mut state = state.lock().unwrap();
                state.0.push_str(&String::from_utf8_lossy(&line));
                state.1 = read == 0;
                news.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        heard
    }

    /// Waits until something is so, or the stream is closed; answers all that was said.
    fn until(&self, so: impl Fn(&str) -> bool) -> String {
        let (state, news) = &*self.0;
        let waiting = |state: &mut (String, bool)| !so(&state.0) && !state.1;
        let (state, late) = news
            .wait_timeout_while(state.lock().unwrap(), PATIENCE, waiting)
            .unwrap();
        assert!(!late.timed_out(), "waited in vain; it said so far: {}", state.0);
        state.0.clone()
    }
}

impl Program {
    /// Starts it with nothing on its standard input.
    pub(crate) fn start(command: &mut Command) -> Self {
        let spawned = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = spawned.expect("the binary is built with the tests");
        let stdout = Heard::listen(child.stdout.take().expect("asked for as a pipe"));
        let stderr = Heard::listen(child.stderr.take().expect("asked for as a pipe"));
        Self {
            child,
            stdout,
            stderr,
        }
    }

    /// Runs it to its end.
    pub(crate) fn run(command: &mut Command) -> Ended {
        Self::start(command).end()
    }

    /// Starts a server and waits until it is open.
    pub(crate) fn serve(command: &mut Command) -> Self {
        let server = Self::start(command);
        let said = server.stderr.until(|said| said.contains("Doorward is open"));
        assert!(said.contains("Doorward is open"), "it did not start: {said}");
        server
    }

    /// Where a server listens, as it says itself: `http://127.0.0.1:…`.
    pub(crate) fn url(&self) -> String {
        self.address("address=")
    }

    /// Where it answers health checks and metrics.
    pub(crate) fn internal_url(&self) -> String {
        self.address("internal=")
    }

    fn address(&self, field: &str) -> String {
        let said = self
            .stderr
            .until(|said| said.lines().any(|line| line.contains(field)));
        let address = said.split_once(field).expect("it is open").1;
        format!(
            "http://{}",
            address.split_whitespace().next().expect("an address follows")
        )
    }

    /// Waits for words on standard output.
    pub(crate) fn says(&self, words: &str) -> String {
        let said = self.stdout.until(|said| said.contains(words));
        assert!(said.contains(words), "it ended without saying {words:?}: {said}");
        said
    }

    /// Asks it to stop, as an init system does.
    pub(crate) fn stop(self) -> Ended {
        self.signal("TERM");
        self.end()
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill")
            .args(["-s", name, &pid])
            .status()
            .expect("every system has kill");
        assert!(sent.success());
    }

    /// Ends it between two instructions, as a power cut does.
    pub(crate) fn kill(mut self) -> Ended {
        self.child.kill().unwrap();
        self.end()
    }

    fn end(mut self) -> Ended {
        let (stdout, stderr) = (self.stdout.until(|_| false), self.stderr.until(|_| false));
        let code = self.child.wait().unwrap().code();
        Ended { code, stdout, stderr }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Both fail for one that ended already, which is as good.
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

impl Ended {
    /// It was refused with this exit code, in one sentence with all of these words, and answered nothing else.
    #[track_caller]
    pub(crate) fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        let sentences: Vec<_> = self
            .stderr
            .lines()
            .filter(|line| line.starts_with("doorward: "))
            .collect();
        assert_eq!(sentences.len(), 1, "{self:?}");
        for words in words {
            assert!(sentences[0].contains(words), "no {words:?} in {:?}", sentences[0]);
        }
        assert_eq!(self.stdout, "", "{self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
    }

    /// It went well; answers what it said.
    #[track_caller]
    pub(crate) fn fine(&self) -> &str {
        assert_eq!(self.code, Some(0), "{self:?}");
        &self.stdout
    }
}
