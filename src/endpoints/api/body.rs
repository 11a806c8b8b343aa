//! Bodies: strict JSON of bounded size and depth, every name once, unknown fields refused by name.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::code::Code;
use super::problem::{FieldError, Problem};
use super::strict_json;
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::web::AppState;

/// The longest body, in bytes.
pub(super) const MAX_BYTES: usize = 64 * 1024;

/// The same where a provider's metadata may be in it, of 256 KiB before it was written as JSON.
pub(super) const LONG_BODY: usize = 512 * 1024;

/// The body of a POST: `application/json`.
pub struct Body<T, const MOST: usize = MAX_BYTES> {
    /// What it says.
    pub value: T,
    /// Stands for it letter by letter.
    pub digest: SecretHash,
}

/// The body of a PATCH: a JSON merge patch (RFC 7396). A field that is absent stays as it is.
pub struct Patch<T, const MOST: usize = MAX_BYTES>(pub T);

/// What a merge patch may say.
pub trait MergePatch: DeserializeOwned {
    /// The fields that may be `null`, which takes their value away.
    const NULLABLE: &'static [&'static str] = &[];
}

/// What a merge patch says of a field that may be taken away. Beside `#[serde(default)]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Field<T> {
    /// Nothing: it stays as it is.
    #[default]
    Kept,
    /// `null`: it goes.
    Gone,
    /// It is this now.
    Is(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Gone, Self::Is))
    }
}

impl<T> Field<T> {
    /// What the field is now, having been `old`.
    pub(super) fn over<U, E>(
        self,
        old: Option<U>,
        read: impl FnOnce(T) -> Result<U, E>,
    ) -> Result<Option<U>, E> {
        match self {
            Self::Kept => Ok(old),
            Self::Gone => Ok(None),
            Self::Is(new) => read(new).map(Some),
        }
    }
}

impl<T: DeserializeOwned, const MOST: usize> FromRequest<AppState> for Body<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let bytes = read(request, MOST, &["application/json"]).await?;
        let value = strict_json::parse(&bytes)?;
        let digest = Secret::received(value.to_string()).hash(Purpose::RequestBody);
        Ok(Self {
            value: typed(value)?,
            digest,
        })
    }
}

impl<T: MergePatch, const MOST: usize> FromRequest<AppState> for Patch<T, MOST> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &AppState) -> Result<Self, Problem> {
        let bytes = read(
            request,
            MOST,
            &["application/merge-patch+json", "application/json"],
        )
        .await?;
        let value = strict_json::parse(&bytes)?;
        if let Value::Object(fields) = &value {
            let errors: Vec<_> = fields
                .iter()
                .filter(|(name, value)| value.is_null() && !T::NULLABLE.contains(&name.as_str()))
                .map(|(name, _)| FieldError::invalid(pointer_of(name), "this can't be taken away"))
                .collect();
            if !errors.is_empty() {
                return Err(Problem::fields(errors));
            }
        }
        typed(value).map(Self)
    }
}

async fn read(request: Request, most: usize, kinds: &[&str]) -> Result<Bytes, Problem> {
    let (parts, body) = request.into_parts();
    if !is_one_of(&parts.headers, kinds) {
        let wanted = format!("the body must be {}", kinds.join(" or "));
        return Err(Problem::new(Code::UnsupportedMediaType, wanted));
    }
    axum::body::to_bytes(body, most).await.map_err(|_| {
        let told = format!("the body is longer than {} KiB, or broke off", most / 1024);
        Problem::new(Code::TooLarge, told)
    })
}

/// The media type, in any case, with no other charset than UTF-8 (RFC 8259 §8.1).
pub(in crate::endpoints) fn is_one_of(headers: &HeaderMap, kinds: &[&str]) -> bool {
    let Some(kind) = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()) else {
        return false;
    };
    let mut parts = kind.split(';').map(|part| part.trim().to_ascii_lowercase());
    let known = parts.next().is_some_and(|kind| kinds.contains(&kind.as_str()));
    known
        && parts.all(|parameter| {
            parameter
                .strip_prefix("charset=")
                .is_none_or(|charset| charset.trim_matches('"') == "utf-8")
        })
}

fn typed<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    if !value.is_object() {
        return Err(Problem::field("", "the body must be a JSON object"));
    }
    serde_path_to_error::deserialize(value).map_err(|error| {
        let mut pointer: String = error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                serde_path_to_error::Segment::Seq { index } => Some(format!("/{index}")),
                serde_path_to_error::Segment::Map { key } => Some(pointer_of(key)),
                _ => None,
            })
            .collect();
        let detail = error.inner().to_string();
        let name = detail.split('`').nth(1).unwrap_or_default();
        let code = if detail.starts_with("unknown field") {
            "unknown"
        } else if detail.starts_with("missing field") {
            "missing"
        } else {
            "invalid"
        };
        if code != "invalid" && !pointer.ends_with(&pointer_of(name)) {
            pointer.push_str(&pointer_of(name));
        }
        Problem::fields(vec![FieldError::coded(code, pointer, detail)])
    })
}

/// RFC 6901 §3.
fn pointer_of(name: &str) -> String {
    format!("/{}", name.replace('~', "~0").replace('/', "~1"))
}
