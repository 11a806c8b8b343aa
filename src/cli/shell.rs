//! `doorward completions` and `doorward man`: what the shell completes, and the manual.

use std::path::PathBuf;

use clap::{Args, Command, ValueEnum};

use super::failure::Failure;
use super::output;

/// Print what your shell completes
#[derive(Args)]
#[command(
    after_help = "Example:\n  doorward completions bash > ~/.local/share/bash-completion/completions/doorward"
)]
pub(super) struct Completions {
    /// For which shell
    shell: Shell,
}

/// A shell that completes.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl Completions {
    pub(super) fn run(self, mut command: Command) -> Result<(), Failure> {
        let shell = match self.shell {
            Shell::Bash => clap_complete::Shell::Bash,
            Shell::Zsh => clap_complete::Shell::Zsh,
            Shell::Fish => clap_complete::Shell::Fish,
        };
        let mut script = Vec::new();
        clap_complete::generate(shell, &mut command, "doorward", &mut script);
        output::print(&String::from_utf8_lossy(&script))
    }
}

/// Print the manual page, or write one for each command
#[derive(Args)]
#[command(after_help = "Example:\n  doorward man --folder ~/.local/share/man/man1")]
pub(super) struct Man {
    /// Write a page for each command into this folder
    #[arg(long)]
    folder: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(self, command: Command) -> Result<(), Failure> {
        let Some(folder) = self.folder else {
            let mut page = Vec::new();
            let drawn = clap_mangen::Man::new(command).render(&mut page);
            drawn.map_err(|error| Failure::Refused(error.to_string()))?;
            return output::print(&String::from_utf8_lossy(&page));
        };
        let written =
            std::fs::create_dir_all(&folder).and_then(|()| clap_mangen::generate_to(command, &folder));
        written.map_err(|error| Failure::Refused(format!("can't write to {}: {error}", folder.display())))
    }
}
