//! What the billing system needs to know of organizations.

use super::query::{execute, fetch};
use super::row::{Row, join};
use super::{StorageError, Topic, Tx};
use crate::domain::billing::{Billing, PaymentMethod};
use crate::domain::id::OrganizationId;

#[derive(sqlx::FromRow)]
struct BillingRow {
    id: String,
    billing_email: Option<String>,
    payment_method: Option<String>,
    payment_reference: Option<String>,
    usage_alerts: String,
    outstanding_charges: i64,
}

impl TryFrom<BillingRow> for Billing {
    type Error = StorageError;

    fn try_from(columns: BillingRow) -> Result<Self, StorageError> {
        let row = Row::of("organizations", &columns.id);
        Ok(Self {
            email: row.parse_optional("billing_email", columns.billing_email.as_deref())?,
            payment_method: row.parse_optional("payment_method", columns.payment_method.as_deref())?,
            payment_reference: row
                .parse_optional("payment_reference", columns.payment_reference.as_deref())?,
            usage_alerts: row.parse_list("usage_alerts", &columns.usage_alerts)?,
            outstanding_charges: columns.outstanding_charges,
        })
    }
}

/// The billing settings of an organization; nothing if there is none.
pub async fn of(tx: &mut Tx<'_>, organization: OrganizationId) -> Result<Option<Billing>, StorageError> {
    let row = fetch!(
        fetch_optional as BillingRow,
        tx,
        "SELECT id, billing_email, payment_method, payment_reference, usage_alerts, outstanding_charges \
         FROM organizations WHERE id = $1",
        organization.to_string(),
    )?;
    row.map(TryInto::try_into).transpose()
}

/// Changes all of them.
pub async fn set(
    tx: &mut Tx<'_>,
    organization: OrganizationId,
    billing: &Billing,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "UPDATE organizations SET billing_email = $2, payment_method = $3, payment_reference = $4, usage_alerts = $5, \
         outstanding_charges = $6 WHERE id = $1",
        organization.to_string(),
        billing.email.as_ref().map(|email| email.as_str().to_owned()),
        billing.payment_method.map(PaymentMethod::as_str),
        billing
            .payment_reference
            .as_ref()
            .map(|reference| reference.as_str().to_owned()),
        join(&billing.usage_alerts),
        billing.outstanding_charges,
    )?;
    tx.changed(Topic::Organization(organization));
    Ok(())
}
