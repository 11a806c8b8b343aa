//! `/v2/organizations/{org}/billing`: what the billing system needs to know.

use axum::extract::Path;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::{Field, MergePatch, Patch};
use super::call::{Call, organization_named};
use super::etag::Conditions;
use super::problem::Problem;
use crate::directory::{billing, require};
use crate::domain::access::Permission;
use crate::domain::billing::{Billing, PaymentMethod, PaymentReference, UsageAlert};
use crate::domain::email::Email;
use crate::domain::limit::Resource;

/// What the billing system needs to know.
#[derive(Debug, Serialize, ToSchema)]
pub struct BillingSettings {
    /// Where bills and alerts go.
    #[schema(example = "bills@acme.example")]
    email: Option<String>,
    /// How the organization pays.
    payment_method: Option<PaymentMethodName>,
    /// What the payment provider calls it.
    #[schema(example = "pm_1NqX2eKZ")]
    payment_reference: Option<String>,
    /// What it wants to be told of.
    usage_alerts: Vec<Alert>,
    /// What it owes, in the smallest unit of the currency.
    #[schema(example = 0)]
    outstanding_charges: i64,
}

/// How an organization pays.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethodName {
    /// By a card that the payment provider knows.
    Card,
    /// By invoice.
    Invoice,
}

/// A part of a limit that an organization wants to be told of when it is used.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Of what.
    resource: ResourceName,
    /// How much of the limit, 1 to 100.
    #[schema(minimum = 1, maximum = 100, example = 80)]
    threshold_percent: u8,
}

/// What an organization has limits of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ResourceName {
    /// What permissions can be limited to.
    Products,
    /// What products report and reserve.
    Devices,
    /// Members, and those who are invited.
    Users,
    /// Keys that are good.
    ApiKeys,
    /// Where events are sent.
    Webhooks,
}

/// What can be changed of billing settings.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BillingToChange {
    /// Where bills and alerts go; null for nowhere, and then alerts go to the organization's contact.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "bills@acme.example")]
    email: Field<String>,
    /// How the organization pays.
    #[serde(default)]
    #[schema(value_type = Option<PaymentMethodName>)]
    payment_method: Field<PaymentMethodName>,
    /// What the payment provider calls it, 1 to 200 characters; never a card number.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 200, example = "pm_1NqX2eKZ")]
    payment_reference: Field<String>,
    /// What it wants to be told of, at most 20, each once.
    #[schema(nullable = false, max_items = 20)]
    usage_alerts: Option<Vec<Alert>>,
    /// What it owes, in the smallest unit of the currency. Set by superusers only.
    #[schema(nullable = false, minimum = 0)]
    outstanding_charges: Option<i64>,
}

impl MergePatch for BillingToChange {
    const NULLABLE: &'static [&'static str] = &["email", "payment_method", "payment_reference"];
}

impl BillingSettings {
    fn of(billing: &Billing) -> Self {
        Self {
            email: billing.email.as_ref().map(ToString::to_string),
            payment_method: billing.payment_method.map(|method| match method {
                PaymentMethod::Card => PaymentMethodName::Card,
                PaymentMethod::Invoice => PaymentMethodName::Invoice,
            }),
            payment_reference: billing
                .payment_reference
                .as_ref()
                .map(|reference| reference.as_str().to_owned()),
            usage_alerts: billing.usage_alerts.iter().copied().map(Alert::of).collect(),
            outstanding_charges: billing.outstanding_charges,
        }
    }
}

impl Alert {
    fn of(alert: UsageAlert) -> Self {
        Self {
            resource: match alert.resource {
                Resource::Products => ResourceName::Products,
                Resource::Devices => ResourceName::Devices,
                Resource::Users => ResourceName::Users,
                Resource::ApiKeys => ResourceName::ApiKeys,
                Resource::Webhooks => ResourceName::Webhooks,
            },
            threshold_percent: alert.threshold_percent,
        }
    }

    fn meant(&self) -> UsageAlert {
        UsageAlert {
            resource: match self.resource {
                ResourceName::Products => Resource::Products,
                ResourceName::Devices => Resource::Devices,
                ResourceName::Users => Resource::Users,
                ResourceName::ApiKeys => Resource::ApiKeys,
                ResourceName::Webhooks => Resource::Webhooks,
            },
            threshold_percent: self.threshold_percent,
        }
    }
}

impl BillingToChange {
    /// Settings with what is asked in their place.
    fn on(self, old: &Billing) -> Result<Billing, Problem> {
        let mut new = old.clone();
        new.email = self.email.over(new.email, |text| {
            Email::parse(&text).map_err(|error| Problem::field("/email", error))
        })?;
        new.payment_method = self.payment_method.over(new.payment_method, |method| {
            Ok::<_, Problem>(match method {
                PaymentMethodName::Card => PaymentMethod::Card,
                PaymentMethodName::Invoice => PaymentMethod::Invoice,
            })
        })?;
        new.payment_reference = self.payment_reference.over(new.payment_reference, |text| {
            PaymentReference::parse(&text).map_err(|error| Problem::field("/payment_reference", error))
        })?;
        if let Some(alerts) = &self.usage_alerts {
            new.usage_alerts = alerts_of(alerts)?;
        }
        new.outstanding_charges = self.outstanding_charges.unwrap_or(new.outstanding_charges);
        Ok(new)
    }
}

/// Alerts that make sense, each once.
fn alerts_of(alerts: &[Alert]) -> Result<Vec<UsageAlert>, Problem> {
    let mut meant = Vec::new();
    for (place, alert) in alerts.iter().enumerate() {
        let alert = alert.meant();
        if !(1..=100).contains(&alert.threshold_percent) {
            let pointer = format!("/usage_alerts/{place}/threshold_percent");
            return Err(Problem::field(pointer, "it must be from 1 to 100"));
        }
        if meant.contains(&alert) {
            let pointer = format!("/usage_alerts/{place}");
            return Err(Problem::field(pointer, "this alert is listed twice"));
        }
        meant.push(alert);
    }
    Ok(meant)
}

/// Get billing settings
///
/// Needs `billing:read`.
#[utoipa::path(get, path = "/v2/organizations/{org}/billing", tag = "settings", operation_id = "get_billing",
    responses((status = 200, description = "The settings", body = BillingSettings)))]
pub async fn get(call: Call, Path(org): Path<String>, conditions: Conditions) -> Result<Response, Problem> {
    let found = call.read(org, |tx, requester, org| {
        Box::pin(async move {
            let organization = organization_named(tx, org).await?;
            let permit = require(tx, requester, organization, Permission::BillingRead).await?;
            Ok(billing::find(tx, &permit).await?)
        })
    });
    Ok(conditions.answer(&BillingSettings::of(&found.await?)))
}

/// Change billing settings
///
/// Needs `billing:write`.
#[utoipa::path(patch, path = "/v2/organizations/{org}/billing", tag = "settings", operation_id = "update_billing",
    request_body(content = BillingToChange, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The settings as they are now", body = BillingSettings)))]
pub async fn update(
    call: Call,
    Path(org): Path<String>,
    conditions: Conditions,
    Patch(change): Patch<BillingToChange>,
) -> Result<Response, Problem> {
    let lane = call.lane_of(&org).await?;
    let changed = call.write(
        lane,
        (org, conditions, change),
        |tx, requester, (org, conditions, change)| {
            Box::pin(async move {
                let organization = organization_named(tx, org).await?;
                let permit = require(tx, requester, organization, Permission::BillingWrite).await?;
                let old = billing::find(tx, &permit).await?;
                conditions.admit(&BillingSettings::of(&old))?;
                let new = change.clone().on(&old)?;
                billing::change(tx, &permit, &requester.keyring, &old, &new, requester.now).await?;
                Ok(billing::find(tx, &permit).await?)
            })
        },
    );
    Ok(Conditions::default().answer(&BillingSettings::of(&changed.await?)))
}
