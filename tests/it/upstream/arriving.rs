//! Who somebody is here whom a provider tells of.

use std::time::Duration;

use doorward::domain::connection::{ClientAuthentication, ConnectionStatus, Provider as Behind};
use doorward::domain::description::Description;
use doorward::domain::membership::{Ended, MembershipState};
use doorward::domain::upstream::Stage;
use doorward::domain::user::UserState;
use doorward::storage::{identities, managed_users, members, memberships, users};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{account, carol, claims_of, manage_bob, role};
use crate::api::audited;
use crate::harness::provider::{Away, Provider, SECRET};
use crate::harness::visitor::authorize;
use crate::harness::{Person, on_both};

on_both! {
    async fn a_newcomer_of_the_companys_domain_becomes_a_member(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let answer = visitor.comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        let home = visitor.get("/").await;
        assert!(home.body.contains("Carol Cole") && home.body.contains("Acme"), "{home:?}");
        let carol = account(&house, "carol@acme.example").await.unwrap();
        assert_eq!(role(&house, carol).await, Some(None), "a member, with no role");
        let mut snapshot = house.snapshot().await;
        let tx = &mut snapshot.tx();
        assert_eq!(managed_users::manager(tx, carol).await.unwrap(), Some(house.acme.id));
        drop(snapshot);
        let line = house.last_attempt(connection).await;
        assert_eq!((line.stage, line.user, line.refusal), (Stage::Done, Some(carol), None));
        let made = audited(&house, "user.created").await;
        assert_eq!(made.last().unwrap().1["after"]["managed_by"], house.acme.id.to_string());
        assert_eq!(audited(&house, "identity.linked").await.len(), 1);
    }

    async fn the_same_person_comes_again_by_another_browser_and_a_new_address(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        house.visitor().comes(&house, &provider, connection, &carol()).await;
        let user = account(&house, "carol@acme.example").await;
        // The provider's own name for somebody counts; what address they have there by now doesn't.
        let moved = json!({ "sub": "00u-carol", "email": "bob@acme.example", "email_verified": true });
        let visitor = house.visitor();
        assert_eq!(visitor.comes(&house, &provider, connection, &moved).await.location(), "/");
        assert_eq!(house.last_attempt(connection).await.user, user);
        assert!(visitor.get("/").await.body.contains("carol@acme.example"), "the address stays");
    }

    async fn an_application_gets_tokens_that_say_how_and_for_whom(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |connection| connection.trusts_mfa = true).await;
        let visitor = house.visitor();
        let desk = house.acme.desk.to_string();
        let page = visitor.arrives(&authorize(&desk, &[])).await;
        let identified = visitor.submit(&page, &[("email", "carol@acme.example")]).await;
        let choice = visitor.get(&identified.location()).await;
        assert_eq!(choice.heading(), "Your organization signs you in");
        let onward = choice.body.split("class=\"forward\" href=\"").nth(1).unwrap().split('"').next().unwrap();
        let away = Away::of(connection, &visitor.get(onward).await);
        assert_eq!(away.parameter("login_hint").as_deref(), Some("carol@acme.example"));
        let mut claims = carol();
        claims["amr"] = json!(["pwd", "otp"]);
        claims["auth_time"] = (house.clock.now().seconds() - 600).into();
        let back = visitor.returns(&house, &provider, &away, &claims).await;
        let code = visitor.follow(back).await.code();
        let tokens = visitor.redeem(&desk, &code).await.json();
        let told = claims_of(tokens["id_token"].as_str().unwrap());
        assert_eq!(told["org"]["name"], "acme");
        assert_eq!((&told["acr"], &told["amr"]), (&json!("aal2"), &json!(["fed", "mfa"])), "{told}");
        assert_eq!(told["auth_time"], house.clock.now().seconds() - 600, "when they really did");
    }

    async fn a_managed_member_is_linked_by_their_verified_address(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        manage_bob(&house).await;
        let bob = json!({ "sub": "00u-bob", "email": "BOB@acme.example", "email_verified": true });
        let visitor = house.visitor();
        assert_eq!(visitor.comes(&house, &provider, connection, &bob).await.location(), "/");
        assert_eq!(house.last_attempt(connection).await.user, Some(house.acme.bob));
        let alerts = house.in_browser(Person::Bob).await.get("/v2/users/me/alerts").await.found();
        let told = alerts["data"].as_array().unwrap().iter().find(|alert| alert["kind"] == "factor_added");
        assert_eq!(told.unwrap()["detail"]["factor"], "identity", "{alerts}");
    }

    async fn up4_an_address_that_was_not_verified_links_and_makes_nobody(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        manage_bob(&house).await;
        for (sub, email) in [("00u-bob", "bob@acme.example"), ("00u-carol", "carol@acme.example")] {
            for verified in [json!(false), json!("true"), json!(1), Value::Null] {
                let claims = json!({ "sub": sub, "email": email, "email_verified": verified });
                let visitor = house.visitor();
                let answer = visitor.comes(&house, &provider, connection, &claims).await;
                assert_eq!(answer.location(), "/upstream/link", "{claims}");
                assert_eq!(visitor.get("/").await.location(), "/sign-in", "nobody is signed in");
                assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("not_linked"));
            }
        }
        assert_eq!(account(&house, "carol@acme.example").await, None);
        let mut snapshot = house.snapshot().await;
        assert_eq!(identities::count_of_user(&mut snapshot.tx(), house.acme.bob).await.unwrap(), 0);
    }

    async fn nobody_is_made_of_a_foreign_domain_or_where_nobody_is_to_be(house) {
        let provider = Provider::start().await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let answer = visitor.comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.location(), "/upstream/link", "the domain is nobody's yet");
        house.verified_domain(house.acme.id, "acme.example").await;
        house.change_connection(connection, |connection| connection.creates_members = false).await;
        let answer = visitor.comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.location(), "/upstream/link");
        assert_eq!(account(&house, "carol@acme.example").await, None);
    }

    async fn up8_up10_what_is_disabled_or_suspended_lets_nobody_in(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &carol()).await;
        let user = account(&house, "carol@acme.example").await.unwrap();
        let ended = || Ended { since: house.clock.now(), reason: Description::parse("").unwrap() };

        let away = house.visitor();
        let sent = away.sent_by("acme", connection).await;
        house.change_connection(connection, |connection| connection.status = ConnectionStatus::Disabled).await;
        let answer = away.returns(&house, &provider, &sent, &carol()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
        assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("connection_disabled"));
        assert!(house.visitor().get("/o/acme/login").await.body.contains("No organization signs in"));
        house.change_connection(connection, |connection| connection.status = ConnectionStatus::Enabled).await;

        let membership = {
            let mut snapshot = house.snapshot().await;
            members::find(&mut snapshot.tx(), house.acme.id, user).await.unwrap().unwrap().membership
        };
        for state in [MembershipState::Suspended(ended()), MembershipState::Inactive(ended())] {
            house.write(move |tx| {
                let state = state.clone();
                Box::pin(async move { memberships::set_state(tx, membership, &state).await })
            }).await;
            let stranger = house.visitor();
            let answer = stranger.comes(&house, &provider, connection, &carol()).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN);
            assert!(answer.body.contains("come in at the moment"), "{answer:?}");
            assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("member_not_active"));
            assert_eq!(stranger.get("/").await.location(), "/sign-in");
        }

        let suspended = UserState::Suspended(ended());
        house.write(move |tx| {
            let suspended = suspended.clone();
            Box::pin(async move {
                memberships::set_state(tx, membership, &MembershipState::Active).await?;
                users::set_state(tx, user, &suspended).await
            })
        }).await;
        let answer = house.visitor().comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("account_suspended"));
    }

    async fn an_invitation_ends_when_its_person_comes_by_the_company(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let alice = house.in_browser(Person::Alice).await;
        let invitations = "/v2/organizations/acme/invitations";
        for email in ["carol@acme.example", "dana@acme.example"] {
            alice.post(invitations, &json!({ "email": email, "role": "admin" })).await.created();
        }
        let answer = house.visitor().comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        let carol = account(&house, "carol@acme.example").await.unwrap();
        assert_eq!(role(&house, carol).await, Some(None), "what was offered is for whoever follows the link");
        let found = alice.get(invitations).await.found();
        let states: Vec<_> = found["data"].as_array().unwrap().iter().map(|one| (&one["email"], &one["state"])).collect();
        assert!(states.contains(&(&json!("carol@acme.example"), &json!("cancelled"))), "{found}");
        assert!(states.contains(&(&json!("dana@acme.example"), &json!("pending"))), "{found}");
        let [(who, _)] = audited(&house, "invitation.cancelled").await.try_into().unwrap();
        assert_eq!(who, connection.to_string());
    }

    async fn an_organization_has_no_more_members_than_it_may(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let alice = house.in_browser(Person::Alice).await;
        alice.patch("/v2/organizations/acme/limits", &json!({ "users": 2 })).await.found();
        let answer = house.visitor().comes(&house, &provider, connection, &carol()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{answer:?}");
        assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("limit_reached"));
        assert_eq!(account(&house, "carol@acme.example").await, None, "nothing of it stays");
    }

    async fn up5_of_twenty_who_come_back_with_one_answer_one_is_let_in(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        let away = visitor.sent_by("acme", connection).await;
        let code = provider.code(&house, &away, &carol());
        let back = away.back(&[("code", &code)]);
        let all = (0..20).map(|_| {
            let (visitor, back) = (visitor.again(), back.clone());
            tokio::spawn(async move { visitor.get(&back).await.status })
        });
        let mut answers = Vec::new();
        for one in all.collect::<Vec<_>>() {
            answers.push(one.await.unwrap());
        }
        let let_in = answers.iter().filter(|status| **status == StatusCode::SEE_OTHER).count();
        let over = answers.iter().filter(|status| **status == StatusCode::GONE).count();
        assert_eq!((let_in, over), (1, 19), "{answers:?}");
        assert_eq!(provider.asked_for("/token"), 1);
    }

    async fn twenty_newcomers_at_once_are_one_person(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let mut all = Vec::new();
        for _ in 0..20 {
            let visitor = house.visitor();
            let away = visitor.sent_by("acme", connection).await;
            let code = provider.code(&house, &away, &carol());
            let back = away.back(&[("code", &code)]);
            all.push(tokio::spawn(async move { visitor.get(&back).await }));
        }
        for one in all {
            let answer = one.await.unwrap();
            // One provider is asked 16 things at once.
            assert!(answer.location() == "/" || answer.status == StatusCode::BAD_GATEWAY, "{answer:?}");
        }
        assert_eq!(audited(&house, "user.created").await.iter().filter(|(_, told)| told["after"]["managed_by"] == house.acme.id.to_string()).count(), 1);
    }

    async fn each_way_to_prove_who_we_are_works(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        for authentication in [
            ClientAuthentication::ClientSecretBasic,
            ClientAuthentication::ClientSecretPost,
            ClientAuthentication::PrivateKeyJwt,
        ] {
            house.change_connection(connection, |connection| {
                let Behind::Oidc(behind) = &mut connection.provider else { unreachable!() };
                behind.authentication = authentication;
            }).await;
            let answer = house.visitor().comes(&house, &provider, connection, &carol()).await;
            assert_eq!(answer.location(), "/", "{answer:?}");
            let (headers, form) = provider.script().redeemed.take().unwrap();
            let form: std::collections::BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
            assert_eq!(form["redirect_uri"], format!("{}/upstream/{connection}/callback", house.url));
            assert_eq!(form["code_verifier"].len(), 43);
            let shown = (headers.contains_key("authorization"), form.contains_key("client_secret"), form.contains_key("client_assertion"));
            match authentication {
                ClientAuthentication::ClientSecretBasic => assert_eq!(shown, (true, false, false)),
                ClientAuthentication::ClientSecretPost => {
                    assert_eq!((shown, form["client_secret"].as_str()), ((false, true, false), SECRET));
                }
                ClientAuthentication::PrivateKeyJwt => {
                    assert_eq!(shown, (false, false, true));
                    let jwks = house.visitor().get("/oauth2/jwks").await;
                    let keys = doorward::keyring::ForeignKeys::parse(jwks.body.as_bytes()).unwrap();
                    // Its `typ` keeps it from passing for an id token, there as here.
                    assert!(keys.verify::<Value>(&form["client_assertion"]).is_err());
                    let told = claims_of(&form["client_assertion"]);
                    assert_eq!((&told["iss"], &told["sub"], &told["aud"]), (&json!("doorward"), &json!("doorward"), &json!(provider.issuer)));
                }
            }
        }
    }

    async fn a_provider_that_tells_the_address_elsewhere_is_asked_for_it(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let bare = json!({ "sub": "00u-carol" });
        provider.script().userinfo = json!({ "sub": "00u-mallory", "email": "carol@acme.example", "email_verified": true });
        let answer = house.visitor().comes(&house, &provider, connection, &bare).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "it tells of somebody else");
        assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("wrong_subject"));
        provider.script().userinfo = carol();
        let answer = house.visitor().comes(&house, &provider, connection, &bare).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        assert!(account(&house, "carol@acme.example").await.is_some());
    }

    async fn whoever_is_to_prove_themselves_anew_has_to_there(house) {
        let provider = Provider::start().await;
        house.verified_domain(house.acme.id, "acme.example").await;
        let connection = house.connection(house.acme.id, &provider, |_| {}).await;
        let visitor = house.visitor();
        visitor.comes(&house, &provider, connection, &carol()).await;
        house.wait(Duration::from_mins(10));
        let desk = house.acme.desk.to_string();
        let page = visitor.arrives(&authorize(&desk, &[("prompt", "login")])).await;
        let identified = visitor.submit(&page, &[("email", "carol@acme.example")]).await;
        let link = format!("{}/{connection}", identified.location());
        let away = Away::of(connection, &visitor.get(&link).await);
        assert_eq!(away.parameter("max_age").as_deref(), Some("0"));
        let mut claims = carol();
        claims["auth_time"] = (house.clock.now().seconds() - 600).into();
        let answer = visitor.returns(&house, &provider, &away, &claims).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(house.last_attempt(connection).await.refusal.as_deref(), Some("not_fresh"));
        let away = Away::of(connection, &visitor.get(&link).await);
        claims["auth_time"] = house.clock.now().seconds().into();
        let back = visitor.returns(&house, &provider, &away, &claims).await;
        assert!(visitor.follow(back).await.location().contains("code="));
    }
}
