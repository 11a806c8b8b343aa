//! `/avatars/{avatar}`: pictures of people, to anybody who knows the id. Nothing in them is anything but a picture.

use axum::extract::{Path, State};
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use axum::response::{IntoResponse, Response};

use crate::domain::id::AvatarId;
use crate::storage::avatars;
use crate::web::{AppState, Fault};

/// `GET /avatars/{avatar}`
pub async fn show(State(state): State<AppState>, Path(avatar): Path<String>) -> Result<Response, Fault> {
    let id: AvatarId = avatar.parse().map_err(|_| Fault::NotFound)?;
    let found = avatars::find(&mut state.provider.db.glance().await?.tx(), id).await?;
    let (media_type, image) = found.ok_or(Fault::NotFound)?;
    let media_type = HeaderValue::from_str(&media_type);
    let media_type = media_type.map_err(|_| Fault::Server("a picture has no media type".to_owned()))?;
    let headers = [
        (CONTENT_TYPE, media_type),
        // Another picture has another id.
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
        // Applications show it on their own pages.
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ),
    ];
    Ok((headers, image).into_response())
}
