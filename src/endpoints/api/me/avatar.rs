//! `/v2/users/me/avatar`: one's picture.

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::avatars::{self, Picture};
use crate::directory::require_self;
use crate::domain::access::Permission;
use crate::domain::id::AvatarId;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::code::Code;
use crate::endpoints::api::problem::Problem;
use crate::endpoints::api::shown::avatar_url;
use crate::random;
use crate::storage::Lane;

/// The longest picture that is taken, in bytes.
const MAX_BYTES: usize = 256 * 1024;

/// A picture that was taken.
#[derive(Debug, Serialize, ToSchema)]
pub struct Avatar {
    /// Where it is on this server.
    #[schema(example = "/avatars/img_01kaxw3vd0f1wvj1d2sahtfxyz")]
    avatar_url: String,
}

/// Makes a picture of a request's body.
async fn sent(request: Request) -> Result<Picture, Problem> {
    let (parts, body) = request.into_parts();
    let header = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|header| header.to_str().ok());
    let media_type = header.unwrap_or_default().trim().to_ascii_lowercase();
    let Some(format) = avatars::format_of(&media_type) else {
        let wanted = "a picture is image/png, image/jpeg or image/webp";
        return Err(Problem::new(Code::UnsupportedMediaType, wanted));
    };
    let bytes = axum::body::to_bytes(body, MAX_BYTES).await;
    let bytes =
        bytes.map_err(|_| Problem::new(Code::TooLarge, "a picture has at most 256 KiB; or it broke off"))?;
    let read = avatars::read(bytes.to_vec(), format).await;
    read.map_err(|error| Problem::field("", error))
}

/// Take a picture
///
/// In place of the earlier one: PNG, JPEG or WebP of at most 256 KiB and 4096 × 4096 pixels. It is scaled to at most 512
/// pixels and written anew, without anything else that was in the file. By a token or key only if `member:write` is among
/// its scopes.
#[utoipa::path(put, path = "/v2/users/me/avatar", tag = "me", operation_id = "put_avatar",
    request_body(content((Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/webp"))),
    responses((status = 200, description = "The picture was taken", body = Avatar)))]
pub async fn put(call: Call, request: Request) -> Result<Json<Avatar>, Problem> {
    // Nobody makes this server read pictures who may not keep one.
    let admitted = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            Ok(())
        })
    });
    admitted.await?;
    let picture = sent(request).await?;
    let id: AvatarId = random::id(call.now());
    let taken = call.write(Lane::Free, (id, picture), |tx, requester, (id, picture)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            Ok(avatars::put(tx, &permit, &requester.keyring, *id, picture, requester.now).await?)
        })
    });
    taken.await?;
    Ok(Json(Avatar {
        avatar_url: avatar_url(id),
    }))
}

/// Take one's picture away
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(delete, path = "/v2/users/me/avatar", tag = "me", operation_id = "delete_avatar",
    responses((status = 204, description = "There is no picture any more")))]
pub async fn delete(call: Call) -> Result<StatusCode, Problem> {
    let removed = call.write(Lane::Free, (), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
            Ok(avatars::remove(tx, &permit, &requester.keyring, requester.now).await?)
        })
    });
    removed.await?;
    Ok(StatusCode::NO_CONTENT)
}
