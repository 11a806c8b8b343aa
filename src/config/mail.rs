//! How mail goes out: through an SMTP relay, or into a folder.

use std::path::PathBuf;

use url::Url;
use zeroize::Zeroizing;

use super::{ConfigError, PublicUrl, Setting, Sources};
use crate::domain::email::Email;
use crate::domain::text::DisplayName;

/// How mail goes out.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Through which relay; without one, letters are put into the folder.
    pub relay: Option<Relay>,
    /// A file of certificates (PEM) that the relay's may be signed by, beside those that the machine trusts.
    pub relay_ca: Option<PathBuf>,
    /// What letters are from.
    pub from: Mailbox,
    /// A maildir, where letters go that no relay takes.
    pub folder: PathBuf,
}

/// A name and an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// Whose it is.
    pub name: Option<DisplayName>,
    /// Where it is.
    pub email: Email,
}

/// An SMTP relay.
#[derive(Clone)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// 465 for TLS from the first byte, 587 for `tls=required`, else 25.
    pub port: u16,
    /// How the way there is kept private.
    pub tls: RelayTls,
    /// Who we are there. Never printed.
    pub credentials: Option<(String, Zeroizing<String>)>,
}

/// How the way to a relay is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelayTls {
    /// It is not: for a relay on this machine or a network of one's own.
    Plain,
    /// By STARTTLS (RFC 3207), or nothing is sent.
    Required,
    /// By TLS from the first byte (RFC 8314 §3.3).
    Implicit,
}

impl MailConfig {
    pub(super) fn read(
        sources: &Sources,
        data_dir: &std::path::Path,
        public_url: &PublicUrl,
    ) -> Result<Self, ConfigError> {
        let relay = sources.get(Setting::MailSmtp).map(Relay::parse).transpose()?;
        let from = match sources.get(Setting::MailFrom) {
            Some(text) => Mailbox::parse(text)?,
            None => Mailbox::of_host(public_url.host()),
        };
        let folder = sources.get(Setting::MailFolder);
        Ok(Self {
            relay,
            relay_ca: sources.get(Setting::MailSmtpCa).map(PathBuf::from),
            from,
            folder: folder.map_or_else(|| data_dir.join("mail"), PathBuf::from),
        })
    }
}

impl Relay {
    /// Reads `smtp://`, `smtps://` or `smtp://…?tls=required`, with user and password in it if the relay wants them.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let bad = |expected| ConfigError::Bad {
            key: Setting::MailSmtp.key(),
            value: "…".to_owned(),
            expected,
        };
        let form = "smtps://user:password@relay.example.com, or smtp://relay.example.com?tls=required";
        let url = Url::parse(text).map_err(|_| bad(form))?;
        let host = url.host_str().filter(|host| !host.is_empty()).ok_or(bad(form))?;
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(bad(form));
        }
        let tls = match (url.scheme(), url.query()) {
            ("smtps", None) => RelayTls::Implicit,
            ("smtp", Some("tls=required")) => RelayTls::Required,
            ("smtp", None) => RelayTls::Plain,
            _ => return Err(bad(form)),
        };
        let usual = match tls {
            RelayTls::Implicit => 465,
            RelayTls::Required => 587,
            RelayTls::Plain => 25,
        };
        let plain = |encoded: &str| {
            let encoded = format!("x={}", encoded.replace('+', "%2B"));
            let decoded = url::form_urlencoded::parse(encoded.as_bytes()).next();
            decoded.map_or_else(String::new, |(_, value)| value.into_owned())
        };
        let credentials = url
            .password()
            .map(|password| (plain(url.username()), Zeroizing::new(plain(password))));
        if credentials.is_none() && !url.username().is_empty() {
            return Err(bad(
                "a user with a password, as in smtps://user:password@relay.example.com",
            ));
        }
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if credentials.is_some() && tls == RelayTls::Plain && !is_loopback(&host) {
            return Err(bad(
                "smtps://… or …?tls=required where there is a password: without TLS everybody could read it",
            ));
        }
        Ok(Self {
            port: url.port().unwrap_or(usual),
            host,
            tls,
            credentials,
        })
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Relay")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

impl Mailbox {
    /// Reads `Doorward <doorward@example.com>`, or an address alone.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let bad = || ConfigError::Bad {
            key: Setting::MailFrom.key(),
            value: text.to_owned(),
            expected: "an address such as doorward@example.com, or Doorward <doorward@example.com>",
        };
        let (name, address) = match text
            .trim()
            .strip_suffix('>')
            .and_then(|text| text.split_once('<'))
        {
            Some((name, address)) => (name.trim().trim_matches('"'), address),
            None => ("", text),
        };
        let named = (!name.is_empty()).then(|| DisplayName::parse(name)).transpose();
        Ok(Self {
            name: named.map_err(|_| bad())?,
            email: Email::parse(address).map_err(|_| bad())?,
        })
    }

    /// What letters are from if nobody set it.
    fn of_host(host: &str) -> Self {
        let email = Email::parse(&format!("doorward@{host}"));
        let local = || Email::parse("doorward@localhost").expect("an address of ours");
        Self {
            name: DisplayName::parse("Doorward").ok(),
            email: email.unwrap_or_else(|_| local()),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_relay_is_read_with_its_port_and_who_we_are_there() {
        let relay = Relay::parse("smtps://door%40acme:p%2Bss+%3A%2F@relay.example.com").unwrap();
        assert_eq!(
            (relay.host.as_str(), relay.port, relay.tls),
            ("relay.example.com", 465, RelayTls::Implicit)
        );
        let (user, password) = relay.credentials.clone().unwrap();
        assert_eq!((user.as_str(), password.as_str()), ("door@acme", "p+ss+:/"));
        assert!(!format!("{relay:?}").contains("p+ss"));
        let relay = Relay::parse("smtp://[::1]:2525?tls=required").unwrap();
        assert_eq!(
            (relay.host.as_str(), relay.port, relay.tls),
            ("::1", 2525, RelayTls::Required)
        );
        assert_eq!(Relay::parse("smtp://mail").unwrap().port, 25);
    }

    #[test]
    fn what_is_no_relay_is_refused_without_showing_the_password() {
        for text in [
            "relay.example.com:25",
            "http://relay.example.com",
            "smtp://",
            "smtp://user@relay.example.com",
            "smtp://relay.example.com/?tls=none",
            "smtp://relay.example.com?tls=opportunistic",
            "smtps://relay.example.com/helo",
            "smtp://user:sesame-sesame@relay.example.com",
        ] {
            let told = Relay::parse(text).unwrap_err().to_string();
            assert!(!told.contains("sesame"), "{told}");
        }
        Relay::parse("smtp://user:sesame@127.0.0.1:2525").unwrap();
    }

    #[test]
    fn who_letters_are_from_is_read_with_or_without_a_name() {
        let named = Mailbox::parse("\"Acme Door\" <door@acme.example>").unwrap();
        assert_eq!(named.name.unwrap().as_str(), "Acme Door");
        assert_eq!(
            Mailbox::parse("door@acme.example").unwrap().email.as_str(),
            "door@acme.example"
        );
        for text in ["", "Door", "Door <door>", "Do\nor <door@acme.example>"] {
            Mailbox::parse(text).unwrap_err();
        }
        assert_eq!(Mailbox::of_host("[::1]").email.as_str(), "doorward@localhost");
        assert_eq!(
            Mailbox::of_host("id.example.com").email.as_str(),
            "doorward@id.example.com"
        );
    }
}
