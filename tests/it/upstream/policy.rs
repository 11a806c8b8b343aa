//! What an organization asks of those who come by its connection, and of those who don't.

use doorward::domain::connection::Connection;
use doorward::domain::id::ConnectionId;
use doorward::storage::security;
use serde_json::{Value, json};

use super::{claims_of, manage_bob};
use crate::harness::provider::{Away, Provider};
use crate::harness::visitor::authorize;
use crate::harness::{Answer, House, Person, Visitor, on_both};

/// Bob as Acme's provider tells of him.
fn bob() -> Value {
    json!({ "sub": "00u-bob", "email": "bob@acme.example", "email_verified": true })
}

/// A connection of Acme's by which Bob comes.
async fn connection_of_bob(
    house: &House,
    provider: &Provider,
    change: impl FnOnce(&mut Connection),
) -> ConnectionId {
    house.verified_domain(house.acme.id, "acme.example").await;
    manage_bob(house).await;
    house.connection(house.acme.id, provider, change).await
}

/// Acme's settings are these from now on.
async fn acme_asks(house: &House, require_mfa: bool, required: Option<ConnectionId>) {
    let (acme, now) = (house.acme.id, house.clock.now());
    house
        .write(move |tx| {
            Box::pin(async move {
                let mut settings = security::of(tx, acme).await?.unwrap();
                settings.policy.require_mfa = require_mfa;
                settings.required_connection = required;
                security::set(tx, acme, &settings, now).await
            })
        })
        .await;
}

/// Where Acme's application leads.
async fn at_the_desk(house: &House, visitor: &Visitor) -> Answer {
    visitor
        .arrives(&authorize(&house.acme.desk.to_string(), &[]))
        .await
}

on_both! {
    async fn who_comes_by_a_password_is_sent_to_the_connection_that_acme_requires(house) {
        let provider = Provider::start().await;
        let connection = connection_of_bob(&house, &provider, |_| {}).await;
        let visitor = house.signed_in(Person::Bob).await;
        assert!(at_the_desk(&house, &visitor).await.parameter("code").is_some());
        let api = house.in_browser(Person::Bob).await;
        acme_asks(&house, false, Some(connection)).await;

        let refused = api.get("/v2/organizations/acme/products").await;
        assert_eq!(refused.problem(), "connection_required");
        let sent = at_the_desk(&house, &visitor).await;
        let away = Away::of(connection, &sent);
        let back = visitor.returns(&house, &provider, &away, &bob()).await;
        let code = visitor.follow(back).await.code();
        let tokens = visitor.redeem(&house.acme.desk.to_string(), &code).await.json();
        let told = claims_of(tokens["id_token"].as_str().unwrap());
        assert!(told["amr"].as_array().unwrap().contains(&json!("fed")), "{told}");
    }

    async fn umbrella_asks_for_nothing_and_stays_open(house) {
        let provider = Provider::start().await;
        let connection = connection_of_bob(&house, &provider, |_| {}).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        acme_asks(&house, false, Some(connection)).await;
        let visitor = house.signed_in(Person::Bob).await;
        visitor.code(&house.acme.parasol.to_string()).await;
    }

    async fn an_owner_breaks_the_glass_with_a_second_factor_of_their_own(house) {
        let provider = Provider::start().await;
        let connection = connection_of_bob(&house, &provider, |_| {}).await;
        let visitor = house.signed_in(Person::Alice).await;
        acme_asks(&house, false, Some(connection)).await;
        provider.stop();
        let api = house.in_browser(Person::Alice).await;
        assert_eq!(api.get("/v2/organizations/acme/products").await.status.as_u16(), 403, "a password is too little");
        house.set_up_app(&visitor).await;
        assert!(at_the_desk(&house, &visitor).await.parameter("code").is_some());
    }

    async fn a_trusted_provider_shows_the_second_factor_and_another_does_not(house) {
        let provider = Provider::start().await;
        let trusted = connection_of_bob(&house, &provider, |connection| connection.trusts_mfa = true).await;
        acme_asks(&house, true, None).await;
        let mut claims = bob();
        claims["amr"] = json!(["pwd", "otp"]);
        let visitor = house.visitor();
        assert_eq!(visitor.comes(&house, &provider, trusted, &claims).await.location(), "/");
        assert!(at_the_desk(&house, &visitor).await.parameter("code").is_some());

        let once = house.visitor();
        assert_eq!(once.comes(&house, &provider, trusted, &bob()).await.location(), "/");
        assert_eq!(at_the_desk(&house, &once).await.heading(), "Add a second factor", "it said nothing of one");
    }

    async fn a_provider_that_is_not_trusted_with_it_shows_no_second_factor(house) {
        let provider = Provider::start().await;
        let connection = connection_of_bob(&house, &provider, |_| {}).await;
        acme_asks(&house, true, None).await;
        let mut claims = bob();
        claims["amr"] = json!(["pwd", "mfa"]);
        let visitor = house.visitor();
        assert_eq!(visitor.comes(&house, &provider, connection, &claims).await.location(), "/");
        assert_eq!(at_the_desk(&house, &visitor).await.heading(), "Add a second factor");
    }
}
