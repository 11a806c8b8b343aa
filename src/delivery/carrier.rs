//! Who takes letters: an SMTP relay, or a folder.

use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use zeroize::Zeroizing;

use super::maildir::Maildir;
use crate::config::{MailConfig, PublicUrl, Relay, RelayTls};
use crate::domain::id::LetterId;
use crate::domain::text::misleads;
use crate::domain::time::Timestamp;

/// How long a relay may take over one letter.
const PATIENCE: Duration = Duration::from_mins(1);

/// Who takes letters.
pub struct Carrier {
    kind: Kind,
    host: String,
}

enum Kind {
    Smtp {
        transport: AsyncSmtpTransport<Tokio1Executor>,
        relay: String,
        password: Option<Zeroizing<String>>,
    },
    Maildir(Maildir, PathBuf),
}

/// Why there is nobody to take letters; one sentence that says what to do.
#[derive(Debug, thiserror::Error)]
pub enum CarrierError {
    /// The folder can't be used.
    #[error("can't use {0} as a folder for mail: {1}; choose another with mail.folder, or set mail.smtp")]
    Folder(PathBuf, std::io::Error),
    /// The certificates can't be read.
    #[error("can't read certificates from {0}, which mail.smtp_ca names: {1}")]
    Certificates(PathBuf, String),
    /// The relay's name is none that a certificate could be for.
    #[error("mail.smtp names a relay that TLS can't be spoken with: {0}")]
    Tls(String),
}

impl Carrier {
    /// Gets ready as the settings say. Nobody is called yet.
    pub fn open(config: &MailConfig, public_url: &PublicUrl) -> Result<Self, CarrierError> {
        let kind = if let Some(relay) = &config.relay {
            smtp(relay, config.relay_ca.as_deref(), public_url.host())?
        } else {
            let folder = &config.folder;
            let maildir = Maildir::open(folder);
            let maildir = maildir.map_err(|error| CarrierError::Folder(folder.clone(), error))?;
            Kind::Maildir(maildir, folder.clone())
        };
        Ok(Self {
            kind,
            host: public_url.host().to_owned(),
        })
    }

    /// Says in the log, once, where letters go.
    pub fn introduce(&self) {
        match &self.kind {
            Kind::Smtp { relay, .. } => tracing::info!(relay, "letters go out through this relay"),
            Kind::Maildir(_, folder) => tracing::info!(
                folder = %folder.display(),
                "no mail.smtp is set: letters are put into this folder"
            ),
        }
    }

    /// Hands a letter over. The error is fit to be kept and logged: one line, without anything secret.
    pub(super) async fn take(
        &self,
        id: LetterId,
        posted_at: Timestamp,
        message: Message,
    ) -> Result<(), String> {
        match &self.kind {
            Kind::Smtp {
                transport, password, ..
            } => match tokio::time::timeout(PATIENCE, transport.send(message)).await {
                Ok(Ok(_)) => Ok(()),
                Ok(Err(error)) => Err(told(&error.to_string(), password.as_deref().map(String::as_str))),
                Err(_) => Err("the relay took too long".to_owned()),
            },
            Kind::Maildir(maildir, _) => {
                let (maildir, host) = (maildir.clone(), self.host.clone());
                let put = move || maildir.put(id, posted_at, &host, &message.formatted());
                let put = tokio::task::spawn_blocking(put).await;
                let put = put.map_err(|_| "writing the file panicked".to_owned())?;
                put.map_err(|error| told(&error.to_string(), None))
            }
        }
    }
}

fn smtp(relay: &Relay, ca: Option<&Path>, host: &str) -> Result<Kind, CarrierError> {
    let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(relay.host.as_str())
        .port(relay.port)
        .timeout(Some(PATIENCE))
        .hello_name(client_id(host));
    if relay.tls != RelayTls::Plain {
        let mut tls = TlsParameters::builder(relay.host.clone());
        if let Some(file) = ca {
            let bad = |why: String| CarrierError::Certificates(file.to_owned(), why);
            let pem = std::fs::read(file).map_err(|error| bad(error.to_string()))?;
            let certificate = Certificate::from_pem(&pem).map_err(|error| bad(error.to_string()))?;
            tls = tls.add_root_certificate(certificate);
        }
        let tls = tls
            .build()
            .map_err(|error| CarrierError::Tls(error.to_string()))?;
        builder = builder.tls(match relay.tls {
            RelayTls::Implicit => Tls::Wrapper(tls),
            RelayTls::Required | RelayTls::Plain => Tls::Required(tls),
        });
    }
    if let Some((user, password)) = &relay.credentials {
        builder = builder.credentials(Credentials::new(user.clone(), password.to_string()));
    }
    Ok(Kind::Smtp {
        transport: builder.build(),
        relay: format!("{}:{}", relay.host, relay.port),
        password: relay.credentials.as_ref().map(|(_, password)| password.clone()),
    })
}

/// How we greet the relay (RFC 5321 §4.1.3).
fn client_id(host: &str) -> ClientId {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse() {
        Ok(std::net::IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(std::net::IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(host.to_owned()),
    }
}

/// What somebody else's software says went wrong, as one short line without the password.
fn told(error: &str, password: Option<&str>) -> String {
    let error = match password {
        Some(password) if !password.is_empty() => error.replace(password, "…"),
        _ => error.to_owned(),
    };
    let line = error.chars().map(|c| if misleads(c) { ' ' } else { c });
    line.take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo1_what_a_relay_says_is_told_in_one_line_without_the_password() {
        assert_eq!(
            told("535 no\r\n\u{1b}[31msesame\u{202e}", Some("sesame")),
            "535 no   [31m… "
        );
        assert_eq!(told(&"x".repeat(1000), None).len(), 300);
    }
}
