//! The file of profiles, `~/.config/doorward/config.toml`: nobody but its owner may read it, or it is refused.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::cli::connection::variable;
use crate::cli::failure::Failure;
use crate::config::private_file;

/// Servers with a key for each, by names that their user gave them.
#[derive(Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(in crate::cli) struct Profiles {
    /// The one that commands use unless told otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) r#use: Option<String>,
    pub(super) profiles: BTreeMap<String, Profile>,
}

/// A server and a key for it.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(in crate::cli) struct Profile {
    pub(in crate::cli) url: String,
    pub(in crate::cli) key: String,
}

impl Profiles {
    /// What is kept; nothing if there is no file.
    pub(in crate::cli) fn read() -> Result<Self, Failure> {
        let Some(file) = place() else {
            return Ok(Self::default());
        };
        let named = file.display();
        let metadata = match std::fs::metadata(&file) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(Failure::Usage(format!("can't read {named}: {error}"))),
        };
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(Failure::Usage(format!(
                "{named} holds keys, and others than you may read it; make it yours: chmod 600 {named}"
            )));
        }
        let text = std::fs::read_to_string(&file);
        let text = text.map_err(|error| Failure::Usage(format!("can't read {named}: {error}")))?;
        // The error's own words would show the line that it is about, and with it perhaps a key.
        toml::from_str(&text).map_err(|error| {
            let line = error
                .span()
                .map_or(1, |span| text[..span.start].lines().count().max(1));
            Failure::Usage(format!(
                "{named} makes no sense in line {line}: {}",
                error.message()
            ))
        })
    }

    /// Keeps them, for their owner's eyes alone.
    pub(super) fn write(&self) -> Result<(), Failure> {
        let file = place()
            .ok_or_else(|| Failure::Usage("HOME is not set, so there is no place for profiles".to_owned()))?;
        let text = toml::to_string(self).map_err(|error| Failure::Refused(error.to_string()))?;
        let written = private_file::write(&file, &text);
        written.map_err(|error| Failure::Refused(format!("can't write {}: {error}", file.display())))
    }

    /// The profile in use.
    pub(in crate::cli) fn in_use(&self) -> Option<&str> {
        self.r#use.as_deref()
    }

    /// The profile of this name.
    pub(in crate::cli) fn take(mut self, name: &str) -> Result<Profile, Failure> {
        let found = self.profiles.remove(name);
        found.ok_or_else(|| Failure::Usage(no_such(name, &self)))
    }
}

/// That there is no such profile, and which there are.
pub(super) fn no_such(name: &str, profiles: &Profiles) -> String {
    let known: Vec<_> = profiles.profiles.keys().map(String::as_str).collect();
    match known.as_slice() {
        [] => format!(
            "there is no profile {name}; add it: doorward profile add {name} --url URL --key-file FILE"
        ),
        known => format!("there is no profile {name}, only {}", known.join(", ")),
    }
}

/// Where the file is, by the XDG base directories.
pub(super) fn place() -> Option<PathBuf> {
    let folder = match (variable("XDG_CONFIG_HOME"), variable("HOME")) {
        (Some(folder), _) => PathBuf::from(folder),
        (None, Some(home)) => PathBuf::from(home).join(".config"),
        (None, None) => return None,
    };
    Some(folder.join("doorward").join("config.toml"))
}
