//! Which server a command speaks to, and by which key. A key goes to the server that it belongs to and nowhere else, so
//! both always come from one place; and no key ever comes as an argument, where others on the machine could read it.

use std::path::Path;

use clap::ArgMatches;

use super::failure::Failure;
use super::profile::Profiles;
use crate::config::PublicUrl;
use crate::domain::secret::Secret;

/// Where a server is unless somebody says otherwise.
const USUAL: &str = "http://localhost:8080";

/// A server, and a key for it.
pub(super) struct Connection {
    pub(super) server: PublicUrl,
    /// Who says so, in words.
    pub(super) server_from: String,
    pub(super) key: Secret,
    /// Where the key came from, in words.
    pub(super) key_from: String,
}

/// An address, and who says so.
type Said = (PublicUrl, String);

impl Connection {
    /// What flags, environment and profiles say: `--profile` before a key in the environment, before
    /// `DOORWARD_PROFILE`, before the profile in use.
    pub(super) fn read(matches: &ArgMatches) -> Result<Self, Failure> {
        let flag = |name: &str| matches.get_one::<String>(name).cloned();
        let url = match flag("url") {
            Some(url) => Some((server(&url, "--url")?, "--url".to_owned())),
            None => None,
        };
        if let Some(name) = flag("profile") {
            return Self::of_profile(&name, url.as_ref());
        }
        let from_environment = match variable("DOORWARD_URL") {
            Some(text) => Some((server(&text, "DOORWARD_URL")?, "DOORWARD_URL".to_owned())),
            None => None,
        };
        if let Some((key, key_from)) = key_of_environment()? {
            if let (Some((flag, _)), Some((other, _))) = (&url, &from_environment) {
                belongs(&key_from, other, flag)?;
            }
            let usual = || server(USUAL, "").map(|server| (server, "the default".to_owned()));
            let (server, server_from) = url.or(from_environment).map_or_else(usual, Ok)?;
            return Ok(Self {
                server,
                server_from,
                key,
                key_from,
            });
        }
        let wanted = url.or(from_environment);
        if let Some(name) = variable("DOORWARD_PROFILE") {
            return Self::of_profile(&name, wanted.as_ref());
        }
        match Profiles::read()?.in_use() {
            Some(name) => Self::of_profile(name, wanted.as_ref()),
            None => Err(Failure::Usage(
                "there is no key to ask with; set DOORWARD_API_KEY or DOORWARD_API_KEY_FILE, or keep one: doorward \
                 profile add NAME --url URL --key-file FILE"
                    .to_owned(),
            )),
        }
    }

    fn of_profile(name: &str, wanted: Option<&Said>) -> Result<Self, Failure> {
        let profile = Profiles::read()?.take(name)?;
        let key_from = format!("the profile {name}");
        let own = server(&profile.url, &key_from)?;
        if let Some((wanted, _)) = wanted {
            belongs(&key_from, &own, wanted)?;
        }
        Ok(Self {
            server: own,
            server_from: key_from.clone(),
            key: key(&profile.key, &key_from)?,
            key_from,
        })
    }
}

/// Refuses to send a key to a server that is not its own.
fn belongs(key_from: &str, own: &PublicUrl, wanted: &PublicUrl) -> Result<(), Failure> {
    if own == wanted {
        return Ok(());
    }
    let (own, wanted) = (own.as_str(), wanted.as_str());
    Err(Failure::Usage(format!(
        "the key of {key_from} belongs to {own}, and is not sent to {wanted}; name a profile of that server with \
         --profile, or set both DOORWARD_URL and DOORWARD_API_KEY"
    )))
}

/// An address that keys may be sent to.
pub(super) fn server(text: &str, from: &str) -> Result<PublicUrl, Failure> {
    PublicUrl::parse(text).map_err(|_| {
        Failure::Usage(format!(
            "{from}: {text:?} is no address to send a key to; it must be https://HOST, or http on this very machine, \
             and have no path"
        ))
    })
}

/// A key as it was kept, if it can be one. What it is instead is told to nobody.
pub(super) fn key(text: &str, from: &str) -> Result<Secret, Failure> {
    let text = text.trim();
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Failure::Usage(format!("there is no API key in {from}")));
    }
    Ok(Secret::received(text))
}

/// A key from a file, or from standard input if that is called `-`.
pub(super) fn key_of_file(file: &Path, from: &str) -> Result<Secret, Failure> {
    let text = if file.as_os_str() == "-" {
        std::io::read_to_string(std::io::stdin())
    } else {
        std::fs::read_to_string(file)
    };
    let text = text.map_err(|error| Failure::Usage(format!("can't read {from}: {error}")))?;
    key(&zeroize::Zeroizing::new(text), from)
}

fn key_of_environment() -> Result<Option<(Secret, String)>, Failure> {
    let file = variable("DOORWARD_API_KEY_FILE");
    match (variable("DOORWARD_API_KEY"), file) {
        (Some(_), Some(_)) => Err(Failure::Usage(
            "DOORWARD_API_KEY and DOORWARD_API_KEY_FILE are both set; unset one".to_owned(),
        )),
        (Some(text), None) => Ok(Some((
            key(&text, "DOORWARD_API_KEY")?,
            "DOORWARD_API_KEY".to_owned(),
        ))),
        (None, Some(file)) => {
            let from = format!("the file {file} (DOORWARD_API_KEY_FILE)");
            Ok(Some((key_of_file(Path::new(&file), &from)?, from)))
        }
        (None, None) => Ok(None),
    }
}

/// A variable of the environment, if it is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
