//! How a command ends badly: one sentence on standard error, and an exit code that scripts can tell apart.

use std::process::ExitCode;

use crate::app::StartError;
use crate::config::ConfigError;
use crate::demo::DemoError;
use crate::directory::DirectoryError;
use crate::keyring::KeyringError;
use crate::storage::StorageError;

/// Why a command did not do what it was told.
#[derive(Debug)]
pub enum Failure {
    /// Exit code 1.
    Refused(String),
    /// Exit code 2.
    Usage(String),
    /// Exit code 3.
    Unreachable(String),
}

impl Failure {
    /// Says why, and with which code the process ends.
    #[expect(clippy::print_stderr, reason = "this is where a command speaks to its person")]
    pub(super) fn report(self) -> ExitCode {
        let (words, code) = match self {
            Self::Refused(words) => (words, 1),
            Self::Usage(words) => (words, 2),
            Self::Unreachable(words) => (words, 3),
        };
        eprintln!("doorward: {words}");
        ExitCode::from(code)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unreachable(_) => Self::Unreachable(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<KeyringError> for Failure {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Storage(error) => error.into(),
            other => Self::Refused(other.to_string()),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Storage(error) => error.into(),
            StartError::Keyring(error) => error.into(),
            StartError::Carrier(_)
            | StartError::From(_)
            | StartError::BreachedList { .. }
            | StartError::Messages(_) => Self::Usage(error.to_string()),
        }
    }
}

impl From<DirectoryError> for Failure {
    fn from(error: DirectoryError) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::NotLoopback | DemoError::Moved(_) => Self::Usage(error.to_string()),
            other => Self::Refused(other.to_string()),
        }
    }
}
