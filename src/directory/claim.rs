//! The claim link: how the first owner of an instance gets in with a browser, once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::DirectoryError;
use super::setup::{FirstOwner, first_owner};
use crate::audit::{self, Actor, Event};
use crate::domain::secret::{Purpose, Secret, SecretHash};
use crate::domain::session::{Method, Proof, ProofSource};
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::random;
use crate::sign_in::{Draft, Opened, Visitor, open_session};
use crate::storage::{Db, Lane, StorageError, claims, users};

/// A claim link is good for one day.
pub const LIFETIME: Duration = Duration::from_hours(24);

/// A new claim secret; earlier ones die.
pub async fn offer(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<Secret, StorageError> {
    let secret = random::secret();
    let hash = secret.hash(Purpose::Claim);
    let keyring = keyring.clone();
    let offered = db.write(Lane::Instance, move |tx| {
        let (hash, keyring) = (hash.clone(), keyring.clone());
        Box::pin(async move {
            claims::replace(tx, &hash, now, now.plus(LIFETIME)).await?;
            audit::record(tx, &keyring, &Event::of("claim.offered", Actor::Host), now).await
        })
    });
    let done: Result<(), StorageError> = offered.await;
    done.map(|()| secret)
}

/// Whether a claim can still be used: not used, not too old, and nobody owns the instance.
pub async fn is_open(db: &Db, hash: &SecretHash, now: Timestamp) -> Result<bool, StorageError> {
    let mut snapshot = db.snapshot().await?;
    let mut tx = snapshot.tx();
    Ok(claims::is_open(&mut tx, hash, now).await? && !users::any_superuser(&mut tx).await?)
}

/// Where the claim link is written when there is no terminal to show it on.
pub fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("claim")
}

/// Removes the claim link's file, which is worth nothing once it is used.
pub fn forget_file(data_dir: &Path) {
    match std::fs::remove_file(file(data_dir)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            tracing::warn!(%error, "can't remove the used claim link's file");
        }
        _ => {}
    }
}

/// Uses a claim: the first owner is made, and signed in at once.
pub async fn take(
    db: &Db,
    keyring: &Keyring,
    claim: &Secret,
    owner: &FirstOwner,
    visitor: &Visitor,
    now: Timestamp,
) -> Result<Opened, DirectoryError> {
    let (draft, opened) = Draft::draw(visitor, now);
    let (hash, keyring) = (claim.hash(Purpose::Claim), keyring.clone());
    let (owner, visitor) = (owner.clone(), visitor.clone());
    let work = db.write(Lane::Instance, move |tx| {
        let (owner, hash, keyring) = (owner.clone(), hash.clone(), keyring.clone());
        let (visitor, draft) = (visitor.clone(), draft.clone());
        Box::pin(async move {
            if !claims::consume(tx, &hash, now).await? {
                return Err(DirectoryError::ClaimOver);
            }
            first_owner(tx, &keyring, &owner, now).await?;
            let source = ProofSource::Own(owner.user.credential());
            let proof = Proof {
                method: Method::Password,
                source,
                at: now,
                remembered: false,
            };
            open_session(tx, &keyring, &visitor, &draft, owner.user.id, &[proof]).await?;
            Ok(())
        })
    });
    work.await.map(|()| opened)
}
