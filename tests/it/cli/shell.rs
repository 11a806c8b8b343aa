//! Somebody at a shell, with the program and a key for a house's server.

use std::io::Write;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::Program;
use super::program::Ended;
use crate::harness::{Api, House};

/// A shell and who sits at it.
pub(crate) struct Shell {
    pub(crate) url: String,
    pub(crate) key: String,
    pub(crate) folder: TempDir,
    pub(crate) variables: Vec<(String, String)>,
}

impl House {
    /// A shell of whoever has this key.
    pub(crate) fn shell(&self, api: &Api) -> Shell {
        Shell::at(&self.url, api.token())
    }
}

impl Shell {
    pub(crate) fn at(url: &str, key: &str) -> Self {
        Self {
            url: url.to_owned(),
            key: key.to_owned(),
            folder: tempfile::tempdir().unwrap(),
            variables: Vec::new(),
        }
    }

    /// With another variable in the environment.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.variables.push((name.to_owned(), value.into()));
        self
    }

    /// The program with the key in its environment.
    pub(crate) fn doorward(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(env!("CARGO_BIN_EXE_doorward"));
        command.args(arguments);
        self.say_where(&mut command);
        command
    }

    /// A program told nothing but where home is.
    pub(crate) fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .current_dir(self.folder.path());
        command
    }

    /// Runs the program. Whatever comes of it, the key is told to nobody.
    #[track_caller]
    pub(crate) fn run(&self, line: &[&str]) -> Ended {
        self.silent(Program::run(&mut self.doorward(line)))
    }

    /// Runs a script in which `peridio` is the program.
    #[track_caller]
    pub(crate) fn sh(&self, script: &str) -> Ended {
        let script = format!(
            "peridio() {{ {} \"$@\"; }}\n{script}",
            env!("CARGO_BIN_EXE_doorward")
        );
        let mut sh = self.bare("sh");
        sh.env("PATH", std::env::var_os("PATH").unwrap())
            .args(["-euc", &script]);
        self.say_where(&mut sh);
        self.silent(Program::run(&mut sh))
    }

    /// Runs the program on a terminal of 80 columns, whose person types this. Both streams are on standard output.
    #[track_caller]
    pub(crate) fn on_a_terminal(&self, line: &str, typed: &str) -> Ended {
        let command = format!("stty cols 80; exec {} {line}", env!("CARGO_BIN_EXE_doorward"));
        let mut script = self.bare("script");
        script
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("TERM", "xterm");
        script.args(["-qefc", &command, "/dev/null"]);
        self.say_where(&mut script);
        let piped = script
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        self.silent(Ended {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        })
    }

    fn say_where(&self, command: &mut Command) {
        command
            .env("DOORWARD_URL", &self.url)
            .env("DOORWARD_API_KEY", &self.key);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }

    #[track_caller]
    fn silent(&self, ended: Ended) -> Ended {
        assert!(
            !ended.stdout.contains(&self.key) && !ended.stderr.contains(&self.key),
            "it tells the key"
        );
        ended
    }
}
