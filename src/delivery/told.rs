//! An alert in words: the same in its letter and on every page that shows it.

use crate::devices::Device;
use crate::domain::alert::{AlertKind, OwnFactor};
use crate::domain::time::Timestamp;
use crate::words::Words;

/// An alert in words.
#[derive(Debug, Clone)]
pub struct AlertInWords {
    /// In a few.
    pub title: String,
    /// In a sentence or two.
    pub detail: String,
}

impl AlertInWords {
    /// Puts an alert into words. `at` writes a moment.
    pub fn of(
        kind: &AlertKind,
        organization: Option<&str>,
        words: &Words,
        at: impl Fn(Timestamp) -> String,
    ) -> Self {
        let organization = organization.unwrap_or_default();
        let mut own = vec![("organization", organization.to_owned())];
        match kind {
            AlertKind::NewDevice
            | AlertKind::ManyFailures
            | AlertKind::SecondFactorFailures
            | AlertKind::PasswordChanged => {}
            AlertKind::GuessingEverywhere { failures } => own.push(("failures", failures.to_string())),
            AlertKind::FactorAdded { factor, name } | AlertKind::FactorRemoved { factor, name } => {
                own.push(("factor", factor_in_words(*factor, name.as_deref(), words)));
            }
            AlertKind::RecoveryCodeUsed { left } => own.push(("left", left.to_string())),
            AlertKind::PasskeyCopied { name } | AlertKind::KeyCreated { name } => {
                own.push(("name", name.clone()));
            }
            AlertKind::RoleRaised { given, to } => {
                let given = format!("alerts-given-{}", given.as_str());
                own.push(("given", words.say(&given, &[("to", to)])));
            }
            AlertKind::EmailChanged { was, is } => {
                own.extend([("was", was.clone()), ("is", is.clone())]);
            }
            AlertKind::DomainMissing { domain } => own.push(("domain", domain.clone())),
            AlertKind::CertificateAdded { name, fingerprint } => {
                own.extend([("name", name.clone()), ("fingerprint", fingerprint.clone())]);
            }
            AlertKind::MetadataUnread { name, why } => {
                own.extend([("name", name.clone()), ("why", why.clone())]);
            }
            AlertKind::CertificateEnds { name, at: end }
            | AlertKind::ScimTokenExpires { name, at: end }
            | AlertKind::KeyExpires { name, at: end } => {
                own.extend([("name", name.clone()), ("at", at(*end))]);
            }
            AlertKind::Disowned { what } => {
                own.push(("what", words.say(&format!("alerts-{}-title", dashed(what)), &[])));
            }
        }
        let own: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let kind = dashed(kind.name());
        Self {
            title: words.say(&format!("alerts-{kind}-title"), &own),
            detail: words.say(&format!("alerts-{kind}-detail"), &own),
        }
    }
}

/// The name of a kind as the keys of words have it.
fn dashed(name: &str) -> String {
    name.replace('_', "-")
}

fn factor_in_words(factor: OwnFactor, name: Option<&str>, words: &Words) -> String {
    let factor = words.say(&format!("alerts-factor-{}", dashed(factor.as_str())), &[]);
    match name {
        Some(name) => words.say("alerts-factor-named", &[("factor", &factor), ("name", name)]),
        None => factor,
    }
}

/// A program in words, such as `Firefox 133 on Windows 10`; nothing if nobody knows it.
pub fn device_in_words(user_agent: &str, words: &Words) -> Option<String> {
    let device = Device::of(user_agent);
    match (device.browser, device.os) {
        (Some(browser), Some(os)) => {
            Some(words.say("alerts-browser-on", &[("browser", &browser), ("os", &os)]))
        }
        (browser, os) => browser.or(os),
    }
}
