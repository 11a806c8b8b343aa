//! What is looked after by itself: providers' metadata is read again every day, and whoever sets connections up is told of
//! another certificate, of one that ends soon, and of metadata that nobody can read any more. What was read last holds.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream;

use super::{Found, fetch_metadata, reimport, whole};
use crate::audit::{self, Actor, Event};
use crate::delivery::alerts::{Alert, raise};
use crate::directory::who_may::who_may;
use crate::directory::{DirectoryError, told};
use crate::domain::access::Permission;
use crate::domain::alert::AlertKind;
use crate::domain::connection::{Connection, ConnectionStatus, Provider, SamlProvider};
use crate::domain::id::ConnectionId;
use crate::domain::time::Timestamp;
use crate::keyring::Keyring;
use crate::outbound::Outbound;
use crate::saml::keys::certificate_facts;
use crate::storage::{Db, Lane, StorageError, Tx, connection_watches, connections};

/// How often metadata is read.
const EVERY: Duration = Duration::from_hours(24);

/// How soon it is tried again where it could not be.
const AGAIN: Duration = Duration::from_hours(6);

/// So often in a row it can't be read before anybody is told: three days.
const TELL_AFTER: i64 = 12;

/// So many providers at a time.
const AT_A_TIME: i64 = 100;

/// So many are waited for at once.
const AT_ONCE: usize = 4;

/// How many days before certificates end, the last warning first: what is due twice is told once.
const DAYS_BEFORE: [i64; 3] = [1, 7, 30];

/// Looks after a connection as it is now.
pub(super) async fn keep(
    tx: &mut Tx<'_>,
    connection: &Connection,
    now: Timestamp,
) -> Result<(), StorageError> {
    let Provider::Saml(saml) = &connection.provider else {
        return Ok(());
    };
    let switched_off = connection.status == ConnectionStatus::Disabled;
    let refresh = saml.metadata_url.as_ref().filter(|_| !switched_off);
    let refresh_at = refresh.map(|_| now.plus(EVERY));
    let ends_at = last_end(saml).filter(|_| !switched_off);
    connection_watches::put(tx, connection.id, refresh_at, ends_at).await
}

/// When the last certificate ends.
fn last_end(saml: &SamlProvider) -> Option<Timestamp> {
    let read = saml
        .certificates
        .iter()
        .filter_map(|one| certificate_facts(one).ok());
    read.map(|facts| facts.not_after).max()
}

/// Reads again the metadata that is due. What goes wrong with one provider holds up no other.
pub async fn refresh_metadata(
    db: &Db,
    keyring: &Keyring,
    outbound: &Outbound,
    now: Timestamp,
) -> Result<(), StorageError> {
    let due = connection_watches::due(&mut db.glance().await?.tx(), now, AT_A_TIME).await?;
    let each = due.into_iter().map(|id| refresh(db, keyring, outbound, id, now));
    let mut done = stream::iter(each).buffer_unordered(AT_ONCE);
    while let Some(refreshed) = done.next().await {
        refreshed?;
    }
    Ok(())
}

async fn refresh(
    db: &Db,
    keyring: &Keyring,
    outbound: &Outbound,
    id: ConnectionId,
    now: Timestamp,
) -> Result<(), StorageError> {
    let taken = db.write(Lane::Free, move |tx| {
        Box::pin(async move {
            let taken = connection_watches::take(tx, id, now.plus(AGAIN), now).await?;
            let found = connections::by_id(tx, id).await?;
            Ok::<_, StorageError>(found.filter(|_| taken))
        })
    });
    let Some(connection) = taken.await? else {
        return Ok(());
    };
    let read = match &connection.provider {
        Provider::Saml(saml) => newer(outbound, saml, now).await,
        Provider::Oidc(_) => return Ok(()),
    };
    let read = read.map_err(|error| why(&error));
    let (keyring, lane) = (keyring.clone(), Lane::Organization(connection.organization));
    let noted = db.write(lane, move |tx| {
        let (keyring, known, read) = (keyring.clone(), connection.clone(), read.clone());
        Box::pin(async move {
            match read {
                Ok(newer) => take_in(tx, &keyring, &known, newer, now).await,
                Err(why) => note_failure(tx, &keyring, &known, why, now).await,
            }
        })
    });
    let noted: Result<(), DirectoryError> = noted.await;
    noted.or_else(|error| match error {
        DirectoryError::Storage(error) => Err(error),
        // It is gone, or was changed meanwhile: another time.
        _ => Ok(()),
    })
}

async fn newer(
    outbound: &Outbound,
    saml: &SamlProvider,
    now: Timestamp,
) -> Result<SamlProvider, DirectoryError> {
    let url = saml.metadata_url.as_deref().unwrap_or_default();
    let xml = fetch_metadata(outbound, url).await?;
    let newer = reimport(saml, &xml, now)?;
    if newer.entity_id == saml.entity_id {
        Ok(newer)
    } else {
        Err(DirectoryError::field("/metadata_url", "it is another provider's"))
    }
}

/// Why metadata could not be read, without where in a request that would stand.
fn why(error: &DirectoryError) -> String {
    match error {
        DirectoryError::Field(_, why) => why.to_string(),
        other => other.to_string(),
    }
}

async fn take_in(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    known: &Connection,
    newer: SamlProvider,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    let found = connections::by_id(tx, known.id).await?;
    let Some(found) = found.filter(|found| found.provider == known.provider) else {
        return Ok(());
    };
    let added = added(&found, &newer);
    let before = whole(tx, found.clone()).await?;
    let changed = found.provider != Provider::Saml(newer.clone());
    let after = Connection {
        provider: Provider::Saml(newer),
        updated_at: if changed { now } else { found.updated_at },
        ..found
    };
    if changed {
        connections::update(tx, &after).await?;
        let event = Event::of("connection.metadata_refreshed", Actor::Host);
        let event = event.within(after.organization).on(after.id);
        let told_of: Found = whole(tx, after.clone()).await?;
        let event = event.changed(&told::connection(&before), &told::connection(&told_of));
        audit::record(tx, keyring, &event, now).await?;
    }
    keep(tx, &after, now).await?;
    connection_watches::refreshed(tx, after.id, now).await?;
    for fingerprint in added {
        let kind = AlertKind::CertificateAdded {
            name: after.name.to_string(),
            fingerprint,
        };
        tell(tx, keyring, &after, &kind, now).await?;
    }
    Ok(())
}

/// The certificates that were not known, by what a person knows them by.
fn added(known: &Connection, newer: &SamlProvider) -> Vec<String> {
    let Provider::Saml(saml) = &known.provider else {
        return Vec::new();
    };
    let new = newer
        .certificates
        .iter()
        .filter(|one| !saml.certificates.contains(one));
    let read = new.filter_map(|one| certificate_facts(one).ok());
    read.map(|facts| facts.fingerprint).collect()
}

async fn note_failure(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    connection: &Connection,
    why: String,
    now: Timestamp,
) -> Result<(), DirectoryError> {
    if connection_watches::failed(tx, connection.id).await? != TELL_AFTER {
        return Ok(());
    }
    let kind = AlertKind::MetadataUnread {
        name: connection.name.to_string(),
        why,
    };
    tell(tx, keyring, connection, &kind, now).await?;
    Ok(())
}

/// Warns of certificates that end soon: 30 days, 7 days and one day before, once each.
pub async fn warn_of_certificates(db: &Db, keyring: &Keyring, now: Timestamp) -> Result<(), StorageError> {
    for days in DAYS_BEFORE {
        let ending = connection_watches::ending_within(&mut db.glance().await?.tx(), days, now).await?;
        for id in ending {
            let keyring = keyring.clone();
            let work = db.write(Lane::Free, move |tx| {
                let keyring = keyring.clone();
                Box::pin(async move { warn(tx, &keyring, id, days, now).await })
            });
            let warned: Result<(), StorageError> = work.await;
            warned?;
        }
    }
    Ok(())
}

async fn warn(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    id: ConnectionId,
    days: i64,
    now: Timestamp,
) -> Result<(), StorageError> {
    let Some(connection) = connections::by_id(tx, id).await? else {
        return Ok(());
    };
    let Provider::Saml(saml) = &connection.provider else {
        return Ok(());
    };
    let Some(at) = last_end(saml) else {
        return Ok(());
    };
    if !connection_watches::warned(tx, id, days).await? {
        return Ok(());
    }
    let kind = AlertKind::CertificateEnds {
        name: connection.name.to_string(),
        at,
    };
    tell(tx, keyring, &connection, &kind, now).await
}

/// Tells whoever may set the connection up.
async fn tell(
    tx: &mut Tx<'_>,
    keyring: &Keyring,
    connection: &Connection,
    kind: &AlertKind,
    now: Timestamp,
) -> Result<(), StorageError> {
    let organization = connection.organization;
    for user in who_may(tx, organization, Permission::ConnectionWrite, now).await? {
        let alert = Alert::of(user, kind.clone(), None).within(organization);
        raise(tx, keyring, &alert, now).await?;
    }
    Ok(())
}
