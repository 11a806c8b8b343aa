//! One organization's provider speaks for that organization alone.

use doorward::storage::{identities, passwords};
use reqwest::StatusCode;
use serde_json::json;

use super::{account, carol, manage_bob};
use crate::harness::provider::Provider;
use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};

on_both! {
    async fn up3_two_companies_with_one_provider_and_one_subject_never_mix(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        house.verified_domain(house.acme.umbrella, "umbrella.example").await;
        let ours = house.connection(house.acme.id, &provider, |_| {}).await;
        let theirs = house.connection(house.acme.umbrella, &provider, |_| {}).await;
        house.visitor().comes(&house, &provider, ours, &carol()).await;
        let carol_here = account(&house, "carol@acme.example").await.unwrap();
        // Umbrella's administrator has the same issuer say the same subject, and Carol's address.
        let visitor = house.visitor();
        let away = visitor.sent_by("umbrella", theirs).await;
        let answer = visitor.returns(&house, &provider, &away, &carol()).await;
        assert_eq!(answer.location(), "/upstream/link", "{answer:?}");
        assert_eq!(visitor.get("/").await.location(), "/sign-in");
        let own = json!({ "sub": "00u-carol", "email": "carol@umbrella.example", "email_verified": true });
        let away = visitor.sent_by("umbrella", theirs).await;
        assert_eq!(visitor.returns(&house, &provider, &away, &own).await.location(), "/");
        let carol_at_umbrella = account(&house, "carol@umbrella.example").await.unwrap();
        assert_ne!(carol_here, carol_at_umbrella);
        assert_eq!(house.last_attempt(theirs).await.user, Some(carol_at_umbrella));
    }

    async fn up1_up3_a_provider_of_another_company_opens_no_account_and_changes_nothing(house) {
        // Mallory owns Umbrella, and its provider says whatever she likes.
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        house.verified_domain(house.acme.umbrella, "umbrella.example").await;
        let connection = house.connection(house.acme.umbrella, &provider, |_| {}).await;
        manage_bob(&house).await;
        let before = { let mut snapshot = house.snapshot().await; passwords::of_user(&mut snapshot.tx(), house.acme.bob).await.unwrap().unwrap().hash };
        for email in ["bob@acme.example", "alice@acme.example", "BOB@ACME.EXAMPLE", "nobody@acme.example"] {
            let claims = json!({ "sub": email, "email": email, "email_verified": true, "name": "Mallory" });
            let visitor = house.visitor();
            let away = visitor.sent_by("umbrella", connection).await;
            let answer = visitor.returns(&house, &provider, &away, &claims).await;
            // The same for who is here and who isn't.
            assert_eq!(answer.location(), "/upstream/link", "{email}");
            let page = visitor.get("/upstream/link").await;
            assert!(page.body.contains("If you have an account here"), "{page:?}");
            assert_eq!(visitor.get("/").await.location(), "/sign-in");
            assert_eq!(visitor.get("/account/connections").await.location(), "/sign-in?to=connections");
        }
        assert_eq!(account(&house, "nobody@acme.example").await, None);
        let mut snapshot = house.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(identities::count_of_user(tx, house.acme.bob).await.unwrap(), 0);
        assert_eq!(passwords::of_user(tx, house.acme.bob).await.unwrap().unwrap().hash, before);
        drop(snapshot);
        assert!(house.in_browser(Person::Bob).await.get("/v2/users/me").await.found()["name"] == "Bob Becker");
    }

    async fn a_proof_by_one_companys_provider_opens_nothing_at_another(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &carol()).await;
        let carol = account(&house, "carol@acme.example").await.unwrap();
        // Carol belongs to Umbrella too, by now; nobody manages her any more.
        let (umbrella, now) = (house.acme.umbrella, house.clock.now());
        let membership = doorward::random::id(now);
        house.write(move |tx| Box::pin(async move {
            let new = doorward::storage::memberships::NewMembership { id: membership, organization: umbrella, user: carol, role: None };
            doorward::storage::memberships::insert(tx, &new, now).await
        })).await;
        let answer = visitor.arrives(&authorize(&house.acme.desk.to_string(), &[])).await;
        assert!(answer.location().contains("code="), "at Acme she is in: {answer:?}");
        let answer = visitor.arrives(&authorize(&house.acme.parasol.to_string(), &[])).await;
        assert_eq!(answer.status, StatusCode::OK, "at Umbrella she signs in again");
        assert_eq!(answer.heading(), "Sign in");
    }

    async fn a_session_by_a_provider_alone_changes_no_credential(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &carol()).await;
        let api = crate::harness::Api::of(visitor).await;
        assert_eq!(api.delete("/v2/users/me/identities/idn_01kaxw3vd0f1wvj1d2sahtfxyz").await.problem(), "insufficient_user_authentication");
        let change = json!({ "email": "mallory@evil.example" });
        assert_eq!(api.post("/v2/users/me/email", &change).await.problem(), "insufficient_user_authentication");
    }

    async fn up1_an_account_made_with_somebodys_address_gets_no_identity_of_theirs(house) {
        // Mallory had an account made with Carol's address, which she never showed to be hers.
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let trap = house.employ("carol", doorward::domain::access::BuiltInRole::Viewer).await;
        let (acme, user) = (house.acme.id, trap.user);
        house.write(move |tx| Box::pin(async move {
            let email = "carol@acme.example".parse().unwrap();
            doorward::storage::users::set_email(tx, user, &email, false).await?;
            doorward::storage::managed_users::manage(tx, user, acme, doorward::storage::managed_users::Because::Invited).await.map(drop)
        })).await;
        let visitor = house.visitor();
        let answer = visitor.comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.location(), "/upstream/link", "{answer:?}");
        assert_eq!(visitor.get("/").await.location(), "/sign-in", "it can't be reached");
        let mut snapshot = house.snapshot().await;
        assert_eq!(identities::count_of_user(&mut snapshot.tx(), trap.user).await.unwrap(), 0, "and has not received it");
    }
}
