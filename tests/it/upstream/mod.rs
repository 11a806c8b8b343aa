//! People who come by their company's own provider.

mod arriving;
mod hostile;
mod isolation;
mod linking;
mod policy;
mod provisioning;
mod real;
mod routing;
mod sign_out;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use doorward::domain::id::UserId;
use doorward::storage::managed_users::{self, Because};
use doorward::storage::{memberships, users};
use serde_json::{Value, json};

use crate::harness::House;

/// Somebody as Acme's provider tells of them.
fn carol() -> Value {
    json!({
        "sub": "00u-carol", "email": "carol@acme.example", "email_verified": true, "name": "Carol Cole",
    })
}

/// The account of an address, if there is one.
async fn account(house: &House, email: &str) -> Option<UserId> {
    let mut snapshot = house.snapshot().await;
    let found = users::by_email(&mut snapshot.tx(), &email.parse().unwrap()).await;
    found.unwrap().map(|user| user.id)
}

/// The role of somebody at Acme; nothing if they are no member.
async fn role(house: &House, user: UserId) -> Option<Option<String>> {
    let mut snapshot = house.snapshot().await;
    let member = memberships::member(&mut snapshot.tx(), user, house.acme.id).await;
    let membership = member.unwrap().unwrap().membership?;
    Some(membership.role.map(|role| role.name))
}

/// Acme manages Bob's account from now on.
async fn manage_bob(house: &House) {
    let (bob, acme) = (house.acme.bob, house.acme.id);
    house
        .write(move |tx| {
            Box::pin(async move {
                managed_users::manage(tx, bob, acme, Because::Invited)
                    .await
                    .map(drop)
            })
        })
        .await;
}

/// What a token says, believed or not.
fn claims_of(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
