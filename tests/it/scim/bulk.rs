//! Many operations in one request.

use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{Directory, GROUPS, USERS, refused};
use crate::harness::on_both;

const BULK: &str = "/scim/v2/Bulk";

fn bulk(operations: &Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations })
}

fn statuses(told: &Value) -> Vec<&str> {
    let each = told["Operations"].as_array().unwrap().iter();
    each.map(|one| one["status"].as_str().unwrap()).collect()
}

on_both! {
    async fn what_was_made_before_is_named_by_its_bulk_id(house) {
        let directory = Directory::of(&house).await;
        let told = directory.post(BULK, &bulk(&json!([
            { "method": "POST", "path": "/Users", "bulkId": "dana", "data": { "userName": "dana@acme.example" } },
            { "method": "POST", "path": "/Groups", "bulkId": "g", "data": { "displayName": "Engineering", "members": [{ "value": "bulkId:dana" }] } },
            { "method": "PATCH", "path": "/Users/bulkId:dana", "data": { "Operations": [{ "op": "replace", "path": "active", "value": false }] } },
            { "method": "POST", "path": "/Users", "bulkId": "again", "data": { "userName": "dana@acme.example" } },
            { "method": "PUT", "path": "/Groups/bulkId:nobody", "data": { "displayName": "x" } },
            { "method": "DELETE", "path": "/Users/usr_01kaxw3vd0f1wvj1d2sahtfxyz" },
            { "method": "DELETE", "path": "/Groups/bulkId:g", "version": "W/\"old\"" },
        ]))).await.found();
        assert_eq!(statuses(&told), ["201", "201", "200", "409", "409", "404", "412"]);
        let first = &told["Operations"][0];
        assert_eq!(first["bulkId"], "dana");
        assert!(first["location"].as_str().unwrap().starts_with(&format!("{}{USERS}/usr_", house.url)));
        assert!(first["version"].as_str().unwrap().starts_with("W/\""));
        assert_eq!(told["Operations"][3]["response"]["scimType"], "uniqueness");
        let groups = directory.get(GROUPS).await.found();
        assert_eq!(groups["Resources"][0]["members"][0]["display"], "dana");
        assert_eq!(directory.filtered(USERS, "active eq false").await.listed().0, 1);
    }

    async fn it_stops_after_as_many_errors_as_it_is_told(house) {
        let directory = Directory::of(&house).await;
        let wrong = json!({ "method": "DELETE", "path": "/Users/nobody" });
        let mut body = bulk(&json!([wrong, wrong, wrong]));
        body["failOnErrors"] = json!(2);
        let told = directory.post(BULK, &body).await.found();
        assert_eq!(statuses(&told), ["404", "404"]);
    }

    async fn its_bounds_are_those_that_it_tells(house) {
        let directory = Directory::of(&house).await;
        let told = directory.get("/scim/v2/ServiceProviderConfig").await.found();
        let (operations, bytes) = (&told["bulk"]["maxOperations"], &told["bulk"]["maxPayloadSize"]);
        let one = json!({ "method": "DELETE", "path": "/Users/nobody" });
        let many = |count: u64| bulk(&json!(vec![one.clone(); usize::try_from(count).unwrap()]));
        let most = operations.as_u64().unwrap();
        assert_eq!(statuses(&directory.post(BULK, &many(most)).await.found()).len() as u64, most);
        assert_eq!(directory.post(BULK, &many(most + 1)).await.failure().0, StatusCode::PAYLOAD_TOO_LARGE);
        let padding = "x".repeat(usize::try_from(bytes.as_u64().unwrap()).unwrap());
        let long = json!({ "Operations": [], "padding": padding });
        assert_eq!(directory.post(BULK, &long).await.failure().0, StatusCode::PAYLOAD_TOO_LARGE);
        for wrong in [json!({}), json!({ "Operations": {} })] {
            assert_eq!(directory.post(BULK, &wrong).await.failure(), refused(400, "invalidSyntax"));
        }
        let odd = bulk(&json!([7, { "method": "POST", "path": "/Users", "data": {} }, { "method": "GET", "path": "/Users/x" }, { "method": "POST", "path": "/Me" }]));
        assert_eq!(statuses(&directory.post(BULK, &odd).await.found()), ["400"; 4]);
    }
}
