//! What `--demo` adds: an organization with its people, and a sample application that signs in with us as any third
//! party would. On loopback only.

pub mod sample;
mod seed;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::config::{Config, PublicUrl, private_file};
use crate::delivery::Shelf;
use crate::directory::{DirectoryError, setup};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::sign_in::Busy;
use crate::storage::{Db, StorageError};

/// Everything that somebody trying it out needs, kept in `demo.json` of the data folder.
#[derive(Serialize, Deserialize)]
pub struct Demo {
    doorward: String,
    sample: String,
    users: Vec<DemoUser>,
    application: DemoApplication,
}

/// Somebody to sign in as.
#[derive(Serialize, Deserialize)]
struct DemoUser {
    email: String,
    password: String,
    role: String,
}

/// The sample application's registration.
#[derive(Serialize, Deserialize)]
struct DemoApplication {
    client_id: String,
    client_secret: String,
}

/// Why there is no demo.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// It would be open to others.
    #[error("--demo is for this machine only: listen on 127.0.0.1")]
    NotLoopback,
    /// Its application is registered elsewhere.
    #[error(
        "this demo's sample application is registered at {0}; give that address to --demo-listen, or an empty --data-dir"
    )]
    Moved(String),
    /// What an earlier start left can't be used.
    #[error("can't use {0}: {1}; start --demo with an empty --data-dir")]
    Unusable(PathBuf, String),
    /// Seeding.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// Seeding.
    #[error(transparent)]
    Busy(#[from] Busy),
}

impl From<StorageError> for DemoError {
    fn from(error: StorageError) -> Self {
        Self::Directory(error.into())
    }
}

impl Demo {
    /// Refuses to be open to others; asked before anything is made.
    pub fn require_loopback(doorward: SocketAddr, sample: SocketAddr) -> Result<(), DemoError> {
        if doorward.ip().is_loopback() && sample.ip().is_loopback() {
            return Ok(());
        }
        Err(DemoError::NotLoopback)
    }

    /// Seeds a new instance, or finds again what an earlier start seeded.
    pub async fn prepare(
        db: &Db,
        keyring: &Keyring,
        config: &Config,
        sample: SocketAddr,
        now: Timestamp,
    ) -> Result<Self, DemoError> {
        let file = Self::file(config);
        if setup::is_needed(db).await? {
            let sample = format!("http://{sample}");
            let demo = seed::seed(db, keyring, config.public_url.as_str(), &sample, now).await?;
            demo.write(&file).map_err(|error| unusable(&file, &error))?;
            return Ok(demo);
        }
        let text = std::fs::read_to_string(&file).map_err(|error| unusable(&file, &error))?;
        let mut demo: Self = serde_json::from_str(&text).map_err(|error| unusable(&file, &error))?;
        if demo.sample != format!("http://{sample}") {
            return Err(DemoError::Moved(demo.sample));
        }
        if demo.doorward != config.public_url.as_str() {
            config.public_url.as_str().clone_into(&mut demo.doorward);
            demo.write(&file).map_err(|error| unusable(&file, &error))?;
        }
        Ok(demo)
    }

    /// Where it is kept.
    pub fn file(config: &Config) -> PathBuf {
        config.storage.data_dir.join("demo.json")
    }

    fn write(&self, file: &Path) -> std::io::Result<()> {
        private_file::write(file, &serde_json::to_string_pretty(self)?)
    }

    /// What the sample application is started with.
    pub fn sample_settings(&self, issuer: &PublicUrl, shown: Shelf) -> sample::Settings {
        sample::Settings {
            issuer: issuer.as_str().to_owned(),
            client_id: self.application.client_id.clone(),
            client_secret: self.application.client_secret.clone(),
            base_url: self.sample.clone(),
            shelf: shown,
        }
    }

    /// What the terminal shows.
    pub fn welcome(&self, doorward: &PublicUrl) -> String {
        let mut lines = vec![
            String::new(),
            "  Doorward is open, with a sample application to sign in to.".to_owned(),
            String::new(),
            format!("    Sample    {}", self.sample),
            format!("    Doorward  {}", doorward.as_str()),
            format!("    Mail      {}/outbox", self.sample),
            String::new(),
            "  Sign in as any of these:".to_owned(),
            String::new(),
        ];
        let line = |user: &DemoUser| format!("    {:<10} {:<24} {}", user.role, user.email, user.password);
        lines.extend(self.users.iter().map(line));
        lines.push(String::new());
        lines.join("\n")
    }
}

fn unusable(file: &Path, error: &dyn std::fmt::Display) -> DemoError {
    DemoError::Unusable(file.to_owned(), error.to_string())
}
