//! Batches: many things asked in one request, each done or refused by itself, in its own transaction.

use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::call::{Call, organization_named};
use super::code::Code;
use super::problem::{Problem, Told};
use crate::directory::require;
use crate::domain::access::Permission;
use crate::domain::id::OrganizationId;

/// The most items of a batch.
const MOST_ITEMS: usize = 100;

/// What a batch asks for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Batch<T> {
    /// 1 to 100 of them, done in this order.
    #[schema(min_items = 1, max_items = 100)]
    items: Vec<T>,
}

/// What became of a batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Results<T> {
    /// One for each item, in the same order.
    results: Vec<Outcome<T>>,
}

/// What became of one item.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Outcome<T> {
    /// As if it had been asked alone.
    #[schema(example = 201)]
    status: u16,
    /// What it is now, if it was done and there is something to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    value: Option<T>,
    /// Why it was not done.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    problem: Option<Told>,
}

impl<T> Batch<T> {
    /// The items, if there are neither none nor too many.
    pub(super) fn items(self) -> Result<Vec<T>, Problem> {
        if (1..=MOST_ITEMS).contains(&self.items.len()) {
            return Ok(self.items);
        }
        Err(Problem::field("/items", "a batch has 1 to 100 items"))
    }
}

impl<T> Results<T> {
    /// Nothing was done yet.
    pub(super) fn none() -> Self {
        Self { results: Vec::new() }
    }

    /// What became of the next item. A reused Idempotency-Key ends the whole, as it is about the whole.
    pub(super) fn push(
        &mut self,
        call: &Call,
        outcome: Result<(StatusCode, Option<T>), Problem>,
    ) -> Result<(), Problem> {
        let outcome = match outcome {
            Ok((status, value)) => Outcome {
                status: status.as_u16(),
                value,
                problem: None,
            },
            Err(problem) if problem.code() == Code::IdempotencyKeyReused => return Err(problem),
            Err(problem) => {
                problem.log(call.trace);
                Outcome {
                    status: problem.code().status().as_u16(),
                    value: None,
                    problem: Some(problem.told(&call.state.config.public_url.at("/docs"), call.trace)),
                }
            }
        };
        self.results.push(outcome);
        Ok(())
    }
}

impl Call {
    /// Whether whoever asks may do this in the organization of a path at all: what refuses each item alike refuses the
    /// whole batch. Each item is decided again in its own transaction.
    pub(super) async fn admit(&self, org: &str, permission: Permission) -> Result<OrganizationId, Problem> {
        self.read(
            (org.to_owned(), permission),
            |tx, requester, (org, permission)| {
                Box::pin(async move {
                    let organization = organization_named(tx, org).await?;
                    Ok(require(tx, requester, organization, *permission)
                        .await?
                        .organization())
                })
            },
        )
        .await
    }
}
