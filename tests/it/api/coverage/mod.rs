//! Every route of the API, and what each kind of caller gets there (invariant 7). A new route fails here until it is
//! listed, with what is sent to it.

mod access;
mod connections;
mod invitations;
mod organizations;
mod past;
mod people;
mod programs;
mod scim;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use doorward::domain::access::{BuiltInRole, PermissionSet};
use doorward::endpoints::api::openapi;
use serde_json::{Value, json};

use super::PRODUCTS;
use crate::harness::visitor::authorize;
use crate::harness::{Answer, Api, House, Person, on_both};

/// Who calls, in this order: a viewer, an admin, an owner. Nobody gets 401 everywhere, and whoever is no member 404.
pub(super) type Statuses = [u16; 3];

/// A route about oneself, what is sent to it, and what any person gets whose key names all that there is.
type Own = (&'static str, &'static str, Value, u16);

/// A route, what is sent to it, and what members get.
pub(super) struct Route {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    pub(super) body: Value,
    pub(super) members: Statuses,
}

fn route(method: &'static str, path: &'static str, body: Value, members: Statuses) -> Route {
    Route {
        method,
        path,
        body,
        members,
    }
}

/// Every route in an organization.
pub(super) fn in_organizations() -> Vec<Route> {
    let rooms = [
        organizations::in_organizations(),
        people::in_organizations(),
        access::in_organizations(),
        invitations::in_organizations(),
        programs::in_organizations(),
        connections::in_organizations(),
        past::in_organizations(),
        scim::in_organizations(),
    ];
    rooms.into_iter().flatten().collect()
}

/// What the routes name: fresh for each caller, as some of it is deleted on the way.
pub(super) struct Things(BTreeMap<&'static str, String>);

impl Things {
    /// One of each in an organization that `maker` owns.
    pub(super) async fn of(house: &House, maker: &Api, org: &str, round: usize) -> Self {
        let base = format!("/v2/organizations/{org}");
        let id = |made: &Value, name: &str| made[name].as_str().unwrap().to_owned();
        let product = maker
            .post(
                &format!("{base}/products"),
                &json!({ "name": format!("thing-{round}") }),
            )
            .await;
        let application = json!({ "client_name": "thing", "redirect_uris": ["https://thing.example/"] });
        let application = maker.post(&format!("{base}/applications"), &application).await;
        let guest = json!({ "email": format!("guest-{org}-{round}@cook.example") });
        let invitation = maker.post(&format!("{base}/invitations"), &guest).await;
        let organization = if org == "acme" {
            house.acme.id
        } else {
            house.acme.umbrella
        };
        let name = format!("member-{org}-{round}");
        let member = house
            .employ_at(organization, &name, Some(BuiltInRole::Viewer))
            .await;
        let (key, _) = house.key_of(organization, None, PermissionSet::EMPTY).await;
        let reservation = json!({ "resource": "devices", "amount": 1 });
        let reservation = maker
            .post(&format!("{base}/usage/reservations"), &reservation)
            .await;
        let person = if org == "acme" {
            Person::Bob
        } else {
            Person::Mallory
        };
        house
            .in_browser(person)
            .await
            .get(&format!("{base}/products"))
            .await
            .found();
        let domain = format!("{org}-{round}.example");
        house.own_domain(organization, &domain).await;
        let sessions = maker.get(&format!("{base}/sessions?limit=200")).await.found();
        let session = sessions["data"].as_array().unwrap().last().unwrap().clone();
        let role = json!({ "name": format!("role-{round}"), "permissions": ["device:read"] });
        let role = maker.post(&format!("{base}/roles"), &role).await.created();
        let group = json!({ "name": format!("Group {round}") });
        let group = maker.post(&format!("{base}/groups"), &group).await.created();
        let token = json!({ "name": format!("token-{round}") });
        let token = maker.post(&format!("{base}/scim-tokens"), &token).await.created();
        let application = application.created();
        let grant = json!({ "subject": application["client_id"], "permissions": ["device:read"] });
        let grant = maker.post(&format!("{base}/grants"), &grant).await.created();
        let reviews = format!("{base}/access-reviews");
        let review = json!({ "name": "Autumn", "due_at": "2026-12-22T09:30:00Z" });
        let review = maker.post(&reviews, &review).await.created();
        let connection = json!({ "kind": "oidc", "issuer": "https://login.acme.example", "client_id": "x" });
        let connection = maker
            .post(&format!("{base}/connections"), &connection)
            .await
            .created();
        let link = maker
            .post(&format!("{base}/portal-links"), &json!({}))
            .await
            .created();
        let items = format!("{reviews}/{}/items", id(&review, "id"));
        let items = maker.get(&items).await.found();
        Self(BTreeMap::from([
            ("org", org.to_owned()),
            ("review", id(&review, "id")),
            ("item", id(&items["data"][0], "id")),
            ("token", id(&token, "id")),
            ("connection", id(&connection, "id")),
            ("link", id(&link, "id")),
            ("role", id(&role, "id")),
            ("group", id(&group, "id")),
            ("grant", id(&grant, "id")),
            ("domain", domain),
            ("product", id(&product.created(), "id")),
            ("application", id(&application, "client_id")),
            ("user", member.user.to_string()),
            ("key", key.to_string()),
            ("reservation", id(&reservation.created(), "id")),
            ("session", id(&session, "id")),
            ("invitation", id(&invitation.created(), "id")),
        ]))
    }

    /// A body with these in it.
    pub(super) fn fill_body(&self, body: &Value) -> Value {
        let mut body = body.to_string();
        for (name, value) in &self.0 {
            body = body.replace(&format!("{{{name}}}"), value);
        }
        serde_json::from_str(&body).unwrap()
    }

    /// A path with these in it.
    pub(super) fn fill(&self, path: &str) -> String {
        let mut path = path.to_owned();
        for (name, value) in &self.0 {
            path = path.replace(&format!("{{{name}}}"), value);
        }
        assert!(!path.contains('{'), "{path}");
        path
    }
}

async fn call(api: &Api, method: &str, path: &str, body: &Value) -> Answer {
    match body {
        Value::Null => Answer::of(api.request(method, path)).await,
        body => Answer::of(api.request(method, path).json(body)).await,
    }
}

/// Method and path of every route that the document tells of.
fn described() -> BTreeSet<(String, String)> {
    let paths = openapi::document()["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase(), path.clone()))
    });
    each.collect()
}

#[test]
fn every_route_is_listed_here_and_described_to_the_world() {
    let listed: BTreeSet<_> = in_organizations()
        .iter()
        .map(|route| (route.method.to_owned(), route.path.to_owned()))
        .chain(
            people::about_oneself()
                .iter()
                .chain(&organizations::above_organizations())
                .chain(&people::for_anybody())
                .map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned())),
        )
        .collect();
    assert_eq!(listed, described());

    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http/api.rs");
    let source = fs::read_to_string(source).unwrap();
    let mut routed = BTreeSet::new();
    for route in source.split(".route(").skip(1) {
        let path = route.split('"').nth(1).unwrap();
        if !path.starts_with("/v2/") || path == "/v2/" || path == "/v2/{*rest}" {
            continue;
        }
        let handlers = route.split(".route(").next().unwrap();
        for method in ["get", "post", "patch", "delete", "put"] {
            if handlers.contains(&format!("{method}(")) && routes_by(handlers, method) {
                routed.insert((method.to_uppercase(), path.to_owned()));
            }
        }
    }
    assert_eq!(routed, listed, "the router has other routes");
}

/// Whether a router's line has a method of its own, and not only a handler that is called alike.
fn routes_by(handlers: &str, method: &str) -> bool {
    let call = format!("{method}(");
    handlers.match_indices(&call).any(|(at, _)| {
        let before = handlers[..at].trim_end().chars().last().unwrap_or(' ');
        before == ',' || before == '.'
    })
}

on_both! {
    async fn each_caller_gets_what_is_theirs_and_no_more(house) {
        let owner = house.employ("olga", BuiltInRole::Owner).await;
        let admin = house.employ("ana", BuiltInRole::Admin).await;
        let viewer = house.employ("vera", BuiltInRole::Viewer).await;
        let umbrellas = house.in_browser(Person::Mallory).await;
        let carol = house.welcome_carol().await;
        let (_, stranger) = house.key_of(house.acme.umbrella, Some(carol), PermissionSet::ALL).await;
        let (_, umbrella_key) = house.key_of(house.acme.umbrella, None, PermissionSet::ALL).await;
        let nobody = house.nobody();
        for (round, (member, at)) in [(&viewer, 0), (&admin, 1), (&owner, 2)].into_iter().enumerate() {
            let things = Things::of(&house, &owner.api, "acme", round).await;
            let mut routes = in_organizations();
            // What deletes comes last, and first of that what is within something else.
            routes.sort_by_key(|route| (route.method == "DELETE", Reverse(route.path.matches('/').count())));
            for mut route in routes {
                if route.body["name"] == "new" {
                    route.body["name"] = json!(format!("new-{round}"));
                }
                if route.body["email"] == "new" {
                    route.body["email"] = json!(format!("new-{round}@cook.example"));
                }
                let path = things.fill(route.path);
                route.body = things.fill_body(&route.body);
                if at == 0 {
                    for (who, api, status) in [
                        ("nobody", &nobody, 401),
                        ("a stranger's dead key", &stranger, 401),
                        ("Umbrella's owner", &umbrellas, 404),
                        ("Umbrella's key", &umbrella_key, 404),
                    ] {
                        let answer = call(api, route.method, &path, &route.body).await;
                        assert_eq!(answer.status, status, "{who} {} {path}: {answer:?}", route.method);
                    }
                }
                let answer = call(&member.api, route.method, &path, &route.body).await;
                assert_eq!(answer.status, route.members[at], "{} {} {path}: {answer:?}", member.email, route.method);
            }
        }
    }

    async fn or1_nobody_reaches_anothers_things_through_their_own_organization(house) {
        let owner = house.employ("olga", BuiltInRole::Owner).await;
        let mallory = house.employ_at(house.acme.umbrella, "mal", Some(BuiltInRole::Owner)).await;
        let acmes = Things::of(&house, &owner.api, "acme", 0).await;
        let umbrellas = Things::of(&house, &mallory.api, "umbrella", 0).await;
        let before = (owner.api.get(PRODUCTS).await.body, owner.api.get("/v2/organizations/acme/members").await.body);
        for mut route in in_organizations() {
            route.body = umbrellas.fill_body(&route.body);
            let named: Vec<&str> =
                route.path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).filter(|name| *name != "org").collect();
            // A domain is named by whoever puts it, or asks how to.
            let names_it = route.method == "PUT" || route.path.ends_with("/challenge");
            for name in named.into_iter().filter(|name| *name != "domain" || !names_it) {
                let mut swapped = Things(umbrellas.0.clone());
                swapped.0.insert(name, acmes.0[name].clone());
                let path = swapped.fill(route.path);
                let answer = call(&mallory.api, route.method, &path, &route.body).await;
                assert_eq!(answer.status, 404, "{} {path}: {answer:?}", route.method);
                let made_up = "01kaxw3vd0f1wvj1d2sahtfxyz";
                let kind = acmes.0[name].split('_').next().unwrap();
                swapped.0.insert(name, format!("{kind}_{made_up}"));
                let nowhere = call(&mallory.api, route.method, &swapped.fill(route.path), &route.body).await;
                let told = |answer: &Answer| (answer.status, answer.json()["code"].clone(), answer.json()["detail"].clone());
                assert_eq!(told(&answer), told(&nowhere), "what is another's is as if it were not");
            }
        }
        let after = (owner.api.get(PRODUCTS).await.body, owner.api.get("/v2/organizations/acme/members").await.body);
        assert_eq!(before, after);
    }

    async fn whoever_stands_in_an_organization_gets_little_above(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        for (method, path, body, status) in organizations::above_organizations() {
            assert_eq!(call(&house.nobody(), method, path, &body).await.status, 401, "{method} {path}");
            for api in [&vera.api, &robot, &house.in_browser(Person::Mallory).await] {
                assert_eq!(call(api, method, path, &body).await.status, status, "{method} {path}");
            }
        }
    }

    async fn what_is_for_anybody_says_the_same_to_all(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        for (method, path, body, status) in people::for_anybody() {
            for api in [&house.nobody(), &vera.api] {
                assert_eq!(call(api, method, path, &body).await.status, status, "{method} {path}");
            }
        }
    }

    async fn what_is_about_oneself_is_nobody_elses(house) {
        let vera = house.employ("vera", BuiltInRole::Viewer).await;
        let bob = house.signed_in(Person::Bob).await;
        bob.agrees(&authorize(&house.acme.fleet.to_string(), &[])).await;
        let (bobs, _) = house.key(Some(house.acme.bob), PermissionSet::ALL).await;
        let sessions = house.in_browser(Person::Bob).await.get("/v2/users/me/sessions").await.found();
        let things = Things(BTreeMap::from([
            ("org", "acme".to_owned()),
            ("application", house.acme.fleet.to_string()),
            ("key", bobs.to_string()),
            ("passkey", "crd_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned()),
            ("identity", "idn_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned()),
            ("session", sessions["data"][0]["id"].as_str().unwrap().to_owned()),
            ("user", house.acme.bob.to_string()),
            ("alert", "alr_01kaxw3vd0f1wvj1d2sahtfxyz".to_owned()),
        ]));
        let (_, robot) = house.key(None, PermissionSet::ALL).await;
        for (method, path, body, status) in people::about_oneself() {
            let path = things.fill(path);
            assert_eq!(call(&house.nobody(), method, &path, &body).await.status, 401, "{method} {path}");
            assert_eq!(call(&vera.api, method, &path, &body).await.status, status, "{method} {path}");
            let nobodys = call(&robot, method, &path, &body).await.status.as_u16();
            assert!([403, 404].contains(&nobodys), "{method} {path} is no robot's: {nobodys}");
        }
        assert_eq!(bob.get("/").await.status, 200, "still signed in");
    }
}
