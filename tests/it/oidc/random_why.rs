//! P2: what is explained, what is decided and what a token claims are the same, on random organizations, whoever asks
//! for whatever, wherever and whenever.

use std::collections::BTreeMap;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::time::Duration;

use doorward::audit::Origin;
use doorward::directory::explain::{About, Case, Question};
use doorward::directory::{Credential, DirectoryError, Requester, require_insight, require_on};
use doorward::domain::access::Permission;
use doorward::domain::id::UserId;
use doorward::domain::oauth::{ClientAuthentication, RedirectUri};
use doorward::domain::user::UserStatus;
use serde_json::{Value, json};

use super::back_end::{BackEnd, Tokens};
use crate::harness::company::{ACME, Company, place_of};
use crate::harness::{Answer, Dice, Engine, House, Member, on_both};

const ADDRESSES: [&str; 3] = ["192.0.2.7", "203.0.113.9", "2001:db8::7"];

/// Requests that are answered to whoever has a permission on all products.
const SURFACE: [(Permission, &str); 8] = [
    (Permission::MemberRead, "members"),
    (Permission::GroupRead, "groups"),
    (Permission::OrganizationRead, "roles"),
    (Permission::RoleWrite, "grants"),
    (Permission::ApiKeyWrite, "api-keys"),
    (Permission::SessionWrite, "sessions"),
    (Permission::OrganizationWrite, "security"),
    (Permission::InvitationWrite, "invitations"),
];

/// What a token claims: permissions by product, or `*`.
type Claimed = BTreeMap<String, Vec<String>>;

/// Where the houses of a story stand.
struct Ground(Engine);

impl Ground {
    fn open(engine: Engine) -> Ready<Self> {
        ready(Self(engine))
    }
}

/// Somebody with what an application of theirs holds for good.
struct Client<'a> {
    member: &'a Member,
    tokens: Option<Tokens>,
}

/// What was asked, and how it was answered.
#[derive(Debug, Default)]
struct Tally {
    asked: usize,
    allowed: usize,
    by_surface: usize,
    /// How often each kind of reason was given.
    kinds: BTreeMap<&'static str, usize>,
}

/// An application that works for people who are not there, from wherever they are.
async fn courier(house: &House) -> BackEnd {
    let id = house
        .register("Acme Courier", |application| {
            application.authentication = ClientAuthentication::Public;
            application.redirect_uris = vec![RedirectUri::register("http://127.0.0.1/done").unwrap()];
            application.scope = "openid offline_access".parse().unwrap();
        })
        .await;
    BackEnd::without_secret(house, id)
}

async fn clients<'a>(house: &House, courier: &BackEnd, company: &'a Company) -> Vec<Client<'a>> {
    let mut clients = Vec::new();
    for member in &company.members {
        house.give_password(member.user).await;
        let api = house.in_browser_as(&member.email).await;
        let scope = [("scope", "openid offline_access")];
        let tokens = courier.signs_in(api.browser(), &scope).await;
        clients.push(Client {
            member,
            tokens: Some(tokens),
        });
    }
    clients
}

impl Client<'_> {
    /// What a token claims that is got now from there; nothing if there is none to be had.
    async fn claims(&mut self, courier: &BackEnd, address: &str) -> Option<Claimed> {
        let refresh = self.tokens.as_ref()?.refresh().to_owned();
        let answer = courier.refresh_from(&refresh, address).await;
        if !answer.status.is_success() {
            assert_eq!(answer.json()["error"], "invalid_grant");
            return None;
        }
        let tokens = Tokens::of(&answer);
        let claimed = serde_json::from_value(tokens.claims()["permissions"].clone()).unwrap();
        self.tokens = Some(tokens);
        Some(claimed)
    }
}

fn claims(claimed: Option<&Claimed>, question: &Question) -> bool {
    let on = |place: &str| {
        claimed
            .and_then(|claimed| claimed.get(place))
            .is_some_and(|names| names.iter().any(|name| name == question.permission.as_str()))
    };
    on("*") || question.product.is_some_and(|product| on(&product.to_string()))
}

/// Asks the same of all three, many times over at one moment.
async fn agree(
    house: &House,
    company: &Company,
    member: UserId,
    (address, claimed): (&str, Option<Claimed>),
    dice: &mut Dice,
    tally: &mut Tally,
) {
    let (acme, keyring, now) = (house.acme.id, &house.instance.keyring, house.clock.now());
    let known: IpAddr = address.parse().unwrap();
    let mut snapshot = house.snapshot().await;
    let tx = &mut snapshot.tx();
    let alice = Requester::on_the_host(house.acme.alice, keyring, now);
    let permit = require_insight(tx, &alice, acme).await.unwrap();
    let case = Case::load(tx, &permit, &About::User(member.to_string()))
        .await
        .unwrap();
    let member = Requester {
        origin: Some(Origin {
            address: known,
            user_agent: String::new(),
        }),
        credential: Credential::Host(member),
        ..alice
    };
    for _ in 0..QUESTIONS {
        let question = Question {
            permission: *dice.one(&Permission::ALL),
            product: (!dice.once_in(3)).then(|| *dice.one(&company.products)),
            at: now,
            address: Some(known),
        };
        let told = case.ask(&question);
        let live = require_on(tx, &member, acme, question.product, question.permission).await;
        let live = match live {
            Ok(_) => true,
            Err(DirectoryError::Denied(..) | DirectoryError::Unauthenticated) => false,
            Err(other) => panic!("{other}"),
        };
        let both = (live, claims(claimed.as_ref(), &question));
        assert_eq!(both, (told.allowed, told.allowed), "{question:?} {told:?}");
        tally.asked += 1;
        tally.allowed += usize::from(told.allowed);
        for cause in told.because {
            *tally.kinds.entry(cause.reason.kind()).or_default() += 1;
        }
    }
}

/// The same by requests from outside.
async fn agree_at_the_surface(company: &Company, member: &Member, address: &str, dice: &mut Dice) {
    let (permission, place) = *dice.one(&SURFACE);
    let asked = member.api.request("GET", &format!("{ACME}/{place}"));
    let answer = Answer::of(asked.header("x-forwarded-for", address)).await;
    let question = json!({ "user": member.email, "permission": permission.as_str(), "ip": address });
    let asked = company
        .alice
        .request("POST", &format!("{ACME}/access/explain"))
        .json(&question);
    let told = Answer::of(asked.header("x-forwarded-for", ADDRESSES[0]))
        .await
        .found();
    assert_eq!(told["allowed"], answer.status.is_success(), "{told} {answer:?}");
    assert_eq!(told["because"].as_array().map(Vec::is_empty), Some(false));
}

/// Questions to one member at one moment.
const QUESTIONS: usize = 30;

on_both! {
    async fn explanations_decisions_and_claims_agree_on_ten_thousand_questions(ground: Ground) {
        let mut tally = Tally::default();
        for (seed, allowlist) in [(5, json!([])), (6, json!(["127.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"]))] {
            let mut dice = Dice::seeded(seed);
            let house = House::open_with(ground.0, |config| {
                config.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
            })
            .await;
            let company = Company::of(&house, &mut dice, 12).await;
            let courier = courier(&house).await;
            let mut clients = clients(&house, &courier, &company).await;
            company.alice.patch(&format!("{ACME}/security"), &json!({ "ip_allowlist": allowlist })).await.found();
            let stopped = [("suspended", 10), ("inactive", 11)];
            for (status, number) in stopped {
                let change: Value = json!({ "status": status });
                company.alice.patch(&place_of(&company.members[number]), &change).await.found();
            }
            house.set_user(company.members[9].user, UserStatus::Suspended).await;
            for _ in 0..14 {
                house.wait(Duration::from_mins(15 * (1 + dice.below(60)) as u64));
                for client in &mut clients {
                    let address = *dice.one(&ADDRESSES);
                    let claimed = client.claims(&courier, address).await;
                    agree(&house, &company, client.member.user, (address, claimed), &mut dice, &mut tally).await;
                    agree_at_the_surface(&company, client.member, address, &mut dice).await;
                    tally.by_surface += 1;
                }
            }
        }
        assert!(tally.asked >= 10_000 && tally.by_surface >= 300, "{tally:?}");
        assert!(tally.allowed > tally.asked / 5 && tally.allowed < tally.asked * 4 / 5, "{tally:?}");
        for kind in [
            "role", "grant", "nothing_gives_it", "grant_not_yet", "grant_ended", "outside_schedule", "outside_product",
            "address_not_allowed", "membership_suspended", "membership_inactive", "user_suspended",
        ] {
            assert!(tally.kinds.get(kind).is_some_and(|times| *times > 50), "{kind}: {tally:?}");
        }
    }
}
