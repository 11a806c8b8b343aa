//! What several resources show alike.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::id::AvatarId;
use crate::domain::organization::Organization;

/// A person, as others see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Person {
    /// Never changes.
    #[schema(example = "usr_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub id: String,
    /// Where they are written to.
    #[schema(example = "alice@example.com")]
    pub email: String,
    /// What they are called.
    #[schema(example = "Alice Archer")]
    pub name: String,
}

/// An organization, as its members see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrganizationName {
    /// Never changes.
    #[schema(example = "org_01kaxw3vd0f1wvj1d2sahtfxyz")]
    pub id: String,
    /// Unique; never changes.
    #[schema(example = "acme")]
    pub name: String,
}

impl OrganizationName {
    /// What is shown of one.
    pub fn of(organization: &Organization) -> Self {
        Self {
            id: organization.id.to_string(),
            name: organization.name.as_str().to_owned(),
        }
    }
}

/// Where a picture is on this server.
pub fn avatar_url(id: AvatarId) -> String {
    format!("/avatars/{id}")
}
