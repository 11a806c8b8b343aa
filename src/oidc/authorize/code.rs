//! Giving a code.

use super::{Granted, Grounds, NotGranted, grant};
use crate::domain::id::{ActivationId, FamilyId};
use crate::domain::oauth::{AuthorizationCode, CodeRequest};
use crate::domain::secret::{Purpose, Secret};
use crate::domain::time::Timestamp;
use crate::oidc::Provider;
use crate::random;
use crate::storage::{Lane, StorageError, authorization_codes};

/// Gives a code for what was asked on these grounds, if nothing else is next.
pub async fn issue(
    provider: &Provider,
    grounds: Grounds,
    asked: CodeRequest,
    now: Timestamp,
) -> Result<Result<Secret, NotGranted>, StorageError> {
    let code = random::secret();
    let hash = code.hash(Purpose::AuthorizationCode);
    let (family, drawn): (FamilyId, ActivationId) = (random::id(now), random::id(now));
    let keyring = provider.keyring.clone();
    let work = provider.db.write(Lane::Free, move |tx| {
        let (grounds, asked, hash, keyring) = (grounds.clone(), asked.clone(), hash.clone(), keyring.clone());
        Box::pin(async move {
            let granted = match grant(tx, &keyring, &grounds, drawn, now).await? {
                Ok(granted) => granted,
                Err(other) => return Ok(Err(other)),
            };
            let Granted {
                application,
                signed_in,
                ready,
                activation,
            } = granted;
            let code = AuthorizationCode {
                family,
                application: application.id,
                user: signed_in.user.id,
                organization: ready.organization.id,
                activation,
                redirect_uri: asked.redirect_uri,
                scope: grounds.request.scope,
                resources: asked.resources,
                nonce: asked.nonce,
                code_challenge: asked.code_challenge,
                created_at: now,
                expires_at: now.plus(AuthorizationCode::LIFETIME),
            };
            authorization_codes::insert(tx, &hash, &code).await?;
            Ok(Ok(()))
        })
    });
    let issued: Result<Result<(), NotGranted>, StorageError> = work.await;
    Ok(issued?.map(|()| code))
}
