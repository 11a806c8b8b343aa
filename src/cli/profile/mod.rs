//! `doorward profile add|list|use|remove`: servers with a key for each, so that both need not be said each time.

mod file;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::connection::{key_of_file, server};
use super::failure::Failure;
use super::json::Json;
use super::output::{self, Format};
use super::verb::Column;

pub(super) use file::Profiles;

/// Servers that you administer, and your key for each
#[derive(Subcommand)]
pub(super) enum Command {
    /// Keep a server and a key, and use them from now on
    #[command(after_help = "Example:\n  doorward profile add work --url https://id.example.com --key-file -")]
    Add(Add),
    /// List profiles; their keys are not shown
    #[command(after_help = "Example:\n  doorward profile list")]
    List(List),
    /// Use another profile from now on
    #[command(after_help = "Example:\n  doorward profile use work")]
    Use(Named),
    /// Forget a profile and its key
    #[command(after_help = "Example:\n  doorward profile remove work")]
    Remove(Named),
}

#[derive(Args)]
pub(super) struct Add {
    /// What you call it
    name: String,
    /// The server's address
    #[arg(long)]
    url: String,
    /// A file with the key; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,
}

#[derive(Args)]
pub(super) struct List {
    /// How to answer
    #[arg(long, short, value_enum, value_name = "FORMAT", default_value = "table")]
    output: Format,
}

#[derive(Args)]
pub(super) struct Named {
    /// What you call it
    name: String,
}

const COLUMNS: &[Column] = &[
    Column::whole("NAME", "name"),
    Column::whole("URL", "url"),
    Column::text("IN USE", "in_use"),
];

impl Command {
    pub(super) fn run(self) -> Result<(), Failure> {
        let mut profiles = Profiles::read()?;
        match self {
            Self::List(list) => {
                return list_all(&profiles, list.output);
            }
            Self::Add(add) => {
                let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
                if add.name.is_empty() || !add.name.bytes().all(is_name) {
                    let told = "a profile's name has letters, digits, dots, hyphens and underscores";
                    return Err(Failure::Usage(told.to_owned()));
                }
                let url = server(&add.url, "--url")?;
                let key = key_of_file(&add.key_file, "--key-file")?;
                let profile = file::Profile {
                    url: url.as_str().to_owned(),
                    key: key.expose().to_owned(),
                };
                profiles.profiles.insert(add.name.clone(), profile);
                profiles.r#use = Some(add.name);
            }
            Self::Use(named) => {
                if !profiles.profiles.contains_key(&named.name) {
                    return Err(Failure::Usage(file::no_such(&named.name, &profiles)));
                }
                profiles.r#use = Some(named.name);
            }
            Self::Remove(named) => {
                if profiles.profiles.remove(&named.name).is_none() {
                    return Err(Failure::Usage(file::no_such(&named.name, &profiles)));
                }
                profiles.r#use = profiles.r#use.filter(|used| *used != named.name);
            }
        }
        profiles.write()?;
        let told = profiles.in_use().map_or_else(
            || "No profile is in use.".to_owned(),
            |name| format!("The profile {name} is in use."),
        );
        output::say(&told);
        Ok(())
    }
}

fn list_all(profiles: &Profiles, format: Format) -> Result<(), Failure> {
    let text = |text: &str| Json::Text(text.to_owned());
    let shown = profiles.profiles.iter().map(|(name, profile)| {
        Json::Object(vec![
            ("name".to_owned(), text(name)),
            ("url".to_owned(), text(&profile.url)),
            ("in_use".to_owned(), Json::Bool(profiles.in_use() == Some(name))),
        ])
    });
    output::list(
        &shown.collect::<Vec<_>>(),
        COLUMNS,
        format,
        "There are no profiles.",
    )
}
