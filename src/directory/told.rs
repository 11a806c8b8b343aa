//! Things in the words of the audit log, one function for each noun. What is of a person is told as such, so that it can
//! be erased; a secret is named and never told.

use serde_json::{Value, json};

use crate::audit::Fields;
use crate::directory::connections::Found;
use crate::domain::access::PermissionSet;
use crate::domain::billing::{Billing, PaymentMethod};
use crate::domain::connection::Provider;
use crate::domain::email::Email;
use crate::domain::invitation::Invitation;
use crate::domain::limit::{Limits, Resource};
use crate::domain::membership::MembershipState;
use crate::domain::oauth::{ClientAuthentication, GrantType, OpenTo, RedirectUri};
use crate::domain::profile::{Language, Phone, Profile, Timezone};
use crate::domain::review::{Decision, Review, Scope};
use crate::domain::security::Security;
use crate::domain::service_provider::ServiceProvider;
use crate::domain::text::DisplayName;
use crate::domain::time::Timestamp;
use crate::domain::user::UserState;
use crate::saml::keys::certificate_facts;
use crate::storage::api_keys::ApiKey;
use crate::storage::applications::Registered;
use crate::storage::grant_lists::{Entry as Given, Holder};
use crate::storage::groups::Group;
use crate::storage::organizations;
use crate::storage::roles::OwnRole;

/// What others register and people sign in to.
pub(super) fn application(registered: &Registered) -> Fields {
    let application = &registered.application;
    let uris = |uris: &[RedirectUri]| texts(uris.iter());
    let grant_types: Vec<_> = application
        .grant_types
        .iter()
        .map(|grant_type: &GrantType| grant_type.as_str())
        .collect();
    let fields = Fields::new()
        .with("client_name", application.name.as_str())
        .with("redirect_uris", uris(&application.redirect_uris))
        .with(
            "post_logout_redirect_uris",
            uris(&application.post_logout_redirect_uris),
        )
        .with("scope", application.scope.to_string())
        .with("resources", application.resources.clone())
        .with("grant_types", grant_types)
        .with("admin_api", application.admin_api)
        .with("id_token_on_refresh", application.id_token_on_refresh)
        .with(
            "id_token_signed_response_alg",
            application.id_token_algorithm.name(),
        )
        .with("require_pkce", application.require_pkce)
        .with("require_nonce", application.require_nonce)
        .with("first_party", application.first_party)
        .with(
            "every_organization",
            application.open_to == OpenTo::EveryOrganization,
        )
        .with("active", registered.active);
    let method = "token_endpoint_auth_method";
    match &application.authentication {
        ClientAuthentication::Public => fields.with(method, "none"),
        ClientAuthentication::Basic(secret) => fields
            .with(method, "client_secret_basic")
            .with_secret("client_secret", secret.as_bytes()),
        ClientAuthentication::Post(secret) => fields
            .with(method, "client_secret_post")
            .with_secret("client_secret", secret.as_bytes()),
    }
}

/// How an application speaks SAML.
pub(super) fn service_provider(provider: &ServiceProvider) -> Fields {
    let consumers = texts(provider.consumers.iter().map(|consumer| &consumer.url));
    let encrypts_to = provider
        .encryption_certificate
        .clone()
        .map(|one| fingerprints(&[one]));
    Fields::new()
        .with("entity_id", provider.entity_id.as_str())
        .with("acs_urls", consumers)
        .with("slo_url", provider.slo.as_ref().map(|slo| slo.url.clone()))
        .with("certificates", fingerprints(&provider.certificates))
        .with("require_signed_requests", provider.requires_signed_requests)
        .with("encryption_certificate", encrypts_to)
        .with("sign_assertion", provider.signs_assertions)
        .with("sign_response", provider.signs_responses)
        .with("signature_algorithm", json!(provider.algorithm))
        .with("name_id_formats", json!(provider.name_id_formats))
        .with("attributes", json!(provider.attributes))
        .with("idp_initiated", provider.idp_initiated)
}

/// A key, which is its name, owner, scopes and end.
pub(super) fn api_key(key: &ApiKey) -> Fields {
    let owner = key
        .user
        .map_or("organization".to_owned(), |user| user.to_string());
    Fields::new()
        .with("name", key.name.as_str())
        .with("owner", owner)
        .with("scopes", permissions(key.permissions))
        .with("products", texts(key.products.iter()))
        .with("ip_allowlist", texts(key.ip_allowlist.iter()))
        .with("expires_at", key.expires_at.to_string())
        .with("rotated_to", key.rotated_to.map(|to| to.to_string()))
}

/// Who is behind a connection, and what is made of what they say.
pub(super) fn connection(found: &Found) -> Fields {
    let connection = &found.connection;
    let fields = Fields::new()
        .with("name", connection.name.as_str())
        .with("status", connection.status.as_str())
        .with("kind", connection.provider.kind())
        .with("creates_members", connection.creates_members)
        .with("trusts_mfa", connection.trusts_mfa)
        .with("mapping", json!(connection.mapping));
    let fields = match &connection.provider {
        Provider::Oidc(oidc) => fields
            .with("issuer", oidc.issuer.as_str())
            .with("client_id", oidc.client_id.as_str())
            .with("authentication", json!(oidc.authentication))
            .with("scopes", oidc.scopes.clone()),
        Provider::Saml(saml) => fields
            .with("entity_id", saml.entity_id.as_str())
            .with("sso_url", saml.sso.url.as_str())
            .with("slo_url", saml.slo.as_ref().map(|slo| slo.url.clone()))
            .with("certificates", fingerprints(&saml.certificates))
            .with("metadata_url", saml.metadata_url.clone())
            .with("metadata_fingerprint", saml.metadata_fingerprint.clone())
            .with("valid_until", time(saml.valid_until))
            .with("signs_requests", saml.signs_requests)
            .with("idp_initiated", saml.idp_initiated),
    };
    match &found.sealed_secret {
        Some(sealed) => fields.with_secret("client_secret", sealed),
        None => fields,
    }
}

/// Certificates, each by what a person knows it by.
fn fingerprints(certificates: &[String]) -> Vec<String> {
    let read = certificates.iter().filter_map(|one| certificate_facts(one).ok());
    read.map(|facts| facts.fingerprint).collect()
}

/// How an organization pays.
pub(super) fn billing(billing: &Billing) -> Fields {
    let fields = Fields::new()
        .with_personal("email", billing.email.as_ref().map(Email::as_str))
        .with(
            "payment_method",
            billing.payment_method.map(PaymentMethod::as_str),
        )
        .with("usage_alerts", texts(billing.usage_alerts.iter()))
        .with("outstanding_charges", billing.outstanding_charges);
    match &billing.payment_reference {
        Some(reference) => fields.with_secret("payment_reference", reference.as_str().as_bytes()),
        None => fields,
    }
}

/// What was given, to whom, on what and when.
pub(super) fn grant(given: &Given) -> Fields {
    let grant = &given.grant;
    let subject = match given.holder {
        Holder::User(id) => id.to_string(),
        Holder::Group(id) => id.to_string(),
        Holder::Application(id) => id.to_string(),
    };
    Fields::new()
        .with("subject", subject)
        .with("role", grant.role().map(|role| role.name.clone()))
        .with("permissions", permissions(grant.permissions()))
        .with("product", grant.product.map(|product| product.to_string()))
        .with("starts_at", time(grant.starts_at))
        .with("ends_at", time(grant.ends_at))
        .with("schedule", json!(grant.schedule))
}

/// What a group is called and for.
pub(super) fn group(group: &Group) -> Fields {
    Fields::new()
        .with("name", group.name.as_str())
        .with("kind", group.kind.as_str())
        .with("description", group.description.as_str())
}

/// Who is invited, and to what.
pub(super) fn invitation<'a>(invitation: &Invitation, groups: impl Iterator<Item = &'a str>) -> Fields {
    Fields::new()
        .with_personal("email", invitation.email.as_str())
        .with("role", invitation.role.as_ref().map(|role| role.name.clone()))
        .with("groups", texts(groups))
}

/// How much of everything there may be.
pub(super) fn limits(limits: Limits) -> Fields {
    Resource::ALL.into_iter().fold(Fields::new(), |fields, resource| {
        fields.with(resource.as_str(), limits.of(resource))
    })
}

/// Whether a member may act; why not is what was said of a person.
pub(super) fn membership(state: &MembershipState) -> Fields {
    Fields::new()
        .with("status", state.status().as_str())
        .with_personal("reason", state.ended().map(|ended| ended.reason.as_str()))
}

/// What people read of an organization.
pub(super) fn organization(profile: &organizations::Profile) -> Fields {
    Fields::new()
        .with("name", profile.name.as_str())
        .with("display_name", profile.display_name.as_str())
        .with("description", profile.description.as_str())
        .with_personal("contact_email", profile.contact_email.as_ref().map(Email::as_str))
}

/// Whether an account may be used.
pub(super) fn account(state: &UserState) -> Fields {
    let reason = match state {
        UserState::Suspended(ended) => Some(ended.reason.as_str()),
        UserState::Active | UserState::Deleted(_) => None,
    };
    Fields::new()
        .with("status", state.status().as_str())
        .with_personal("reason", reason)
}

/// What a person is called and tells of themselves: every word of it theirs.
pub(super) fn person(name: &DisplayName, profile: &Profile) -> Fields {
    Fields::new()
        .with_personal("name", name.as_str())
        .with_personal("timezone", profile.timezone.as_ref().map(Timezone::as_str))
        .with_personal("language", profile.language.as_ref().map(Language::as_str))
        .with_personal("phone", profile.phone.as_ref().map(Phone::as_str))
        .with_personal("address", profile.address.as_str())
        .with_personal("preferences", profile.preferences.entries().clone())
}

/// An address that somebody is written to, and whether anybody showed that it is theirs.
pub(super) fn email(email: &Email, verified: bool) -> Fields {
    Fields::new()
        .with_personal("email", email.as_str())
        .with("email_verified", verified)
}

/// What a role is called and gives.
pub(super) fn role(role: &OwnRole) -> Fields {
    Fields::new()
        .with("name", role.name.as_str())
        .with("description", role.description.as_str())
        .with("permissions", permissions(role.permissions))
}

/// What an organization asks of those who act in it.
pub(super) fn security(security: &Security) -> Fields {
    let limits = security.session_limits;
    Fields::new()
        .with("require_mfa", security.policy.require_mfa)
        .with("mfa_grace_days", security.mfa_grace_days)
        .with("allowed_factors", texts(security.allowed_factors.iter()))
        .with("require_user_verification", security.require_user_verification)
        .with("ip_allowlist", texts(security.policy.ip_allowlist.iter()))
        .with("session_idle_seconds", limits.idle.as_secs())
        .with("session_max_seconds", limits.max.as_secs())
        .with("trusted_device_days", security.trusted_device_days)
        .with("api_key_max_age_days", security.api_key_max_age_days)
        .with("password_min_length", security.password_min_length)
        .with("password_history", security.password_history)
        .with(
            "required_connection",
            security.required_connection.map(|id| id.to_string()),
        )
}

/// Who holds what, looked at.
pub(super) fn review(review: &Review) -> Fields {
    let (group, role) = match &review.scope {
        Scope::Everybody => (None, None),
        Scope::Group(id, _) => (Some(id.to_string()), None),
        Scope::Role(id, _) => (None, Some(id.to_string())),
    };
    let every = review.repeats.map(|repeats| repeats.every);
    Fields::new()
        .with("name", review.name.as_str())
        .with("group", group)
        .with("role", role)
        .with("reviewer", review.reviewer.to_string())
        .with("due_at", review.due_at.to_string())
        .with("undecided", review.undecided.as_str())
        .with("on_revoke", review.on_revoke.as_str())
        .with(
            "recurrence",
            every.map(|every| json!({ "every": every.every(), "unit": every.unit().as_str() })),
        )
        .with("state", review.state.as_str())
}

/// What was decided about somebody.
pub(super) fn decision(decision: Option<&Decision>) -> Fields {
    let note = decision.map(|decision| decision.note.as_str().to_owned());
    Fields::new()
        .with("verdict", decision.map(|decision| decision.verdict.as_str()))
        .with_personal("note", note.filter(|note| !note.is_empty()))
}

fn permissions(permissions: PermissionSet) -> Value {
    json!(permissions)
}

fn time(time: Option<Timestamp>) -> Option<String> {
    time.map(|time| time.to_string())
}

fn texts(values: impl Iterator<Item = impl ToString>) -> Vec<String> {
    values.map(|value| value.to_string()).collect()
}
