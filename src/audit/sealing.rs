//! The job that seals the log: each second it takes what is new, and puts a seal behind each chain that has something.
//!
//! It changes no event: that would double the price of each. It reads and signs outside of any transaction, and in one
//! short one moves on from where it was: of two nodes that seal at once one does, and the other did nothing.

use std::collections::BTreeMap;

use super::progress::{Progress, Round};
use super::seal::{self, Leaf};
use crate::domain::time::Timestamp;
use crate::keyring::{AuditKeys, Keyring};
use crate::storage::audit_seals::{self, StoredHead, StoredSealing, Unsealed};
use crate::storage::{Db, Lane, StorageError};

/// Events in one round at most.
const ROUND: usize = 4096;

/// Seals the log of one database. Cheap to copy.
#[derive(Clone)]
pub struct Sealer {
    db: Db,
    keys: AuditKeys,
}

/// What became of an attempt to seal everything there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sealed {
    /// So many events are sealed, and no more there.
    All(usize),
    /// Another node seals.
    ByAnother,
}

/// Why nothing is sealed.
#[derive(Debug, thiserror::Error)]
pub enum SealingError {
    /// The database.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// To go on would cover the traces.
    #[error("{0} was changed behind the server's back; run `doorward audit verify`")]
    Tampered(&'static str),
}

enum Done {
    Sealed { events: usize, more: bool },
    ByAnother,
}

impl Sealer {
    /// The sealer of a database's log.
    pub fn of(db: Db, keyring: &Keyring) -> Self {
        let keys = keyring.audit().clone();
        Self { db, keys }
    }

    /// Seals everything that can be seen now.
    pub async fn seal(&self, now: Timestamp) -> Result<Sealed, SealingError> {
        let mut all = 0;
        loop {
            match self.round(now).await? {
                Done::Sealed { events, more } => {
                    all += events;
                    if !more {
                        return Ok(Sealed::All(all));
                    }
                }
                Done::ByAnother => return Ok(Sealed::ByAnother),
            }
        }
    }

    async fn round(&self, now: Timestamp) -> Result<Done, SealingError> {
        let before = self.before().await?;
        let progress = match &before {
            Some(before) => Progress::read(before.next, &before.skipped),
            None => Some(Progress::beginning()),
        };
        let progress = progress.ok_or(SealingError::Tampered("audit_sealing"))?;
        // In this order: see `Progress`.
        let oldest = audit_seals::oldest_transaction(&mut self.db.glance().await?.tx()).await?;
        let (events, more) = self.look(&progress).await?;
        let moment = audit_seals::moment(&mut self.db.glance().await?.tx()).await?;
        let seen: Vec<i64> = events.iter().map(|event| event.position).collect();
        let oldest = if more { oldest.map(|_| i64::MIN) } else { oldest };
        let round = Round {
            seen: &seen,
            oldest,
            moment,
        };
        let after = progress.after(round);
        if after == progress {
            return Ok(Done::Sealed { events: 0, more });
        }
        self.put(before, &after, &events, now).await.map(|moved| {
            if moved {
                let events = events.len();
                Done::Sealed { events, more }
            } else {
                Done::ByAnother
            }
        })
    }

    async fn before(&self) -> Result<Option<StoredSealing>, SealingError> {
        let mut glance = self.db.glance().await?;
        // In this order: another node may begin meanwhile.
        let begun = audit_seals::any(&mut glance.tx()).await?;
        let before = audit_seals::sealing(&mut glance.tx()).await?;
        let untouched = match &before {
            Some(before) => self.keys.has_made(&seal::sealing_bytes(before), &before.mac),
            None => !begun,
        };
        if untouched {
            Ok(before)
        } else {
            Err(SealingError::Tampered("audit_sealing"))
        }
    }

    /// What is to be sealed now, in order of position, and whether there may be more.
    async fn look(&self, progress: &Progress) -> Result<(Vec<Unsealed>, bool), StorageError> {
        let mut glance = self.db.glance().await?;
        let mut events = audit_seals::within(&mut glance.tx(), &progress.ranges(), ROUND).await?;
        if events.len() == ROUND {
            return Ok((events, true));
        }
        let most = i64::try_from(ROUND).unwrap_or(i64::MAX);
        let fresh = audit_seals::unsealed(&mut glance.tx(), progress.next, most).await?;
        let more = fresh.len() == ROUND;
        events.extend(fresh);
        Ok((events, more))
    }

    /// Seals events, and moves on; answers `false` if another was faster.
    async fn put(
        &self,
        before: Option<StoredSealing>,
        progress: &Progress,
        events: &[Unsealed],
        now: Timestamp,
    ) -> Result<bool, SealingError> {
        let mut chains: BTreeMap<&str, Vec<Leaf>> = BTreeMap::new();
        for event in events {
            let chain = event.organization_id.as_deref().unwrap_or_default();
            chains.entry(chain).or_default().push(Leaf::of(event));
        }
        let (mut seals, mut heads) = (Vec::new(), Vec::new());
        for (chain, events) in chains {
            let head = self.head(chain).await?;
            let (seal, head) = seal::seal(&self.keys, chain, head.as_ref(), &events, now);
            seals.push(seal);
            heads.push(head);
        }
        let sealed = |before: i64, more: usize| before.saturating_add(i64::try_from(more).unwrap_or(0));
        let (seals_before, events_before) = before.as_ref().map_or((0, 0), |it| (it.seals, it.events));
        let mut after = StoredSealing {
            next: progress.next,
            skipped: progress.skipped(),
            seals: sealed(seals_before, seals.len()),
            events: sealed(events_before, events.len()),
            mac: Vec::new(),
        };
        after.mac = self.keys.mac(&seal::sealing_bytes(&after));
        let work = self.db.write(Lane::Guarded, move |tx| {
            let (before, after) = (before.clone(), after.clone());
            let (seals, heads) = (seals.clone(), heads.clone());
            Box::pin(async move {
                if !audit_seals::advance(tx, before.as_ref(), &after).await? {
                    return Ok(false);
                }
                audit_seals::insert(tx, &seals, &heads).await?;
                Ok(true)
            })
        });
        let moved: Result<bool, StorageError> = work.await;
        Ok(moved?)
    }

    async fn head(&self, chain: &str) -> Result<Option<StoredHead>, SealingError> {
        let head = audit_seals::head(&mut self.db.glance().await?.tx(), chain).await?;
        match &head {
            Some(head) if !self.keys.has_made(&seal::head_bytes(head), &head.mac) => {
                Err(SealingError::Tampered("audit_heads"))
            }
            _ => Ok(head),
        }
    }
}
