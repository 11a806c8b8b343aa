//! Domains of an organization: by the word of a superuser.

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;

use super::audited;
use crate::harness::{Person, on_both};

const DOMAINS: &str = "/v2/organizations/acme/domains";

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
}
