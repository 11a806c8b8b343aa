//! `/v2/organizations/{org}/invitations`: offers of membership by mail.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::Body;
use super::call::{Call, id_named, organization_named};
use super::etag::Conditions;
use super::idempotency::{Attempt, Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use crate::directory::invitations::{self, Invited, Link, NewInvitation};
use crate::directory::require;
use crate::domain::access::Permission;
use crate::domain::email::Email;
use crate::domain::id::InvitationId;
use crate::domain::invitation::{self, Message};
use crate::domain::time::Timestamp;
use crate::random;
use crate::storage::Lane;
use crate::storage::invitation_lists::{Filter, place};

/// The most groups that one invitation leads into.
const MOST_GROUPS: usize = 50;

/// An offer of membership by mail. Its link is in the letter alone.
#[derive(Debug, Serialize, ToSchema)]
pub struct Invitation {
    /// Never changes.
    #[schema(example = "inv_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// For whom, and for nobody else.
    #[schema(example = "carol@example.com")]
    email: String,
    /// The name of the role that is offered; null for none, and then only the groups give permissions.
    #[schema(example = "developer")]
    role: Option<String>,
    /// The groups that it leads into.
    groups: Vec<InvitationGroup>,
    /// What the inviter adds.
    #[schema(example = "Welcome on board!")]
    message: String,
    /// Who sent it last: a person, a key or an application.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    invited_by: String,
    /// What became of it.
    state: InvitationState,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
    /// When its link was sent.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    sent_at: String,
    /// Until when its link is good: seven days after it was sent.
    #[schema(format = DateTime, example = "2026-11-29T09:30:00Z")]
    expires_at: String,
    /// When they were reminded, once, three days after it was sent.
    #[schema(format = DateTime, example = "2026-11-25T09:30:00Z")]
    reminded_at: Option<String>,
    /// When it was accepted or cancelled, or expired.
    #[schema(format = DateTime, example = "2026-11-23T10:00:00Z")]
    ended_at: Option<String>,
    /// Whose account accepted it.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    accepted_by: Option<String>,
}

/// A group that an invitation leads into.
#[derive(Debug, Serialize, ToSchema)]
pub struct InvitationGroup {
    /// Never changes.
    #[schema(example = "grp_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// What it is called.
    #[schema(example = "Rover crew")]
    name: String,
}

/// What became of an invitation.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InvitationState {
    /// It can be accepted.
    Pending,
    /// It was.
    Accepted,
    /// Somebody took it back.
    Cancelled,
    /// Nobody came in time.
    Expired,
}

/// Somebody to invite.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InvitationToMake {
    /// Where the letter goes; whoever accepts signs in with this address.
    #[schema(example = "carol@example.com")]
    email: String,
    /// The role to offer, by name or id; none if absent, and then only the groups give permissions.
    #[schema(example = "developer")]
    role: Option<String>,
    /// The groups to lead into, by id or name; at most 50.
    #[schema(nullable = false, max_items = 50, example = json!(["Rover crew"]))]
    groups: Option<Vec<String>>,
    /// What to add to the letter, at most 1,000 characters.
    #[schema(nullable = false, max_length = 1000, example = "Welcome on board!")]
    message: Option<String>,
}

impl InvitationState {
    const ALL: [Self; 4] = [Self::Pending, Self::Accepted, Self::Cancelled, Self::Expired];

    fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    fn of(state: invitation::State) -> Self {
        match state {
            invitation::State::Pending { .. } => Self::Pending,
            invitation::State::Accepted { .. } => Self::Accepted,
            invitation::State::Cancelled { .. } => Self::Cancelled,
            invitation::State::Expired { .. } => Self::Expired,
        }
    }
}

impl std::str::FromStr for InvitationState {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == name)
            .ok_or(())
    }
}

impl Invitation {
    fn of(invited: &Invited, now: Timestamp) -> Self {
        let Invited { invitation, groups } = invited;
        let state = invitation.state.seen_at(now);
        let (ended, by) = match state {
            invitation::State::Pending { .. } => (None, None),
            invitation::State::Accepted { by, at } => (Some(at), Some(by)),
            invitation::State::Cancelled { at } | invitation::State::Expired { at } => (Some(at), None),
        };
        let group = |group: &crate::domain::access::GroupName| InvitationGroup {
            id: group.id.to_string(),
            name: group.name.clone(),
        };
        Self {
            id: invitation.id.to_string(),
            email: invitation.email.as_str().to_owned(),
            role: invitation.role.as_ref().map(|role| role.name.clone()),
            groups: groups.iter().map(group).collect(),
            message: invitation.message.as_str().to_owned(),
            invited_by: invitation.invited_by.clone(),
            state: InvitationState::of(state),
            created_at: invitation.created_at.to_string(),
            sent_at: invitation.sent_at.to_string(),
            expires_at: invitation.sent_at.plus(invitation::LIFETIME).to_string(),
            reminded_at: invitation.reminded_at.map(|at| at.to_string()),
            ended_at: ended.map(|at| at.to_string()),
            accepted_by: by.map(|by| by.to_string()),
        }
    }
}

impl InvitationToMake {
    /// What is asked for, parsed, with its id drawn.
    pub(super) fn parsed(self, now: Timestamp) -> Result<NewInvitation, Problem> {
        let email = Email::parse(&self.email).map_err(|error| Problem::field("/email", error))?;
        let message = Message::parse(self.message.as_deref().unwrap_or_default());
        let groups = self.groups.unwrap_or_default();
        if groups.len() > MOST_GROUPS {
            return Err(Problem::field(
                "/groups",
                "an invitation leads into at most 50 groups",
            ));
        }
        Ok(NewInvitation {
            id: random::id(now),
            email,
            role: self.role,
            groups,
            message: message.map_err(|error| Problem::field("/message", error))?,
        })
    }
}

impl Call {
    /// Where invitation links of this server lead.
    fn invitation_link(&self) -> Link {
        Link::to(&self.state.config.public_url)
    }
}

/// List invitations
///
/// By id; with `query`, by email. Needs `invitation:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/invitations", tag = "invitations",
    operation_id = "list_invitations",
    params(
        ("state" = Option<InvitationState>, Query, description = "In this state only"),
        ("query" = Option<String>, Query, description = "The beginning of an email address"),
        ("invited_before" = Option<String>, Query,
            description = "Last sent before then: a day such as `2026-11-22`, or a time as in RFC 3339"),
    ),
    responses((status = 200, description = "A page of invitations", body = List<Invitation>)))]
pub async fn list(
    call: Call,
    Path(org): Path<String>,
    asked: Listing,
) -> Result<Json<List<Invitation>>, Problem> {
    asked.knows(&["state", "query", "invited_before"])?;
    let filter = Filter {
        state: asked
            .parsed::<InvitationState>("state")?
            .map_or("", InvitationState::as_str),
        beginning: asked.get("query").unwrap_or_default().trim().to_lowercase(),
        sent_before: asked.begin("invited_before")?,
    };
    let found = call.read((org, asked, filter), |tx, requester, (org, asked, filter)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::InvitationWrite).await?;
            let name = format!("invitations {organization} {}", filter.beginning);
            let list = asked.of(requester, name)?;
            let found = invitations::list(tx, &permit, filter, &list.page).await?;
            let shown = |row: &Invited| Invitation::of(row, requester.now);
            Ok(list.show(found, |row| place(filter, &row.invitation), shown))
        })
    });
    Ok(Json(found.await?))
}

/// Get an invitation
///
/// Needs `invitation:write`.
#[utoipa::path(get, path = "/v2/organizations/{org}/invitations/{invitation}", tag = "invitations",
    operation_id = "get_invitation",
    responses((status = 200, description = "The invitation", body = Invitation)))]
pub async fn get(
    call: Call,
    Path((org, invitation)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<Response, Problem> {
    let now = call.now();
    let found = call.read((org, invitation), |tx, requester, (org, invitation)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::InvitationWrite).await?;
            Ok(invitations::find(tx, &permit, id_named(invitation)?).await?)
        })
    });
    Ok(conditions.answer(&Invitation::of(&found.await?, now)))
}

/// Invite somebody
///
/// A letter with a link goes to them; whoever follows it within seven days makes an account, or signs in to the one they
/// have, and belongs. A pending invitation takes a seat. Nobody offers more than they hold. Needs `invitation:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/invitations", tag = "invitations",
    operation_id = "create_invitation", request_body = InvitationToMake,
    responses((status = 201, description = "The invitation is on its way", body = Invitation)))]
pub async fn create(
    call: Call,
    Path(org): Path<String>,
    once: Once,
    Body { value, digest }: Body<InvitationToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let lane = call.lane_of(&org).await?;
    let new = value.parsed(call.now())?;
    invite(&call, lane, org, attempt, new).await
}

/// Invites somebody, in one transaction.
pub(super) async fn invite(
    call: &Call,
    lane: Lane,
    org: String,
    attempt: Attempt,
    new: NewInvitation,
) -> Result<Made, Problem> {
    let link = call.invitation_link().draw(new.id, &call.requester.keyring);
    let input = (org, attempt, new, link);
    let made = call.write(lane, input, |tx, requester, (org, attempt, new, link)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::InvitationWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            let (keyring, now) = (&requester.keyring, requester.now);
            invitations::invite(tx, &permit, keyring, new, link, now).await?;
            let made = Invitation::of(&invitations::find(tx, &permit, new.id).await?, now);
            let location = format!("/v2/organizations/{organization}/invitations/{}", new.id);
            attempt.made(tx, requester, location, &made).await
        })
    });
    made.await
}

/// Cancel an invitation
///
/// Its link leads nowhere any more, and its seat is free. Needs `invitation:write`.
#[utoipa::path(delete, path = "/v2/organizations/{org}/invitations/{invitation}", tag = "invitations",
    operation_id = "cancel_invitation",
    responses((status = 204, description = "The invitation is cancelled")))]
pub async fn cancel(
    call: Call,
    Path((org, invitation)): Path<(String, String)>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    take_back(&call, lane, org, invitation, conditions).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an invitation back, in one transaction.
pub(super) async fn take_back(
    call: &Call,
    lane: Lane,
    org: String,
    invitation: String,
    conditions: Conditions,
) -> Result<(), Problem> {
    let input = (org, invitation, conditions);
    let cancelled = call.write(lane, input, |tx, requester, (org, invitation, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::InvitationWrite).await?;
            let found = invitations::find(tx, &permit, id_named(invitation)?).await?;
            conditions.admit(&Invitation::of(&found, requester.now))?;
            Ok(invitations::cancel(tx, &permit, &requester.keyring, found, requester.now).await?)
        })
    });
    cancelled.await
}

/// Send an invitation again
///
/// With another link, good for seven days; the earlier one leads nowhere any more. Whoever asks answers for the
/// invitation from now on, and must hold what it offers. Needs `invitation:write`.
#[utoipa::path(post, path = "/v2/organizations/{org}/invitations/{invitation}/resend", tag = "invitations",
    operation_id = "resend_invitation",
    responses((status = 201, description = "A new letter is on its way", body = Invitation)))]
pub async fn resend(
    call: Call,
    Path((org, invitation)): Path<(String, String)>,
    once: Once,
) -> Result<Made, Problem> {
    let attempt = once.tie_bare()?;
    let lane = call.lane_of(&org).await?;
    send_again(&call, lane, org, &invitation, attempt).await
}

/// Sends an invitation again, in one transaction.
pub(super) async fn send_again(
    call: &Call,
    lane: Lane,
    org: String,
    invitation: &str,
    attempt: Attempt,
) -> Result<Made, Problem> {
    let id: InvitationId = id_named(invitation).unwrap_or_else(|_| random::id(call.now()));
    let link = call.invitation_link().draw(id, &call.requester.keyring);
    let input = (org, id, attempt, link);
    let resent = call.write(lane, input, |tx, requester, (org, id, attempt, link)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::InvitationWrite).await?;
            if let Some(made) = attempt.made_before(tx, requester).await? {
                return Ok(made);
            }
            let (keyring, now) = (&requester.keyring, requester.now);
            let found = invitations::find(tx, &permit, *id).await?;
            invitations::resend(tx, &permit, keyring, found, link, now).await?;
            let made = Invitation::of(&invitations::find(tx, &permit, *id).await?, now);
            let location = format!("/v2/organizations/{organization}/invitations/{id}");
            attempt.made(tx, requester, location, &made).await
        })
    });
    resent.await
}
