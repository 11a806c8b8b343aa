//! Accepting an invitation: by whom it is for, once, while everything holds that it stands on. LG2, LG11, OR3, SE4, SE12.

use std::time::Duration;

use doorward::config::PublicUrl;
use doorward::directory::invitations::{Link, remind_those_who_wait};
use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::limit::Resource;
use doorward::domain::user::UserStatus;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::harness::administrator::CAROL;
use crate::harness::browser::browser;
use crate::harness::sink::{Sink, SinkTls};
use crate::harness::{Answer, Api, Engine, House, Person, Visitor, on_both};

const INVITATIONS: &str = "/v2/organizations/acme/invitations";
const MEMBERS: &str = "/v2/organizations/acme/members";
const DAY: Duration = Duration::from_hours(24);
const PASSWORD: &str = "carol cooks the books";

/// A key of Alice's that can do all that she can.
async fn alice(house: &House) -> Api {
    house.key(Some(house.acme.alice), PermissionSet::ALL).await.1
}

/// Invites Carol; answers the path of her link.
async fn invite(house: &House, api: &Api, asked: Value) -> String {
    let mut request = json!({ "email": CAROL });
    request
        .as_object_mut()
        .unwrap()
        .extend(asked.as_object().unwrap().clone());
    api.post(INVITATIONS, &request).await.created();
    house.letter_to(CAROL).await.path()
}

/// Fills in the form of somebody new.
async fn joins(visitor: &Visitor, path: &str) -> Answer {
    let page = opens(visitor, path).await;
    fills_in(visitor, &page).await
}

async fn opens(visitor: &Visitor, path: &str) -> Answer {
    let page = visitor.get(path).await;
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    page
}

async fn fills_in(visitor: &Visitor, page: &Answer) -> Answer {
    visitor
        .submit(page, &[("name", "Carol Cook"), ("password", PASSWORD)])
        .await
}

/// Every way to look at and to use a link that leads nowhere is told the same.
async fn leads_nowhere(house: &House, path: &str, why: &str) {
    let visitor = house.visitor();
    let looked = visitor.get(path).await;
    let browser = visitor.get("/sign-in").await;
    let sent = visitor
        .post(
            path,
            &[
                ("csrf", &browser.field("csrf")),
                ("name", "Mallory"),
                ("password", PASSWORD),
            ],
        )
        .await;
    for answer in [looked, sent] {
        assert_eq!(
            (answer.status, answer.heading().as_str()),
            (StatusCode::GONE, "This invitation is no longer good"),
            "{why}"
        );
    }
}

async fn members(house: &House) -> Vec<String> {
    let list = alice(house).await.get(MEMBERS).await.found();
    list["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["user"]["email"].as_str().unwrap().to_owned())
        .collect()
}

on_both! {
    async fn u2_somebody_new_makes_an_account_and_is_in(house) {
        house.group("Rover crew", PermissionSet::of(&[Permission::DeviceRead])).await;
        let alice = alice(&house).await;
        let path = invite(&house, &alice, json!({ "role": "viewer", "groups": ["Rover crew"], "message": "Hi\n<b>Carol</b>" })).await;
        assert_eq!(members(&house).await.len(), 2, "no user row exists before it is accepted");
        let carol = house.visitor();
        let page = carol.get(&path).await;
        for words in ["Come in to Acme", "Alice Archer invites you", CAROL, "viewer", "Rover crew", "Hi<br>&#60;b&#62;Carol"] {
            assert!(page.body.contains(words), "{words}: {page:?}");
        }
        let short = carol.submit(&page, &[("name", ""), ("password", "short")]).await;
        assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(short.body.contains("Enter your name.") && short.body.contains("Choose a longer password"));
        let before = carol.get("/").await;
        assert_eq!(before.location(), "/sign-in");
        let joined = joins(&carol, &path).await;
        assert_eq!(joined.location(), "/", "{joined:?}");
        let home = carol.get("/").await;
        assert!(home.body.contains("Hello, Carol Cook") && home.body.contains("viewer"), "{home:?}");
        let member = alice.get(&format!("{MEMBERS}/{CAROL}")).await.found();
        assert_eq!((&member["role"], &member["status"]), (&json!("viewer"), &json!("active")));
        let again = house.visitor();
        let page = again.get("/sign-in").await;
        assert_eq!(again.sign_in_on(&page, CAROL, PASSWORD).await.location(), "/");
        let api = house.key(Some(member["user"]["id"].as_str().unwrap().parse().unwrap()), PermissionSet::ALL).await.1;
        api.get("/v2/organizations/acme/products").await.found();
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        let managed = raw.texts(&format!("SELECT managed_by FROM users WHERE email = '{CAROL}' AND email_verified")).await;
        assert_eq!(managed, [house.acme.id.to_string()]);
        let groups = raw.count("group_members").await;
        assert_eq!(groups, 1);
        let events = raw.texts("SELECT action FROM audit_events WHERE action IN ('invitation.accepted', 'member.added', 'user.created') AND organization_id IS NOT NULL AND detail LIKE '%Rover crew%' OR action = 'invitation.accepted'").await;
        assert!(events.contains(&"invitation.accepted".to_owned()) && events.contains(&"member.added".to_owned()), "{events:?}");
        let list = alice.get(&format!("{INVITATIONS}?state=accepted")).await.found();
        assert_eq!(list["data"][0]["accepted_by"], member["user"]["id"]);
        leads_nowhere(&house, &path, "used").await;
    }

    async fn somebody_with_an_account_signs_in_and_accepts(house) {
        house.welcome_carol().await;
        let path = invite(&house, &alice(&house).await, json!({ "role": "viewer" })).await;
        let carol = house.visitor();
        let page = carol.get(&path).await;
        assert!(page.body.contains("You have an account with this address"), "{page:?}");
        assert!(!page.body.contains("name=\"password\""));
        let sign_in = carol.submit(&page, &[]).await;
        assert!(sign_in.location().starts_with("/sign-in/sgn_"), "{sign_in:?}");
        let password = carol.get(&sign_in.location()).await;
        let wrong = carol.submit(&password, &[("password", "not her password")]).await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
        let back = carol.submit(&wrong, &[("password", Person::Bob.password())]).await;
        assert_eq!(back.location(), path);
        assert_eq!(members(&house).await.len(), 2, "signing in accepts nothing");
        let page = carol.get(&path).await;
        let joined = carol.submit(&page, &[]).await;
        assert_eq!(joined.location(), "/", "{joined:?}");
        assert!(carol.get("/").await.body.contains("Acme"));
        assert!(members(&house).await.contains(&CAROL.to_owned()));
        leads_nowhere(&house, &path, "used").await;
    }

    async fn a_second_membership_sets_free_for_good(house) {
        let alice = alice(&house).await;
        let path = invite(&house, &alice, json!({})).await;
        let carol = house.visitor();
        joins(&carol, &path).await;
        let mallory = house.in_browser(Person::Mallory).await;
        house.wait(Duration::from_secs(1));
        mallory.post("/v2/organizations/umbrella/invitations", &json!({ "email": CAROL })).await.created();
        let path = house.letter_to(CAROL).await.path();
        let page = carol.get(&path).await;
        assert!(page.body.contains("your account is yours alone"), "{page:?}");
        assert_eq!(carol.submit(&page, &[]).await.location(), "/");
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        let managed = raw.number(&format!("SELECT COUNT(*) FROM users WHERE email = '{CAROL}' AND managed_by IS NULL AND never_managed")).await;
        assert_eq!(managed, 1);
    }

    async fn lg11_nobody_else_accepts_by_any_means(house) {
        let path = invite(&house, &alice(&house).await, json!({ "role": "viewer" })).await;
        let mallory = house.visitor();
        let page = mallory.get("/sign-in").await;
        let token = page.field("csrf");
        mallory.sign_in_on(&page, Person::Mallory.email(), Person::Mallory.password()).await;
        let page = mallory.get(&path).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
        assert!(page.body.contains("whom this invitation is not for") && page.body.contains("href=\"/sign-out\""), "{page:?}");
        assert!(!page.body.contains("<form"), "there is nothing to press");
        let fields = [
            ("name", "Mallory"), ("password", PASSWORD), ("email", Person::Mallory.email()), ("user", CAROL), ("account", "x"), ("role", "owner"),
        ];
        let whole = [fields.as_slice(), &[("csrf", &token)]].concat();
        let sent = mallory.post(&path, &whole).await;
        assert_eq!(sent.location(), path, "{sent:?}");
        assert_eq!(members(&house).await.len(), 2);

        // In a browser of her own the mailbox is still Carol's: what is typed decides nothing but the name.
        let stranger = house.visitor();
        let page = stranger.get(&path).await;
        stranger.submit(&page, &[("name", "Mallory"), ("password", PASSWORD), ("email", Person::Mallory.email()), ("role", "owner")]).await;
        let member = alice(&house).await.get(&format!("{MEMBERS}/{CAROL}")).await.found();
        assert_eq!(member["role"], "viewer");
        assert!(!members(&house).await.contains(&Person::Mallory.email().to_owned()));
    }

    async fn lg2_every_link_that_leads_nowhere_is_the_same_page(house) {
        let alice = alice(&house).await;
        let path = invite(&house, &alice, json!({})).await;
        let list = alice.get(INVITATIONS).await.found();
        let id = list["data"][0]["id"].as_str().unwrap().to_owned();
        for path in ["/invitation/x", &format!("/invitation/{id}"), &format!("{path}x"), &path[..path.len() - 1], &format!("/invitation/{}", "A".repeat(43))] {
            leads_nowhere(&house, path, path).await;
        }
        house.wait(Duration::from_millis(7 * 24 * 3_600_000 - 1));
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::OK);
        house.wait(Duration::from_millis(1));
        leads_nowhere(&house, &path, "expired").await;
    }

    async fn lg11_a_scanner_uses_nothing_up(house) {
        let path = invite(&house, &alice(&house).await, json!({})).await;
        for _ in 0..3 {
            for method in ["GET", "HEAD"] {
                let looked = Answer::of(house.visitor().request(method, &path)).await;
                assert_eq!(looked.status, StatusCode::OK, "{method}");
            }
        }
        assert_eq!(joins(&house.visitor(), &path).await.location(), "/");
    }

    async fn lg11_of_twenty_that_accept_at_once_one_account_is_made(house) {
        let path = invite(&house, &alice(&house).await, json!({ "role": "viewer" })).await;
        let mut forms = Vec::new();
        for _ in 0..20 {
            let visitor = house.visitor();
            let page = opens(&visitor, &path).await;
            forms.push((visitor, page));
        }
        let tries: JoinSet<_> =
            forms.into_iter().map(|(visitor, page)| async move { fills_in(&visitor, &page).await }).collect();
        let answers = tries.join_all().await;
        let won = answers.iter().filter(|answer| answer.location() == "/").count();
        assert_eq!(won, 1, "{answers:?}");
        let lost = [StatusCode::GONE, StatusCode::SEE_OTHER, StatusCode::SERVICE_UNAVAILABLE];
        assert!(answers.iter().all(|answer| lost.contains(&answer.status)), "{answers:?}");
        assert_eq!(members(&house).await.len(), 3);
    }

    async fn lg11_an_inviter_who_may_no_more_has_invited_nobody(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alice = alice(&house).await;
        let path = invite(&house, &ana.api, json!({ "role": "admin" })).await;
        let place = format!("{MEMBERS}/{}", ana.user);
        for (change, why) in [
            (json!({ "role": "viewer" }), "demoted below inviting"),
            (json!({ "role": null }), "without a role"),
            (json!({ "role": "admin", "status": "suspended" }), "suspended here"),
            (json!({ "status": "inactive" }), "inactive here"),
        ] {
            alice.patch(&place, &change).await.found();
            leads_nowhere(&house, &path, why).await;
        }
        alice.patch(&place, &json!({ "status": "active" })).await.found();
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::OK, "may again");
        house.set_user(ana.user, UserStatus::Suspended).await;
        leads_nowhere(&house, &path, "suspended everywhere").await;
        house.set_user(ana.user, UserStatus::Active).await;
        alice.delete(&place).await.done();
        leads_nowhere(&house, &path, "removed").await;
    }

    async fn or3_an_inviter_who_holds_less_now_offers_nothing(house) {
        let alice = alice(&house).await;
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = invite(&house, &olga.api, json!({ "role": "owner" })).await;
        alice.patch(&format!("{MEMBERS}/{}", olga.user), &json!({ "role": "admin" })).await.found();
        leads_nowhere(&house, &path, "an admin offers no owner's role").await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.group("Heirs", PermissionSet::of(&[Permission::OrganizationDelete])).await;
        house.employ("dan", BuiltInRole::Viewer).await;
        let list = alice.get(INVITATIONS).await.found();
        alice.delete(&format!("{INVITATIONS}/{}", list["data"][0]["id"].as_str().unwrap())).await.done();
        house.wait(Duration::from_secs(1));
        let path = invite(&house, &alice, json!({ "groups": ["Heirs"] })).await;
        assert_eq!(house.visitor().get(&path).await.status, StatusCode::OK);
        let list = alice.get(&format!("{INVITATIONS}?state=pending")).await.found();
        let id = list["data"][0]["id"].as_str().unwrap();
        let resent = ana.api.post(&format!("{INVITATIONS}/{id}/resend"), &Value::Null).await;
        assert_eq!(resent.problem(), "exceeds_own_permissions");
    }

    async fn lg11_a_key_that_is_revoked_has_invited_nobody(house) {
        let (key, robot) = house.key(None, PermissionSet::ALL).await;
        let path = invite(&house, &robot, json!({ "role": "viewer" })).await;
        let page = house.visitor().get(&path).await;
        assert!(page.body.contains("Acme invites you to join"), "{page:?}");
        alice(&house).await.delete(&format!("/v2/organizations/acme/api-keys/{key}")).await.done();
        leads_nowhere(&house, &path, "revoked").await;
    }

    async fn a_suspended_account_accepts_nothing(house) {
        let carol = house.welcome_carol().await;
        let path = invite(&house, &alice(&house).await, json!({})).await;
        house.set_user(carol, UserStatus::Suspended).await;
        leads_nowhere(&house, &path, "suspended").await;
        assert_eq!(members(&house).await.len(), 2);
    }

    async fn a_limit_that_was_lowered_keeps_everybody_out(house) {
        let path = invite(&house, &alice(&house).await, json!({})).await;
        house.limit(Resource::Users, 2).await;
        leads_nowhere(&house, &path, "full").await;
        house.limit(Resource::Users, 3).await;
        assert_eq!(joins(&house.visitor(), &path).await.location(), "/");
    }

    async fn se4_accepting_needs_the_forms_token_and_our_own_page(house) {
        let path = invite(&house, &alice(&house).await, json!({})).await;
        let carol = house.visitor();
        let page = carol.get(&path).await;
        let fields = [("name", "Carol Cook"), ("password", PASSWORD)];
        assert_eq!(carol.post(&path, &fields).await.status, StatusCode::BAD_REQUEST);
        let forged = [("name", "Carol Cook"), ("password", PASSWORD), ("csrf", "x")];
        assert_eq!(carol.post(&path, &forged).await.status, StatusCode::FORBIDDEN);
        let token = page.field("csrf");
        let whole = [("name", "Carol Cook"), ("password", PASSWORD), ("csrf", &token)];
        let cross = carol.request("POST", &path).header("origin", "https://evil.example").form(&whole);
        assert_eq!(Answer::of(cross).await.status, StatusCode::FORBIDDEN);
        assert_eq!(house.visitor().post(&path, &whole).await.status, StatusCode::GONE, "another browser");
        assert_eq!(members(&house).await.len(), 2);
        assert_eq!(carol.post(&path, &whole).await.location(), "/");
    }

    async fn c10_whoever_has_not_come_is_reminded_once_by_the_first_link(house) {
        let alice = alice(&house).await;
        let path = invite(&house, &alice, json!({ "role": "viewer" })).await;
        let link = Link::to(&PublicUrl::parse(&house.url).unwrap());
        let (db, keyring) = (house.db(), &house.instance.keyring);
        house.wait(Duration::from_millis(3 * 24 * 3_600_000 - 1));
        remind_those_who_wait(db, keyring, &link, house.clock.now()).await.unwrap();
        assert_eq!(house.letters().await.len(), 1);
        house.wait(Duration::from_millis(1));
        for _ in 0..2 {
            remind_those_who_wait(db, keyring, &link, house.clock.now()).await.unwrap();
        }
        let letters = house.letters().await;
        assert_eq!(letters.len(), 2);
        let reminder = letters.iter().find(|letter| letter.header("Subject").starts_with("Still open")).unwrap();
        assert_eq!(reminder.path(), path, "the first link stays alive");
        let list = alice.get(INVITATIONS).await.found();
        assert_eq!(list["data"][0]["reminded_at"], "2026-11-25T09:30:00Z");
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        assert_eq!(raw.number("SELECT COUNT(*) FROM invitations WHERE sealed_secret IS NOT NULL").await, 0);
        assert_eq!(joins(&house.visitor(), &path).await.location(), "/");
        house.wait(7 * DAY);
        remind_those_who_wait(db, keyring, &link, house.clock.now()).await.unwrap();
        assert_eq!(house.letters().await.len(), 2);
    }

    async fn nobody_is_reminded_of_what_leads_nowhere(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alice = alice(&house).await;
        invite(&house, &ana.api, json!({})).await;
        alice.post(INVITATIONS, &json!({ "email": "dan@cook.example" })).await.created();
        let list = alice.get(&format!("{INVITATIONS}?query=dan")).await.found();
        alice.delete(&format!("{INVITATIONS}/{}", list["data"][0]["id"].as_str().unwrap())).await.done();
        alice.delete(&format!("{MEMBERS}/{}", ana.user)).await.done();
        house.wait(3 * DAY);
        let link = Link::to(&PublicUrl::parse(&house.url).unwrap());
        remind_those_who_wait(house.db(), &house.instance.keyring, &link, house.clock.now()).await.unwrap();
        assert_eq!(house.letters().await.len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn carol_walks_from_her_mailbox_to_her_account_in_a_browser() {
    let sink = Sink::start(SinkTls::Plain, None);
    let house = House::open_with(Engine::Sqlite, sink.relay()).await;
    let alice = alice(&house).await;
    let asked = json!({ "email": CAROL, "role": "developer", "message": "Welcome on board!" });
    alice.post(INVITATIONS, &asked).await.created();
    house.office.deliver(|| false).await.unwrap();
    let (letter, _) = sink.taken().remove(0);
    let browser = browser().await;
    browser.open(&format!("{}{}", house.url, letter.path())).await;
    browser.sees("Come in to Acme").await;
    browser.fill("name", "Carol Cook").await;
    browser.fill("password", PASSWORD).await;
    browser.press("Make my account").await;
    browser.sees("Hello, Carol Cook").await;
    assert!(
        browser
            .words(".memberships")
            .await
            .contains("acme \u{b7} developer")
    );
    browser.console_says_only(&[]).await;
}
