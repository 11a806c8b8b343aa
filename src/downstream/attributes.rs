//! What an application is told of a person: the attributes that were registered for it, and no others.

use crate::domain::access::PermissionSet;
use crate::domain::service_provider::{AttributeSource, ServiceProvider};
use crate::domain::user::User;
use crate::oidc::authorize::Ready;
use crate::saml::idp::Attribute;

/// All of them, in their order; what there is nothing of has no values.
pub(super) fn attributes(sp: &ServiceProvider, user: &User, ready: &Ready) -> Vec<Attribute> {
    let told = sp.attributes.iter().map(|released| Attribute {
        name: released.name.clone(),
        friendly_name: released.friendly_name.clone(),
        values: values(released.value, user, ready),
    });
    told.collect()
}

fn values(source: AttributeSource, user: &User, ready: &Ready) -> Vec<String> {
    match source {
        AttributeSource::UserId => vec![user.id.to_string()],
        AttributeSource::Email if user.email_verified => vec![user.email.as_str().to_owned()],
        AttributeSource::Email => Vec::new(),
        AttributeSource::Name => vec![user.name.as_str().to_owned()],
        AttributeSource::Organization => vec![ready.organization.name.as_str().to_owned()],
        AttributeSource::OrganizationId => vec![ready.organization.id.to_string()],
        AttributeSource::Roles => ready.effective.roles.clone(),
        AttributeSource::Groups => ready.effective.groups.clone(),
        AttributeSource::Permissions => permissions(ready),
    }
}

/// Those on all products by their names, and what is held beyond on one after its id and a slash.
fn permissions(ready: &Ready) -> Vec<String> {
    let names = |set: PermissionSet| set.iter().map(|permission| permission.as_str().to_owned());
    let everywhere = names(ready.effective.everywhere);
    let by_product = ready
        .effective
        .by_product
        .iter()
        .flat_map(|(product, set)| names(*set).map(move |name| format!("{product}/{name}")));
    everywhere.chain(by_product).collect()
}
