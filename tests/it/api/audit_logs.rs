//! The audit log as it is read: who may, what it tells, how it is asked, and as a file.

use std::time::Duration;

use doorward::audit::verify::verify_export;
use doorward::audit::{self, Actor, Event, Sealer};
use doorward::domain::access::{BuiltInRole, Permission, PermissionSet};
use doorward::storage::{Lane, StorageError};
use reqwest::header::USER_AGENT;
use serde_json::{Value, json};

use super::{PRODUCTS, ROLES, product};
use crate::harness::{Answer, Api, House, Person, on_both};

const LOG: &str = "/v2/organizations/acme/audit-logs";
const CHANGES: &str = "/v2/organizations/acme/permission-changes";
const OWN: &str = "/v2/users/me/sign-ins";

/// The actions of a list of events.
fn actions(list: &Value) -> Vec<String> {
    let data = list["data"].as_array().unwrap();
    let action = |event: &Value| event["action"].as_str().unwrap().to_owned();
    data.iter().map(action).collect()
}

async fn asked(api: &Api, question: &str) -> Vec<String> {
    actions(&api.get(&format!("{LOG}?limit=200&{question}")).await.found())
}

/// The only event of an action.
async fn one(api: &Api, action: &str) -> Value {
    let found = api.get(&format!("{LOG}?action={action}")).await.found();
    let [event] = found["data"].as_array().unwrap().as_slice() else {
        panic!("{found}");
    };
    event.clone()
}

/// Alice makes Bob a viewer, then a developer, then a product: a second each.
async fn some_history(house: &House) -> Api {
    let alice = house.in_browser(Person::Alice).await;
    let bob = format!("/v2/organizations/acme/members/{}", house.acme.bob);
    for role in ["viewer", "developer"] {
        house.wait(Duration::from_secs(1));
        alice.patch(&bob, &json!({ "role": role })).await.found();
    }
    house.wait(Duration::from_secs(1));
    product(&alice, "rover").await;
    alice
}

on_both! {
    async fn alice_reads_who_did_what_to_whom_newest_first(house) {
        let alice = some_history(&house).await;
        assert_eq!(asked(&alice, "").await[..2], ["product.created", "member.role_changed"]);
        let list = alice.get(&format!("{LOG}?limit=2")).await.found();
        let event = &list["data"][1];
        assert_eq!(event["actor"], json!({ "kind": "user", "id": house.acme.alice.to_string() }));
        assert_eq!(event["target"], house.acme.bob.to_string());
        assert_eq!((&event["before"]["role"], &event["after"]["role"]), (&json!("viewer"), &json!("developer")), "{event}");
        assert_eq!(
            json!([event["result"], event["category"], event["organization"], event["ip"], event["on_behalf_of"], event["erased"]]),
            json!(["success", "access", house.acme.id.to_string(), "127.0.0.1", null, false]),
        );
        assert_eq!(event["at"], "2026-11-22T09:30:02Z");
    }

    async fn a_key_that_acts_for_bob_is_told_with_bob(house) {
        let alice = house.in_browser(Person::Alice).await;
        let dev = house.employ("dev", BuiltInRole::Developer).await;
        product(&dev.api, "drone").await;
        let event = one(&alice, "product.created").await;
        assert_eq!(event["actor"]["kind"], "api_key");
        assert_eq!(event["on_behalf_of"], json!({ "kind": "user", "id": dev.user.to_string() }));
        assert_eq!(asked(&alice, &format!("action=product.created&user={}", dev.user)).await.len(), 1);
        let (key, robot) = house.key(None, PermissionSet::ALL).await;
        product(&robot, "robot").await;
        let newest = &alice.get(&format!("{LOG}?action=product.created&user={key}")).await.found()["data"];
        assert_eq!(newest, &json!([]), "a key is no user");
        let all = alice.get(&format!("{LOG}?action=product.created")).await.found();
        let own = all["data"].as_array().unwrap().iter().find(|event| event["actor"]["id"] == key.to_string()).unwrap();
        assert_eq!(own["on_behalf_of"], Value::Null);
    }

    async fn it_is_asked_by_person_time_action_result_and_target(house) {
        let alice = some_history(&house).await;
        let bob = house.acme.bob;
        let role_changes = vec!["member.role_changed"; 2];
        assert_eq!(asked(&alice, "action=member.role_changed").await, role_changes);
        assert_eq!(asked(&alice, &format!("target={bob}&action=member.role_changed")).await, role_changes);
        for user in [bob.to_string(), "bob@acme.example".to_owned(), "BOB@acme.example".to_owned()] {
            assert_eq!(asked(&alice, &format!("user={user}&action=member.role_changed")).await, role_changes, "{user}");
            assert_eq!(asked(&alice, &format!("user={user}&action=product.created")).await, [""; 0]);
        }
        assert_eq!(asked(&alice, "user=alice@acme.example&action=product.created").await, ["product.created"]);
        assert_eq!(asked(&alice, "user=nobody@acme.example").await, [""; 0]);
        let day = "from=2026-11-22&to=2026-11-22&action=member.role_changed";
        assert_eq!(asked(&alice, day).await, role_changes);
        assert_eq!(asked(&alice, "from=2026-11-23").await, [""; 0]);
        assert_eq!(asked(&alice, "to=2026-11-21&action=member.role_changed").await, [""; 0]);
        let from = "action=member.role_changed&from=2026-11-22T09:30:02Z";
        assert_eq!(asked(&alice, from).await.len(), 1);
        assert_eq!(asked(&alice, "action=member.role_changed&to=2026-11-22T10:30:02%2B01:00").await.len(), 1);
        assert_eq!(asked(&alice, "result=refused").await, [""; 0]);
        assert_eq!(asked(&alice, "result=success&action=product.created").await.len(), 1);
        for bad in ["from=yesterday", "to=2026-13-01", "result=maybe", "format=xml", "total=true", "colour=red", "from=2026-11-22&from=2026-11-22"] {
            assert_eq!(alice.get(&format!("{LOG}?{bad}")).await.problem(), "invalid_request", "{bad}");
        }
    }

    async fn page_by_page_nothing_is_left_out_and_nothing_told_twice(house) {
        let alice = some_history(&house).await;
        for question in ["", "&user=alice@acme.example", "&from=2026-11-01"] {
            let whole = alice.get(&format!("{LOG}?limit=200{question}")).await.found();
            let (mut seen, mut path) = (Vec::new(), format!("{LOG}?limit=2{question}"));
            loop {
                let page = alice.get(&path).await.found();
                seen.extend(page["data"].as_array().unwrap().clone());
                let Some(cursor) = page["next_cursor"].as_str() else { break };
                path = format!("{LOG}?limit=2{question}&cursor={cursor}");
            }
            assert!(seen.len() > 3);
            assert_eq!(json!(seen), whole["data"]);
        }
        let cursor = alice.get(&format!("{LOG}?limit=1")).await.found()["next_cursor"].as_str().unwrap().to_owned();
        for other in [CHANGES, "/v2/organizations/umbrella/audit-logs", OWN] {
            assert_eq!(alice.get(&format!("{other}?cursor={cursor}")).await.problem(), "invalid_cursor", "{other}");
        }
    }

    async fn or1_mallory_reads_nothing_of_acme_in_her_own_log(house) {
        some_history(&house).await;
        let mallory = house.in_browser(Person::Mallory).await;
        for path in [LOG, CHANGES, &format!("{LOG}?format=csv"), &format!("{LOG}?user=nobody@acme.example")] {
            assert_eq!(mallory.get(path).await.problem(), "not_found", "{path}");
        }
        for question in ["user=bob@acme.example", &format!("user={}", house.acme.bob), &format!("target={}", house.acme.bob)] {
            let found = mallory.get(&format!("/v2/organizations/umbrella/audit-logs?{question}")).await.found();
            assert_eq!(found["data"], json!([]), "{question}");
        }
        let bobs = format!("/v2/organizations/umbrella/members/{}/sign-ins", house.acme.bob);
        assert_eq!(mallory.get(&bobs).await.problem(), "not_found");
    }

    async fn bob_reads_his_own_sign_ins_and_no_more(house) {
        let stranger = house.visitor();
        let page = stranger.get("/sign-in").await;
        stranger.sign_in_on(&page, Person::Bob.email(), "a guess").await;
        house.wait(Duration::from_mins(1));
        let bob = house.in_browser(Person::Bob).await;
        house.wait(Duration::from_secs(1));
        bob.get(PRODUCTS).await.found();
        let own = bob.get(OWN).await.found();
        assert_eq!(actions(&own), ["session.activated", "user.signed_in", "user.sign_in_failed"]);
        let failed = &own["data"][2];
        assert_eq!((&failed["result"], &failed["actor"]["kind"]), (&json!("refused"), &json!("nobody")));
        assert_eq!(own["data"][1]["detail"]["method"], "pwd");
        assert_eq!(actions(&bob.get(&format!("{OWN}?from=2026-11-23")).await.found()), [""; 0]);
        for path in [LOG, CHANGES] {
            assert_eq!(bob.get(path).await.problem(), "permission_denied", "{path}");
        }
        assert_eq!(bob.get("/v2/audit-logs").await.problem(), "forbidden");
        let (_, device) = house.key(Some(house.acme.bob), PermissionSet::of(&[Permission::DeviceRead])).await;
        assert_eq!(device.get(OWN).await.problem(), "permission_denied", "a key reaches it only by name");
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(actions(&mallory.get(OWN).await.found()), ["user.signed_in"]);
    }

    async fn an_administrator_sees_how_a_member_signs_in_here_and_not_elsewhere(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let bob = house.in_browser(Person::Bob).await;
        house.join(house.acme.bob, house.acme.umbrella).await;
        house.wait(Duration::from_secs(1));
        bob.get(PRODUCTS).await.found();
        bob.get("/v2/organizations/umbrella/products").await.found();
        let seen = |list: Value| {
            let organizations = list["data"].as_array().unwrap().iter().map(|event| event["organization"].clone());
            (actions(&list), organizations.collect::<Vec<_>>())
        };
        let at_acme = ana.api.get("/v2/organizations/acme/members/bob@acme.example/sign-ins").await.found();
        assert_eq!(seen(at_acme), (vec!["session.activated".to_owned()], vec![json!(house.acme.id.to_string())]));
    }

    async fn an_organization_sees_every_sign_in_of_those_it_manages(house) {
        let carol = house.invited("carol", BuiltInRole::Viewer).await;
        let stranger = house.visitor();
        let page = stranger.get("/sign-in").await;
        stranger.sign_in_on(&page, &carol.email, "a guess").await;
        house.wait(Duration::from_mins(1));
        house.in_browser_as(&carol.email).await;
        let alice = house.in_browser(Person::Alice).await;
        let path = format!("/v2/organizations/acme/members/{}/sign-ins", carol.user);
        assert_eq!(actions(&alice.get(&path).await.found()), ["user.signed_in", "user.sign_in_failed"]);
        house.join(carol.user, house.acme.umbrella).await;
        house.wait(Duration::from_mins(1));
        house.in_browser_as(&carol.email).await;
        assert_eq!(actions(&alice.get(&path).await.found()).len(), 2, "she belongs elsewhere too, and is nobody's since");
    }

    async fn what_changed_who_may_do_what_is_a_view_of_its_own(house) {
        let alice = some_history(&house).await;
        alice.post(ROLES, &json!({ "name": "watcher", "permissions": ["device:read"] })).await.created();
        let list = alice.get(CHANGES).await.found();
        let changes = actions(&list);
        assert!(changes.contains(&"role.created".to_owned()) && changes.contains(&"member.role_changed".to_owned()));
        assert!(!changes.contains(&"product.created".to_owned()), "{changes:?}");
        assert!(list["data"].as_array().unwrap().iter().all(|event| event["category"] == "access"));
    }

    async fn the_instances_own_log_is_for_who_stands_above(house) {
        let alice = house.in_browser(Person::Alice).await;
        let found = alice.get("/v2/audit-logs?action=user.signed_in").await.found();
        assert_eq!(found["data"][0]["organization"], Value::Null);
        assert_eq!(found["data"][0]["actor"]["id"], house.acme.alice.to_string());
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        assert_eq!(olga.api.get("/v2/audit-logs").await.problem(), "forbidden");
    }

    async fn the_whole_log_is_a_table_or_lines(house) {
        let alice = some_history(&house).await;
        let listed = alice.get(&format!("{LOG}?limit=200")).await.found()["data"].clone();
        let lines = alice.get(&format!("{LOG}?format=jsonl")).await;
        assert_eq!((lines.status.as_u16(), lines.header("content-type")), (200, "application/jsonl"));
        let events: Vec<Value> = lines.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(json!(events), listed);
        let table = alice.get(&format!("{LOG}?format=csv&action=member.role_changed")).await;
        assert!(table.header("content-type").starts_with("text/csv"));
        let rows: Vec<_> = table.body.split("\r\n").collect();
        assert_eq!((rows.len(), rows[3]), (4, ""), "{rows:?}");
        assert!(rows[0].starts_with("at,action,category,result,actor,on_behalf_of"));
        assert!(rows[1].starts_with("2026-11-22T09:30:02Z,member.role_changed,access,success,usr_"), "{rows:?}");
        let accepted = Answer::of(alice.request("GET", LOG).header("accept", "text/csv")).await;
        assert!(accepted.header("content-type").starts_with("text/csv"));
    }

    async fn cs1_no_program_writes_a_formula_into_the_table(house) {
        let alice = house.in_browser(Person::Alice).await;
        let named = alice.request("POST", PRODUCTS).header(USER_AGENT, "=HYPERLINK(\"http://evil.example\")");
        Answer::of(named.json(&json!({ "name": "drone" }))).await.created();
        let table = alice.get(&format!("{LOG}?format=csv&action=product.created")).await;
        assert!(table.body.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{}", table.body);
    }

    async fn a_file_is_as_long_as_the_log(house) {
        let alice = house.in_browser(Person::Alice).await;
        let (acme, keyring, now) = (house.acme.id, house.instance.keyring.clone(), house.clock.now());
        let written: Result<(), StorageError> = house.db().write(Lane::Instance, move |tx| {
            let keyring = keyring.clone();
            Box::pin(async move {
                for _ in 0..1203 {
                    let event = Event::of("usage.reported", Actor::Host).within(acme);
                    audit::record(tx, &keyring, &event, now).await?;
                }
                Ok(())
            })
        })
        .await;
        written.unwrap();
        let lines = alice.get(&format!("{LOG}?format=jsonl&action=usage.reported")).await;
        let ids: std::collections::BTreeSet<_> = lines.body.lines().map(|line| line[..40].to_owned()).collect();
        assert_eq!(ids.len(), 1203);
    }

    async fn what_is_exported_is_proved_with_nothing_else(house) {
        let alice = some_history(&house).await;
        let sealer = Sealer::of(house.db().clone(), &house.instance.keyring);
        for name in ["drone", "crane"] {
            sealer.seal(house.clock.now()).await.unwrap();
            product(&alice, name).await;
        }
        let file = alice.get(&format!("{LOG}/export")).await;
        assert_eq!((file.status.as_u16(), file.header("content-type")), (200, "application/jsonl"));
        let key = house.instance.keyring.audit().public();
        let (proved, _) = verify_export(file.body.as_bytes(), Some(key)).unwrap();
        assert!(proved.is_whole(), "{:?}", proved.faults);
        assert_eq!(proved.seals, 2, "what is not sealed yet is not in it");
        assert!(file.body.contains("member.role_changed") && !file.body.contains("user.signed_in"));
        let changed = file.body.replace("member.role_changed", "member.role_chanced");
        let (proved, _) = verify_export(changed.as_bytes(), Some(key)).unwrap();
        assert!(!proved.is_whole());
        let own = alice.get("/v2/audit-logs/export").await;
        assert!(verify_export(own.body.as_bytes(), Some(key)).unwrap().0.is_whole() && own.body.contains("user.signed_in"));
    }
}
