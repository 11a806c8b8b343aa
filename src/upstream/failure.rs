//! Attempts that came to nothing: told to the person by a reference alone, and to whoever set the connection up in the SSO
//! log, without anything secret.

use std::net::IpAddr;

use crate::directory::DirectoryError;
use crate::domain::arrival::Subject;
use crate::domain::evidence::Evidence;
use crate::domain::id::UserId;
use crate::domain::text::misleads;
use crate::domain::time::Timestamp;
use crate::domain::upstream::{Attempt, Stage, UpstreamPurpose, UpstreamRequest};
use crate::random;
use crate::storage::{Db, Lane, StorageError, sso_log};

/// What a provider said of itself is told in so many characters.
const LONGEST_DETAIL: usize = 500;

/// How far an attempt came, and why not further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// How far.
    pub stage: Stage,
    /// Why not further: a name that programs can rely on.
    pub refusal: &'static str,
    /// The same in a sentence for whoever sets the connection up.
    pub detail: String,
    /// Who came, as far as that was verified.
    pub subject: Option<Subject>,
    /// Whom they were taken for.
    pub user: Option<UserId>,
    /// What the answer showed of itself, if it was the provider's.
    pub evidence: Option<Box<Evidence>>,
}

/// Why nobody came in.
#[derive(Debug, thiserror::Error)]
pub enum ArriveError {
    /// It was refused; the SSO log has it.
    #[error("refused: {}", .0.refusal)]
    Refused(Failure),
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

impl Failure {
    /// An attempt that came as far as this stage. What of the detail could mislead whoever reads it is left out.
    pub fn at(stage: Stage, refusal: &'static str, detail: impl AsRef<str>) -> Self {
        let plain = detail.as_ref().chars().filter(|character| !misleads(*character));
        Self {
            stage,
            refusal,
            detail: plain.take(LONGEST_DETAIL).collect(),
            subject: None,
            user: None,
            evidence: None,
        }
    }

    /// The same of an answer that showed this of itself.
    #[must_use]
    pub fn showing(self, evidence: Evidence) -> Self {
        Self {
            evidence: Some(Box::new(evidence)),
            ..self
        }
    }

    /// The line of it in the SSO log.
    fn attempt(&self, request: &UpstreamRequest, address: IpAddr, now: Timestamp) -> Attempt {
        Attempt {
            id: random::id(now),
            organization: request.organization,
            connection: request.connection,
            at: now,
            reference: request.reference.clone(),
            stage: self.stage,
            refusal: Some(self.refusal),
            detail: self.detail.clone(),
            subject: self.subject.clone().map(String::from),
            user: self.user,
            test: matches!(request.purpose, UpstreamPurpose::Test(_)),
            address,
        }
    }
}

impl From<DirectoryError> for ArriveError {
    fn from(error: DirectoryError) -> Self {
        match error {
            DirectoryError::Storage(error) => Self::Storage(error),
            DirectoryError::LimitReached { .. } => {
                Self::Refused(Failure::at(Stage::Person, "limit_reached", error.to_string()))
            }
            other => Self::Refused(Failure::at(Stage::Person, "refused", other.to_string())),
        }
    }
}

/// Notes in the SSO log why an attempt came to nothing.
pub async fn note(
    db: &Db,
    request: &UpstreamRequest,
    failure: &Failure,
    address: IpAddr,
    now: Timestamp,
) -> Result<(), StorageError> {
    let attempt = failure.attempt(request, address, now);
    tracing::info!(
        reference = attempt.reference.as_str(),
        connection = %attempt.connection,
        stage = attempt.stage.as_str(),
        refusal = failure.refusal,
        "somebody could not come by a connection"
    );
    db.write(Lane::Free, move |tx| {
        let attempt = attempt.clone();
        Box::pin(async move { sso_log::insert(tx, &attempt).await })
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lo1_what_a_provider_says_can_neither_hide_nor_fill_the_log() {
        let failure = Failure::at(Stage::Response, "x", "no\r\n\u{1b}[31m\u{202e}way");
        assert_eq!(failure.detail, "no[31mway");
        let long = Failure::at(Stage::Response, "x", "\u{e9}".repeat(10_000));
        assert_eq!(long.detail.chars().count(), LONGEST_DETAIL);
    }
}
