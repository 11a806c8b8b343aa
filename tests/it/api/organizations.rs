//! Organizations, from making to deleting.

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::domain::limit::Resource;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{PRODUCTS, audited};
use crate::harness::cast::SECRET;
use crate::harness::{Answer, Api, Engine, House, Person, on_both};

const ORGANIZATIONS: &str = "/v2/organizations";
const ACME: &str = "/v2/organizations/acme";
const UMBRELLA: &str = "/v2/organizations/umbrella";

async fn names(api: &Api, path: &str) -> Vec<String> {
    let found = api.get(path).await.found();
    let data = found["data"].as_array().unwrap().iter();
    data.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}

/// Who belongs to an organization, and as what.
async fn members(api: &Api, org: &str) -> Vec<(String, String)> {
    let found = api.get(&format!("{ORGANIZATIONS}/{org}/members")).await.found();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let data = found["data"].as_array().unwrap().iter();
    data.map(|one| (text(&one["user"]["email"]), text(&one["role"])))
        .collect()
}

on_both! {
    async fn an_organization_is_made_read_changed_and_deleted(house) {
        let alice = house.in_browser(Person::Alice).await;
        let asked = json!({ "name": "lab", "display_name": " The Lab ", "contact_email": "lab@acme.example" });
        let made = alice.post(ORGANIZATIONS, &asked).await;
        let lab = made.created();
        assert_eq!((&lab["name"], &lab["display_name"]), (&json!("lab"), &json!("The Lab")));
        assert_eq!((&lab["description"], &lab["contact_email"]), (&json!(""), &json!("lab@acme.example")));
        let place = made.location();
        assert_eq!(place, format!("{ORGANIZATIONS}/{}", lab["id"].as_str().unwrap()));
        assert_eq!(alice.get(&place).await.found(), lab);
        assert_eq!(alice.get("/v2/organizations/lab").await.found(), lab, "by name too");
        assert_eq!(members(&alice, "lab").await, [(Person::Alice.email().to_owned(), "owner".to_owned())]);

        let change = json!({ "display_name": "Lab", "description": "Where rovers are built", "contact_email": null });
        let changed = alice.patch(&place, &change).await.found();
        assert_eq!((&changed["description"], &changed["contact_email"]), (&json!("Where rovers are built"), &json!(null)));
        assert_eq!(alice.patch(&place, &json!({})).await.found(), changed, "nothing changes nothing");
        assert_eq!(alice.patch(&place, &json!({ "name": "den" })).await.pointer(), "/name");

        alice.delete(&place).await.done();
        assert_eq!(alice.get(&place).await.problem(), "not_found");
        assert_eq!(alice.delete(&place).await.problem(), "not_found");
        for action in ["organization.created", "organization.deleted"] {
            let told = audited(&house, action).await;
            let is_lab = |told: &Value| told["before"]["name"] == "lab" || told["after"]["name"] == "lab";
            let labs: Vec<_> = told.iter().filter(|(_, told)| is_lab(told)).collect();
            assert_eq!(labs.len(), 1, "{action}");
            assert_eq!(labs[0].0, house.acme.alice.to_string(), "{action}");
        }
    }

    async fn a_superuser_makes_one_for_somebody_who_switches_without_signing_in_again(house) {
        let alice = house.in_browser(Person::Alice).await;
        let bob = house.in_browser(Person::Bob).await;
        assert_eq!(names(&bob, ORGANIZATIONS).await, ["acme"]);
        let asked = json!({ "name": "lab", "owner": "BOB@acme.example" });
        alice.post(ORGANIZATIONS, &asked).await.created();
        assert_eq!(names(&bob, ORGANIZATIONS).await, ["acme", "lab"]);
        for org in ["lab", "acme", "lab"] {
            assert_eq!(bob.get(&format!("{ORGANIZATIONS}/{org}")).await.found()["name"], org);
        }
        bob.post("/v2/organizations/lab/products", &json!({ "name": "rover" })).await.created();
        assert_eq!(members(&bob, "lab").await, [(Person::Bob.email().to_owned(), "owner".to_owned())]);
        let by_id = json!({ "name": "den", "owner": house.acme.bob.to_string() });
        alice.post(ORGANIZATIONS, &by_id).await.created();
        for nobody in ["carol@cook.example", "usr_01kaxw3vd0f1wvj1d2sahtfxyz", "bob", ""] {
            let refused = alice.post(ORGANIZATIONS, &json!({ "name": "attic", "owner": nobody })).await;
            assert_eq!(refused.pointer(), "/owner", "{nobody}");
        }
        assert!(!names(&alice, ORGANIZATIONS).await.contains(&"attic".to_owned()), "nothing was made");
    }

    async fn or11_nobody_but_a_superuser_makes_one_unless_that_is_wanted(house) {
        let asked = json!({ "name": "lair" });
        let owner = house.employ("olga", BuiltInRole::Owner).await;
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        for api in [house.in_browser(Person::Bob).await, house.in_browser(Person::Mallory).await, owner.api, robot] {
            let refused = api.post(ORGANIZATIONS, &asked).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "forbidden".to_owned()));
        }
        assert_eq!(house.nobody().post(ORGANIZATIONS, &asked).await.problem(), "unauthenticated");
        let (_, above) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        above.post(ORGANIZATIONS, &asked).await.created();
        let narrow: PermissionSet = BuiltInRole::Admin.permissions();
        let (_, narrow) = house.key(Some(house.acme.alice), narrow).await;
        assert_eq!(narrow.post(ORGANIZATIONS, &json!({ "name": "den" })).await.problem(), "forbidden");
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let alice = house.in_browser(Person::Alice).await;
        let long = "x".repeat(501);
        for (body, pointer) in [
            (json!({}), "/name"),
            (json!({ "name": "A" }), "/name"),
            (json!({ "name": "-acme" }), "/name"),
            (json!({ "name": "org_01kaxw3vd0f1wvj1d2sahtfxyz" }), "/name"),
            (json!({ "name": "lab", "display_name": "" }), "/display_name"),
            (json!({ "name": "lab", "display_name": "a\u{202e}b" }), "/display_name"),
            (json!({ "name": "lab", "description": long }), "/description"),
            (json!({ "name": "lab", "description": "a\nb" }), "/description"),
            (json!({ "name": "lab", "contact_email": "nobody" }), "/contact_email"),
        ] {
            let answer = alice.post(ORGANIZATIONS, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        for (body, pointer) in [
            (json!({ "display_name": null }), "/display_name"),
            (json!({ "description": null }), "/description"),
            (json!({ "contact_email": "x" }), "/contact_email"),
        ] {
            assert_eq!(alice.patch(ACME, &body).await.pointer(), pointer, "{body}");
        }
        assert_eq!(alice.post(ORGANIZATIONS, &json!({ "name": "acme" })).await.problem(), "taken");
    }

    async fn or9_nothing_slips_in_beside_what_is_asked(house) {
        let alice = house.in_browser(Person::Alice).await;
        let strangers = ["is_admin", "org_id", "organization_id", "superuser", "id", "created_at", "require_mfa", "limits"];
        for (method, path, body) in [
            ("POST", ORGANIZATIONS.to_owned(), json!({ "name": "lab" })),
            ("PATCH", ACME.to_owned(), json!({ "display_name": "X" })),
            ("POST", format!("{ACME}/transfer"), json!({ "new_owner": "bob@acme.example" })),
            ("PATCH", format!("{ACME}/security"), json!({ "password_history": 1 })),
            ("PATCH", format!("{ACME}/billing"), json!({ "email": "x@acme.example" })),
            ("PATCH", format!("{ACME}/limits"), json!({ "products": 1 })),
            ("PUT", format!("{ACME}/usage"), json!({ "devices": 1 })),
            ("POST", format!("{ACME}/usage/reservations"), json!({ "resource": "devices", "amount": 1 })),
        ] {
            for name in strangers {
                let known = path.ends_with("/security") && name == "require_mfa";
                let mut body = body.clone();
                body[name] = json!(house.acme.umbrella.to_string());
                let answer = Answer::of(alice.request(method, &path).json(&body)).await;
                let told = (answer.status, answer.pointer());
                assert_eq!(told, (StatusCode::BAD_REQUEST, format!("/{name}")), "{method} {path} {known}");
            }
        }
        assert_eq!(alice.get(ACME).await.found()["display_name"], "Acme");
    }

    async fn twenty_want_one_name_and_one_gets_it(house) {
        let alice = house.in_browser(Person::Alice).await;
        let mut tries = JoinSet::new();
        for _ in 0..20 {
            tries.spawn(Answer::of(alice.request("POST", ORGANIZATIONS).json(&json!({ "name": "lab" }))));
        }
        let statuses: Vec<_> = tries.join_all().await.iter().map(|answer| answer.status.as_u16()).collect();
        let how_many = |status| statuses.iter().filter(|one| **one == status).count();
        assert_eq!((how_many(201), how_many(409)), (1, 19), "{statuses:?}");
        assert_eq!(names(&alice, ORGANIZATIONS).await, ["acme", "lab", "umbrella"]);
    }

    async fn a_list_shows_what_one_belongs_to_and_a_superuser_all(house) {
        let alice = house.in_browser(Person::Alice).await;
        for name in ["acme-labs", "acmf", "zebra"] {
            alice.post(ORGANIZATIONS, &json!({ "name": name, "owner": Person::Mallory.email() })).await.created();
        }
        let (mallory, bob) = (house.in_browser(Person::Mallory).await, house.in_browser(Person::Bob).await);
        let (_, robot) = house.key(None, PermissionSet::EMPTY).await;
        let (_, bobs) = house.key(Some(house.acme.bob), PermissionSet::EMPTY).await;
        assert_eq!(names(&alice, ORGANIZATIONS).await, ["acme", "acme-labs", "acmf", "umbrella", "zebra"]);
        assert_eq!(names(&alice, "/v2/organizations?query=ACME").await, ["acme", "acme-labs"]);
        assert_eq!(names(&mallory, ORGANIZATIONS).await, ["acme-labs", "acmf", "umbrella", "zebra"]);
        assert_eq!(names(&mallory, "/v2/organizations?query=acme").await, ["acme-labs"]);
        for api in [&bob, &robot, &bobs] {
            assert_eq!(names(api, ORGANIZATIONS).await, ["acme"]);
            assert_eq!(api.get("/v2/organizations?query=umb").await.found()["data"], json!([]));
            assert_eq!(api.get("/v2/organizations?total=true").await.found()["total"], 1);
        }
        let page = alice.get("/v2/organizations?limit=2&total=true").await.found();
        assert_eq!((page["data"].as_array().unwrap().len(), &page["total"]), (2, &json!(5)));
        let next = format!("/v2/organizations?limit=2&cursor={}", page["next_cursor"].as_str().unwrap());
        assert_eq!(names(&alice, &next).await, ["acmf", "umbrella"]);
        assert_eq!(mallory.get(&next).await.problem(), "invalid_cursor", "a cursor is its own reader's");
        let shown = mallory.get(ORGANIZATIONS).await.found()["data"][0].clone();
        let fields: Vec<_> = shown.as_object().unwrap().keys().collect();
        assert_eq!(fields, ["created_at", "display_name", "id", "name"], "no more than anybody in it may know");
    }

    async fn or2_it_is_the_named_organization_that_counts(house) {
        let mallory = house.in_browser(Person::Mallory).await;
        let umbrella = house.acme.umbrella.to_string();
        for (name, value) in [("x-organization", "umbrella"), ("x-org-id", &umbrella), ("organization", &umbrella)] {
            for (method, path, body) in [
                ("GET", ACME.to_owned(), json!({})),
                ("PATCH", ACME.to_owned(), json!({ "display_name": "Mallory's" })),
                ("DELETE", format!("{ACME}?organization=umbrella"), json!({})),
                ("POST", format!("{ACME}/transfer"), json!({ "new_owner": Person::Mallory.email() })),
                ("PATCH", format!("{ACME}/security"), json!({ "password_history": 1 })),
                ("PATCH", format!("{ACME}/limits"), json!({ "users": 500 })),
            ] {
                let answer = Answer::of(mallory.request(method, &path).header(name, value).json(&body)).await;
                assert_eq!((answer.status, answer.problem()), (StatusCode::NOT_FOUND, "not_found".into()), "{method} {path}");
            }
        }
    }

    async fn everything_that_keeps_it_is_told_at_once(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let alice = house.in_browser(Person::Alice).await;
        let usage = format!("{ACME}/usage");
        let reported = json!({ "devices": 3, "active_deployments": 2 });
        Answer::of(olga.api.request("PUT", &usage).json(&reported)).await.found();
        alice.patch(&format!("{ACME}/billing"), &json!({ "outstanding_charges": 990 })).await.found();
        let refused = olga.api.delete(ACME).await;
        assert_eq!((refused.status, refused.problem()), (StatusCode::CONFLICT, "unmet_preconditions".to_owned()));
        let told = refused.json();
        let codes: Vec<_> = told["errors"].as_array().unwrap().iter().map(|error| error["code"].clone()).collect();
        assert_eq!(codes, ["devices", "active_deployments", "other_users", "outstanding_charges"]);
        assert_eq!(told["errors"][2]["detail"], "2 users besides its owner belong to it");

        Answer::of(olga.api.request("PUT", &usage).json(&json!({ "devices": 0, "active_deployments": 0 }))).await.found();
        alice.patch(&format!("{ACME}/billing"), &json!({ "outstanding_charges": 0 })).await.found();
        for user in [house.acme.alice, house.acme.bob] {
            olga.api.delete(&format!("{ACME}/members/{user}")).await.done();
        }
        let held = json!({ "resource": "devices", "amount": 1, "expires_in": 60 });
        olga.api.post(&format!("{usage}/reservations"), &held).await.created();
        assert_eq!(olga.api.delete(ACME).await.json()["errors"][0]["code"], "devices", "one is about to be");
        house.wait(std::time::Duration::from_mins(1));
        olga.api.delete(ACME).await.done();
        assert_eq!(olga.api.get(ACME).await.problem(), "unauthenticated", "the key went with it");
    }

    async fn what_acted_there_dies_with_it(house) {
        let mallory = house.signed_in(Person::Mallory).await;
        let parasol = house.acme.parasol.to_string();
        let tokens = mallory.redeem(&parasol, &mallory.code(&parasol).await).await.found();
        let waiting = mallory.code(&parasol).await;
        let (access, refresh) = (tokens["access_token"].as_str().unwrap(), tokens["refresh_token"].as_str().unwrap());
        let userinfo = || Answer::of(mallory.request("GET", "/oauth2/userinfo").bearer_auth(access));
        let (_, robot) = house.key_of(house.acme.umbrella, None, PermissionSet::ALL).await;
        let (_, own) = house.key_of(house.acme.umbrella, Some(user(&house).await), PermissionSet::ALL).await;
        let browser = house.in_browser(Person::Mallory).await;
        browser.get(UMBRELLA).await.found();
        robot.get(UMBRELLA).await.found();
        own.get(UMBRELLA).await.found();
        assert_eq!(userinfo().await.status, StatusCode::OK);

        browser.delete(UMBRELLA).await.done();
        assert_eq!(browser.get(UMBRELLA).await.problem(), "not_found");
        assert_eq!(names(&browser, ORGANIZATIONS).await, [""; 0], "she is still signed in, and nowhere a member");
        for key in [&robot, &own] {
            assert_eq!(key.get(UMBRELLA).await.problem(), "unauthenticated");
        }
        assert_eq!(userinfo().await.status, StatusCode::UNAUTHORIZED);
        let refreshed = [("grant_type", "refresh_token"), ("refresh_token", refresh)];
        for form in [refreshed, [("grant_type", "authorization_code"), ("code", waiting.as_str())]] {
            let request = mallory.request("POST", "/oauth2/token").basic_auth(&parasol, Some(SECRET)).form(&form);
            let refused = Answer::of(request).await;
            assert_eq!((refused.status, refused.json()["error"].as_str()), (StatusCode::UNAUTHORIZED, Some("invalid_client")));
        }
        let alice = house.in_browser(Person::Alice).await;
        alice.post(ORGANIZATIONS, &json!({ "name": "umbrella" })).await.created();
        assert_eq!(own.get(UMBRELLA).await.problem(), "unauthenticated", "another of that name is another");
        assert_eq!(browser.get(UMBRELLA).await.problem(), "not_found");
    }

    async fn or4_an_organization_goes_whole_or_not_at_all(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bob = house.in_browser(Person::Bob).await;
        for api in [&ana.api, &bob] {
            let refused = api.delete(ACME).await;
            assert_eq!((refused.status, refused.problem()), (StatusCode::FORBIDDEN, "permission_denied".to_owned()));
            assert_eq!(refused.json()["permission"], "organization:delete");
        }
        let mut tries = JoinSet::new();
        let mallory = house.in_browser(Person::Mallory).await;
        mallory.get(UMBRELLA).await.found();
        for number in 0..20 {
            let request = match number % 2 {
                0 => mallory.request("DELETE", UMBRELLA),
                _ => mallory.request("POST", &format!("{UMBRELLA}/products")).json(&json!({ "name": format!("p-{number}") })),
            };
            tries.spawn(Answer::of(request));
        }
        let answers = tries.join_all().await;
        assert!(answers.iter().all(|answer| !answer.status.is_server_error()), "{answers:?}");
        assert_eq!(answers.iter().filter(|answer| answer.status == StatusCode::NO_CONTENT).count(), 1);
        let mut raw = crate::harness::Raw::connect(house.storage()).await;
        assert_eq!(raw.count("products").await, 0);
    }

    async fn an_etag_guards_settings_against_the_lost_update(house) {
        let alice = house.in_browser(Person::Alice).await;
        for (path, first, second) in [
            (ACME.to_owned(), json!({ "description": "one" }), json!({ "description": "two" })),
            (format!("{ACME}/security"), json!({ "password_history": 1 }), json!({ "password_history": 2 })),
            (format!("{ACME}/billing"), json!({ "payment_method": "card" }), json!({ "payment_method": "invoice" })),
            (format!("{ACME}/limits"), json!({ "products": 1 }), json!({ "products": 2 })),
        ] {
            let tag = alice.get(&path).await.header("etag").to_owned();
            let patch = |body: &Value| Answer::of(alice.request("PATCH", &path).header("if-match", &tag).json(body));
            patch(&first).await.found();
            assert_eq!(patch(&second).await.problem(), "precondition_failed", "{path}");
        }
        house.limit(Resource::Products, 1).await;
        alice.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
    }
}

async fn user(house: &House) -> doorward::domain::id::UserId {
    let mut snapshot = house.snapshot().await;
    let mallory = Person::Mallory.email().parse().unwrap();
    let found = doorward::storage::users::by_email(&mut snapshot.tx(), &mallory).await;
    found.unwrap().unwrap().id
}

#[tokio::test(flavor = "multi_thread")]
async fn or11_where_it_is_wanted_people_help_themselves_and_keys_do_not() {
    let house = House::open_with(Engine::Sqlite, |config| config.self_service = true).await;
    let mallory = house.in_browser(Person::Mallory).await;
    let made = mallory
        .post(
            ORGANIZATIONS,
            &json!({ "name": "lair", "description": "Under a volcano" }),
        )
        .await;
    assert_eq!(made.created()["description"], "Under a volcano");
    assert_eq!(
        members(&mallory, "lair").await,
        [(Person::Mallory.email().to_owned(), "owner".to_owned())]
    );
    mallory
        .patch("/v2/organizations/lair", &json!({ "description": "" }))
        .await
        .found();
    let for_another = json!({ "name": "trap", "owner": Person::Bob.email() });
    assert_eq!(
        mallory.post(ORGANIZATIONS, &for_another).await.pointer(),
        "/owner"
    );
    let owner = house.employ("olga", BuiltInRole::Owner).await;
    let (_, robot) = house.key(None, PermissionSet::ALL).await;
    for key in [&owner.api, &robot] {
        assert_eq!(
            key.post(ORGANIZATIONS, &json!({ "name": "den" })).await.problem(),
            "forbidden"
        );
    }
    let told = audited(&house, "organization.created").await;
    let (actor, told) = told
        .iter()
        .find(|(_, told)| told["after"]["name"] == "lair")
        .unwrap();
    assert_eq!(
        (actor, told.get("superuser")),
        (&user(&house).await.to_string(), None)
    );
}
