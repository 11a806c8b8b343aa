//! What connections gave members by their rules: only that do they take back.

use super::query::{execute, fetch};
use super::row::Row;
use super::{StorageError, Tx};
use crate::domain::connection::Mapped;
use crate::domain::id::{ConnectionId, MembershipId};

/// The text of what was given: its id says what it is.
fn text_of(given: Mapped) -> String {
    match given {
        Mapped::Role(id) => id.to_string(),
        Mapped::Group(id) => id.to_string(),
    }
}

/// What a member was given by a connection and still has by it.
pub async fn of_member(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    member: MembershipId,
) -> Result<Vec<Mapped>, StorageError> {
    let rows = fetch!(
        fetch_all as (String,),
        tx,
        "SELECT given FROM mapped_members WHERE membership_id = $1 AND connection_id = $2 ORDER BY given",
        member.to_string(),
        connection.to_string(),
    )?;
    let read = |(given,): (String,)| {
        let role = given.parse().map(Mapped::Role).ok();
        let given_of = role.or_else(|| given.parse().map(Mapped::Group).ok());
        Row::of("mapped_members", &given).some("given", given_of)
    };
    rows.into_iter().map(read).collect()
}

/// Notes that a member has something by a connection.
pub async fn put(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    member: MembershipId,
    given: Mapped,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "INSERT INTO mapped_members (membership_id, connection_id, given) VALUES ($1, $2, $3) \
         ON CONFLICT (membership_id, connection_id, given) DO NOTHING",
        member.to_string(),
        connection.to_string(),
        text_of(given),
    )?;
    Ok(())
}

/// Notes that they don't any more.
pub async fn forget(
    tx: &mut Tx<'_>,
    connection: ConnectionId,
    member: MembershipId,
    given: Mapped,
) -> Result<(), StorageError> {
    execute!(
        tx,
        "DELETE FROM mapped_members WHERE membership_id = $1 AND connection_id = $2 AND given = $3",
        member.to_string(),
        connection.to_string(),
        text_of(given),
    )?;
    Ok(())
}
