//! Signing in, one page a step.

pub mod identify;
pub mod password;

use crate::oidc::Parameters;
use crate::web::Fault;

/// The invitation that somebody goes back to once they are signed in: its link's secret, and nothing that could lead
/// anywhere else.
pub struct Invitation(Option<String>);

impl Invitation {
    /// The invitation of a link.
    pub fn of(secret: &str) -> Self {
        let is_one = secret.len() == 43
            && secret
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
        Self(is_one.then(|| secret.to_owned()))
    }

    /// The invitation that an address names, if it names one.
    pub fn named(query: Option<&str>) -> Result<Self, Fault> {
        let parameters = Parameters::parse(query.unwrap_or_default())?;
        Ok(parameters.one("invitation")?.map_or(Self(None), Self::of))
    }

    /// What names it in an address.
    pub fn query(&self) -> String {
        let query = |secret: &String| format!("?invitation={secret}");
        self.0.as_ref().map(query).unwrap_or_default()
    }

    /// Where to go on.
    pub fn page(&self) -> Option<String> {
        self.0.as_ref().map(|secret| format!("/invitation/{secret}"))
    }
}
