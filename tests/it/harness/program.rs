//! Doorward as people run it: the program itself, on free ports and in a folder of its own, gone with the test process.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::lifeline::Lifeline;

/// Starts the program, says its folder once it is open, and ends it at the end of its own input.
const KEEPER: &str = r#"
trap '' HUP INT TERM PIPE
folder=$(mktemp -d /tmp/doorward-program.XXXXXX) || exit 1
program=$1
shift
"$program" serve --listen 127.0.0.1:0 --internal-listen 127.0.0.1:0 --data-dir "$folder/data" "$@" >"$folder/out" 2>"$folder/log" </dev/null &
server=$!
finish() {
    kill -s KILL "$server"
    wait
    rm -rf "$folder"
}
trap finish EXIT
until grep -q 'Doorward is open' "$folder/log"; do
    kill -0 "$server" || { cat "$folder/log"; exit 1; }
    sleep 0.05
done
echo "ready $folder"
exec >/dev/null
while read -r _; do :; done
"#;

/// A running `doorward serve`. It stops when dropped.
pub(crate) struct Program {
    folder: PathBuf,
    _lifeline: Lifeline,
}

impl Program {
    /// Runs `doorward serve` with these flags, and waits until it is open.
    pub(crate) fn serve(flags: &[&str]) -> Self {
        let mut keeper = Command::new("sh");
        keeper.args(["-c", KEEPER, "sh", env!("CARGO_BIN_EXE_doorward")]);
        keeper
            .args(flags)
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)));
        let (lifeline, folder) = Lifeline::start(&mut keeper).unwrap_or_else(|said| panic!("{said}"));
        Self {
            folder: folder.into(),
            _lifeline: lifeline,
        }
    }

    /// Runs the demo.
    pub(crate) fn demo() -> Self {
        Self::serve(&["--demo", "--demo-listen", "127.0.0.1:0"])
    }

    /// What the demo says of itself: `doorward`, `sample` and `users`.
    pub(crate) fn told(&self) -> Value {
        serde_json::from_str(&self.read("data/demo.json")).expect("demo.json is JSON")
    }

    /// A demo user's password.
    pub(crate) fn password(&self, email: &str) -> String {
        let told = self.told();
        let users = told["users"].as_array().expect("a demo has users");
        let user = users
            .iter()
            .find(|user| user["email"] == email)
            .expect("one of the demo's");
        user["password"]
            .as_str()
            .expect("users have passwords")
            .to_owned()
    }

    /// The link with which the first owner takes the keys.
    pub(crate) fn claim_link(&self) -> String {
        self.read("data/claim").trim_end().to_owned()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
    }
}
