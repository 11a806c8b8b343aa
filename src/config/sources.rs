//! Where settings come from, one over the other: file, environment, flags.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::ConfigError;

/// Everything that can be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Setting {
    /// `server.listen`
    Listen,
    /// `server.internal_listen`
    InternalListen,
    /// `server.public_url`
    PublicUrl,
    /// `server.trusted_proxies`
    TrustedProxies,
    /// `api.requests_per_minute`
    RequestsPerMinute,
    /// `organizations.self_service`
    SelfService,
    /// `audit.keep_days`
    KeepDays,
    /// `passwords.breached_list`
    BreachedList,
    /// `storage.data_dir`
    DataDir,
    /// `storage.keys_dir`
    KeysDir,
    /// `storage.database_url`
    DatabaseUrl,
    /// `mail.smtp`
    MailSmtp,
    /// `mail.smtp_ca`
    MailSmtpCa,
    /// `mail.from`
    MailFrom,
    /// `mail.folder`
    MailFolder,
    /// `outbound.allow`
    OutboundAllow,
    /// `geo.database`
    GeoDatabase,
    /// `sms.preset`
    SmsPreset,
    /// `sms.url`
    SmsUrl,
    /// `sms.method`
    SmsMethod,
    /// `sms.headers`
    SmsHeaders,
    /// `sms.body`
    SmsBody,
    /// `sms.account_sid`
    SmsAccountSid,
    /// `sms.auth_token`
    SmsAuthToken,
    /// `sms.from`
    SmsFrom,
    /// `sms.base_url`
    SmsBaseUrl,
    /// `sms.countries`
    SmsCountries,
    /// `sms.daily_limit`
    SmsDailyLimit,
    /// `sms.organization_daily_limit`
    SmsOrganizationDailyLimit,
    /// `sms.country_daily_limit`
    SmsCountryDailyLimit,
    /// `webauthn.attestation`
    WebauthnAttestation,
    /// `webauthn.attestation_roots`
    WebauthnAttestationRoots,
    /// `webauthn.allowed_aaguids`
    WebauthnAllowedAaguids,
    /// `dns.servers`
    DnsServers,
}

impl Setting {
    const ALL: [Self; 34] = [
        Self::Listen,
        Self::InternalListen,
        Self::PublicUrl,
        Self::TrustedProxies,
        Self::RequestsPerMinute,
        Self::SelfService,
        Self::KeepDays,
        Self::BreachedList,
        Self::DataDir,
        Self::KeysDir,
        Self::DatabaseUrl,
        Self::MailSmtp,
        Self::MailSmtpCa,
        Self::MailFrom,
        Self::MailFolder,
        Self::OutboundAllow,
        Self::GeoDatabase,
        Self::SmsPreset,
        Self::SmsUrl,
        Self::SmsMethod,
        Self::SmsHeaders,
        Self::SmsBody,
        Self::SmsAccountSid,
        Self::SmsAuthToken,
        Self::SmsFrom,
        Self::SmsBaseUrl,
        Self::SmsCountries,
        Self::SmsDailyLimit,
        Self::SmsOrganizationDailyLimit,
        Self::SmsCountryDailyLimit,
        Self::WebauthnAttestation,
        Self::WebauthnAttestationRoots,
        Self::WebauthnAllowedAaguids,
        Self::DnsServers,
    ];

    /// The key in the file: `section.key`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Listen => "server.listen",
            Self::InternalListen => "server.internal_listen",
            Self::PublicUrl => "server.public_url",
            Self::TrustedProxies => "server.trusted_proxies",
            Self::RequestsPerMinute => "api.requests_per_minute",
            Self::SelfService => "organizations.self_service",
            Self::KeepDays => "audit.keep_days",
            Self::BreachedList => "passwords.breached_list",
            Self::DataDir => "storage.data_dir",
            Self::KeysDir => "storage.keys_dir",
            Self::DatabaseUrl => "storage.database_url",
            Self::MailSmtp => "mail.smtp",
            Self::MailSmtpCa => "mail.smtp_ca",
            Self::MailFrom => "mail.from",
            Self::MailFolder => "mail.folder",
            Self::OutboundAllow => "outbound.allow",
            Self::GeoDatabase => "geo.database",
            Self::SmsPreset => "sms.preset",
            Self::SmsUrl => "sms.url",
            Self::SmsMethod => "sms.method",
            Self::SmsHeaders => "sms.headers",
            Self::SmsBody => "sms.body",
            Self::SmsAccountSid => "sms.account_sid",
            Self::SmsAuthToken => "sms.auth_token",
            Self::SmsFrom => "sms.from",
            Self::SmsBaseUrl => "sms.base_url",
            Self::SmsCountries => "sms.countries",
            Self::SmsDailyLimit => "sms.daily_limit",
            Self::SmsOrganizationDailyLimit => "sms.organization_daily_limit",
            Self::SmsCountryDailyLimit => "sms.country_daily_limit",
            Self::WebauthnAttestation => "webauthn.attestation",
            Self::WebauthnAttestationRoots => "webauthn.attestation_roots",
            Self::WebauthnAllowedAaguids => "webauthn.allowed_aaguids",
            Self::DnsServers => "dns.servers",
        }
    }

    /// The variable in the environment: `DOORWARD_SECTION__KEY`.
    pub fn variable(self) -> String {
        format!("DOORWARD_{}", self.key().replace('.', "__").to_uppercase())
    }

    fn is_secret(self) -> bool {
        matches!(
            self,
            Self::DatabaseUrl | Self::MailSmtp | Self::SmsHeaders | Self::SmsAuthToken
        )
    }
}

/// Settings as text, the strongest source's word for each.
#[derive(Default)]
pub struct Sources(BTreeMap<Setting, String>);

impl Sources {
    /// The value of a setting, if anybody set it.
    pub fn get(&self, setting: Setting) -> Option<&str> {
        self.0.get(&setting).map(String::as_str)
    }

    /// Sets one thing, over whatever was there: a flag.
    pub fn set(&mut self, setting: Setting, value: impl Into<String>) {
        self.0.insert(setting, value.into());
    }

    /// Reads a TOML file.
    pub fn read_file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text =
            fs::read_to_string(path).map_err(|error| ConfigError::Unreadable(path.to_owned(), error))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigError::NotToml(path.to_owned(), error.message().to_owned())
        })?;
        for (key, value) in flatten(&table) {
            let known = Setting::ALL.into_iter().find(|setting| setting.key() == key);
            let setting = known.ok_or_else(|| {
                unknown(
                    &key,
                    Setting::ALL.iter().map(|s| s.key().to_owned()),
                    &path.display().to_string(),
                )
            })?;
            self.set(setting, value);
        }
        Ok(())
    }

    /// Reads variables; those without a `__` are the command line's own. `…_FILE` names a file with a secret.
    pub fn read_environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, value) in
            variables.filter(|(name, _)| name.starts_with("DOORWARD_") && name.contains("__"))
        {
            let is = |setting: &Setting| setting.variable() == name;
            let is_file =
                |setting: &Setting| setting.is_secret() && format!("{}_FILE", setting.variable()) == name;
            if let Some(setting) = Setting::ALL.into_iter().find(is) {
                self.set(setting, value);
            } else if let Some(setting) = Setting::ALL.into_iter().find(is_file) {
                let secret = fs::read_to_string(&value);
                let secret = secret.map_err(|error| ConfigError::Unreadable(value.into(), error))?;
                self.set(setting, secret.trim_end());
            } else {
                return Err(unknown(
                    &name,
                    Setting::ALL.iter().map(|s| s.variable()),
                    "the environment",
                ));
            }
        }
        Ok(())
    }
}

/// `[section] key = value` as `section.key`, lists joined by commas.
fn flatten(table: &toml::Table) -> Vec<(String, String)> {
    let mut flat = Vec::new();
    for (section, value) in table {
        match value {
            toml::Value::Table(keys) => {
                flat.extend(
                    keys.iter()
                        .map(|(key, value)| (format!("{section}.{key}"), text_of(value))),
                );
            }
            value => flat.push((section.clone(), text_of(value))),
        }
    }
    flat
}

fn text_of(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Array(items) => items.iter().map(text_of).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn unknown(key: &str, known: impl Iterator<Item = String>, origin: &str) -> ConfigError {
    let nearest = known
        .min_by_key(|name| strsim::levenshtein(name, key))
        .unwrap_or_default();
    ConfigError::Unknown {
        key: key.to_owned(),
        nearest,
        origin: origin.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> impl Iterator<Item = (String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn the_environment_wins_over_the_file_and_a_flag_over_both() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("doorward.toml");
        let text = "[server]\nlisten = \"127.0.0.1:1\"\ntrusted_proxies = [\"10.0.0.1\", \"10.1.0.0/16\"]\n";
        fs::write(&file, text).unwrap();
        let mut sources = Sources::default();
        sources.read_file(&file).unwrap();
        assert_eq!(sources.get(Setting::TrustedProxies), Some("10.0.0.1,10.1.0.0/16"));
        sources
            .read_environment(variables(&[("DOORWARD_SERVER__LISTEN", "127.0.0.1:2")]))
            .unwrap();
        assert_eq!(sources.get(Setting::Listen), Some("127.0.0.1:2"));
        sources.set(Setting::Listen, "127.0.0.1:3");
        assert_eq!(sources.get(Setting::Listen), Some("127.0.0.1:3"));
    }

    #[test]
    fn a_misspelt_key_is_answered_with_the_nearest() {
        let mut sources = Sources::default();
        let error = sources
            .read_environment(variables(&[("DOORWARD_SERVER__LISTN", "x")]))
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "the environment sets DOORWARD_SERVER__LISTN, which Doorward doesn't know; \
             did you mean DOORWARD_SERVER__LISTEN?"
        );
        sources
            .read_environment(variables(&[("DOORWARD_URL", "https://id.example.com")]))
            .unwrap();
    }

    #[test]
    fn a_secret_can_come_from_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("url");
        fs::write(&file, "postgres://x\n").unwrap();
        let mut sources = Sources::default();
        let name = "DOORWARD_STORAGE__DATABASE_URL_FILE";
        sources
            .read_environment(variables(&[(name, file.to_str().unwrap())]))
            .unwrap();
        assert_eq!(sources.get(Setting::DatabaseUrl), Some("postgres://x"));
    }
}
