//! The forms of set-up: bounded like all others, but that a provider's metadata fits into one.

use axum::body::Bytes;
use url::form_urlencoded;

use crate::web::Fault;

/// The longest form, in bytes: metadata of 256 KiB, of which every third character is encoded.
pub const MOST_BYTES: usize = 512 * 1024;

/// The fields of a posted form, each once.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn read(body: &Bytes) -> Result<Self, Fault> {
        let fields: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let doubled = fields
            .iter()
            .enumerate()
            .any(|(at, (name, _))| fields[..at].iter().any(|(other, _)| other == name));
        if doubled || fields.len() > 20 {
            return Err(Fault::BadRequest("a field was sent twice".into()));
        }
        Ok(Self(fields))
    }

    /// A field, without the white space around it; empty if it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same, if there is something in it.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        Some(self.get(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }
}
