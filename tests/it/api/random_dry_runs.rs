//! P4: what a dry run said is what happens when the change is made, on random organizations. What holds before and after
//! is asked of the access check itself, and of keys and browsers by requests.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use doorward::audit::Origin;
use doorward::directory::explain::{About, Case, Question};
use doorward::directory::{Credential, DirectoryError, Requester, activate, require_insight};
use doorward::domain::access::{Permission, PermissionSet};
use doorward::domain::id::{KeyId, UserId};
use doorward::domain::secret::{Purpose, Secret, SecretHash};
use doorward::random;
use doorward::storage::{Lane, Page, access_facts, memberships, sessions};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::harness::company::{ACME, Company, place_of, some};
use crate::harness::{Answer, Api, Dice, House, Person, on_both};

/// Where people are, and where their administrator is.
const HERE: &str = "127.0.0.1";
const OFFICE: &str = "192.0.2.7";

/// What is held, by product or `*`.
type Places = BTreeMap<String, BTreeSet<String>>;

/// Somebody's browser, and what it is known by.
struct Browser {
    email: String,
    secret: SecretHash,
    api: Api,
}

/// A key, and what it is known by.
struct Key {
    id: KeyId,
    api: Api,
}

struct World<'a> {
    house: &'a House,
    company: Company,
    browsers: Vec<Browser>,
    keys: Vec<Key>,
    /// Roles that were made on the way.
    made: Vec<String>,
}

/// All there is to know at one moment.
#[derive(Debug, PartialEq)]
struct Sighting {
    /// By the person's or key's id.
    held: BTreeMap<String, Places>,
    /// The people whose browser acts.
    acting: BTreeSet<String>,
    /// The keys that are good.
    good: BTreeSet<String>,
}

/// What was done how often, and what it came to.
#[derive(Debug, Default)]
struct Tally(BTreeMap<&'static str, usize>);

impl Tally {
    fn count(&mut self, what: &'static str, times: usize) {
        *self.0.entry(what).or_default() += times;
    }
}

impl World<'_> {
    async fn open<'a>(house: &'a House, dice: &mut Dice) -> World<'a> {
        let company = Company::of(house, dice, 8).await;
        let (mut browsers, mut keys) = (Vec::new(), Vec::new());
        for member in &company.members {
            house.give_password(member.user).await;
            browsers.push(browser(house, &member.email).await);
            let narrow = dice.some(&Permission::ALL, 12).into_iter().collect();
            let (id, api) = house.key(Some(member.user), narrow).await;
            keys.push(Key { id, api });
        }
        let (id, api) = house
            .key(None, dice.some(&Permission::ALL, 12).into_iter().collect())
            .await;
        keys.push(Key { id, api });
        World {
            house,
            company,
            browsers,
            keys,
            made: Vec::new(),
        }
    }

    /// Every key but Alice's.
    fn keys(&self) -> impl Iterator<Item = (KeyId, &Api)> {
        let made = self.keys.iter().map(|key| (key.id, &key.api));
        made.chain(
            self.company
                .members
                .iter()
                .map(|member| (member.key, &member.api)),
        )
    }

    fn office(&self, browser: Option<&Browser>) -> Requester {
        let (keyring, now) = (&self.house.instance.keyring, self.house.clock.now());
        let host = Requester::on_the_host(self.house.acme.alice, keyring, now);
        match browser {
            None => host,
            Some(browser) => Requester {
                credential: Credential::Session(browser.secret.clone()),
                origin: Some(Origin {
                    address: HERE.parse().unwrap(),
                    user_agent: String::new(),
                }),
                ..host
            },
        }
    }

    /// Looks without leaving a trace: a request would be a use of the session.
    async fn look(&self) -> Sighting {
        let mut held = BTreeMap::new();
        let mut acting = BTreeSet::new();
        let mut snapshot = self.house.snapshot().await;
        let tx = &mut snapshot.tx();
        let permit = require_insight(tx, &self.office(None), self.house.acme.id)
            .await
            .unwrap();
        let known = [self.house.acme.alice, self.house.acme.bob];
        let members = self.company.members.iter().map(|member| member.user);
        let people = members.chain(known).map(|user| About::User(user.to_string()));
        let keys = self.keys().map(|(id, _)| About::ApiKey(id.to_string()));
        for about in people.chain(keys) {
            let case = Case::load(tx, &permit, &about).await.unwrap();
            let (About::User(id) | About::ApiKey(id) | About::Application(id)) = about;
            held.insert(id, self.held(&case));
        }
        self.loads_alike(tx).await;
        drop(snapshot);
        for browser in &self.browsers {
            if self.may_act(browser).await {
                acting.insert(browser.email.clone());
            }
        }
        let mut good = BTreeSet::new();
        for (id, api) in self.keys() {
            let question = json!({ "api_key": id.to_string(), "permission": "device:read" });
            let asked = api
                .request("POST", &format!("{ACME}/access/explain"))
                .json(&question);
            let answer = Answer::of(asked.header("x-forwarded-for", OFFICE)).await;
            if answer.status == StatusCode::OK {
                good.insert(id.to_string());
            }
        }
        Sighting { held, acting, good }
    }

    /// Whether a request by a browser that acts already would be heard: found out without being one, which would be a use
    /// of the session.
    async fn may_act(&self, browser: &Browser) -> bool {
        let (requester, acme) = (self.office(Some(browser)), self.house.acme.id);
        let id = random::id(requester.now);
        let asked = self.house.db().rehearse(Lane::Free, move |tx| {
            let requester = requester.clone();
            Box::pin(async move {
                match require_insight(tx, &requester, acme).await {
                    Err(DirectoryError::NotActivated { begins: false, .. }) => {
                        activate(tx, &requester, acme, id).await?;
                        require_insight(tx, &requester, acme).await.map(drop)
                    }
                    other => other.map(drop),
                }
            })
        });
        match asked.await {
            Ok(()) => true,
            Err(DirectoryError::Storage(error)) => panic!("{error}"),
            Err(_) => false,
        }
    }

    /// Who is read with many others is read like one alone.
    async fn loads_alike(&self, tx: &mut doorward::storage::Tx<'_>) {
        let mut page = Page::first(3);
        let mut seen = 0;
        loop {
            let found = access_facts::members(tx, self.house.acme.id, &page)
                .await
                .unwrap();
            let Some(last) = found.last() else { break };
            page.after = last.member.user.to_string();
            for entry in found {
                let alone = memberships::member(tx, entry.member.user, self.house.acme.id)
                    .await
                    .unwrap();
                assert_eq!(Some(entry.member), alone);
                seen += 1;
            }
        }
        assert!(seen > 1);
    }

    /// Every question there is.
    fn held(&self, case: &Case) -> Places {
        let mut held = Places::new();
        let places = self.company.products.iter().map(|product| Some(*product));
        for product in places.chain([None]) {
            let name = product.map_or("*".to_owned(), |product| product.to_string());
            let on = held.entry(name).or_default();
            for permission in Permission::ALL {
                let question = Question {
                    permission,
                    product,
                    at: self.house.clock.now(),
                    address: Some(OFFICE.parse().unwrap()),
                };
                if case.ask(&question).allowed {
                    on.insert(permission.as_str().to_owned());
                }
            }
        }
        held
    }

    /// The same change, in earnest or not.
    async fn ask(&self, change: &(&'static str, &'static str, String, Value), dry: bool) -> Answer {
        let (_, method, path, body) = change;
        let query = if dry { "?dry_run=true" } else { "" };
        let request = self.company.alice.request(method, &format!("{path}{query}"));
        let request = request.header("x-forwarded-for", OFFICE);
        match body {
            Value::Null => Answer::of(request).await,
            body => Answer::of(request.json(body)).await,
        }
    }
}

async fn browser(house: &House, email: &str) -> Browser {
    let api = house.nobody();
    let page = api.browser().get("/sign-in").await;
    let answer = api
        .browser()
        .sign_in_on(&page, email, Person::Bob.password())
        .await;
    let cookies = answer.cookies();
    let cookie = cookies
        .iter()
        .find_map(|cookie| cookie.split_once("session="))
        .unwrap()
        .1;
    let secret = Secret::received(cookie.split(';').next().unwrap()).hash(Purpose::Session);
    let browser = Browser {
        email: email.to_owned(),
        secret,
        api,
    };
    acts(&browser).await;
    browser
}

/// Ends whatever session somebody has, so that none comes back when the organization asks less again.
async fn sign_out(house: &House, user: UserId) {
    let now = house.clock.now();
    house
        .write(move |tx| Box::pin(async move { sessions::end_of_user(tx, user, now).await.map(drop) }))
        .await;
}

/// A real request that any member may make, by the browser's cookie.
async fn acts(browser: &Browser) -> bool {
    let answer = browser.api.get(&format!("{ACME}/products")).await;
    let code = answer.json()["code"].as_str().unwrap_or_default().to_owned();
    answer.status == StatusCode::OK || code == "permission_denied"
}

/// What somebody could change.
fn any_change(
    world: &World<'_>,
    dice: &mut Dice,
    round: usize,
) -> (&'static str, &'static str, String, Value) {
    let company = &world.company;
    let member = dice.one(&company.members);
    let (place, user) = (place_of(member), member.user);
    let role = dice.one(&company.roles).clone();
    let group = dice.one(&company.groups).clone();
    let grant = format!("{ACME}/grants/{}", dice.one(&company.grants));
    let now = world.house.clock.now();
    match dice.below(15) {
        0 => (
            "role changed",
            "PATCH",
            format!("{ACME}/roles/{role}"),
            json!({ "permissions": some(dice) }),
        ),
        1 => {
            let role = json!({ "name": format!("new-{round}"), "permissions": some(dice) });
            ("role made", "POST", format!("{ACME}/roles"), role)
        }
        2 => {
            let none = ["nothing".to_owned()];
            let made = if world.made.is_empty() {
                &none
            } else {
                world.made.as_slice()
            };
            (
                "role deleted",
                "DELETE",
                format!("{ACME}/roles/{}", dice.one(made)),
                Value::Null,
            )
        }
        3 | 4 => (
            "grant given",
            "POST",
            format!("{ACME}/grants"),
            company.any_grant(world.house, dice),
        ),
        5 => (
            "grant changed",
            "PATCH",
            grant,
            json!({ "starts_at": null, "ends_at": now.plus(Duration::from_secs(1)).to_string() }),
        ),
        6 => ("grant taken", "DELETE", grant, Value::Null),
        7 | 8 => (
            "member put in",
            "PUT",
            format!("{ACME}/groups/{group}/members/{user}"),
            json!({}),
        ),
        9 => (
            "member put out",
            "DELETE",
            format!("{ACME}/groups/{group}/members/{user}"),
            Value::Null,
        ),
        10 => (
            "member's role",
            "PATCH",
            place,
            json!({ "role": dice.one(&["viewer", "admin", "role-1"]) }),
        ),
        11 => (
            "member's status",
            "PATCH",
            place,
            json!({ "status": dice.one(&["active", "suspended", "active"]) }),
        ),
        12 if dice.once_in(4) => ("member removed", "DELETE", place, Value::Null),
        12 => (
            "group deleted",
            "DELETE",
            format!("{ACME}/groups/{group}"),
            Value::Null,
        ),
        _ => (
            "security",
            "PATCH",
            format!("{ACME}/security"),
            any_security(dice),
        ),
    }
}

fn any_security(dice: &mut Dice) -> Value {
    match dice.below(5) {
        0 | 1 => {
            let idle = 60 * (5 + dice.below(475));
            json!({ "session_idle_seconds": idle, "session_max_seconds": idle + 60 * dice.below(900) })
        }
        2 => {
            json!({ "ip_allowlist": dice.one(&[json!([]), json!(["192.0.2.0/24"]), json!(["127.0.0.0/8", "192.0.2.0/24"]), json!([])]) })
        }
        3 => json!({ "require_mfa": dice.once_in(3) }),
        _ => json!({ "api_key_max_age_days": dice.one(&[Value::Null, json!(1), json!(2), json!(30)]) }),
    }
}

/// What is in one and not in the other: on all products, and what more on single ones.
fn besides(one: &Places, other: &Places) -> Places {
    let difference = |place: &String| -> BTreeSet<String> {
        let nothing = BTreeSet::new();
        one[place]
            .difference(other.get(place).unwrap_or(&nothing))
            .cloned()
            .collect()
    };
    let everywhere = difference(&"*".to_owned());
    let on = |place: &String| {
        let here = difference(place);
        let beyond = if place == "*" {
            here
        } else {
            here.difference(&everywhere).cloned().collect()
        };
        (place.clone(), beyond)
    };
    one.keys()
        .map(on)
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

fn places(told: &Value) -> Places {
    serde_json::from_value(told.clone()).unwrap()
}

/// Holds what was told against what came.
fn hold(told: &Value, before: &Sighting, after: &Sighting, tally: &mut Tally) {
    let mut promised = BTreeMap::new();
    for change in told["access"].as_array().unwrap() {
        let id = change["user"]["id"].as_str().unwrap().to_owned();
        promised.insert(id, (places(&change["gained"]), places(&change["lost"])));
    }
    let mut narrowed = BTreeMap::new();
    for key in told["narrowed"].as_array().unwrap() {
        narrowed.insert(key["id"].as_str().unwrap().to_owned(), places(&key["lost"]));
    }
    let ended = |what: &str, name: fn(&Value) -> &Value| -> BTreeSet<String> {
        let ends = told["ends"][what].as_array().unwrap();
        assert!(
            ends.iter()
                .all(|end| !end["because"].as_array().unwrap().is_empty())
        );
        ends.iter()
            .map(|end| name(end).as_str().unwrap().to_owned())
            .collect()
    };
    let mut keys = ended("api_keys", |end| &end["id"]);
    keys.retain(|id| before.held.contains_key(id));
    let sessions = ended("activations", |end| &end["user"]["email"]);
    let went: BTreeSet<_> = before.acting.difference(&after.acting).cloned().collect();
    assert_eq!(sessions, went, "activations");
    let went: BTreeSet<_> = before.good.difference(&after.good).cloned().collect();
    assert_eq!(keys, went, "keys");
    for (id, was) in &before.held {
        let is = &after.held[id];
        let (gained, lost) = (besides(is, was), besides(was, is));
        if id.starts_with("usr_") {
            let (told_gained, told_lost) = promised.remove(id).unwrap_or_default();
            tally.count("gained", usize::from(!gained.is_empty()));
            tally.count("lost", usize::from(!lost.is_empty()));
            assert_eq!((told_gained, told_lost), (gained, lost), "{id}");
        } else if before.good.contains(id) && after.good.contains(id) {
            tally.count("narrowed", usize::from(!lost.is_empty()));
            assert_eq!(narrowed.remove(id).unwrap_or_default(), lost, "{id}");
        }
    }
    tally.count("activations ended", sessions.len());
    tally.count("keys ended", keys.len());
    assert!(
        promised.is_empty() && narrowed.is_empty(),
        "{promised:?} {narrowed:?}"
    );
}

on_both! {
    async fn what_a_dry_run_said_is_what_happens(ground: Ground) {
        let mut tally = Tally::default();
        for seed in [11, 12] {
            let mut dice = Dice::seeded(seed);
            let house = House::open_with(ground.0, |config| {
                config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
            })
            .await;
            let mut world = World::open(&house, &mut dice).await;
            for round in 0..ROUNDS {
                house.wait(Duration::from_mins(dice.below(80) as u64));
                if round == ROUNDS / 2 {
                    world.company.alice = house.key(Some(house.acme.alice), PermissionSet::ALL).await.1;
                }
                let change = any_change(&world, &mut dice, round);
                let before = world.look().await;
                let told = world.ask(&change, true).await;
                if round % 8 == 0 {
                    assert_eq!(world.look().await, before, "{change:?} was done in earnest");
                }
                let done = world.ask(&change, false).await;
                let alike = (told.status.is_success(), told.json()["code"].clone());
                if !done.status.is_success() {
                    assert_eq!(alike, (false, done.json()["code"].clone()), "{change:?}");
                    tally.count("refused", 1);
                    continue;
                }
                assert_eq!(told.found()["dry_run"], true, "{change:?}");
                let after = world.look().await;
                hold(&told.json(), &before, &after, &mut tally);
                for browser in &world.browsers {
                    let acted = before.acting.contains(&browser.email);
                    let acts = acts(browser).await;
                    assert!(!acted || acts == after.acting.contains(&browser.email), "{}", browser.email);
                }
                tally.count(change.0, 1);
                world.settle(&change, &done).await;
            }
        }
        for (what, times) in [
            ("role changed", 2), ("role made", 2), ("role deleted", 1), ("grant given", 4), ("grant changed", 1), ("grant taken", 2),
            ("member put in", 3), ("member put out", 1), ("member's role", 2), ("member's status", 2), ("group deleted", 1),
            ("security", 4), ("gained", 10), ("lost", 10), ("activations ended", 4), ("keys ended", 4), ("narrowed", 10),
        ] {
            assert!(tally.0.get(what).is_some_and(|done| *done >= times), "too few of {what}: {tally:?}");
        }
    }
}

/// Changes in each world.
const ROUNDS: usize = 45;

/// Where the houses of a story stand.
struct Ground(crate::harness::Engine);

impl Ground {
    fn open(engine: crate::harness::Engine) -> std::future::Ready<Self> {
        std::future::ready(Self(engine))
    }
}

impl World<'_> {
    /// Takes note of what came and went, and lets in again whom nobody refuses but time.
    async fn settle(&mut self, change: &(&'static str, &'static str, String, Value), done: &Answer) {
        let last = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        match change.0 {
            "role made" => self.made.push(change.3["name"].as_str().unwrap().to_owned()),
            "role deleted" => self.made.retain(|role| *role != last(&change.2)),
            "grant given" => self
                .company
                .grants
                .push(done.json()["id"].as_str().unwrap().to_owned()),
            "grant taken" => self.company.grants.retain(|grant| *grant != last(&change.2)),
            "group deleted" => {
                let group = json!({ "name": format!("After {}", last(&change.2)) });
                let request = self.company.alice.request("POST", &format!("{ACME}/groups"));
                let made = Answer::of(request.header("x-forwarded-for", OFFICE).json(&group))
                    .await
                    .created();
                self.company.groups.retain(|group| *group != last(&change.2));
                self.company.groups.push(made["id"].as_str().unwrap().to_owned());
            }
            _ => {}
        }
        if change.0 != "security" {
            return;
        }
        for number in 0..self.browsers.len() {
            if !acts(&self.browsers[number]).await {
                let member = &self.company.members[number];
                sign_out(self.house, member.user).await;
                self.browsers[number] = browser(self.house, &member.email).await;
            }
        }
    }
}
