//! `/scim/v2`, as organizations' own directories call it.

mod attacks;
mod bulk;
mod entra;
mod filters;
mod groups;
mod okta;
mod people;
mod races;
mod routes;
mod tokens;

use doorward::domain::access::PermissionSet;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::harness::{Answer, Api, House};

const TOKENS: &str = "/v2/organizations/acme/scim-tokens";
const USERS: &str = "/scim/v2/Users";
const GROUPS: &str = "/scim/v2/Groups";

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// An organization's own directory, with its token.
struct Directory(Api);

impl Directory {
    /// Acme's, whose domain is known.
    async fn of(house: &House) -> Self {
        house.own_domain(house.acme.id, "acme.example").await;
        let (_, alice) = house.key(Some(house.acme.alice), PermissionSet::ALL).await;
        let made = alice.post(TOKENS, &json!({ "name": "Okta" })).await.created();
        Self::with(house, &made)
    }

    /// Whoever has a token that was just made.
    fn with(house: &House, made: &Value) -> Self {
        Self(house.bearer(made["token"].as_str().unwrap()))
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> RequestBuilder {
        let request = self.0.request(method, path);
        let request = request.header("content-type", "application/scim+json; charset=utf-8");
        request.body(body.to_string())
    }

    async fn get(&self, path: &str) -> Answer {
        self.0.get(path).await
    }

    /// What a filter finds.
    async fn filtered(&self, path: &str, filter: &str) -> Answer {
        let request = self.0.request("GET", path).query(&[("filter", filter)]);
        Answer::of(request).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("POST", path, body)).await
    }

    async fn put(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request("PUT", path, body)).await
    }

    /// A patch of these operations.
    async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({ "schemas": [PATCH], "Operations": operations });
        Answer::of(self.request("PATCH", path, &body)).await
    }

    async fn delete(&self, path: &str) -> Answer {
        self.0.delete(path).await
    }

    /// Makes somebody; answers where they are.
    async fn hires(&self, name: &str) -> String {
        let user = json!({ "schemas": [USER], "userName": format!("{name}@acme.example") });
        let made = self.post(USERS, &user).await;
        place(&made.created())
    }

    /// Makes a group; answers where it is.
    async fn founds(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<_> = members
            .iter()
            .map(|place| json!({ "value": id(place) }))
            .collect();
        let group = json!({ "schemas": [GROUP], "displayName": name, "members": members });
        place(&self.post(GROUPS, &group).await.created())
    }
}

/// The path of a resource.
fn place(resource: &Value) -> String {
    let noun = resource["meta"]["resourceType"].as_str().unwrap();
    format!("/scim/v2/{noun}s/{}", resource["id"].as_str().unwrap())
}

/// The id at the end of a path.
fn id(place: &str) -> &str {
    place.rsplit('/').next().unwrap()
}

/// Where a member is at the API.
fn member(user: &str) -> String {
    format!("/v2/organizations/acme/members/{user}")
}

impl Answer {
    /// The status and SCIM's word of a failure, which has its form.
    #[track_caller]
    fn failure(&self) -> (StatusCode, String) {
        assert_eq!(self.header("content-type"), "application/scim+json", "{self:?}");
        assert_eq!(self.header("cache-control"), "no-store");
        let told = self.json();
        assert_eq!(
            told["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
        );
        assert_eq!(told["status"], self.status.as_u16().to_string(), "{self:?}");
        assert!(!told["detail"].as_str().unwrap().is_empty());
        let word = told["scimType"].as_str().unwrap_or_default();
        (self.status, word.to_owned())
    }

    /// How many a list has, and the ids of those that it shows.
    #[track_caller]
    fn listed(&self) -> (u64, Vec<String>) {
        let list = self.found();
        assert_eq!(
            list["schemas"],
            json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])
        );
        let shown = list["Resources"].as_array().unwrap();
        assert_eq!(list["itemsPerPage"], shown.len());
        let ids = shown.iter().map(|one| one["id"].as_str().unwrap().to_owned());
        (list["totalResults"].as_u64().unwrap(), ids.collect())
    }
}

/// A refusal with a word.
fn refused(status: u16, word: &str) -> (StatusCode, String) {
    (StatusCode::from_u16(status).unwrap(), word.to_owned())
}
