//! Domains of an organization: by the word of a superuser, or by their DNS.

use std::time::Duration;

use doorward::config::DnsConfig;
use doorward::directory::domains::look_again;
use doorward::dns::Dns;
use doorward::domain::access::BuiltInRole;
use doorward::domain::alert::AlertKind;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::audited;
use crate::harness::{Api, House, Person, on_both};

const DOMAINS: &str = "/v2/organizations/acme/domains";

/// Asks for a record, and gives its name and value.
async fn asked(api: &Api, domain: &str) -> (String, String) {
    let asked = api
        .post(&format!("{DOMAINS}/{domain}/challenge"), &Value::Null)
        .await
        .found();
    let text = |field: &str| asked[field].as_str().unwrap().to_owned();
    (text("name"), text("value"))
}

impl House {
    /// A day passes, and what DNS says is looked at.
    async fn a_day_later(&self) {
        self.wait(Duration::from_hours(24));
        let dns = Dns::of(&DnsConfig {
            servers: vec![self.zone.address],
        });
        look_again(self.db(), &self.instance.keyring, &dns, self.clock.now())
            .await
            .unwrap();
    }
}

on_both! {
    async fn a_domain_is_noted_listed_and_taken_away(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let noted = alice.put_bare(&format!("{DOMAINS}/B%C3%BCcher.Example")).await.found();
        assert_eq!(noted["domain"], "xn--bcher-kva.example");
        assert_eq!(noted["verified_at"], "2026-11-22T09:30:00Z");
        assert_eq!(alice.put_bare(&format!("{DOMAINS}/xn--bcher-kva.example")).await.found(), noted, "once");
        alice.put_bare(&format!("{DOMAINS}/acme.example")).await.found();
        let list = ana.api.get(&format!("{DOMAINS}?total=true")).await.found();
        assert_eq!((&list["total"], &list["data"][0]["domain"]), (&2.into(), &"acme.example".into()));
        assert_eq!(ana.api.get(&format!("{DOMAINS}/b%C3%BCcher.example")).await.found(), noted);
        for text in ["example", "a@b.example", "192.0.2.1", "a..b"] {
            assert_eq!(alice.put_bare(&format!("{DOMAINS}/{text}")).await.problem(), "invalid", "{text}");
        }
        alice.delete(&format!("{DOMAINS}/acme.example")).await.done();
        assert_eq!(alice.delete(&format!("{DOMAINS}/acme.example")).await.problem(), "not_found");
        assert_eq!(audited(&house, "domain.added").await.len(), 2);
        assert_eq!(audited(&house, "domain.removed").await.len(), 1);
    }

    async fn an_owner_takes_no_domain_by_their_own_word(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        house.own_domain(house.acme.id, "acme.example").await;
        assert_eq!(olga.api.put_bare(&format!("{DOMAINS}/bank.example")).await.status, StatusCode::FORBIDDEN);
        assert_eq!(olga.api.delete(&format!("{DOMAINS}/acme.example")).await.status, StatusCode::FORBIDDEN);
        let mallory = house.in_browser(Person::Mallory).await;
        assert_eq!(mallory.put_bare(&format!("{DOMAINS}/bank.example")).await.problem(), "not_found");
    }

    async fn or8_a_domain_of_anothers_is_taken(house) {
        let alice = house.in_browser(Person::Alice).await;
        house.own_domain(house.acme.umbrella, "umbrella.example").await;
        let answer = alice.put_bare(&format!("{DOMAINS}/Umbrella.example")).await;
        assert_eq!((answer.status, answer.problem()), (StatusCode::CONFLICT, "taken".to_owned()));
        assert_eq!(alice.get(&format!("{DOMAINS}/umbrella.example")).await.problem(), "not_found");
    }

    async fn an_admin_shows_by_dns_that_a_domain_is_theirs(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let (name, value) = asked(&ana.api, "B%C3%BCcher.Example").await;
        assert_eq!(name, "_doorward.xn--bcher-kva.example");
        assert!(value.starts_with("doorward-verification=") && value.len() > 60, "{value}");
        assert_eq!(asked(&ana.api, "xn--bcher-kva.example").await.1, value, "the same while it is good");
        let verify = format!("{DOMAINS}/xn--bcher-kva.example/verify");
        let refused = ana.api.post(&verify, &Value::Null).await;
        assert_eq!((refused.status, &refused.json()["errors"][0]["code"]), (StatusCode::CONFLICT, &json!("record_missing")));
        house.zone.write(&name, &["v=spf1 -all", "doorward-verification=guess"]);
        assert_eq!(ana.api.post(&verify, &Value::Null).await.problem(), "unmet_preconditions");
        house.zone.write(&name, &["v=spf1 -all", &value]);
        house.zone.fails(true);
        assert_eq!(ana.api.post(&verify, &Value::Null).await.problem(), "busy");
        house.zone.fails(false);
        let verified = ana.api.post(&verify, &Value::Null).await.found();
        assert_eq!((&verified["domain"], &verified["by"]), (&json!("xn--bcher-kva.example"), &json!("dns")));
        assert_eq!(ana.api.post(&verify, &Value::Null).await.problem(), "not_found", "it was answered");
        ana.api.delete(&format!("{DOMAINS}/xn--bcher-kva.example")).await.done();
        assert_eq!((audited(&house, "domain.challenged").await.len(), audited(&house, "domain.verified").await.len()), (1, 1));
    }

    async fn or8_what_stays_behind_in_dns_shows_nothing_of_who_comes_later(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let (name, value) = asked(&ana.api, "acme.example").await;
        house.zone.write(&name, &[&value]);
        let mallory = house.in_browser(Person::Mallory).await;
        let theirs = "/v2/organizations/umbrella/domains/acme.example";
        mallory.post(&format!("{theirs}/challenge"), &Value::Null).await.found();
        assert_eq!(mallory.post(&format!("{theirs}/verify"), &Value::Null).await.problem(), "unmet_preconditions");
        house.wait(Duration::from_hours(14 * 24));
        assert_eq!(ana.api.post(&format!("{DOMAINS}/acme.example/verify"), &Value::Null).await.problem(), "not_found");
        let (_, another) = asked(&ana.api, "acme.example").await;
        assert_ne!(another, value);
        assert_eq!(ana.api.post(&format!("{DOMAINS}/acme.example/verify"), &Value::Null).await.problem(), "unmet_preconditions");
    }

    async fn or8_a_domain_has_one_owner_and_only_they_learn_of_another(house) {
        let mallory = house.in_browser(Person::Mallory).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        house.own_domain(house.acme.umbrella, "shared.example").await;
        let (name, value) = asked(&ana.api, "shared.example").await;
        let verify = format!("{DOMAINS}/shared.example/verify");
        assert_eq!(ana.api.post(&verify, &Value::Null).await.problem(), "unmet_preconditions", "told nothing of anybody");
        house.zone.write(&name, &[&value]);
        assert_eq!(ana.api.post(&verify, &Value::Null).await.problem(), "taken");
        let theirs = mallory.get("/v2/organizations/umbrella/domains/shared.example").await.found();
        assert_eq!(theirs["by"], "superuser");
    }

    async fn or8_where_anybody_gets_an_address_is_nobodys_domain(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        for domain in ["gmail.com", "OUTLOOK.com"] {
            let refused = olga.api.post(&format!("{DOMAINS}/{domain}/challenge"), &Value::Null).await;
            assert!(refused.body.contains("anybody gets an address in this domain"), "{refused:?}");
            assert_eq!(refused.problem(), "invalid", "{domain}");
        }
        let alice = house.in_browser(Person::Alice).await;
        assert_eq!(alice.put(&format!("{DOMAINS}/gmail.com"), &Value::Null).await.found()["domain"], "gmail.com");
    }

    async fn a_record_that_goes_is_told_after_three_days_and_takes_nothing_away(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let (name, value) = asked(&ana.api, "acme.example").await;
        house.zone.write(&name, &[&value]);
        ana.api.post(&format!("{DOMAINS}/acme.example/verify"), &Value::Null).await.found();
        let missing = async || ana.api.get(&format!("{DOMAINS}/acme.example")).await.found()["missing_days"].clone();
        house.zone.write(&name, &[]);
        house.a_day_later().await;
        house.a_day_later().await;
        assert_eq!(missing().await, 2);
        house.zone.fails(true);
        house.a_day_later().await;
        assert_eq!(missing().await, 2, "that nobody answered says nothing");
        house.zone.fails(false);
        assert!(audited(&house, "domain.missing").await.is_empty());
        house.a_day_later().await;
        assert_eq!(missing().await, 3);
        house.a_day_later().await;
        assert_eq!(audited(&house, "domain.missing").await.len(), 1, "told once");
        let alerts = ana.api.get("/v2/organizations/acme/alerts").await.found();
        let told = alerts["data"].as_array().unwrap().iter().filter(|alert| alert["kind"] == "domain_missing").count();
        assert_eq!(told, 2, "to Alice, who owns Acme, and to Ana");
        house.zone.write(&name, &[&value]);
        house.a_day_later().await;
        assert_eq!(missing().await, 0);
        assert_eq!(AlertKind::DomainMissing { domain: String::new() }.name(), "domain_missing");
    }
}
