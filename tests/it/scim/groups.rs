//! Groups that a directory made, and those that it did not.

use doorward::domain::access::PermissionSet;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUP, GROUPS, id, refused};
use crate::harness::{Person, on_both};

on_both! {
    async fn a_directory_sees_the_groups_that_it_made_and_no_others(house) {
        let directory = Directory::of(&house).await;
        let ours = house.group("Pilots", PermissionSet::EMPTY).await;
        let theirs = directory.founds("Engineering", &[]).await;
        assert_eq!(directory.get(GROUPS).await.listed(), (1, vec![id(&theirs).to_owned()]));
        let there = format!("{GROUPS}/{ours}");
        assert_eq!(directory.get(&there).await.failure(), refused(404, ""));
        assert_eq!(directory.delete(&there).await.failure(), refused(404, ""));
        let taken = json!({ "schemas": [GROUP], "displayName": "PILOTS" });
        assert_eq!(directory.post(GROUPS, &taken).await.failure(), refused(409, "uniqueness"));
        assert_eq!(directory.filtered(GROUPS, r#"displayName eq "Pilots""#).await.listed(), (0, vec![]));

        // An administrator sees it like any other, and says what it grants.
        let alice = house.in_browser(Person::Alice).await;
        let seen = alice.get(&format!("/v2/organizations/acme/groups/{}", id(&theirs))).await.found();
        assert_eq!((&seen["name"], &seen["kind"]), (&json!("Engineering"), &json!("group")));
    }

    async fn members_are_the_organizations_and_named_by_id(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let team = directory.founds("Engineering", &[&dana]).await;
        for value in [
            json!("bob@acme.example"), json!("usr_01kaxw3vd0f1wvj1d2sahtfxyz"), json!(id(&team)), json!(7), Value::Null,
        ] {
            let add = json!([{ "op": "add", "path": "members", "value": [{ "value": value }] }]);
            assert_eq!(directory.patch(&team, add).await.failure(), refused(400, "invalidValue"), "{value}");
            let group = json!({ "displayName": "Other", "members": [{ "value": value }] });
            assert_eq!(directory.post(GROUPS, &group).await.failure(), refused(400, "invalidValue"), "{value}");
        }
        let twice = json!([{ "op": "add", "path": "members", "value": [{ "value": id(&dana) }, { "value": id(&dana) }] }]);
        assert_eq!(directory.patch(&team, twice).await.found()["members"].as_array().unwrap().len(), 1);
        let none = json!([{ "op": "remove", "path": "members" }]);
        assert_eq!(directory.patch(&team, none).await.found()["members"], json!([]));
        let whole = json!({ "displayName": "Engineering", "externalId": "g1" });
        assert_eq!(directory.put(&team, &whole).await.found()["externalId"], "g1");
        let other = directory.founds("Other", &[]).await;
        let same = json!([{ "op": "add", "path": "externalId", "value": "g1" }]);
        assert_eq!(directory.patch(&other, same).await.failure(), refused(409, "uniqueness"));
        let gone = json!([{ "op": "remove", "path": "externalId" }]);
        assert_eq!(directory.patch(&team, gone).await.found()["externalId"], Value::Null);
    }

    async fn or3_nobody_is_let_into_a_group_that_grants_more_than_the_token_may(house) {
        let directory = Directory::of(&house).await;
        let dana = directory.hires("dana").await;
        let team = directory.founds("Engineering", &[]).await;
        let alice = house.in_browser(Person::Alice).await;
        let add = json!([{ "op": "add", "path": "members", "value": [{ "value": id(&dana) }] }]);
        let grant = |role: &str| json!({ "subject": id(&team), "role": role });
        let given = alice.post("/v2/organizations/acme/grants", &grant("owner")).await;
        given.created();
        assert_eq!(directory.patch(&team, add.clone()).await.failure(), refused(403, ""));
        assert_eq!(directory.delete(&team).await.failure(), refused(403, ""));
        alice.delete(&given.location()).await.done();
        alice.post("/v2/organizations/acme/grants", &grant("developer")).await.created();
        directory.patch(&team, add).await.found();
        let why = json!({ "user": id(&dana), "permission": "firmware:write" });
        let told = alice.post("/v2/organizations/acme/access/explain", &why).await.found();
        assert_eq!(told["allowed"], true, "what an administrator granted, and nothing that SCIM said");
    }

    async fn a_directory_of_another_organization_finds_nothing(house) {
        let directory = Directory::of(&house).await;
        let team = directory.founds("Engineering", &[]).await;
        let mallory = house.in_browser(Person::Mallory).await;
        let made = mallory.post("/v2/organizations/umbrella/scim-tokens", &json!({ "name": "x" })).await.created();
        let umbrellas = Directory::with(&house, &made);
        assert_eq!(umbrellas.get(GROUPS).await.listed(), (0, vec![]));
        assert_eq!(umbrellas.get(&team).await.status, StatusCode::NOT_FOUND);
        let bob = json!({ "displayName": "Mine", "members": [{ "value": house.acme.bob.to_string() }] });
        assert_eq!(umbrellas.post(GROUPS, &bob).await.failure(), refused(400, "invalidValue"));
    }
}
