//! The lines of an export.

use serde::{Deserialize, Serialize};

use crate::storage::audit_events::StoredEvent;
use crate::storage::audit_reading::{Placed, StoredCut, StoredErasure};
use crate::storage::audit_seals::StoredSeal;

/// A line: one word for what it is, and that.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "almost every line is an event")]
pub(in crate::audit) enum Line {
    Header(Header),
    Cut(#[serde(with = "CutForm")] StoredCut),
    Erasure(#[serde(with = "ErasureForm")] StoredErasure),
    Event(#[serde(with = "PlacedForm")] Placed),
    Seal(#[serde(with = "SealForm")] StoredSeal),
    End(End),
}

/// Whose log it is, and by which key.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::audit) struct Header {
    pub(in crate::audit) form: u32,
    pub(in crate::audit) public_key: String,
    pub(in crate::audit) chain: String,
}

/// The newest seal, and the signature over everything.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::audit) struct End {
    pub(in crate::audit) sequence: i64,
    #[serde(with = "bytes")]
    pub(in crate::audit) digest: Vec<u8>,
    #[serde(with = "bytes")]
    pub(in crate::audit) signature: Vec<u8>,
}

impl Line {
    /// The line with its end. There is one way to write each.
    pub(in crate::audit) fn text(&self) -> String {
        let mut text = serde_json::to_string(self).expect("a line is JSON");
        text.push('\n');
        text
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StoredCut")]
struct CutForm {
    chain: String,
    sequence: i64,
    events: i64,
    #[serde(with = "bytes")]
    digest: Vec<u8>,
    keep_days: i64,
    at: i64,
    #[serde(with = "bytes")]
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StoredErasure")]
struct ErasureForm {
    user_id: String,
    at: i64,
    through: i64,
    finished_at: Option<i64>,
    #[serde(with = "bytes")]
    signature: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Placed")]
struct PlacedForm {
    position: i64,
    #[serde(flatten, with = "EventForm")]
    event: StoredEvent,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StoredEvent")]
struct EventForm {
    id: String,
    organization_id: Option<String>,
    action: String,
    category: String,
    actor: String,
    on_behalf_of: Option<String>,
    target: Option<String>,
    result: String,
    detail: String,
    personal: Option<String>,
    #[serde(with = "optional_bytes")]
    salt: Option<Vec<u8>>,
    #[serde(with = "optional_bytes")]
    binding: Option<Vec<u8>>,
    at: i64,
    #[serde(with = "optional_bytes")]
    digest: Option<Vec<u8>>,
    #[serde(with = "bytes")]
    mac: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "StoredSeal")]
struct SealForm {
    chain: String,
    sequence: i64,
    at: i64,
    #[serde(with = "bytes")]
    leaves: Vec<u8>,
    #[serde(with = "bytes")]
    root: Vec<u8>,
    #[serde(with = "bytes")]
    previous: Vec<u8>,
    #[serde(with = "bytes")]
    signature: Vec<u8>,
}

/// Bytes as base64url.
mod bytes {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        URL_SAFE_NO_PAD.decode(text).map_err(serde::de::Error::custom)
    }
}

/// The same, if there are any.
mod optional_bytes {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = bytes.as_ref().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let bytes = text.map(|text| URL_SAFE_NO_PAD.decode(text)).transpose();
        bytes.map_err(serde::de::Error::custom)
    }
}
