//! `/v2/organizations`: the tenants.

use axum::Json;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Body, Field, MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::idempotency::{Made, Once};
use super::listing::{List, Listing};
use super::problem::Problem;
use super::shown::Person;
use crate::directory::organizations::{self, Founding, NewOrganization};
use crate::directory::{ownership, require, require_founder, require_fresh};
use crate::domain::access::Permission;
use crate::domain::description::Description;
use crate::domain::email::Email;
use crate::domain::organization::OrganizationName;
use crate::domain::text::DisplayName;
use crate::domain::user::User;
use crate::random;
use crate::storage::Lane;
use crate::storage::organization_lists::Entry;
use crate::storage::organizations::Profile;

/// A tenant.
#[derive(Debug, Serialize, ToSchema)]
pub struct Organization {
    /// Never changes.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Unique; never changes.
    #[schema(example = "acme")]
    name: String,
    /// What people read.
    #[schema(example = "Acme GmbH & Co")]
    display_name: String,
    /// What it is there for; may be empty.
    #[schema(example = "Rovers and lanterns")]
    description: String,
    /// Whom to write to about it.
    #[schema(example = "it@acme.example")]
    contact_email: Option<String>,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// A tenant in a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct ListedOrganization {
    /// Never changes.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    id: String,
    /// Unique; never changes.
    #[schema(example = "acme")]
    name: String,
    /// What people read.
    #[schema(example = "Acme GmbH & Co")]
    display_name: String,
    /// When it was made.
    #[schema(format = DateTime, example = "2026-11-22T09:30:00Z")]
    created_at: String,
}

/// An organization to make.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationToMake {
    /// 2 to 63 of a-z, 0-9 and hyphens, no hyphen at either end.
    #[schema(example = "acme", pattern = "^[a-z0-9][a-z0-9-]{0,61}[a-z0-9]$")]
    name: String,
    /// What people read, 1 to 100 characters; the name if absent.
    #[schema(
        example = "Acme GmbH & Co",
        nullable = false,
        min_length = 1,
        max_length = 100
    )]
    display_name: Option<String>,
    /// What it is there for, at most 500 characters on one line.
    #[schema(example = "Rovers and lanterns", nullable = false, max_length = 500)]
    description: Option<String>,
    /// Whom to write to about it.
    #[schema(example = "it@acme.example", nullable = false)]
    contact_email: Option<String>,
    /// Who owns it, by id or email address, if a superuser makes it for somebody; else whoever makes it.
    #[schema(example = "alice@acme.example", nullable = false)]
    owner: Option<String>,
}

/// What can be changed of an organization.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrganizationToChange {
    /// What people read, 1 to 100 characters.
    #[schema(example = "Acme", nullable = false, min_length = 1, max_length = 100)]
    display_name: Option<String>,
    /// What it is there for, at most 500 characters on one line; may be empty.
    #[schema(example = "Rovers", nullable = false, max_length = 500)]
    description: Option<String>,
    /// Whom to write to about it; null for nobody.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "it@acme.example")]
    contact_email: Field<String>,
}

impl MergePatch for OrganizationToChange {
    const NULLABLE: &'static [&'static str] = &["contact_email"];
}

/// Whom an organization goes to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnershipToTransfer {
    /// An active admin, by id or email address.
    #[schema(example = "bob@acme.example")]
    new_owner: String,
}

/// Who owned an organization, and who owns it.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferredOwnership {
    /// The new owner.
    owner: Person,
    /// An admin now.
    former_owner: Person,
}

impl Organization {
    fn of(profile: &Profile) -> Self {
        Self {
            id: profile.id.to_string(),
            name: profile.name.as_str().to_owned(),
            display_name: profile.display_name.as_str().to_owned(),
            description: profile.description.as_str().to_owned(),
            contact_email: profile.contact_email.as_ref().map(ToString::to_string),
            created_at: profile.created_at.to_string(),
        }
    }
}

impl ListedOrganization {
    fn of(entry: &Entry) -> Self {
        Self {
            id: entry.id.to_string(),
            name: entry.name.as_str().to_owned(),
            display_name: entry.display_name.as_str().to_owned(),
            created_at: entry.created_at.to_string(),
        }
    }
}

impl OrganizationToMake {
    /// What was asked, with ids drawn for it.
    fn meant(self, call: &Call) -> Result<Founding, Problem> {
        let name = OrganizationName::parse(&self.name).map_err(|error| Problem::field("/name", error))?;
        let display_name = self.display_name.as_deref().unwrap_or(name.as_str());
        let organization = NewOrganization {
            id: random::id(call.now()),
            display_name: read_display_name(display_name)?,
            name,
        };
        Ok(Founding {
            organization,
            description: self
                .description
                .as_deref()
                .map(read_description)
                .transpose()?
                .unwrap_or_default(),
            contact_email: self
                .contact_email
                .as_deref()
                .map(read_contact_email)
                .transpose()?,
            membership: random::id(call.now()),
            owner: self.owner,
        })
    }
}

impl OrganizationToChange {
    /// A profile with what is asked in its place.
    fn on(self, old: &Profile) -> Result<Profile, Problem> {
        let mut new = old.clone();
        if let Some(display_name) = self.display_name {
            new.display_name = read_display_name(&display_name)?;
        }
        if let Some(description) = self.description {
            new.description = read_description(&description)?;
        }
        let contact_email = new.contact_email.take();
        new.contact_email = self
            .contact_email
            .over(contact_email, |text| read_contact_email(&text))?;
        Ok(new)
    }
}

fn read_display_name(text: &str) -> Result<DisplayName, Problem> {
    DisplayName::parse(text).map_err(|error| Problem::field("/display_name", error))
}

fn read_description(text: &str) -> Result<Description, Problem> {
    Description::parse(text).map_err(|error| Problem::field("/description", error))
}

fn read_contact_email(text: &str) -> Result<Email, Problem> {
    Email::parse(text).map_err(|error| Problem::field("/contact_email", error))
}

fn person(user: &User) -> Person {
    Person {
        id: user.id.to_string(),
        email: user.email.as_str().to_owned(),
        name: user.name.as_str().to_owned(),
    }
}

/// List organizations
///
/// Those one belongs to, by name; by a token or key the one that it acts in; all of them to a superuser.
#[utoipa::path(get, path = "/v2/organizations", tag = "organizations", operation_id = "list_organizations",
    params(("query" = Option<String>, Query, description = "The beginning of a name")),
    responses((status = 200, description = "A page of organizations", body = List<ListedOrganization>)))]
pub async fn list(call: Call, asked: Listing) -> Result<Json<List<ListedOrganization>>, Problem> {
    asked.knows(&["query"])?;
    let beginning = asked.get("query").unwrap_or_default().trim().to_lowercase();
    let found = call.read((asked, beginning), |tx, requester, (asked, beginning)| {
        Box::pin(async move {
            let who = requester.recognise(tx).await?;
            let list = asked.of(requester, format!("organizations {}", who.name()))?;
            let found = organizations::list(tx, &who, beginning, &list.page).await?;
            Ok(list.show(found, |row| row.name.as_str().to_owned(), ListedOrganization::of))
        })
    });
    Ok(Json(found.await?))
}

/// Make an organization
///
/// For superusers, and where `organizations.self_service` is set for anybody in their browser. Whoever makes it owns it.
#[utoipa::path(post, path = "/v2/organizations", tag = "organizations", operation_id = "create_organization",
    request_body = OrganizationToMake,
    responses((status = 201, description = "The organization was made", body = Organization)))]
pub async fn create(
    call: Call,
    once: Once,
    Body { value, digest }: Body<OrganizationToMake>,
) -> Result<Made, Problem> {
    let attempt = once.tie(&digest)?;
    let self_service = call.state.config.self_service;
    let founding = value.meant(&call)?;
    let input = (self_service, attempt, founding);
    let made = call.write(
        Lane::Instance,
        input,
        |tx, requester, (self_service, attempt, founding)| {
            Box::pin(async move {
                let permit = require_founder(tx, requester, *self_service).await?;
                if let Some(made) = attempt.made_before(tx, requester).await? {
                    return Ok(made);
                }
                let made =
                    organizations::found(tx, &permit, &requester.keyring, founding, requester.now).await?;
                let location = format!("/v2/organizations/{}", made.id);
                attempt
                    .made(tx, requester, location, &Organization::of(&made))
                    .await
            })
        },
    );
    made.await
}

/// Get an organization
///
/// Needs `organization:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}", tag = "organizations", operation_id = "get_organization",
    responses((status = 200, description = "The organization", body = Organization)))]
pub async fn get(call: Call, Path(org): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(org, |tx, requester, org| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::OrganizationRead).await?;
            Ok(organizations::find(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&Organization::of(&found.await?)))
}

/// Change an organization
///
/// Needs `organization:write`. Its name never changes.
#[utoipa::path(patch, path = "/v2/organizations/{org}", tag = "organizations", operation_id = "update_organization",
    request_body(content = OrganizationToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The organization as it is now", body = Organization)))]
pub async fn update(
    call: Call,
    Path(org): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<OrganizationToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let changed = call.write(
        lane,
        (org, conditions, change),
        |tx, requester, (org, conditions, change)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::OrganizationWrite).await?;
                let found = organizations::find(tx, &permit).await?;
                conditions.admit(&Organization::of(&found))?;
                let change = &change.clone().on(&found)?;
                organizations::change(tx, &permit, &requester.keyring, &found, change, requester.now).await?;
                Ok(organizations::find(tx, &permit).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&Organization::of(&changed.await?)))
}

/// Delete an organization
///
/// With everything in it but its audit log, and for good. Needs `organization:delete`, a fresh proof of who asks, and that nothing is left which
/// somebody would miss: no devices, no active deployments, no users besides the owner, no outstanding charges. All that is
/// left is told at once.
#[utoipa::path(delete, path = "/v2/organizations/{org}", tag = "organizations", operation_id = "delete_organization",
    responses((status = 204, description = "The organization is gone")))]
pub async fn delete(
    call: Call,
    Path(org): Path<String>,
    conditions: Conditions,
) -> Result<StatusCode, Problem> {
    let lane = call.lane_of(&org).await?;
    let deleted = call.write(lane, (org, conditions), |tx, requester, (org, conditions)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::OrganizationDelete).await?;
            let found = organizations::find(tx, &permit).await?;
            conditions.admit(&Organization::of(&found))?;
            Ok(organizations::delete(tx, &permit, &requester.keyring, &found, requester.now).await?)
        })
    });
    deleted.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Transfer an organization
///
/// To an active admin, who becomes its owner, while the owner becomes an admin; both are told by mail. Needs
/// `organization:transfer`, and in a browser or by a token that its person signed in within the last 15 minutes.
#[utoipa::path(post, path = "/v2/organizations/{org}/transfer", tag = "organizations",
    operation_id = "transfer_organization",
    request_body = OwnershipToTransfer,
    responses((status = 200, description = "Who owns it now", body = TransferredOwnership)))]
pub async fn transfer(
    call: Call,
    Path(org): Path<String>,
    Body { value, .. }: Body<OwnershipToTransfer>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let transferred = call.write(lane, (org, value.new_owner), |tx, requester, (org, new_owner)| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require_fresh(tx, requester, organization, Permission::OrganizationTransfer).await?;
            Ok(ownership::transfer(tx, &permit, &requester.keyring, new_owner, requester.now).await?)
        })
    });
    let (from, to) = transferred.await?;
    let shown = TransferredOwnership {
        owner: person(&to),
        former_owner: person(&from),
    };
    Ok(Conditions::default().answer(&shown))
}
