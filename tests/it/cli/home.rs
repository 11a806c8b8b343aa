//! A folder to run Doorward in, empty at first, with SQLite in it or a PostgreSQL database beside it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use doorward::config::StorageConfig;
use tempfile::TempDir;

use super::Program;
use crate::harness::{Database, Engine, Raw, Visitor};

pub(crate) const EMAIL: &str = "alice@acme.example";
pub(crate) const PASSWORD: &str = "alice keeps the keys";

/// Where Doorward runs.
pub(crate) struct Home {
    pub(crate) config: StorageConfig,
    pub(crate) engine: Engine,
    pub(crate) folder: TempDir,
    _database: Option<Database>,
}

impl Home {
    /// An empty folder.
    pub(crate) async fn open(engine: Engine) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (mut config, database) = engine.storage(&folder).await;
        config.keys_dir = config.data_dir.join("keys");
        Self {
            config,
            engine,
            folder,
            _database: database,
        }
    }

    /// A command in this folder, told nothing but this.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_doorward"));
        command
            .env_clear()
            .current_dir(self.folder.path())
            .args(arguments);
        command
    }

    /// A command on this folder's data.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(arguments);
        command.arg("--data-dir").arg(&self.config.data_dir);
        if let Some(url) = &self.config.database_url {
            command.env("DOORWARD_STORAGE__DATABASE_URL", url);
        }
        command
    }

    /// `doorward serve` on a free port.
    pub(crate) fn serve(&self) -> Command {
        self.command(&[
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--internal-listen",
            "127.0.0.1:0",
        ])
    }

    /// `doorward serve` as somebody at a terminal starts it, with more flags.
    pub(crate) fn on_a_terminal(&self, flags: &str) -> Program {
        let binary = env!("CARGO_BIN_EXE_doorward");
        let data = self.config.data_dir.display();
        let free_ports = "--listen 127.0.0.1:0 --internal-listen 127.0.0.1:0";
        let command = format!("exec {binary} serve {free_ports} --data-dir {data} {flags}");
        let mut script = Command::new("script");
        Program::start(
            script
                .env_remove("RUST_LOG")
                .args(["-qefc", &command, "/dev/null"]),
        )
    }

    /// `doorward setup` for Alice, with her password in a file.
    pub(crate) fn setup(&self, organization: &str) -> Command {
        let file = self.write("password", &format!("{PASSWORD}\n"));
        let mut command = self.command(&["setup", "--email", EMAIL, "--organization", organization]);
        command.arg("--password-file").arg(file);
        command
    }

    /// Writes a file beside the data.
    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.folder.path().join(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    pub(crate) fn claim_file(&self) -> PathBuf {
        self.config.data_dir.join("claim")
    }

    pub(crate) fn master_key(&self) -> PathBuf {
        self.config.keys_dir.join("master.key")
    }

    /// The claim link of a server without a terminal, without the server's name.
    pub(crate) fn claim(&self) -> String {
        let link = std::fs::read_to_string(self.claim_file()).unwrap();
        let at = link.find("/claim/").expect("it is a claim link");
        link[at..].trim_end().to_owned()
    }

    pub(crate) async fn raw(&self) -> Raw {
        Raw::connect(&self.config).await
    }
}

/// A file's permission bits.
pub(crate) fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Whether Alice gets in.
pub(crate) async fn alice_signs_in(server: &Program) -> bool {
    let alice = Visitor::new(&server.url());
    let page = alice.get("/sign-in").await;
    let answer = alice.sign_in_on(&page, EMAIL, PASSWORD).await;
    answer.status.is_redirection() && answer.location() == "/"
}
