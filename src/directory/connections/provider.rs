//! Particulars of a provider as somebody wrote them: read once, here, for programs and pages alike.

use super::replaced::Replaced;
use crate::directory::DirectoryError;
use crate::domain::connection::{ClientAuthentication, OidcProvider, SamlProvider};
use crate::domain::upstream_address::parse_upstream_address;

/// What is asked for besides `openid`, unless said otherwise.
const USUAL_SCOPES: [&str; 2] = ["email", "profile"];

/// The most scopes.
const MOST_SCOPES: usize = 20;

/// The longest text of an `OpenID` provider that is no address, in bytes.
const LONGEST: usize = 1000;

/// Particulars of an `OpenID` provider; what is absent stays, or is as usual.
#[derive(Debug, Clone, Default)]
pub struct AskedOidc {
    /// `iss`, exactly.
    pub issuer: Option<String>,
    /// What we are called there.
    pub client_id: Option<String>,
    /// How we prove that.
    pub authentication: Option<ClientAuthentication>,
    /// What to ask for besides `openid`.
    pub scopes: Option<Vec<String>>,
}

/// What is asked of a SAML provider beside its metadata; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct AskedSaml {
    /// Where its metadata is read from, or that it is not.
    pub metadata_url: Replaced<String>,
    /// SHA-256 of the certificate that signs the metadata, in hex, or that none is pinned.
    pub metadata_fingerprint: Replaced<String>,
    /// Whether our requests are signed.
    pub signs_requests: Option<bool>,
    /// Whether it may send people who did not start here.
    pub idp_initiated: Option<bool>,
}

impl AskedOidc {
    /// A provider that is new here.
    pub fn make(self) -> Result<OidcProvider, DirectoryError> {
        let missing = |pointer| DirectoryError::field(pointer, "an OpenID provider has one");
        if self.issuer.is_none() {
            return Err(missing("/issuer"));
        }
        if self.client_id.is_none() {
            return Err(missing("/client_id"));
        }
        self.over(OidcProvider {
            issuer: String::new(),
            client_id: String::new(),
            authentication: ClientAuthentication::ClientSecretBasic,
            scopes: USUAL_SCOPES.map(str::to_owned).to_vec(),
        })
    }

    /// A provider with these in their place.
    pub fn over(self, old: OidcProvider) -> Result<OidcProvider, DirectoryError> {
        Ok(OidcProvider {
            issuer: self.issuer.map_or(Ok(old.issuer), issuer)?,
            client_id: match self.client_id {
                Some(text) => printable("/client_id", text)?,
                None => old.client_id,
            },
            authentication: self.authentication.unwrap_or(old.authentication),
            scopes: self.scopes.map_or(Ok(old.scopes), scopes)?,
        })
    }
}

impl AskedSaml {
    /// A provider with these in their place.
    pub fn over(self, old: SamlProvider) -> Result<SamlProvider, DirectoryError> {
        let url = match self.metadata_url {
            Replaced::By(text) => {
                let wrong = |error: crate::domain::upstream_address::NotAnAddress| {
                    DirectoryError::field("/metadata_url", error.to_string())
                };
                Some(parse_upstream_address(&text).map_err(wrong)?.to_string())
            }
            Replaced::Gone => None,
            Replaced::Kept => old.metadata_url.clone(),
        };
        let fingerprint = match self.metadata_fingerprint {
            Replaced::By(text) => Some(fingerprint(&text)?),
            Replaced::Gone => None,
            Replaced::Kept => old.metadata_fingerprint.clone(),
        };
        Ok(SamlProvider {
            metadata_url: url,
            metadata_fingerprint: fingerprint,
            signs_requests: self.signs_requests.unwrap_or(old.signs_requests),
            idp_initiated: self.idp_initiated.unwrap_or(old.idp_initiated),
            ..old
        })
    }
}

/// Reads a client secret as its provider gave it (RFC 6749 Appendix A.2).
pub fn client_secret(text: String) -> Result<String, DirectoryError> {
    printable("/client_secret", text)
}

/// `OpenID` Connect Discovery §3: without query or fragment; compared letter for letter, so kept as it was written.
fn issuer(text: String) -> Result<String, DirectoryError> {
    let read = parse_upstream_address(&text);
    match read {
        Ok(url) if url.query().is_none() => Ok(text),
        Ok(_) => Err(DirectoryError::field("/issuer", "an issuer has no query")),
        Err(error) => Err(DirectoryError::field("/issuer", error.to_string())),
    }
}

fn printable(pointer: &'static str, text: String) -> Result<String, DirectoryError> {
    let good = (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| (0x20..=0x7E).contains(&byte));
    let wanted = "1 to 1000 printable ASCII characters";
    good.then_some(text)
        .ok_or_else(|| DirectoryError::field(pointer, wanted))
}

/// RFC 6749 §3.3. `openid` is asked for in any case.
fn scopes(texts: Vec<String>) -> Result<Vec<String>, DirectoryError> {
    let mut read: Vec<String> = Vec::new();
    if texts.len() > MOST_SCOPES {
        return Err(DirectoryError::field("/scopes", "at most 20"));
    }
    for (place, text) in texts.into_iter().enumerate() {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if !(1..=100).contains(&text.len()) || !text.bytes().all(plain) {
            let wanted = "a scope is 1 to 100 characters without white space";
            return Err(DirectoryError::field(format!("/scopes/{place}"), wanted));
        }
        if text != "openid" && !read.contains(&text) {
            read.push(text);
        }
    }
    Ok(read)
}

/// Reads a fingerprint as tools write it, with colons or without.
fn fingerprint(text: &str) -> Result<String, DirectoryError> {
    let hex: String = text.chars().filter(|c| *c != ':').collect();
    let good = hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    let wanted = "it must be a SHA-256 fingerprint: 64 hexadecimal digits";
    good.then(|| hex.to_ascii_lowercase())
        .ok_or_else(|| DirectoryError::field("/metadata_fingerprint", wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(issuer: &str) -> AskedOidc {
        AskedOidc {
            issuer: Some(issuer.to_owned()),
            client_id: Some("doorward".to_owned()),
            ..AskedOidc::default()
        }
    }

    #[test]
    fn an_issuer_is_kept_letter_for_letter() {
        let made = asked("https://login.acme.example").make().unwrap();
        assert_eq!(made.issuer, "https://login.acme.example", "no slash is added");
        assert_eq!(made.scopes, USUAL_SCOPES);
        for wrong in ["https://a.example/?tenant=1", "http://a.example", "a.example"] {
            let refused = asked(wrong).make().unwrap_err();
            assert!(refused.to_string().starts_with("/issuer"), "{refused}");
        }
    }

    #[test]
    fn scopes_stand_once_and_openid_goes_without_saying() {
        let texts = ["openid", "email", "email", "api://acme/read"].map(str::to_owned);
        assert_eq!(scopes(texts.to_vec()).unwrap(), ["email", "api://acme/read"]);
        assert!(scopes(vec!["two words".to_owned()]).is_err());
        assert!(scopes(vec!["x".to_owned(); 21]).is_err());
    }

    #[test]
    fn a_fingerprint_is_read_as_tools_write_it() {
        let written = vec!["AB"; 32].join(":");
        assert_eq!(fingerprint(&written).unwrap(), "ab".repeat(32));
        assert!(fingerprint("ab").is_err());
    }
}
