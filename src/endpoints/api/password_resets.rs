//! `/v2/password-resets` and `/v2/organizations/{org}/members/{user}/password-reset`: letters with a link to another
//! password.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;

use super::body::Body;
use super::call::{Call, organization_named};
use super::code::Code;
use super::dry_run;
use super::problem::Problem;
use crate::directory::credentials::password_reset::{self, ResetLinks};
use crate::directory::{people, require};
use crate::domain::access::Permission;
use crate::domain::email::Email;
use crate::web::{AppState, origin};

/// Who lost a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordLost {
    /// What they sign in with.
    #[schema(example = "alice@example.com")]
    email: String,
}

/// Ask for a link to another password
///
/// Anybody may, without a credential. The answer, and how long it takes, is the same for every address; if it is somebody's,
/// a letter follows, with a link that is good once, for a day, until another is asked for. How many letters one address gets,
/// and how many one network asks for, is bounded without saying so.
#[utoipa::path(post, path = "/v2/password-resets", tag = "users", operation_id = "ask_for_password_reset",
    request_body = PasswordLost, security(()),
    responses((status = 202, description = "A letter is on its way, if the address is somebody's")))]
pub async fn ask(
    State(state): State<AppState>,
    parts: Parts,
    Body { value, .. }: Body<PasswordLost>,
) -> Result<StatusCode, Problem> {
    if dry_run::asked(parts.uri.query().unwrap_or_default())? {
        let never = "dry_run: this can't be rehearsed, so nothing was done";
        return Err(Problem::new(Code::InvalidRequest, never));
    }
    let email = Email::parse(&value.email).map_err(|error| Problem::field("/email", error))?;
    let origin = origin(&parts, &state);
    password_reset::ask(&state.provider.db, &origin, &email, state.clock.now()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// What is to happen besides.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetToSend {
    /// Whether the password that they have now opens nothing any more but a change of it, from the next sign-in on.
    #[serde(default)]
    #[schema(default = false)]
    force: bool,
}

/// Send a member a link to another password
///
/// Nobody else ever sees the link or the password. Only to somebody whose account the organization manages, and who may do
/// no more than whoever asks; a superuser sends it to anybody. An earlier link is good no more. Needs `member:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/members/{user}/password-reset", tag = "members",
    operation_id = "send_password_reset", request_body = ResetToSend,
    responses((status = 202, description = "A letter is on its way")))]
pub async fn send(
    call: Call,
    Path((org, user)): Path<(String, String)>,
    Body { value, .. }: Body<ResetToSend>,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let link = ResetLinks::to(&call.state.config.public_url).draw();
    let input = (org, user, link, value.force);
    let sent = call.write(lane, input, |tx, requester, (org, user, link, force)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::MemberWrite).await?;
            let member = people::named(tx, user).await?;
            let (keyring, now) = (&requester.keyring, requester.now);
            Ok(password_reset::send(tx, &permit, keyring, member, link, *force, now).await?)
        })
    });
    sent.await?;
    Ok(StatusCode::ACCEPTED)
}
