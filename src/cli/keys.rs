//! `doorward keys list|rotate`: the signing keys.

use clap::{Args, Subcommand};
use serde_json::json;

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::app::Instance;
use crate::audit::Actor;
use crate::clock::Clock;
use crate::config::StorageConfig;
use crate::directory::signing_keys::rotate;
use crate::storage::require_existing;

/// Signing keys: what there is, and the next one's turn
#[derive(Subcommand)]
pub(super) enum Keys {
    /// Show every signing key, oldest first
    List(Flags),
    /// Let the waiting keys sign, and retire those that signed
    Rotate(Flags),
}

#[derive(Args)]
pub(super) struct Flags {
    #[command(flatten)]
    storage: StorageFlags,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl Keys {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let (flags, turn) = match self {
            Self::List(flags) => (flags, false),
            Self::Rotate(flags) => (flags, true),
        };
        let config = StorageConfig::read(&flags.storage.sources()?);
        require_existing(&config)?;
        let instance = Instance::open(&config, Clock::system()).await?;
        if turn {
            rotate(&instance.db, &instance.keyring, Actor::Host, instance.clock.now()).await?;
        }
        show(&instance, flags.output);
        instance.db.close().await;
        Ok(())
    }
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
