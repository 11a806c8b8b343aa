//! Whose application, and for which organization: strangers are shown out, and nobody chooses what is not theirs.

use reqwest::StatusCode;

use super::refusal::{is_page, is_told, says_nothing};
use super::{claims_of, tokens_for};
use crate::harness::administrator::CAROL;
use crate::harness::visitor::authorize;
use crate::harness::{House, Person, Visitor, on_both};
use doorward::domain::id::UserId;
use doorward::domain::membership::MembershipStatus;
use doorward::domain::oauth::OpenTo;

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;

/// An application for the members of every organization, without consent.
async fn open_to_all(house: &House) -> String {
    house
        .register("Acme Square", |application| {
            application.open_to = OpenTo::EveryOrganization;
        })
        .await
}

/// Carol, signed in: a member of Acme and Umbrella with neither by default, so that she must choose.
async fn carol_of_two(house: &House) -> (Visitor, UserId) {
    let carol = house.welcome_carol().await;
    house.join(carol, house.acme.id).await;
    house.join(carol, house.acme.umbrella).await;
    let visitor = house.visitor();
    let page = visitor.get("/sign-in").await;
    let answer = visitor.sign_in_on(&page, CAROL, Person::Bob.password()).await;
    assert_eq!(answer.location(), "/", "{answer:?}");
    (visitor, carol)
}

/// The organization in the access token that an address leads to.
async fn organization_of(visitor: &Visitor, client_id: &str, code: &str) -> String {
    let tokens = tokens_for(visitor, client_id, code).await;
    let claims = claims_of(tokens["access_token"].as_str().unwrap());
    claims["org"]["name"].as_str().unwrap().to_owned()
}

on_both! {
    async fn a_stranger_is_shown_out_and_silence_tells_only_that(house) {
        let mallory = house.signed_in(Person::Mallory).await;
        for client_id in [house.acme.desk, house.acme.fleet] {
            let client_id = client_id.to_string();
            is_page(&mallory.arrives(&authorize(&client_id, &[])).await, FORBIDDEN, "no_access", "Mallory at Acme's");
            let silent = mallory.get(&authorize(&client_id, &[("prompt", "none")])).await;
            is_told(&silent, &house.url, "access_denied", "silently");
        }
        // Signing in on the way makes no difference.
        let mallory = house.visitor();
        let page = mallory.arrives(&authorize(&house.acme.desk.to_string(), &[])).await;
        let answer = mallory.sign_in_on(&page, Person::Mallory.email(), Person::Mallory.password()).await;
        is_page(&mallory.follow(answer).await, FORBIDDEN, "no_access", "after signing in");
        let home = mallory.get("/").await;
        assert!(!home.body.contains("Acme"), "nothing of Acme is told: {home:?}");
        assert!(mallory.arrives(&authorize(&house.acme.parasol.to_string(), &[])).await.parameter("code").is_some());
    }

    async fn a_member_who_was_put_to_rest_is_a_stranger(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        for status in [MembershipStatus::Suspended, MembershipStatus::Inactive] {
            house.set_member(house.acme.bob, house.acme.id, status).await;
            is_page(&bob.arrives(&authorize(&desk, &[])).await, FORBIDDEN, "no_access", status.as_str());
            let silent = bob.get(&authorize(&desk, &[("prompt", "none")])).await;
            is_told(&silent, &house.url, "access_denied", status.as_str());
        }
        house.set_member(house.acme.bob, house.acme.id, MembershipStatus::Active).await;
        bob.code(&desk).await;
    }

    async fn the_organization_may_be_named_if_it_is_the_one(house) {
        let bob = house.signed_in(Person::Bob).await;
        let desk = house.acme.desk.to_string();
        let (acme, umbrella) = (house.acme.id.to_string(), house.acme.umbrella.to_string());
        for own in ["acme", &acme] {
            let answer = bob.arrives(&authorize(&desk, &[("organization", own)])).await;
            assert_eq!(organization_of(&bob, &desk, &answer.code()).await, "acme");
        }
        for other in ["umbrella", &umbrella, "nowhere", "ACME", "acme ", "Acme", "acme,umbrella", "*", "org_", "' OR 1=1"] {
            is_page(&bob.arrives(&authorize(&desk, &[("organization", other)])).await, FORBIDDEN, "no_access", other);
            let silent = bob.get(&authorize(&desk, &[("organization", other), ("prompt", "none")])).await;
            is_told(&silent, &house.url, "access_denied", other);
        }
        // Somebody who belongs to both still comes to Acme's application for Acme only.
        house.join(house.acme.bob, house.acme.umbrella).await;
        let other = bob.arrives(&authorize(&desk, &[("organization", "umbrella")])).await;
        is_page(&other, FORBIDDEN, "no_access", "his, and not the application's");
        assert_eq!(organization_of(&bob, &desk, &bob.code(&desk).await).await, "acme");
    }

    async fn somebody_of_two_organizations_chooses_one_of_them(house) {
        let (carol, _) = carol_of_two(&house).await;
        let square = open_to_all(&house).await;
        let silent = carol.get(&authorize(&square, &[("prompt", "none")])).await;
        is_told(&silent, &house.url, "interaction_required", "nothing to guess from");

        for (name, id) in [("acme", house.acme.id), ("umbrella", house.acme.umbrella)] {
            let picker = carol.arrives(&authorize(&square, &[])).await;
            assert_eq!(picker.heading(), "Choose an organization");
            assert!(picker.body.contains("Acme") && picker.body.contains("Umbrella"), "{picker:?}");
            let chosen = carol.submit(&picker, &[("organization", &id.to_string())]).await;
            let back = carol.follow(chosen).await;
            assert_eq!(organization_of(&carol, &square, &back.code()).await, name);
            let named = carol.arrives(&authorize(&square, &[("organization", name), ("prompt", "none")])).await;
            assert_eq!(organization_of(&carol, &square, &named.code()).await, name);
        }
    }

    async fn nobody_chooses_what_is_not_offered(house) {
        let (carol, id) = carol_of_two(&house).await;
        let square = open_to_all(&house).await;
        let mallory = house.signed_in(Person::Mallory).await;
        let answer = mallory.arrives(&authorize(&square, &[])).await;
        assert_eq!(organization_of(&mallory, &square, &answer.code()).await, "umbrella", "her only one");
        is_page(&mallory.arrives(&authorize(&square, &[("organization", "acme")])).await, FORBIDDEN, "no_access", "Mallory at Acme");

        let picker = carol.arrives(&authorize(&square, &[])).await;
        let (acme, user) = (house.acme.id.to_string(), id.to_string());
        for wrong in ["", "acme", "nowhere", "org_01k9zzzzzzzzzzzzzzzzzzzzzz", &user, &format!("{acme} ")] {
            let answer = carol.submit(&picker, &[("organization", wrong)]).await;
            is_page(&answer, StatusCode::BAD_REQUEST, "bad_request", wrong);
        }
        house.set_member(id, house.acme.umbrella, MembershipStatus::Suspended).await;
        let gone = carol.submit(&picker, &[("organization", &house.acme.umbrella.to_string())]).await;
        let gone = carol.follow(gone).await;
        let organization = organization_of(&carol, &square, &gone.code()).await;
        assert_eq!(organization, "acme", "what was his when the page was shown is not any more");
    }

    async fn a_choice_is_its_own_browsers(house) {
        let (carol, _) = carol_of_two(&house).await;
        let square = open_to_all(&house).await;
        let picker = carol.arrives(&authorize(&square, &[])).await;
        let acme = house.acme.id.to_string();
        let mallory = house.signed_in(Person::Mallory).await;
        let stolen = mallory.submit(&picker, &[("organization", &acme)]).await;
        says_nothing(&stolen);
        assert_eq!(stolen.status, StatusCode::GONE, "{stolen:?}");
        let unsigned = carol.post(&picker.action(), &[("organization", &acme)]).await;
        says_nothing(&unsigned);
        assert!(unsigned.status.is_client_error(), "{unsigned:?}");
    }

    async fn a_membership_lost_between_choice_and_code_is_no_way_in(house) {
        let (carol, id) = carol_of_two(&house).await;
        let square = open_to_all(&house).await;
        let picker = carol.arrives(&authorize(&square, &[])).await;
        let chosen = carol.submit(&picker, &[("organization", &house.acme.umbrella.to_string())]).await;
        house.set_member(id, house.acme.umbrella, MembershipStatus::Suspended).await;
        let back = carol.follow(chosen).await;
        assert_eq!(organization_of(&carol, &square, &back.code()).await, "acme");
        house.set_member(id, house.acme.id, MembershipStatus::Suspended).await;
        is_page(&carol.arrives(&authorize(&square, &[])).await, FORBIDDEN, "no_access", "a member of nothing");
    }
}
