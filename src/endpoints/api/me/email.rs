//! `/v2/users/me/email`: asking for another email address.

use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::directory::email_change::{self, Link};
use crate::directory::require_self;
use crate::domain::email::Email;
use crate::domain::secret::Purpose;
use crate::endpoints::api::body::Body;
use crate::endpoints::api::call::Call;
use crate::endpoints::api::problem::Problem;
use crate::random;
use crate::storage::Lane;

/// The address that one wants.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmailWanted {
    /// Where a link is sent to, good for a day.
    #[schema(example = "alice@new.example")]
    email: String,
}

/// Ask for another email address
///
/// A link is sent to it, and following that changes the address. An earlier link is good no more. The answer is the same
/// if somebody has the address, but there is no letter then. In the browser only, within 15 minutes of signing in.
#[utoipa::path(post, path = "/v2/users/me/email", tag = "me", operation_id = "ask_for_email",
    request_body = EmailWanted,
    responses((status = 202, description = "A link is on its way, if the address is free")))]
pub async fn ask(call: Call, Body { value, .. }: Body<EmailWanted>) -> Result<StatusCode, Problem> {
    let email = Email::parse(&value.email).map_err(|error| Problem::field("/email", error))?;
    let secret = random::secret();
    let link = Link {
        hash: secret.hash(Purpose::EmailChange),
        address: call
            .state
            .config
            .public_url
            .at(&format!("/email/{}", secret.expose())),
    };
    let asked = call.write(Lane::Free, (email, link), |tx, requester, (email, link)| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(email_change::ask(tx, &permit, &requester.keyring, email, link, requester.now).await?)
        })
    });
    asked.await?;
    Ok(StatusCode::ACCEPTED)
}
