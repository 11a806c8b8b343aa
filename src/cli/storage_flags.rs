//! The flags that say where data and keys are, shared by all commands on the host.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;

use crate::config::{ConfigError, Setting, Sources};

/// Where data and keys are.
#[derive(Args)]
pub(super) struct StorageFlags {
    /// Settings from a TOML file; the environment and flags win over it
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The folder for the database and what belongs to it [default: data]
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// The folder for the master key [default: the data folder's keys]
    #[arg(long, value_name = "FOLDER")]
    keys_dir: Option<String>,
    /// A PostgreSQL database instead of SQLite; better in the environment if it holds a password
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
}

impl StorageFlags {
    /// File, environment and these flags, one over the other.
    pub(super) fn sources(self) -> Result<Sources, ConfigError> {
        let mut sources = Sources::default();
        if let Some(file) = &self.config {
            sources.read_file(file)?;
        }
        let readable =
            |(name, value): (OsString, OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        sources.read_environment(std::env::vars_os().filter_map(readable))?;
        let flags = [
            (Setting::DataDir, self.data_dir),
            (Setting::KeysDir, self.keys_dir),
            (Setting::DatabaseUrl, self.database_url),
        ];
        for (setting, value) in flags {
            if let Some(value) = value {
                sources.set(setting, value);
            }
        }
        Ok(sources)
    }
}
