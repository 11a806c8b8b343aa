//! Argon2id on threads of its own, as many as there are cores, each with one block of memory that it uses again. New
//! passwords are judged there too.
//!
//! However many people sign in at once, memory stays bounded and the threads that serve pages stay free.

use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use argon2::password_hash::phc::{Ident, Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use aws_lc_rs::constant_time;
use tokio::sync::oneshot;
use zeroize::Zeroizing;

use super::password::normalized;
use super::password_strength::weakness;
use super::{BadPassword, NewPassword, PasswordRules, StolenPasswords};
use crate::random;

/// How many may wait for each thread before others are told to come back.
const WAITING_PER_THREAD: usize = 64;

/// A thread gives its memory back when nobody has signed in for this long.
const REST: Duration = Duration::from_secs(10);

/// Hashes and checks passwords. Cheap to copy.
#[derive(Clone)]
pub struct PasswordHasher {
    jobs: SyncSender<Job>,
    decoy: Arc<str>,
}

/// Too many people are signing in at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many passwords are being checked at this moment; try again in a few seconds")]
pub struct Busy;

/// What checking a password found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is not the password, or there is none.
    Wrong,
    /// It is; the hash is as strong as any we make.
    Right,
    /// It is, and this stronger hash should replace the stored one.
    RightButWeak(String),
}

/// Why a new password was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotTaken {
    /// It is not good enough.
    #[error(transparent)]
    Bad(#[from] BadPassword),
    /// Not at this moment.
    #[error(transparent)]
    Busy(#[from] Busy),
}

struct Job {
    password: Zeroizing<String>,
    task: Task,
}

enum Task {
    Hash(oneshot::Sender<String>),
    Check(String, oneshot::Sender<Checked>),
    Judge(Vec<String>, oneshot::Sender<Option<BadPassword>>),
}

impl PasswordHasher {
    /// Starts one thread for each core. They end when the last copy of the hasher is gone.
    pub fn start() -> Self {
        Self::start_with(None)
    }

    /// The same with a list of stolen passwords, which nobody may choose.
    pub fn start_with(stolen: Option<StolenPasswords>) -> Self {
        let stolen = stolen.map(Arc::new);
        let threads = thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (jobs, queue) = sync_channel(WAITING_PER_THREAD * threads);
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..threads {
            let (queue, stolen) = (Arc::clone(&queue), stolen.clone());
            thread::spawn(move || work(&queue, stolen.as_deref()));
        }
        Self {
            jobs,
            decoy: decoy().into(),
        }
    }

    /// The hash of a password that somebody chose, as a PHC string, if it is good by the rules. Whoever sets a password
    /// has come through here.
    pub async fn take(&self, chosen: &str, rules: &PasswordRules) -> Result<String, NotTaken> {
        let password = NewPassword::of_length(chosen, rules.least())?;
        let (answer, judged) = oneshot::channel();
        self.enqueue(Job {
            password: password.text().clone(),
            task: Task::Judge(rules.own_words().to_vec(), answer),
        })?;
        if let Some(bad) = judged.await.map_err(|_| Busy)? {
            return Err(bad.into());
        }
        // One job each, so that those who sign in meanwhile have their turn.
        for earlier in rules.earlier() {
            if self.check(chosen, Some(earlier.clone())).await? != Checked::Wrong {
                return Err(BadPassword::Used.into());
            }
        }
        Ok(self.hash(password).await?)
    }

    /// A password's hash, as a PHC string, whatever it is like.
    pub async fn hash(&self, password: NewPassword) -> Result<String, Busy> {
        let (answer, hash) = oneshot::channel();
        self.enqueue(Job {
            password: password.text().clone(),
            task: Task::Hash(answer),
        })?;
        hash.await.map_err(|_| Busy)
    }

    /// Checks a password against a stored hash; without one it works as long and answers [`Checked::Wrong`].
    pub async fn check(&self, password: &str, stored: Option<String>) -> Result<Checked, Busy> {
        let there = stored.is_some();
        let possible = normalized(password);
        let there = there && possible.is_some();
        let stored = stored.unwrap_or_else(|| self.decoy.to_string());
        let (answer, checked) = oneshot::channel();
        let password = possible.unwrap_or_default();
        self.enqueue(Job {
            password,
            task: Task::Check(stored, answer),
        })?;
        let checked = checked.await.map_err(|_| Busy)?;
        Ok(if there { checked } else { Checked::Wrong })
    }

    fn enqueue(&self, job: Job) -> Result<(), Busy> {
        self.jobs.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) | TrySendError::Disconnected(_) => Busy,
        })
    }
}

fn work(queue: &Mutex<Receiver<Job>>, stolen: Option<&StolenPasswords>) {
    let mut worker = Worker::default();
    loop {
        let job = queue
            .lock()
            .expect("no panic while a job is taken")
            .recv_timeout(REST);
        let Job { password, task } = match job {
            Ok(job) => job,
            Err(RecvTimeoutError::Timeout) => {
                worker = Worker::default();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // Whoever waited may be gone; that is theirs.
        let _gone = match task {
            Task::Hash(answer) => answer.send(worker.hash(password.as_bytes())).is_err(),
            Task::Check(stored, answer) => answer.send(worker.check(password.as_bytes(), &stored)).is_err(),
            Task::Judge(own_words, answer) => answer.send(judge(&password, &own_words, stolen)).is_err(),
        };
    }
}

/// What is wrong with a password that is long enough.
fn judge(password: &str, own_words: &[String], stolen: Option<&StolenPasswords>) -> Option<BadPassword> {
    let on_the_list = stolen.is_some_and(|stolen| {
        stolen.has(password).unwrap_or_else(|error| {
            // Nobody could set a password any more if a list that broke refused them all.
            tracing::error!(%error, "can't look into the list of stolen passwords");
            false
        })
    });
    if on_the_list {
        return Some(BadPassword::Stolen);
    }
    weakness(password, own_words).map(BadPassword::Guessable)
}

/// A hash that no password has: what comes out of hashing looks like randomness, so randomness does as well.
fn decoy() -> String {
    phc(&random::bytes(), &random::bytes::<32>())
}

/// As it is stored.
fn phc(salt: &[u8; 16], output: &[u8]) -> String {
    let phc = PasswordHash {
        algorithm: Ident::new("argon2id").expect("a valid name"),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(&strength()).expect("our own parameters"),
        salt: Some(Salt::new(salt).expect("16 bytes are a salt")),
        hash: Some(Output::new(output).expect("32 bytes are an output")),
    };
    phc.to_string()
}

/// One thread's memory; none before its first job.
#[derive(Default)]
struct Worker(Vec<Block>);

impl Worker {
    fn hash(&mut self, password: &[u8]) -> String {
        let params = strength();
        let salt = random::bytes::<16>();
        let output = self.run(&params, password, &salt);
        phc(&salt, &output)
    }

    /// A stored hash we can't read is nobody's password.
    fn check(&mut self, password: &[u8], stored: &str) -> Checked {
        let Ok(phc) = PasswordHash::new(stored) else {
            return Checked::Wrong;
        };
        let (Some(salt), Some(expected)) = (&phc.salt, &phc.hash) else {
            return Checked::Wrong;
        };
        let Ok(params) = Params::try_from(&phc) else {
            return Checked::Wrong;
        };
        if phc.algorithm.as_str() != "argon2id" || params.m_cost() > 8 * Params::DEFAULT_M_COST {
            return Checked::Wrong;
        }
        let output = self.run(&params, password, salt.as_ref());
        if constant_time::verify_slices_are_equal(&output, expected.as_bytes()).is_err() {
            return Checked::Wrong;
        }
        let ours = strength();
        if params.m_cost() < ours.m_cost() || params.t_cost() < ours.t_cost() {
            return Checked::RightButWeak(self.hash(password));
        }
        Checked::Right
    }

    fn run(&mut self, params: &Params, password: &[u8], salt: &[u8]) -> Vec<u8> {
        let mut output = vec![0; params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN)];
        if self.0.len() < params.block_count() {
            self.0.resize(params.block_count(), Block::default());
        }
        let memory = &mut self.0[..params.block_count()];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone())
            .hash_password_into_with_memory(password, salt, &mut output, memory)
            .expect("parameters were checked when they were parsed");
        output
    }
}

/// 19 MiB, two passes, one lane (OWASP Password Storage Cheat Sheet).
fn strength() -> Params {
    Params::new(19 * 1024, 2, 1, Some(32)).expect("valid parameters")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_recognised_and_an_old_hash_is_made_stronger() {
        let hasher = PasswordHasher::start();
        let hash = hasher
            .hash(NewPassword::parse("correct horse battery").unwrap())
            .await
            .unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let check = |password: &'static str, hash: &str| {
            let (hasher, hash) = (hasher.clone(), hash.to_owned());
            async move { hasher.check(password, Some(hash)).await.unwrap() }
        };
        assert_eq!(check("correct horse battery", &hash).await, Checked::Right);
        assert_eq!(check("correct horse batterx", &hash).await, Checked::Wrong);
        // `correct horse battery` at 8 MiB and one pass, made with the reference implementation's parameters.
        let mut weak = Worker::default();
        let salt = [9; 16];
        let params = Params::new(8 * 1024, 1, 1, Some(32)).unwrap();
        let output = weak.run(&params, b"correct horse battery", &salt);
        let weak = PasswordHash {
            algorithm: Ident::new("argon2id").unwrap(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(&params).unwrap(),
            salt: Some(Salt::new(&salt).unwrap()),
            hash: Some(Output::new(&output).unwrap()),
        };
        assert!(matches!(
            check("correct horse battery", &weak.to_string()).await,
            Checked::RightButWeak(_)
        ));
    }

    #[tokio::test]
    async fn lg6_what_is_no_hash_or_no_password_never_opens() {
        let hasher = PasswordHasher::start();
        for stored in [
            None,
            Some(String::new()),
            Some("$argon2id$v=19$m=4194304,t=9,p=1$AAAAAAAAAAA$AAAAAAAAAAA".into()),
        ] {
            assert_eq!(
                hasher.check("correct horse battery", stored).await,
                Ok(Checked::Wrong)
            );
        }
        let hash = hasher
            .hash(NewPassword::parse("correct horse battery").unwrap())
            .await
            .unwrap();
        assert_eq!(
            hasher.check(&"x".repeat(1 << 20), Some(hash)).await,
            Ok(Checked::Wrong)
        );
    }
}
