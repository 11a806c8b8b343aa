//! What several resources show alike.

use serde::Serialize;
use utoipa::ToSchema;

use crate::devices::Device;
use crate::domain::id::AvatarId;
use crate::domain::organization::Organization;
use crate::places::Places;

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

/// From where something came, and by what.
#[derive(Debug, Serialize, ToSchema)]
pub struct Whence {
    /// The address.
    #[schema(example = "192.0.2.7")]
    address: String,
    /// Where that is, approximately; null if this Doorward has no file of places, or the address is not in it.
    #[schema(example = "Berlin, DE")]
    place: Option<String>,
    /// What the program calls itself.
    user_agent: String,
    /// What that is, if it is known.
    #[schema(example = "Firefox 133")]
    browser: Option<String>,
    /// What it runs on.
    #[schema(example = "Windows 10")]
    os: Option<String>,
    /// `computer`, `phone`, `tablet` or `other`.
    #[schema(example = "computer")]
    device: &'static str,
}

impl Whence {
    /// What is shown of an address and a user agent.
    pub fn of(address: &str, user_agent: &str, places: &Places) -> Self {
        let device = Device::of(user_agent);
        Self {
            address: address.to_owned(),
            place: places.of_text(address),
            user_agent: user_agent.to_owned(),
            browser: device.browser,
            os: device.os,
            device: device.kind.as_str(),
        }
    }
}

/// Where a picture is on this server.
pub fn avatar_url(id: AvatarId) -> String {
    format!("/avatars/{id}")
}
