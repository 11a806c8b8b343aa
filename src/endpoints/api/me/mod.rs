//! `/v2/users/me`: oneself. One's keys are in `api_keys`.

pub mod alerts;
pub mod api_keys;
pub mod avatar;
pub mod consents;
pub mod email;
pub mod identities;
pub mod memberships;
pub mod passkeys;
pub mod password;
pub mod phone;
pub mod recovery_codes;
pub mod sessions;
pub mod totp;

use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::body::{MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use super::profile_fields::{ProfileFields, becomes, name};
use super::shown::{OrganizationName, avatar_url};
use crate::directory::profile::MeChange;
use crate::directory::{DirectoryError, SelfPermit, profile, require_self};
use crate::domain::access::Permission;
use crate::domain::profile::Becomes;
use crate::storage::{Lane, Tx};

/// Oneself.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// Never changes.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Where one is written to.
    #[schema(example = "alice@example.com")]
    email: String,
    /// Whether one showed that it is one's own.
    email_verified: bool,
    /// The address that one asked for, until its link is followed.
    #[schema(example = "alice@new.example")]
    pending_email: Option<String>,
    /// What one is called.
    #[schema(example = "Alice Archer")]
    name: String,
    /// Where one's picture is on this server.
    #[schema(example = "/avatars/img_01kaxw3vd0f1wvj1d2sahtfxyz")]
    avatar_url: Option<String>,
    /// Where one's clock is, by the IANA's name.
    #[schema(example = "Europe/Berlin")]
    timezone: Option<String>,
    /// What one reads, as a BCP 47 tag.
    #[schema(example = "de-AT")]
    language: Option<String>,
    /// Where one is called, as E.164 has it.
    #[schema(example = "+4930123456")]
    phone: Option<String>,
    /// Where one is found; lines end with a line feed.
    #[schema(example = "1 Harbour Lane\nNewtown")]
    address: Option<String>,
    /// How one likes things shown.
    #[schema(value_type = Object, example = json!({ "color_theme": "dark" }))]
    preferences: Map<String, Value>,
    /// Where one acts unless one says otherwise.
    default_organization: Option<OrganizationName>,
    /// The organization that manages one's account, if one does.
    managed_by: Option<OrganizationName>,
    /// Whether one stands above organizations.
    superuser: bool,
    /// Since when there is the account.
    #[schema(format = DateTime)]
    created_at: String,
    /// When one last signed in.
    #[schema(format = DateTime)]
    last_sign_in_at: Option<String>,
    /// Where one belongs; to a token or key, where that acts.
    organizations: Vec<Belonging>,
}

/// An organization that one belongs to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Belonging {
    /// Which.
    organization: OrganizationName,
    /// As what.
    #[schema(example = "owner")]
    role: Option<String>,
    /// `active`, `inactive` or `suspended`.
    #[schema(example = "active")]
    status: String,
    /// Whether one acts there unless one says otherwise.
    default: bool,
}

/// What one changes of oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeToChange {
    /// 1 to 100 characters.
    #[schema(example = "Alice Archer", nullable = false)]
    name: Option<String>,
    /// An IANA name.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "Europe/Berlin")]
    timezone: Becomes<String>,
    /// A BCP 47 tag of at most 35 characters.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "de-AT")]
    language: Becomes<String>,
    /// As E.164 has it.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "+4930123456", pattern = r"^\+[1-9][0-9]{6,14}$")]
    phone: Becomes<String>,
    /// At most 8 lines and 500 characters.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "1 Harbour Lane\nNewtown")]
    address: Becomes<String>,
    /// A merge patch of its own; all of it at most 8 KiB, nested at most 4 deep.
    #[schema(value_type = Option<Object>, nullable = false, example = json!({ "color_theme": "dark" }))]
    preferences: Option<Map<String, Value>>,
    /// An organization that one is an active member of, by id or name; null for none.
    #[serde(default, deserialize_with = "becomes")]
    #[schema(value_type = Option<String>, example = "acme")]
    default_organization: Becomes<String>,
    /// Never changed here: ask for a link by `POST /v2/users/me/email`.
    #[schema(value_type = Option<String>, nullable = false, read_only)]
    email: Option<Value>,
}

impl MergePatch for MeToChange {
    const NULLABLE: &'static [&'static str] =
        &["timezone", "language", "phone", "address", "default_organization"];
}

async fn shown<'t>(tx: &mut Tx<'t>, permit: &SelfPermit<'t>) -> Result<Me, DirectoryError> {
    let whole = profile::whole(tx, permit).await?;
    let manager = profile::manager(tx, permit).await?;
    let pending = profile::pending_email(tx, permit).await?;
    let user = &whole.user;
    let belongings = profile::organizations(tx, permit).await?;
    let named = |id| {
        let found = belongings.iter().find(|(one, _)| Some(one.id) == id);
        found.map(|(organization, _)| OrganizationName::of(organization))
    };
    let belonging = belongings.iter().map(|(organization, membership)| Belonging {
        organization: OrganizationName::of(organization),
        role: membership.role.as_ref().map(|role| role.name.clone()),
        status: membership.status.to_string(),
        default: user.default_organization == Some(organization.id),
    });
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let profile = &whole.profile;
    Ok(Me {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        email_verified: user.email_verified,
        pending_email: pending.map(|email| email.as_str().to_owned()),
        name: user.name.as_str().to_owned(),
        avatar_url: whole.avatar.map(avatar_url),
        timezone: profile.timezone.as_ref().and_then(|zone| text(zone.as_str())),
        language: profile
            .language
            .as_ref()
            .and_then(|language| text(language.as_str())),
        phone: profile.phone.as_ref().and_then(|phone| text(phone.as_str())),
        address: text(profile.address.as_str()),
        preferences: profile.preferences.entries().clone(),
        default_organization: named(user.default_organization),
        managed_by: named(manager),
        superuser: user.superuser,
        created_at: whole.created_at.to_string(),
        last_sign_in_at: whole.last_sign_in_at.map(|at| at.to_string()),
        organizations: belonging.collect(),
    })
}

/// Get oneself
///
/// Any token or key of a person may.
#[utoipa::path(get, path = "/v2/users/me", tag = "me", operation_id = "get_me",
    responses((status = 200, description = "Oneself", body = Me)))]
pub async fn get(call: Call, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read((), |tx, requester, ()| {
        Box::pin(async move {
            let permit = require_self(tx, requester, None).await?;
            Ok(shown(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&found.await?))
}

/// Change oneself
///
/// By a token or key only if `member:write` is among its scopes.
#[utoipa::path(patch, path = "/v2/users/me", tag = "me", operation_id = "update_me",
    request_body(content = MeToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "Oneself as one is now", body = Me)))]
pub async fn update(
    call: Call,
    conditions: Conditions,
    Patch(change): Patch<MeToChange>,
) -> Result<Response, Problem> {
    if change.email.is_some() {
        let way = "an email address changes only by a link to the new one: POST /v2/users/me/email";
        return Err(Problem::field("/email", way));
    }
    let fields = ProfileFields {
        timezone: change.timezone,
        language: change.language,
        phone: change.phone,
        address: change.address,
        preferences: change.preferences,
    };
    let asked = MeChange {
        name: name(change.name.as_deref())?,
        profile: fields.read()?,
        default_organization: Becomes::Same,
    };
    let input = (conditions, asked, change.default_organization);
    let changed = call.write(
        Lane::Free,
        input,
        |tx, requester, (conditions, asked, default)| {
            Box::pin(async move {
                let permit = require_self(tx, requester, Some(Permission::MemberWrite)).await?;
                conditions.admit(&shown(tx, &permit).await?)?;
                let default_organization = match default {
                    Becomes::To(org) => Becomes::To(organization_named(tx, org).await?),
                    Becomes::Absent => Becomes::Absent,
                    Becomes::Same => Becomes::Same,
                };
                let change = MeChange {
                    default_organization,
                    ..asked.clone()
                };
                profile::change(tx, &permit, &requester.keyring, &change, requester.now).await?;
                let permit = require_self(tx, requester, None).await?;
                Ok(shown(tx, &permit).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&changed.await?))
}
