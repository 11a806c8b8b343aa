//! What runs by itself while the server does: forgetting what has expired, the signing keys' turns, writing what was
//! observed, sealing the audit log, reminding those who were invited, holding access reviews again, and delivering
//! letters.

use std::time::Duration;

use tokio::sync::watch;

use crate::audit::{Actor, Observations, Sealed, Sealer, erasure, retention};
use crate::clock::Clock;
use crate::delivery::PostOffice;
use crate::directory::connections;
use crate::directory::credentials::password_reset::{ResetLinks, answer_those_who_asked};
use crate::directory::domains;
use crate::directory::invitations::{Link, remind_those_who_wait};
use crate::directory::reviews;
use crate::directory::scim::warnings;
use crate::directory::signing_keys::{When, rotate};
use crate::directory::{KeyUses, key_warnings};
use crate::dns::Dns;
use crate::domain::sms;
use crate::domain::throttle::Allowance;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::oidc::token;
use crate::outbound::Outbound;
use crate::sign_in;
use crate::storage::{
    Db, Lane, StorageError, alerts, attempts, authorization_codes, authorization_requests, domain_challenges,
    email_changes, families, idempotency_keys, logout_requests, outbox, password_resets, pending_links,
    portal_links, refresh_tokens, revoked_tokens, saml_answers, saml_assertions, sessions, sign_ins,
    sign_outs, sms_codes, sms_sends, sso_log, totp, upstream_requests, usage, webauthn_ceremonies,
};

/// How often each job runs.
const EVERY: Duration = Duration::from_secs(30);

/// A code is remembered this long after it expired: a reuse is still seen while tokens of it live.
const CODE_MEMORY: Duration = Duration::from_hours(1);

/// An answer to a request with an `Idempotency-Key` is kept this long.
const ANSWER_MEMORY: Duration = Duration::from_hours(24);

/// A letter that could not be delivered is kept this long for whoever looks why.
const LETTER_MEMORY: Duration = Duration::from_hours(30 * 24);

/// How attempts to come by a connection went is kept this long.
const ATTEMPT_MEMORY: Duration = Duration::from_hours(90 * 24);

/// What people were told of their accounts is kept this long.
const ALERT_MEMORY: Duration = Duration::from_hours(365 * 24);

/// Runs every job until the task is dropped. What fails is logged and tried again next time.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn run(db: Db, keyring: Keyring, clock: Clock, key_uses: KeyUses, link: Link) {
    loop {
        tokio::time::sleep(EVERY).await;
        if let Err(error) = forget_the_expired(&db, clock.now()).await {
            tracing::error!(%error, "can't forget what has expired");
        }
        if let Err(error) = key_uses.write_down(&db).await {
            tracing::error!(%error, "can't note how API keys are used");
        }
        if let Err(error) = key_warnings::warn_of_ends(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't warn of API keys that end soon");
        }
        if let Err(error) = sign_in::watch(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't look whether somebody guesses at many accounts");
        }
        if let Err(error) = remind_those_who_wait(&db, &keyring, &link, clock.now()).await {
            tracing::error!(%error, "can't remind those who were invited");
        }
        if let Err(error) = reviews::keep_time(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't look after access reviews");
        }
        if let Err(error) = erasure::go_on(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't erase from the audit log what was of people who are gone");
        }
        match rotate(&db, &keyring, When::Due, Actor::Host, clock.now()).await {
            Ok(true) => tracing::info!("the signing keys took their turn"),
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "can't rotate the signing keys"),
        }
        if let Err(error) = keyring.reload(&db).await {
            tracing::error!(%error, "can't read the signing keys again");
        }
    }
}

/// How long an observation waits for others before it is written.
const GATHERING: Duration = Duration::from_millis(500);

/// Writes what was observed, within a second of it, until the task is dropped. What can't be written is kept and tried
/// again; when there is no more room for it, whoever has something to observe waits.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn write_observations(observations: Observations, clock: Clock) {
    loop {
        observations.arrival().await;
        tokio::select! {
            () = tokio::time::sleep(GATHERING) => {}
            () = observations.crowd() => {}
        }
        if let Err(error) = observations.write(clock.now()).await {
            tracing::error!(%error, "can't write what was observed: soon requests will wait for it");
            tokio::time::sleep(GATHERING).await;
        }
    }
}

/// How often it is looked whether something is to be looked after elsewhere.
const LOOKING: Duration = Duration::from_mins(5);

/// Looks after what is elsewhere, at its own pace: metadata and certificates of providers, tokens that directories come
/// with, and the DNS of domains.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn look_elsewhere(db: Db, keyring: Keyring, outbound: Outbound, dns: Dns, clock: Clock) {
    loop {
        tokio::time::sleep(LOOKING).await;
        if let Err(error) = connections::refresh_metadata(&db, &keyring, &outbound, clock.now()).await {
            tracing::error!(%error, "can't look after the metadata of providers");
        }
        if let Err(error) = connections::warn_of_certificates(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't warn of certificates that end soon");
        }
        if let Err(error) = warnings::warn_of_ends(&db, &keyring, clock.now()).await {
            tracing::error!(%error, "can't warn of SCIM tokens that end soon");
        }
        if let Err(error) = domains::look_again(&db, &keyring, &dns, clock.now()).await {
            tracing::error!(%error, "can't look after the DNS of domains");
        }
    }
}

/// How often the log is sealed; what was removed before it was, nobody can see.
const SEALING: Duration = Duration::from_secs(1);

/// How long a node that came too late waits before it looks whether it is still needed.
const STANDING_BY: Duration = Duration::from_secs(5);

/// Seals the audit log until the task is dropped.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn seal_the_log(sealer: Sealer, clock: Clock) {
    loop {
        let pause = match sealer.seal(clock.now()).await {
            Ok(Sealed::All(_)) => SEALING,
            Ok(Sealed::ByAnother) => STANDING_BY,
            Err(error) => {
                tracing::error!(%error, "can't seal the audit log");
                STANDING_BY
            }
        };
        tokio::time::sleep(pause).await;
    }
}

/// How long somebody who lost their password waits at most until their letter is posted.
const ASKING: Duration = Duration::from_secs(1);

/// Writes to those who asked for another password, at its own pace: what it does for one of them delays nobody's answer.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn answer_for_lost_passwords(db: Db, keyring: Keyring, links: ResetLinks, clock: Clock) {
    loop {
        tokio::time::sleep(ASKING).await;
        if let Err(error) = answer_those_who_asked(&db, &keyring, &links, clock.now()).await {
            tracing::error!(%error, "can't write to those who lost their password");
        }
    }
}

/// How often what is too old is looked for.
const FORGETTING: Duration = Duration::from_hours(1);

/// Removes from the audit log what is older than so many days, until the task is dropped.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn forget_the_log(db: Db, keyring: Keyring, keep_days: u32, clock: Clock) {
    loop {
        match retention::forget(&db, &keyring, keep_days, clock.now()).await {
            Ok(0) => {}
            Ok(events) => tracing::info!(events, keep_days, "old events are gone from the audit log"),
            Err(error) => tracing::error!(%error, "can't remove old events from the audit log"),
        }
        tokio::time::sleep(FORGETTING).await;
    }
}

/// How long a letter of another node, or one that is to be tried again, waits at most to be seen.
const ROUND: Duration = Duration::from_secs(5);

/// Delivers letters, those of this node at once, until told to stop; those that are on their way then still go.
#[expect(clippy::disallowed_methods, reason = "jobs are what waits for time to pass")]
pub async fn deliver_letters(office: PostOffice, stopped: watch::Receiver<bool>) {
    let closed = || *stopped.borrow();
    let mut told = stopped.clone();
    while !closed() {
        if let Err(error) = office.deliver(closed).await {
            tracing::error!(%error, "can't look after the outbox");
        }
        tokio::select! {
            // An error means that nobody can say stop any more, which is as good.
            _ = told.wait_for(|stopped| *stopped) => return,
            () = office.posted() => {}
            () = tokio::time::sleep(ROUND) => {}
        }
    }
}

/// Forgets unfinished sign-ins and requests, old codes, old failures, dead sessions and tokens, and reservations that
/// count no longer.
pub async fn forget_the_expired(db: &Db, now: Timestamp) -> Result<(), StorageError> {
    db.write(Lane::Free, move |tx| {
        Box::pin(async move {
            sign_ins::purge(tx, now).await?;
            webauthn_ceremonies::purge(tx, now).await?;
            upstream_requests::purge(tx, now).await?;
            saml_answers::purge(tx, now).await?;
            saml_assertions::purge(tx, now).await?;
            logout_requests::purge(tx, now).await?;
            sign_outs::purge(tx, now).await?;
            domain_challenges::purge(tx, now).await?;
            portal_links::purge(tx, now.minus(ATTEMPT_MEMORY)).await?;
            pending_links::purge(tx, now).await?;
            sso_log::purge(tx, now.minus(ATTEMPT_MEMORY)).await?;
            authorization_requests::purge(tx, now).await?;
            authorization_codes::purge(tx, now.minus(CODE_MEMORY)).await?;
            attempts::purge(tx, now.minus(Allowance::MEMORY)).await?;
            email_changes::purge(tx, now).await?;
            password_resets::purge(tx, now).await?;
            totp::purge(tx, now).await?;
            sms_codes::purge(tx, now).await?;
            sms_sends::purge(tx, now.minus(sms::DAY)).await?;
            sessions::purge(tx, now.minus(CODE_MEMORY)).await?;
            idempotency_keys::purge(tx, now.minus(ANSWER_MEMORY)).await?;
            families::purge(tx, now.minus(CODE_MEMORY)).await?;
            refresh_tokens::forget_sealed(tx, now.minus(token::GRACE)).await?;
            revoked_tokens::purge(tx, now.minus(CODE_MEMORY)).await?;
            outbox::purge(tx, now.minus(LETTER_MEMORY)).await?;
            alerts::purge(tx, now.minus(ALERT_MEMORY)).await?;
            usage::purge(tx, now).await?;
            Ok(())
        })
    })
    .await
}
