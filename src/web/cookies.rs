//! Cookies: their names and flags, and reading them so that nobody can slip in a second one.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

use crate::config::PublicUrl;
use crate::domain::secret::Secret;

/// The cookies there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieKind {
    /// A session.
    Session,
    /// What unfinished sign-ins and their forms are bound to.
    Browser,
    /// What an account knows a device by.
    Device,
}

/// The cookies of one request.
pub struct Cookies<'a> {
    headers: &'a HeaderMap,
    public_url: &'a PublicUrl,
}

impl<'a> Cookies<'a> {
    /// Those that a request brought.
    pub fn of(headers: &'a HeaderMap, public_url: &'a PublicUrl) -> Self {
        Self { headers, public_url }
    }

    /// A cookie's value; nothing if it came twice, as then one of them is somebody else's.
    pub fn get(&self, kind: CookieKind) -> Option<Secret> {
        let name = kind.name(self.public_url);
        let mut found = self
            .headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name);
        match (found.next(), found.next()) {
            (Some((_, value)), None) if (1..=128).contains(&value.len()) => Some(Secret::received(value)),
            _ => None,
        }
    }
}

impl CookieKind {
    /// `__Host-` keeps a cookie to this very host over https; over plain http on loopback there is no such prefix.
    fn name(self, public_url: &PublicUrl) -> String {
        let name = match self {
            Self::Session => "doorward_session",
            Self::Browser => "doorward_browser",
            Self::Device => "doorward_device",
        };
        if public_url.is_secure() {
            format!("__Host-{name}")
        } else {
            name.to_owned()
        }
    }

    /// The `Set-Cookie` header that hands a secret to the browser. Only the device outlives the browser's closing:
    /// 400 days, the longest that browsers keep.
    pub fn set(self, secret: &Secret, public_url: &PublicUrl) -> HeaderValue {
        let age = if self == Self::Device {
            "; Max-Age=34560000"
        } else {
            ""
        };
        self.header(secret.expose(), age, public_url)
    }

    /// The `Set-Cookie` header that takes it back.
    pub fn clear(self, public_url: &PublicUrl) -> HeaderValue {
        self.header("", "; Max-Age=0", public_url)
    }

    fn header(self, value: &str, age: &str, public_url: &PublicUrl) -> HeaderValue {
        let secure = if public_url.is_secure() { "; Secure" } else { "" };
        let name = self.name(public_url);
        let header = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
        let mut header = HeaderValue::from_str(&header).expect("secrets are base64url");
        header.set_sensitive(true);
        header
    }
}
