//! `doorward setup`: the first owner without a browser, for scripts.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use zeroize::Zeroizing;

use super::storage_flags::StorageFlags;
use super::{Failure, Output};
use crate::app::{self, Instance};
use crate::clock::Clock;
use crate::config::Setting;
use crate::config::{Config, StorageConfig};
use crate::directory::DirectoryError;
use crate::directory::api_keys::NewPersonalKey;
use crate::directory::claim;
use crate::directory::organizations::NewOrganization;
use crate::directory::setup::{self, FirstOwner};
use crate::directory::users::NewUser;
use crate::domain::email::Email;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::random;
use crate::sign_in::{NotTaken, PasswordRules};
use crate::storage::Lane;
use crate::storage::password_policies::PasswordPolicy;

/// Make the first owner and organization, and a key to go on with
#[derive(Args)]
#[command(
    after_help = "Example:\n  doorward setup --email alice@example.com --password-file password --organization Acme"
)]
pub(super) struct Setup {
    /// The owner's email address
    #[arg(long)]
    email: String,
    /// A file with the owner's password; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// The organization, as people call it
    #[arg(long, value_name = "NAME")]
    organization: String,
    /// What the owner is called [default: the email's first part]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// The address that the world sees; checked here so that a mistake shows early
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    #[command(flatten)]
    storage: StorageFlags,
    /// How to answer
    #[arg(long, value_enum, default_value = "table")]
    output: Output,
}

impl Setup {
    #[expect(clippy::print_stdout, reason = "this is the command's answer")]
    pub(super) async fn run(self) -> Result<(), Failure> {
        let usage = |error: &dyn std::fmt::Display| Failure::Usage(error.to_string());
        let email = Email::parse(&self.email).map_err(|error| usage(&error))?;
        let display_name = DisplayName::parse(&self.organization).map_err(|error| usage(&error))?;
        let name = OrganizationName::from_display_name(&display_name).map_err(|error| usage(&error))?;
        let owner_name = self
            .name
            .as_deref()
            .or(email.as_str().split('@').next())
            .unwrap_or_default();
        let owner_name = DisplayName::parse(owner_name).map_err(|error| usage(&error))?;
        let password = read_password(&self.password_file)?;
        let mut sources = self.storage.sources()?;
        if let Some(url) = self.public_url {
            sources.set(Setting::PublicUrl, url);
        }
        let hasher = app::hasher(&Config::read(&sources)?)?;
        let own = [email.as_str(), owner_name.as_str(), display_name.as_str()];
        let rules = PasswordRules::of_newcomer(&PasswordPolicy::default(), &own);
        let hash = hasher
            .take(&password, &rules)
            .await
            .map_err(|error| match error {
                NotTaken::Bad(bad) => usage(&bad),
                NotTaken::Busy(busy) => Failure::Refused(busy.to_string()),
            })?;

        let instance = Instance::open(&StorageConfig::read(&sources), Clock::system()).await?;
        let now = instance.clock.now();
        if !setup::is_needed(&instance.db).await? {
            return Err(DirectoryError::AlreadySetUp.into());
        }
        let organization = NewOrganization {
            id: random::id(now),
            name,
            display_name,
        };
        let user = NewUser::draw(email, owner_name, hash, true, now);
        let (key, secret) = NewPersonalKey::draw("setup", user.id, organization.id, now);
        let owner = FirstOwner {
            organization,
            user,
            key: Some(key),
        };
        let (drawn, keyring) = (owner.clone(), instance.keyring.clone());
        let work = instance.db.write(Lane::Instance, move |tx| {
            let (owner, keyring) = (drawn.clone(), keyring.clone());
            Box::pin(async move { setup::first_owner(tx, &keyring, &owner, now).await })
        });
        let done: Result<(), DirectoryError> = work.await;
        done?;
        claim::forget_file(&StorageConfig::read(&sources).data_dir);
        instance.db.close().await;

        let (organization, user) = (&owner.organization, &owner.user);
        match self.output {
            Output::Json => println!(
                "{}",
                json!({
                    "organization": { "id": organization.id.to_string(), "name": organization.name.as_str() },
                    "user": { "id": user.id.to_string(), "email": user.email.as_str() },
                    "api_key": secret.expose(),
                })
            ),
            Output::Table => {
                println!("organization  {}  {}", organization.name, organization.id);
                println!("owner         {}  {}", user.email, user.id);
                println!("api key       {}", secret.expose());
                println!(
                    "\nThe key is shown this once, and good for 90 days. Start the server: doorward serve"
                );
            }
        }
        Ok(())
    }
}

/// The file's text without the line end.
fn read_password(file: &std::path::Path) -> Result<Zeroizing<String>, Failure> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| {
        Failure::Usage(format!(
            "can't read the password from {}: {error}",
            file.display()
        ))
    })?;
    let text = Zeroizing::new(text);
    Ok(Zeroizing::new(text.trim_end_matches(['\r', '\n']).to_owned()))
}
