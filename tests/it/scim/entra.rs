//! A run as Microsoft Entra ID provisions: it looks for people who can't be there, writes booleans as text and operations in
//! capitals, tells what nobody asked for, and deletes in the end.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUP, GROUPS, USER, USERS, id, member, place};
use crate::harness::{Person, on_both};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn erin() -> Value {
    json!({
        "schemas": [USER, ENTERPRISE],
        "externalId": "58342554-38d6-4ec8-948c-50044d0a33fd",
        "userName": "erin@acme.example",
        "active": true,
        "displayName": "Erin Evans",
        "emails": [{ "primary": true, "type": "work", "value": "erin@acme.example" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "Erin Evans", "familyName": "Evans", "givenName": "Erin" },
        "preferredLanguage": "en-US",
        "addresses": [{ "type": "work", "streetAddress": "1 Main Street" }],
        "roles": [{ "value": "owner", "primary": "True" }],
        ENTERPRISE: { "department": "Research", "manager": { "value": "x" } },
    })
}

on_both! {
    async fn a_run_of_entra_id_ends_as_it_should(house) {
        let entra = Directory::of(&house).await;
        let nobody = entra.filtered(USERS, r#"userName eq "8f5a1c3e-0f3c-4b5a-9c1d-2e3f4a5b6c7d""#).await;
        assert_eq!(nobody.found()["Resources"], json!([]));
        let made = entra.post(USERS, &erin()).await.created();
        let (there, user) = (place(&made), made["id"].as_str().unwrap().to_owned());
        assert_eq!((&made["schemas"], &made["name"]["givenName"]), (&json!([USER]), &json!("Erin")));
        let alice = house.in_browser(Person::Alice).await;
        assert_eq!(alice.get(&member(&user)).await.found()["role"], Value::Null, "a role is never a directory's to give");
        for filter in [
            r#"externalId eq "58342554-38d6-4ec8-948c-50044d0a33fd""#, r#"userName eq "ERIN@acme.example""#,
            r#"emails[type eq "work"].value eq "erin@acme.example""#,
        ] {
            let found = entra.filtered(USERS, filter).await;
            if filter.contains("].") {
                assert_eq!(found.failure().1, "invalidFilter", "RFC 7644 has no such filter");
            } else {
                assert_eq!(found.listed(), (1, vec![user.clone()]), "{filter}");
            }
        }

        // Several steps at once, some of them about what is not kept here.
        let steps = json!([
            { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "erin@acme.example" },
            { "op": "Replace", "path": "name.familyName", "value": "Eriksen" },
            { "op": "Replace", "path": "displayName", "value": "Erin Eriksen" },
            { "op": "Add", "path": format!("{ENTERPRISE}:department"), "value": "Sales" },
            { "op": "Replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "2 Main Street" },
            { "op": "Add", "path": "roles[primary eq \"True\"].value", "value": "admin" },
            { "op": "Add", "value": { "name.givenName": "Erina", format!("{ENTERPRISE}:costCenter"): "7" } },
        ]);
        let now = entra.patch(&there, steps).await.found();
        assert_eq!(now["name"], json!({ "formatted": "Erin Eriksen", "givenName": "Erina", "familyName": "Eriksen" }));
        let moved = json!([{ "op": "Replace", "path": "userName", "value": "erin.eriksen@acme.example" }]);
        let now = entra.patch(&there, moved).await.found();
        assert_eq!((&now["userName"], &now["emails"][0]["value"]), (&json!("erin.eriksen@acme.example"), &json!("erin.eriksen@acme.example")));
        assert!(house.letter_to("erin@acme.example").await.text.contains("erin.eriksen@acme.example"), "the old address is told");

        // A group, found without its members.
        let schemas = json!([GROUP, "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"]);
        let group = json!({ "schemas": schemas, "externalId": "8aa1a0c0", "displayName": "Sales", "meta": { "resourceType": "Group" } });
        let team = place(&entra.post(GROUPS, &group).await.created());
        let sought = "/scim/v2/Groups?excludedAttributes=members&filter=displayName%20eq%20%22Sales%22";
        let found = entra.get(sought).await.found();
        assert_eq!((&found["Resources"][0]["id"], &found["Resources"][0]["members"]), (&json!(id(&team)), &Value::Null));
        assert_eq!(entra.get(&format!("{team}?excludedAttributes=members")).await.found()["members"], Value::Null);
        let add = json!([{ "op": "Add", "path": "members", "value": [{ "value": user }, { "value": house.acme.bob.to_string() }] }]);
        assert_eq!(entra.patch(&team, add).await.found()["members"].as_array().unwrap().len(), 2);
        let out = json!([{ "op": "Remove", "path": "members", "value": [{ "value": house.acme.bob.to_string() }] }]);
        let left = entra.patch(&team, out).await.found()["members"].clone();
        assert_eq!((&left[0]["value"], left.as_array().unwrap().len()), (&json!(user), 1));
        let rename = json!([{ "op": "Replace", "path": "displayName", "value": "Sales EMEA" }]);
        assert_eq!(entra.patch(&team, rename).await.found()["displayName"], "Sales EMEA");
        let asked = entra.filtered(GROUPS, &format!("members eq \"{user}\"")).await;
        assert_eq!(asked.listed(), (1, vec![id(&team).to_owned()]));

        // Soft deletion, then the real one.
        let off = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
        assert_eq!(entra.patch(&there, off).await.found()["active"], false);
        entra.delete(&there).await.done();
        assert_eq!(entra.get(&there).await.status, StatusCode::NOT_FOUND);
        assert_eq!(entra.get(&team).await.found()["members"], json!([]));
        assert_eq!(alice.get(&member(&user)).await.status, StatusCode::NOT_FOUND);
        entra.delete(&team).await.done();

        // Somebody who was removed this way comes back as who they were.
        let mut again = erin();
        again["userName"] = json!("erin.eriksen@acme.example");
        again["externalId"] = json!("another");
        let back = entra.post(USERS, &again).await.created();
        assert_eq!((&back["id"], &back["active"], &back["displayName"]), (&json!(user), &json!(true), &json!("Erin Evans")));
    }
}
