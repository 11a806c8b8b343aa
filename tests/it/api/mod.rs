//! `/v2`, as programs and consoles call it.

mod access;
mod alerts;
mod api_keys;
mod applications;
mod audit_logs;
mod avatars;
mod billing;
mod bodies;
pub(crate) mod connections;
mod coverage;
mod crowd;
mod cursors;
mod described;
mod domains;
mod dry_run;
mod email;
mod grants;
mod group_members;
mod groups;
mod holdings;
mod hours;
mod idempotency;
mod invitations;
mod limits;
mod maintenance;
mod managed_users;
mod me;
mod members;
mod metadata;
mod organizations;
mod ownership;
mod passkeys;
mod passwords;
mod portal_links;
mod products;
mod random_acts;
mod random_dry_runs;
mod reports;
mod reviews;
mod roles;
mod schemathesis;
mod second_factors;
mod security;
mod sessions;
mod step_up;
mod usage;
mod users;
mod who_calls;

use serde_json::{Value, json};

use crate::harness::{Api, House};

/// The products of Acme.
const PRODUCTS: &str = "/v2/organizations/acme/products";

/// The roles, groups and grants of Acme.
const ROLES: &str = "/v2/organizations/acme/roles";
const GROUPS: &str = "/v2/organizations/acme/groups";
const GRANTS: &str = "/v2/organizations/acme/grants";

/// Makes a role; answers where it is.
async fn role(api: &Api, name: &str, permissions: &[&str]) -> String {
    let role = json!({ "name": name, "permissions": permissions });
    let made = api.post(ROLES, &role).await;
    made.created();
    made.location()
}

/// Makes a group; answers its id.
async fn group(api: &Api, name: &str) -> String {
    let made = api.post(GROUPS, &json!({ "name": name })).await.created();
    made["id"].as_str().unwrap().to_owned()
}

/// Gives permissions to a subject; answers where the grant is.
async fn grant(api: &Api, subject: impl std::fmt::Display, permissions: &[&str]) -> String {
    let grant = json!({ "subject": subject.to_string(), "permissions": permissions });
    let made = api.post(GRANTS, &grant).await;
    made.created();
    made.location()
}

/// Where somebody is in a group.
fn seat(group: &str, user: impl std::fmt::Display) -> String {
    format!("{GROUPS}/{group}/members/{user}")
}

/// Makes a product; answers it.
async fn product(api: &Api, name: &str) -> Value {
    api.post(PRODUCTS, &json!({ "name": name })).await.created()
}

/// What the audit log tells of an action, oldest first: for whom it was done, and the rest, with the `actor`.
pub(crate) async fn audited(house: &House, action: &str) -> Vec<(String, Value)> {
    let mut snapshot = house.snapshot().await;
    let events = doorward::storage::audit_events::all(&mut snapshot.tx())
        .await
        .unwrap();
    let told = events.into_iter().filter(|event| event.action == action);
    told.map(|event| {
        let told = doorward::audit::Telling::of(&event);
        let mut fields = told.detail;
        for (name, changed) in [("before", told.before), ("after", told.after)] {
            fields.extend(changed.map(|changed| (name.to_owned(), changed.into())));
        }
        fields.insert("actor".to_owned(), event.actor.clone().into());
        (event.on_behalf_of.unwrap_or(event.actor), fields.into())
    })
    .collect()
}
