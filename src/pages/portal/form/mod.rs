//! The forms of set-up: bounded like all others, but that a provider's metadata fits into one, pasted or as a file.

use axum::body::{Body, Bytes};
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, Multipart, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use url::form_urlencoded;

use crate::web::{AppState, Fault};

/// The longest form, in bytes: metadata of 256 KiB, of which every third character is encoded; or of as much pasted and as
/// a file.
pub const MOST_BYTES: usize = 512 * 1024;

/// The most fields of one.
const MOST_FIELDS: usize = 20;

/// The fields of a posted form, each once, and the file that came with it.
pub struct Fields {
    texts: Vec<(String, String)>,
    file: Option<Vec<u8>>,
}

impl Fields {
    /// A field, without the white space around it; empty if it was not sent.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.texts.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.trim())
    }

    /// The same, if there is something in it.
    pub(super) fn filled(&self, name: &str) -> Option<String> {
        Some(self.get(name))
            .filter(|text| !text.is_empty())
            .map(str::to_owned)
    }

    /// The file that was chosen, without the byte order mark that editors put before a text.
    pub(super) fn file(&self) -> Option<Vec<u8>> {
        let file = self.file.as_deref()?;
        Some(file.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(file).to_vec())
    }

    fn encoded(body: &Bytes) -> Result<Self, Fault> {
        let mut fields = Self::none();
        for (name, value) in form_urlencoded::parse(body) {
            fields.take(name.into_owned(), value.into_owned())?;
        }
        Ok(fields)
    }

    async fn parts(mut parts: Multipart) -> Result<Self, Fault> {
        let mut fields = Self::none();
        while let Some(part) = parts.next_field().await.map_err(|error| broken(&error))? {
            let name = part.name().unwrap_or_default().to_owned();
            let is_file = part.file_name().is_some();
            let content = content_of(part).await?;
            if is_file {
                if fields.file.is_some() {
                    return Err(twice());
                }
                // A browser sends an empty one where none was chosen.
                fields.file = Some(content.to_vec()).filter(|file| !file.is_empty());
                continue;
            }
            let text = String::from_utf8(content.to_vec());
            let text = text.map_err(|_| Fault::BadRequest("the form is not valid text".into()))?;
            fields.take(name, text)?;
        }
        Ok(fields)
    }

    fn none() -> Self {
        Self {
            texts: Vec::new(),
            file: None,
        }
    }

    fn take(&mut self, name: String, value: String) -> Result<(), Fault> {
        let doubled = self.texts.iter().any(|(known, _)| *known == name);
        if doubled || self.texts.len() == MOST_FIELDS {
            return Err(twice());
        }
        self.texts.push((name, value));
        Ok(())
    }
}

/// A form as browsers send it: as `multipart/form-data` where it can carry a file (RFC 7578).
impl FromRequest<AppState> for Fields {
    type Rejection = Fault;

    async fn from_request(request: Request<Body>, state: &AppState) -> Result<Self, Fault> {
        let kind = request.headers().get(CONTENT_TYPE);
        let in_parts = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"));
        if in_parts {
            let parts = Multipart::from_request(request, state).await;
            let parts = parts.map_err(|_| Fault::BadRequest("the form can't be read".into()))?;
            return Self::parts(parts).await;
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|error| too_large_or_broken(error.into_response().status()))?;
        Self::encoded(&body)
    }
}

async fn content_of(part: Field<'_>) -> Result<Bytes, Fault> {
    part.bytes().await.map_err(|error| broken(&error))
}

fn broken(error: &MultipartError) -> Fault {
    too_large_or_broken(error.status())
}

fn too_large_or_broken(status: StatusCode) -> Fault {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => Fault::TooLarge,
        _ => Fault::BadRequest("the form can't be read".into()),
    }
}

fn twice() -> Fault {
    Fault::BadRequest("a field was sent twice".into())
}
