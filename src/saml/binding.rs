//! How messages travel: HTTP-POST and HTTP-Redirect (SAML 2.0 Bindings §3.4, §3.5). Never reads a message.

use std::io::Read;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use url::form_urlencoded;

use super::Refusal;
use super::gate::MOST_BYTES;
use super::keys::{Algorithm, OwnKey, PinnedKeys};

/// The most bytes of `RelayState` that comes to us. §3.4.3 says 80; applications in the field send whole addresses.
pub const LONGEST_RELAY_STATE: usize = 1_024;

/// Which message a query carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// `SAMLRequest`
    Request,
    /// `SAMLResponse`
    Response,
}

impl Parameter {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Request => "SAMLRequest",
            Self::Response => "SAMLResponse",
        }
    }
}

/// A message that came in a query.
pub struct Carried {
    /// The message.
    pub message: Vec<u8>,
    /// `RelayState`.
    pub relay_state: Option<String>,
}

/// The bytes of a message in a form.
pub fn read_post(value: &str) -> Result<Vec<u8>, Refusal> {
    // A third more than the document, and line breaks.
    if value.len() > MOST_BYTES * 3 / 2 {
        return Err(Refusal::TooLong);
    }
    let dense: String = value.split_ascii_whitespace().collect();
    if dense.is_empty() {
        return Err(Refusal::ParameterMissing);
    }
    STANDARD.decode(dense).map_err(|_| Refusal::BadBase64)
}

/// A message for a form.
pub fn write_post(message: &str) -> String {
    STANDARD.encode(message)
}

/// A query that carries a message, signed if there is a key.
pub fn write_redirect(
    parameter: Parameter,
    message: &str,
    relay_state: Option<&str>,
    key: Option<&OwnKey>,
) -> String {
    let mut deflated = Vec::new();
    DeflateEncoder::new(message.as_bytes(), Compression::best())
        .read_to_end(&mut deflated)
        .expect("bytes in memory are always there to read");
    let mut query = format!("{}={}", parameter.name(), percent(&STANDARD.encode(deflated)));
    if let Some(relay_state) = relay_state {
        query = format!("{query}&RelayState={}", percent(relay_state));
    }
    if let Some(key) = key {
        query = format!("{query}&SigAlg={}", percent(key.algorithm().uri()));
        let signature = STANDARD.encode(key.sign(query.as_bytes()));
        query = format!("{query}&Signature={}", percent(&signature));
    }
    query
}

/// Reads a query that a pinned key signed, `RelayState` with it. The signature is verified over the octets as they came (§3.4.4.1), each parameter stands there
/// once, and by its plain name.
pub fn read_redirect(query: &str, parameter: Parameter, keys: &PinnedKeys) -> Result<Carried, Refusal> {
    let raw = |name: &str| raw_parameter(query, name);
    let message = raw(parameter.name())?.ok_or(Refusal::ParameterMissing)?;
    let relay_state = raw("RelayState")?;
    let algorithm = raw("SigAlg")?.ok_or(Refusal::ParameterMissing)?;
    let signature = raw("Signature")?.ok_or(Refusal::ParameterMissing)?;

    let mut signed = format!("{}={message}", parameter.name());
    if let Some(relay_state) = relay_state {
        signed = format!("{signed}&RelayState={relay_state}");
    }
    signed = format!("{signed}&SigAlg={algorithm}");
    let algorithm = Algorithm::named(&plain(algorithm))?;
    let signature = STANDARD
        .decode(plain(signature))
        .map_err(|_| Refusal::BadBase64)?;
    keys.verify(algorithm, signed.as_bytes(), &signature)?;

    Ok(Carried {
        message: inflate(&plain(message))?,
        relay_state: relay_state_of(relay_state)?,
    })
}

/// Reads a query that nobody signed, by the same rules.
pub fn read_unsigned_redirect(query: &str, parameter: Parameter) -> Result<Carried, Refusal> {
    let message = raw_parameter(query, parameter.name())?.ok_or(Refusal::ParameterMissing)?;
    Ok(Carried {
        message: inflate(&plain(message))?,
        relay_state: relay_state_of(raw_parameter(query, "RelayState")?)?,
    })
}

/// Whether a query says that it is signed.
pub fn is_signed(query: &str) -> Result<bool, Refusal> {
    Ok(raw_parameter(query, "SigAlg")?.is_some() || raw_parameter(query, "Signature")?.is_some())
}

/// Whether a query carries this message.
pub fn carries(query: &str, parameter: Parameter) -> Result<bool, Refusal> {
    Ok(raw_parameter(query, parameter.name())?.is_some())
}

/// `RelayState` of a query that carries no message, or one that is not looked into yet.
pub fn relay_state(query: &str) -> Result<Option<String>, Refusal> {
    relay_state_of(raw_parameter(query, "RelayState")?)
}

fn relay_state_of(raw: Option<&str>) -> Result<Option<String>, Refusal> {
    let relay_state = raw.map(plain);
    match relay_state {
        Some(text) if text.len() > LONGEST_RELAY_STATE => Err(Refusal::RelayStateTooLong),
        relay_state => Ok(relay_state),
    }
}

/// The value of a parameter as it was sent. A name that means the same once its percent signs are resolved is refused:
/// somebody else would read that one.
fn raw_parameter<'q>(query: &'q str, name: &str) -> Result<Option<&'q str>, Refusal> {
    let mut found = None;
    for pair in query.split('&') {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if key == name {
            if found.replace(value).is_some() {
                return Err(Refusal::ParameterTwice);
            }
        } else if plain(key).eq_ignore_ascii_case(name) {
            return Err(Refusal::ParameterDisguised);
        }
    }
    Ok(found)
}

/// Resolves percent signs and pluses.
fn plain(text: &str) -> String {
    let pair = format!("v={text}");
    let value = form_urlencoded::parse(pair.as_bytes()).next();
    value.map(|(_, value)| value.into_owned()).unwrap_or_default()
}

fn percent(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn inflate(text: &str) -> Result<Vec<u8>, Refusal> {
    if text.len() > MOST_BYTES * 3 / 2 {
        return Err(Refusal::TooLong);
    }
    let deflated = STANDARD.decode(text).map_err(|_| Refusal::BadBase64)?;
    let mut message = Vec::new();
    let most = u64::try_from(MOST_BYTES).unwrap_or(u64::MAX) + 1;
    DeflateDecoder::new(deflated.as_slice())
        .take(most)
        .read_to_end(&mut message)
        .map_err(|_| Refusal::BadDeflate)?;
    if message.len() > MOST_BYTES {
        return Err(Refusal::InflatesTooFar);
    }
    Ok(message)
}
