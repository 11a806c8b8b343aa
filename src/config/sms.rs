//! How text messages go out: as a request to somebody's gateway, spelled out or as a preset, and to whom.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use url::Url;
use url::form_urlencoded::byte_serialize;
use zeroize::Zeroizing;

use super::{ConfigError, Setting, Sources};
use crate::domain::sms::SmsRules;

/// How text messages go out, and to whom.
#[derive(Debug, Clone)]
pub struct SmsConfig {
    /// What is asked of the gateway.
    pub request: SmsRequest,
    /// To whom, and how many.
    pub rules: SmsRules,
}

/// A request to a gateway; `{to}` and `{text}` stand for the number and the message.
#[derive(Clone)]
pub struct SmsRequest {
    /// Where to; may hold the placeholders.
    pub url: String,
    /// How.
    pub method: SmsMethod,
    /// Headers, which may be secret. Never printed.
    pub headers: Vec<(String, Zeroizing<String>)>,
    /// The body; may hold the placeholders, and be empty.
    pub body: String,
    /// What the body is.
    pub body_kind: SmsBody,
}

/// How a gateway is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsMethod {
    /// By everything in the address.
    Get,
    /// By a body.
    Post,
}

/// What a body is, and so how placeholders are written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmsBody {
    /// `application/json`
    Json,
    /// `application/x-www-form-urlencoded`
    Form,
}

impl SmsConfig {
    /// Nothing if none of it is set.
    pub(super) fn read(sources: &Sources) -> Result<Option<Self>, ConfigError> {
        let request = match sources.get(Setting::SmsPreset) {
            Some("twilio") => SmsRequest::twilio(sources)?,
            Some(other) => {
                return Err(bad(
                    Setting::SmsPreset,
                    other,
                    "twilio, or nothing where sms.url is set",
                ));
            }
            None if sources.get(Setting::SmsUrl).is_none() => return Ok(None),
            None => SmsRequest::read(sources)?,
        };
        let listed = sources.get(Setting::SmsCountries).unwrap_or_default();
        let countries = listed.split(',').map(str::trim).filter(|text| !text.is_empty());
        let countries: Result<Vec<_>, _> = countries.map(str::parse).collect();
        let expected = "how the numbers begin that messages may go to, such as +49,+43: every other costs money for nothing";
        let countries = countries.map_err(|_| bad(Setting::SmsCountries, listed, expected))?;
        if countries.is_empty() {
            return Err(bad(Setting::SmsCountries, listed, expected));
        }
        let daily_limit = limit(sources, Setting::SmsDailyLimit, 1_000)?;
        Ok(Some(Self {
            request,
            rules: SmsRules {
                countries,
                daily_limit,
                organization_daily_limit: limit(
                    sources,
                    Setting::SmsOrganizationDailyLimit,
                    daily_limit.min(200),
                )?,
                country_daily_limit: limit(sources, Setting::SmsCountryDailyLimit, daily_limit)?,
            },
        }))
    }
}

impl SmsRequest {
    fn read(sources: &Sources) -> Result<Self, ConfigError> {
        let url = required(sources, Setting::SmsUrl)?;
        check_url(Setting::SmsUrl, url)?;
        let method = match sources.get(Setting::SmsMethod) {
            None | Some("POST") => SmsMethod::Post,
            Some("GET") => SmsMethod::Get,
            Some(other) => return Err(bad(Setting::SmsMethod, other, "GET or POST")),
        };
        let headers = headers(sources.get(Setting::SmsHeaders).unwrap_or_default())?;
        let body = sources.get(Setting::SmsBody).unwrap_or_default().to_owned();
        let content_type = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
            .map(|(_, value)| {
                value
                    .split(';')
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_ascii_lowercase()
            });
        let body_kind = match content_type.as_deref() {
            None | Some("application/json") => SmsBody::Json,
            Some("application/x-www-form-urlencoded") => SmsBody::Form,
            Some(_) => {
                let expected = "headers, one a line, whose Content-Type is application/json or a form's";
                return Err(bad(Setting::SmsHeaders, "…", expected));
            }
        };
        let request = Self {
            url: url.to_owned(),
            method,
            headers,
            body,
            body_kind,
        };
        request.names_both()?;
        Ok(request)
    }

    /// Twilio's, and whoever speaks like it.
    fn twilio(sources: &Sources) -> Result<Self, ConfigError> {
        let base = sources
            .get(Setting::SmsBaseUrl)
            .unwrap_or("https://api.twilio.com");
        let base = base.trim_end_matches('/');
        check_url(Setting::SmsBaseUrl, base)?;
        let account = required(sources, Setting::SmsAccountSid)?;
        if !account.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(bad(
                Setting::SmsAccountSid,
                account,
                "an account's name, such as AC and 32 digits",
            ));
        }
        let token = required(sources, Setting::SmsAuthToken)?;
        let from: String = byte_serialize(required(sources, Setting::SmsFrom)?.as_bytes()).collect();
        let credentials = Zeroizing::new(STANDARD.encode(format!("{account}:{token}")));
        Ok(Self {
            url: format!("{base}/2010-04-01/Accounts/{account}/Messages.json"),
            method: SmsMethod::Post,
            headers: vec![(
                "authorization".to_owned(),
                Zeroizing::new(format!("Basic {}", credentials.as_str())),
            )],
            body: format!("To={{to}}&From={from}&Body={{text}}"),
            body_kind: SmsBody::Form,
        })
    }

    /// A message without its number or text would be nobody's.
    fn names_both(&self) -> Result<(), ConfigError> {
        let place = match self.method {
            SmsMethod::Get => &self.url,
            SmsMethod::Post => &self.body,
        };
        if ["{to}", "{text}"].iter().all(|name| place.contains(name)) {
            return Ok(());
        }
        let setting = match self.method {
            SmsMethod::Get => Setting::SmsUrl,
            SmsMethod::Post => Setting::SmsBody,
        };
        Err(bad(
            setting,
            "…",
            "a text with {to} and {text} in it, where number and message go",
        ))
    }
}

/// The headers may hold a token, the address and body others.
impl std::fmt::Debug for SmsRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SmsRequest")
            .field("method", &self.method)
            .field("body_kind", &self.body_kind)
            .finish_non_exhaustive()
    }
}

/// `Name: value`, one a line.
fn headers(text: &str) -> Result<Vec<(String, Zeroizing<String>)>, ConfigError> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let header = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (name.trim(), value.trim());
        let named = !name.is_empty()
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        let plain = !value.is_empty() && value.bytes().all(|b| (0x20..0x7f).contains(&b));
        (named && plain).then(|| (name.to_owned(), Zeroizing::new(value.to_owned())))
    };
    lines
        .map(|line| {
            header(line).ok_or_else(|| {
                bad(
                    Setting::SmsHeaders,
                    "…",
                    "headers such as `X-Token: …`, one a line",
                )
            })
        })
        .collect()
}

/// Over TLS, or to this very machine: what is sent opens accounts.
fn check_url(setting: Setting, text: &str) -> Result<(), ConfigError> {
    let plain = text.replace("{to}", "0").replace("{text}", "0");
    let safe = Url::parse(&plain).is_ok_and(|url| {
        let here = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
        url.scheme() == "https" || (url.scheme() == "http" && here)
    });
    if safe {
        Ok(())
    } else {
        Err(bad(
            setting,
            "…",
            "an https:// address; http:// only on this very machine",
        ))
    }
}

fn limit(sources: &Sources, setting: Setting, usual: i64) -> Result<i64, ConfigError> {
    let Some(text) = sources.get(setting) else {
        return Ok(usual);
    };
    let limit = text.parse().ok().filter(|limit| (0..=1_000_000).contains(limit));
    limit.ok_or_else(|| bad(setting, text, "a whole number from 0 to 1000000"))
}

fn required(sources: &Sources, setting: Setting) -> Result<&str, ConfigError> {
    let value = sources.get(setting).filter(|text| !text.is_empty());
    value.ok_or_else(|| bad(setting, "", "set, where text messages are"))
}

fn bad(setting: Setting, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::Bad {
        key: setting.key(),
        value: value.to_owned(),
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(Setting, &str)]) -> Result<Option<SmsConfig>, ConfigError> {
        let mut sources = Sources::default();
        for (setting, value) in settings {
            sources.set(*setting, *value);
        }
        SmsConfig::read(&sources)
    }

    const GATEWAY: [(Setting, &str); 4] = [
        (Setting::SmsUrl, "https://sms.example.com/send"),
        (
            Setting::SmsHeaders,
            "X-Token: sesame\n\nContent-Type: application/json; charset=utf-8\n",
        ),
        (Setting::SmsBody, r#"{"recipient":"{to}","message":"{text}"}"#),
        (Setting::SmsCountries, "+49, +43"),
    ];

    #[test]
    fn a_gateway_is_read_with_whom_it_writes_to() {
        assert!(read(&[]).unwrap().is_none());
        let config = read(&GATEWAY).unwrap().unwrap();
        assert_eq!(
            (config.request.method, config.request.body_kind),
            (SmsMethod::Post, SmsBody::Json)
        );
        assert_eq!(config.request.headers[0].1.as_str(), "sesame");
        assert_eq!(config.rules.countries.len(), 2);
        assert_eq!(
            (config.rules.daily_limit, config.rules.organization_daily_limit),
            (1_000, 200)
        );
        assert!(!format!("{config:?}").contains("sesame"));
    }

    #[test]
    fn a_preset_speaks_as_twilio_does() {
        let config = read(&[
            (Setting::SmsPreset, "twilio"),
            (Setting::SmsAccountSid, "AC123"),
            (Setting::SmsAuthToken, "sesame"),
            (Setting::SmsFrom, "+15005550006"),
            (Setting::SmsCountries, "+1"),
        ]);
        let request = config.unwrap().unwrap().request;
        assert_eq!(
            request.url,
            "https://api.twilio.com/2010-04-01/Accounts/AC123/Messages.json"
        );
        assert_eq!(request.headers[0].1.as_str(), "Basic QUMxMjM6c2VzYW1l");
        assert_eq!(request.body, "To={to}&From=%2B15005550006&Body={text}");
    }

    #[test]
    fn what_could_not_work_or_would_leak_is_refused_without_showing_a_secret() {
        for (setting, value) in [
            (Setting::SmsUrl, "http://sms.example.com/send"),
            (Setting::SmsUrl, "sms.example.com"),
            (Setting::SmsMethod, "PUT"),
            (Setting::SmsMethod, "GET"),
            (Setting::SmsHeaders, "sesame"),
            (Setting::SmsHeaders, "X-Token: sesame\u{e9}"),
            (Setting::SmsHeaders, "Content-Type: text/xml"),
            (Setting::SmsBody, "{to}"),
            (Setting::SmsCountries, ""),
            (Setting::SmsCountries, "49"),
            (Setting::SmsDailyLimit, "-1"),
            (Setting::SmsPreset, "carrier pigeon"),
        ] {
            let mut settings = GATEWAY.to_vec();
            settings.push((setting, value));
            let told = read(&settings).unwrap_err().to_string();
            assert!(told.starts_with("sms.") && !told.contains("sesame"), "{told}");
        }
    }
}
