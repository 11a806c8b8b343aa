//! A run as Okta provisions: it looks for people by userName, puts whole users, and switches them off by a patch.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUP, GROUPS, USER, USERS, id, member, place};
use crate::api::audited;
use crate::harness::{Person, on_both};

/// What Okta sends of a person when it makes them.
fn dana() -> Value {
    json!({
        "schemas": [USER],
        "userName": "dana@acme.example",
        "name": { "givenName": "Dana", "familyName": "Diaz" },
        "emails": [{ "primary": true, "value": "dana@acme.example", "type": "work" }],
        "displayName": "Dana Diaz",
        "locale": "en-US",
        "externalId": "00ujl29u0le5T6Aj10h7",
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

on_both! {
    async fn a_run_of_okta_ends_as_it_should(house) {
        let okta = Directory::of(&house).await;
        // It tries the connection.
        let (total, shown) = okta.get("/scim/v2/Users?startIndex=1&count=2").await.listed();
        assert_eq!((total, shown.len()), (2, 2), "Alice and Bob are here already");

        // It looks for somebody, and makes them.
        let sought = "/scim/v2/Users?filter=userName%20eq%20%22dana%40acme.example%22&startIndex=1&count=100";
        assert_eq!(okta.get(sought).await.listed(), (0, vec![]));
        let answer = okta.post(USERS, &dana()).await;
        let made = answer.created();
        let there = place(&made);
        assert_eq!(answer.location(), format!("{}{there}", house.url));
        assert_eq!((&made["active"], &made["displayName"]), (&json!(true), &json!("Dana Diaz")));
        assert_eq!(made["name"], json!({ "formatted": "Dana Diaz", "givenName": "Dana", "familyName": "Diaz" }));
        assert_eq!(made["externalId"], "00ujl29u0le5T6Aj10h7");
        assert!(!answer.body.contains("1mz050nq"));
        assert_eq!(okta.get(sought).await.listed(), (1, vec![id(&there).to_owned()]));
        assert_eq!(okta.get(&there).await.found(), made);

        // It puts the whole user with another name.
        let mut changed = dana();
        changed["id"] = made["id"].clone();
        changed["name"]["familyName"] = json!("Duarte");
        changed["displayName"] = json!("Dana Duarte");
        changed["meta"] = json!({ "resourceType": "User" });
        let now = okta.put(&there, &changed).await.found();
        assert_eq!(now["name"], json!({ "formatted": "Dana Duarte", "givenName": "Dana", "familyName": "Duarte" }));

        // It pushes a group, looks for it, renames it, lets somebody in and out.
        let group = json!({ "schemas": [GROUP], "displayName": "Engineering", "members": [] });
        let team = place(&okta.post(GROUPS, &group).await.created());
        let found = okta.filtered(GROUPS, r#"displayName eq "Engineering""#).await.listed();
        assert_eq!(found, (1, vec![id(&team).to_owned()]));
        let rename = json!([{ "op": "replace", "value": { "id": id(&team), "displayName": "Platform" } }]);
        assert_eq!(okta.patch(&team, rename).await.found()["displayName"], "Platform");
        let user = id(&there).to_owned();
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": user, "display": "dana@acme.example" }] }]);
        let with = okta.patch(&team, add).await.found();
        assert_eq!((&with["members"][0]["value"], &with["members"][0]["display"]), (&json!(user), &json!("Dana Duarte")));
        let groups = okta.get(&there).await.found()["groups"].clone();
        assert_eq!((&groups[0]["value"], &groups[0]["display"]), (&json!(id(&team)), &json!("Platform")));
        let out = json!([{ "op": "remove", "path": format!("members[value eq \"{user}\"]") }]);
        assert_eq!(okta.patch(&team, out).await.found()["members"], json!([]));
        let both = json!([{ "op": "replace", "path": "members", "value": [{ "value": user }, { "value": house.acme.bob.to_string() }] }]);
        assert_eq!(okta.patch(&team, both).await.found()["members"].as_array().unwrap().len(), 2);
        let whole = json!({ "schemas": [GROUP], "displayName": "Platform", "members": [{ "value": user }] });
        assert_eq!(okta.put(&team, &whole).await.found()["members"].as_array().unwrap().len(), 1);

        // It switches the person off and on.
        let off = json!([{ "op": "replace", "value": { "active": false } }]);
        assert_eq!(okta.patch(&there, off).await.found()["active"], false);
        let alice = house.in_browser(Person::Alice).await;
        assert_eq!(alice.get(&member(&user)).await.found()["status"], "inactive");
        assert_eq!(okta.put(&there, &changed).await.found()["active"], true);
        changed["active"] = json!(false);
        assert_eq!(okta.put(&there, &changed).await.found()["active"], false);

        // The group goes, and the person stays at rest.
        okta.delete(&team).await.done();
        assert_eq!(okta.get(&team).await.status, StatusCode::NOT_FOUND);
        let seen = alice.get(&member(&user)).await.found();
        assert_eq!((&seen["status"], &seen["role"], &seen["managed"]), (&json!("inactive"), &Value::Null, &json!(true)));
        let told = |action| audited(&house, action);
        for (action, times) in [
            ("user.created", 1), ("member.added", 1), ("user.updated", 1), ("member.deactivated", 2),
            ("member.reactivated", 1), ("group.created", 1), ("group.updated", 1), ("group.member_added", 3),
            ("group.member_removed", 2), ("group.deleted", 1),
        ] {
            let by_okta: Vec<_> = told(action).await.into_iter().filter(|(who, _)| who.starts_with("sct_")).collect();
            assert_eq!(by_okta.len(), times, "{action}: {by_okta:?}");
        }
    }
}
