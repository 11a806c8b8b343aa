//! `doorward keys list|rotate`: the signing keys.

use clap::{Args, Subcommand};
use serde_json::json;

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::app::Instance;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::StorageConfig;
use crate::directory::signing_keys::{When, rotate};
use crate::storage::require_existing;

/// Signing keys: what there is, and the next one's turn
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Show every signing key, oldest first
    #[command(after_help = "Example:\n  doorward keys list")]
    List(Flags),
    /// Let the waiting keys sign, and retire those that signed
    #[command(after_help = "Example:\n  doorward keys rotate")]
    Rotate(RotateFlags),
}

#[derive(Args)]
pub(super) struct Flags {
    #[command(flatten)]
    storage: StorageFlags,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

#[derive(Args)]
pub(super) struct RotateFlags {
    #[command(flatten)]
    flags: Flags,
    /// Even if the waiting keys are so new that clients may not know them yet: when a key has leaked
    #[arg(long)]
    now: bool,
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (flags, turn) = match self {
            Self::List(flags) => (flags, None),
            Self::Rotate(rotate) if rotate.now => (rotate.flags, Some(When::AtOnce)),
            Self::Rotate(rotate) => (rotate.flags, Some(When::Known)),
        };
        let config = StorageConfig::read(&flags.storage.sources()?);
        require_existing(&config)?;
        let instance = Instance::open(&config, Clock::system()).await?;
        let rotated = match turn {
            Some(when) => {
                let now = instance.clock.now();
                rotate(&instance.db, &instance.keyring, when, Actor::Host, now).await?
            }
            None => true,
        };
        if rotated {
            show(&instance, flags.output);
        }
        instance.db.close().await;
        if rotated { Ok(()) } else { Err(too_new()) }
    }
}

fn too_new() -> Failure {
    Failure::Refused(
        "the waiting keys are less than ten minutes old, and clients may not know them yet; wait, or add --now if a \
         key has leaked"
            .to_owned(),
    )
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show(instance: &Instance, output: Output) {
    let keys = instance.keyring.list();
    if output == Output::Json {
        let lines: Vec<_> = keys
            .iter()
            .map(|key| {
                json!({
                    "id": key.id(),
                    "algorithm": key.algorithm().name(),
                    "state": key.state().name(),
                    "created_at": key.created_at().to_string(),
                })
            })
            .collect();
        println!("{}", json!(lines));
        return;
    }
    println!("{:<9}  {:<8}  {:<24}  ID", "ALGORITHM", "STATE", "CREATED");
    for key in keys {
        let (algorithm, state) = (key.algorithm().name(), key.state().name());
        println!(
            "{algorithm:<9}  {state:<8}  {:<24}  {}",
            key.created_at().to_string(),
            key.id()
        );
    }
}
