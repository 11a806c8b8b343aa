//! Reports: who may do what, and who signed in when. M10.

use std::time::Duration;

use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::domain::text::DisplayName;
use doorward::storage::users;
use serde_json::{Value, json};

use super::{PRODUCTS, grant, group, product, seat};
use crate::harness::{Answer, Api, House, Person, on_both};

const ACCESS: &str = "/v2/organizations/acme/reports/access";

const SIGN_INS: &str = "/v2/organizations/acme/reports/sign-ins";

const OWN_ACCESS: &str = "/v2/users/me/reports/access";

const OWN_SIGN_INS: &str = "/v2/users/me/reports/sign-ins";

const DAY: Duration = Duration::from_hours(24);

/// The rows of a table, without its columns.
async fn table(api: &Api, path: &str) -> Vec<String> {
    let answer = Answer::of(api.request("GET", path).header("accept", "text/csv")).await;
    assert_eq!(
        answer.header("content-type"),
        "text/csv; charset=utf-8; header=present",
        "{answer:?}"
    );
    assert!(
        answer
            .header("content-disposition")
            .starts_with("attachment; filename=\"")
    );
    answer
        .body
        .split("\r\n")
        .skip(1)
        .filter(|row| !row.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a report tells of somebody.
fn of<'a>(list: &'a Value, email: &str) -> &'a Value {
    let lines = list.as_array().unwrap();
    lines
        .iter()
        .find(|line| line["user"]["email"] == email)
        .unwrap_or_else(|| panic!("{email}: {list}"))
}

impl House {
    async fn rename_vera(&self, vera: doorward::domain::id::UserId, name: &str) {
        let name = DisplayName::parse(name).unwrap();
        self.write(move |tx| {
            let name = name.clone();
            Box::pin(async move { users::rename(tx, vera, &name).await })
        })
        .await;
    }
}

on_both! {
    async fn m10_who_may_do_what_is_told_person_by_person(house) {
        let alice = house.in_browser(Person::Alice).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let crew = group(&alice, "Crew").await;
        let rover = product(&alice, "rover").await["id"].as_str().unwrap().to_owned();
        grant(&alice, &crew, &["device:write"]).await;
        alice.put(&seat(&crew, vera.user), &json!({})).await.found();
        house.grant(vera.user, PermissionSet::of(&[Permission::FirmwareWrite]), Some(rover.parse().unwrap())).await;
        let report = alice.get(ACCESS).await.found();
        assert_eq!(report["data"].as_array().unwrap().len(), 3);
        let line = of(&report["data"], &vera.email);
        assert_eq!((&line["role"], &line["status"], &line["groups"]), (&json!("viewer"), &json!("active"), &json!(["Crew"])));
        assert_eq!((line["grants"].as_array().unwrap().len(), &line["api_keys"]), (2, &json!(1)));
        assert!(line["permissions"]["*"].as_array().unwrap().contains(&json!("device:write")));
        assert_eq!(line["permissions"][&rover], json!(["firmware:write"]));
        assert_eq!((&line["last_sign_in_at"], &line["second_factors"]), (&Value::Null, &json!([])));
        assert_eq!(of(&report["data"], "alice@acme.example")["last_sign_in_at"], "2026-11-22T09:30:00Z");

        alice.patch(&format!("/v2/organizations/acme/members/{}", vera.user), &json!({ "status": "suspended" })).await.found();
        let report = alice.get(ACCESS).await.found();
        let line = of(&report["data"], &vera.email);
        assert_eq!((&line["status"], &line["permissions"]), (&json!("suspended"), &json!({})), "who may not act may do nothing");
        let page = alice.get(&format!("{ACCESS}?limit=2")).await.found();
        let rest = alice.get(&format!("{ACCESS}?limit=2&cursor={}", page["next_cursor"].as_str().unwrap())).await.found();
        assert_eq!((page["data"].as_array().unwrap().len(), rest["data"].as_array().unwrap().len()), (2, 1));
    }

    async fn cs1_a_member_whose_name_is_a_formula_is_text_in_every_table(house) {
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.rename_vera(vera.user, "=HYPERLINK(\"https://evil.example\",\"Click\")").await;
        let vera_in_browser = house.in_browser(Person::Bob).await;
        vera_in_browser.get(PRODUCTS).await.found();
        let rows = table(&alice, ACCESS).await;
        assert_eq!(rows.len(), 3);
        let row = rows.iter().find(|row| row.starts_with(&vera.user.to_string())).unwrap();
        assert!(row.contains(r#","'=HYPERLINK(""https://evil.example"",""Click"")","#), "{row}");
        assert!(row.ends_with(",1"), "{row}");
        let own = table(&vera.api, OWN_ACCESS).await;
        assert!(own[0].starts_with("acme,usr_") && own[0].contains("\"'=HYPERLINK"), "{own:?}");
    }

    async fn m10_who_signed_in_when_is_counted_by_person_and_day(house) {
        let bob = house.in_browser(Person::Bob).await;
        bob.get(PRODUCTS).await.found();
        house.wait(DAY);
        let again = house.in_browser(Person::Bob).await;
        again.get(PRODUCTS).await.found();
        again.get("/v2/organizations/acme").await.found();
        house.join(house.acme.bob, house.acme.umbrella).await;
        again.get("/v2/organizations/umbrella").await.found();
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        house.wait(Duration::from_secs(1));
        let report = alice.get(SIGN_INS).await.found();
        let line = of(&report["people"], "bob@acme.example");
        assert_eq!((&line["sign_ins"], &line["failures"], &line["methods"]), (&json!(2), &json!(0), &json!({ "pwd": 2 })));
        assert_eq!(line["last_at"], "2026-11-23T09:30:00Z");
        assert_eq!((&report["total"]["sign_ins"], &report["to"]), (&json!(2), &json!("2026-11-23T09:30:01Z")));
        let days: Vec<_> = report["days"].as_array().unwrap().iter().map(|day| (day["day"].as_str().unwrap(), day["sign_ins"].as_i64().unwrap())).collect();
        assert_eq!(days, [("2026-11-22", 1), ("2026-11-23", 1)]);
        let report = alice.get(&format!("{SIGN_INS}?from=2026-11-23&to=2026-11-23")).await.found();
        assert_eq!((&report["total"]["sign_ins"], &report["from"], &report["to"]), (&json!(1), &json!("2026-11-23T00:00:00Z"), &json!("2026-11-24T00:00:00Z")));
        let rows = table(&alice, SIGN_INS).await;
        let bobs = format!(",{},bob@acme.example,Bob Becker,1,0,pwd 1", house.acme.bob);
        assert_eq!(rows, [format!("2026-11-22{bobs}"), format!("2026-11-23{bobs}")]);
        assert_eq!(table(&alice, &format!("{SIGN_INS}?from=2026-11-01&to=2026-11-01")).await, [""; 0]);
        for wrong in ["from=yesterday", "to=x", "format=xml", "limit=3", "from=2026-01-01", "from=2026-12-01"] {
            assert_eq!(alice.get(&format!("{SIGN_INS}?{wrong}")).await.problem(), "invalid_request", "{wrong}");
        }
    }

    async fn m10_a_viewer_gets_their_own_reports_and_nobody_elses(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        house.join(vera.user, house.acme.umbrella).await;
        house.give_password(vera.user).await;
        for path in [ACCESS, SIGN_INS] {
            assert_eq!(vera.api.get(path).await.problem(), "permission_denied");
            assert_eq!(Answer::of(vera.api.request("GET", path).header("accept", "text/csv")).await.problem(), "permission_denied");
            assert_eq!(house.in_browser(Person::Mallory).await.get(path).await.problem(), "not_found");
        }
        let browser = house.in_browser_as(&vera.email).await;
        browser.get(PRODUCTS).await.found();
        let own = browser.get(OWN_ACCESS).await.found();
        let names: Vec<_> = own["data"].as_array().unwrap().iter().map(|line| line["organization"]["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["acme", "umbrella"]);
        assert_eq!(own["data"][0]["user"]["email"], vera.email.as_str());
        let by_key = vera.api.get(OWN_ACCESS).await.found();
        assert_eq!(by_key["data"].as_array().unwrap().len(), 1, "a key reaches no further than its organization");

        let guest = house.visitor();
        guest.sign_in_on(&guest.get("/sign-in").await, &vera.email, "a wrong password").await;
        house.wait(Duration::from_secs(1));
        let own = browser.get(OWN_SIGN_INS).await.found();
        assert_eq!((&own["total"]["sign_ins"], &own["total"]["methods"]), (&json!(1), &json!({ "pwd": 1 })));
        assert_eq!((&own["total"]["failures"], &own["days"][0]["day"]), (&json!(1), &json!("2026-11-22")));
        let by_key = vera.api.get(OWN_SIGN_INS).await.found();
        assert_eq!(by_key["total"]["sign_ins"], 1, "when she began to act for Acme");
        let rows = table(&browser, OWN_SIGN_INS).await;
        assert!(rows == ["2026-11-22,1,1,pwd 1"], "{rows:?}");
        let tagged = browser.get(OWN_ACCESS).await;
        let known = Answer::of(browser.request("GET", OWN_ACCESS).header("if-none-match", tagged.header("etag"))).await;
        assert_eq!(known.status, 304);
        let (_, narrow) = house.key(Some(vera.user), PermissionSet::of(&[Permission::DeviceRead])).await;
        assert_eq!(narrow.get(OWN_SIGN_INS).await.problem(), "permission_denied", "a key needs session:write for them");
    }
}
