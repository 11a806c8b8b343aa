//! `doorward admin recover`: the way back in for somebody who is locked out, when nobody is left to ask but the host.

use clap::{Args, Subcommand};
use serde_json::json;

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::app::Instance;
use crate::clock::Clock;
use crate::config::{Config, Setting, StorageConfig};
use crate::directory::DirectoryError;
use crate::directory::credentials::password_reset::ResetLinks;
use crate::directory::credentials::recovery::{Recovered, Recovery, recover};
use crate::domain::email::Email;
use crate::storage::require_existing;

/// Administrators: a way back in for one who is locked out
#[derive(Subcommand)]
pub(super) enum Admin {
    /// Take somebody's second factors away, and print a link by which they set a password
    #[command(after_help = "Example:\n  doorward admin recover --email alice@example.com")]
    Recover(Recover),
}

#[derive(Args)]
pub(super) struct Recover {
    /// Whose account
    #[arg(long)]
    email: String,
    /// They lost their password alone
    #[arg(long)]
    keep_second_factors: bool,
    /// The address that the world sees, where the link leads
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    storage: StorageFlags,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl Admin {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Self::Recover(flags) = self;
        let email = Email::parse(&flags.email).map_err(|error| Failure::Usage(error.to_string()))?;
        let mut sources = flags.storage.sources()?;
        if let Some(url) = flags.public_url {
            sources.set(Setting::PublicUrl, url);
        }
        let (config, storage) = (Config::read(&sources)?, StorageConfig::read(&sources));
        require_existing(&storage)?;
        let instance = Instance::open(&storage, Clock::system()).await?;
        let link = ResetLinks::to(&config.public_url).draw();
        let recovery = Recovery {
            email: email.clone(),
            link: link.clone(),
            keeps_second_factors: flags.keep_second_factors,
        };
        let now = instance.clock.now();
        let done = recover(&instance.db, &instance.keyring, &recovery, now).await;
        instance.db.close().await;
        let done = done.map_err(|error| match error {
            DirectoryError::NotFound => Failure::Refused(format!("nobody signs in with {email}")),
            other => other.into(),
        })?;
        show(&email, &done, link.address(), flags.output);
        Ok(())
    }
}

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn show(email: &Email, done: &Recovered, link: &str, output: Output) {
    let until = done.expires_at.to_string();
    match output {
        Output::Json => println!(
            "{}",
            json!({
                "user": { "id": done.user.to_string(), "email": email.as_str() },
                "removed_factors": done.removed,
                "link": link,
                "expires_at": until,
            })
        ),
        Output::Table => {
            let removed = if done.removed.is_empty() {
                "none".to_owned()
            } else {
                done.removed.join(", ")
            };
            println!("user             {email}  {}", done.user);
            println!("removed factors  {removed}");
            println!("link             {link}");
            println!("good until       {until}\n");
            println!("The link is shown this once. Whoever opens it sets a password for the account.");
        }
    }
}
