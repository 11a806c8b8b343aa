//! Metadata of providers that is read again by itself, and certificates that end.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use doorward::config::OutboundConfig;
use doorward::directory::connections::{refresh_metadata, warn_of_certificates};
use doorward::domain::access::BuiltInRole;
use doorward::outbound::Outbound;
use doorward::storage::{Page, alerts};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::audited;
use super::connections::{CONNECTIONS, certificate, made, metadata};
use crate::harness::{House, on_both};

/// A provider's own site, which has its metadata or is broken. It stops when dropped.
struct Site {
    url: String,
    shown: Arc<Mutex<Option<String>>>,
    server: JoinHandle<()>,
}

impl Site {
    async fn start(xml: String) -> Self {
        let shown = Arc::new(Mutex::new(Some(xml)));
        let asked = Arc::clone(&shown);
        let router = Router::new().fallback(move || {
            let shown = asked.lock().unwrap().clone();
            async move { shown.ok_or(StatusCode::INTERNAL_SERVER_ERROR) }
        });
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/metadata", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { url, shown, server }
    }

    fn shows(&self, xml: Option<String>) {
        *self.shown.lock().unwrap() = xml;
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl House {
    /// Some hours pass, and providers are looked after.
    async fn hours_later(&self, hours: u64) {
        self.wait(Duration::from_hours(hours));
        let outbound = Outbound::new(&OutboundConfig::default().and_loopback());
        let (db, keyring, now) = (self.db(), &self.instance.keyring, self.clock.now());
        refresh_metadata(db, keyring, &outbound, now).await.unwrap();
        warn_of_certificates(db, keyring, now).await.unwrap();
    }

    /// What Alice, who owns Acme, was told of that kind.
    async fn alerts_of_kind(&self, kind: &str) -> Vec<Value> {
        let page = Page::first(100);
        let mut snapshot = self.snapshot().await;
        let found = alerts::of_user(&mut snapshot.tx(), self.acme.alice, None, false, &page).await;
        let found = found
            .unwrap()
            .into_iter()
            .filter(|alert| alert.kind.name() == kind);
        found.map(|alert| alert.kind.detail().into()).collect()
    }
}

/// A certificate that ends on a day of 2026 or 2027.
fn ending(year: i32, month: u8, day: u8) -> String {
    let mut wanted = rcgen::CertificateParams::new(vec!["idp.acme.example".to_owned()]).unwrap();
    wanted.not_after = rcgen::date_time_ymd(year, month, day);
    let key = rcgen::KeyPair::generate().unwrap();
    STANDARD.encode(wanted.self_signed(&key).unwrap().der())
}

const IDP: &str = "https://idp.acme.example";

on_both! {
    async fn a_providers_metadata_is_read_every_day(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let (one, other) = (certificate(), certificate());
        let site = Site::start(metadata(IDP, &[&one], None)).await;
        let body = json!({ "kind": "saml", "metadata_url": site.url, "signs_requests": true });
        let (path, _) = made(&olga, &body).await;
        olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        let first = olga.api.get(&path).await.found()["certificates"].to_string();
        site.shows(Some(metadata(IDP, &[&one, &other], None)));
        house.hours_later(23).await;
        let certificates = async || olga.api.get(&path).await.found()["certificates"].as_array().unwrap().len();
        assert_eq!(certificates().await, 1, "not due yet");
        house.hours_later(1).await;
        let now = olga.api.get(&path).await.found();
        assert_eq!((certificates().await, &now["signs_requests"], &now["status"]), (2, &json!(true), &json!("enabled")));
        let told = house.alerts_of_kind("certificate_added").await;
        let fingerprint = told[0]["fingerprint"].as_str().unwrap();
        assert_eq!((told.len(), &told[0]["name"]), (1, &now["name"]));
        assert!(now["certificates"].to_string().contains(fingerprint) && !first.contains(fingerprint));
        assert_eq!(audited(&house, "connection.metadata_refreshed").await.len(), 1);
        site.shows(Some(metadata(IDP, &[&other], None)));
        house.hours_later(24).await;
        assert_eq!(certificates().await, 1, "the old one is gone");
        assert_eq!(house.alerts_of_kind("certificate_added").await.len(), 1);
        house.hours_later(24).await;
        assert_eq!(audited(&house, "connection.metadata_refreshed").await.len(), 2, "nothing changed");
    }

    async fn f10_what_was_read_last_holds_while_nothing_can_be_read(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let one = certificate();
        let site = Site::start(metadata(IDP, &[&one], None)).await;
        let (path, _) = made(&olga, &json!({ "kind": "saml", "metadata_url": site.url })).await;
        let before = olga.api.patch(&path, &json!({ "status": "enabled" })).await.found();
        for broken in [
            None,
            Some("<hello/>".to_owned()),
            Some(metadata("https://idp.umbrella.example", &[&one], None)),
            Some(metadata(IDP, &[], None)),
        ] {
            site.shows(broken);
            house.hours_later(24).await;
            assert_eq!(olga.api.get(&path).await.found(), before);
        }
        assert!(house.alerts_of_kind("metadata_unread").await.is_empty(), "four times");
        for _ in 0..8 {
            house.hours_later(6).await;
        }
        let told = house.alerts_of_kind("metadata_unread").await;
        assert_eq!(told.len(), 1, "{told:?}");
        house.hours_later(6).await;
        assert_eq!(house.alerts_of_kind("metadata_unread").await.len(), 1, "once");
    }

    async fn certificates_that_end_are_told_thrice(house) {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let soon = ending(2027, 1, 1);
        let body = json!({ "kind": "saml", "metadata_xml": metadata(IDP, &[&soon], None) });
        let (path, _) = made(&olga, &body).await;
        let told = async || house.alerts_of_kind("certificate_ends").await.len();
        house.hours_later(0).await;
        assert_eq!(told().await, 0, "it is 40 days");
        // 30, 7 and 1 days before the first of January.
        for (days, times) in [(10, 1), (1, 1), (22, 2), (1, 2), (5, 3), (1, 3)] {
            house.hours_later(24 * days).await;
            assert_eq!(told().await, times, "{days} days later");
        }
        let fresh = metadata(IDP, &[&ending(2027, 1, 20)], None);
        olga.api.patch(&path, &json!({ "metadata_xml": fresh })).await.found();
        house.hours_later(0).await;
        assert_eq!(told().await, 4, "of another end");
        assert!(olga.api.get(CONNECTIONS).await.found().to_string().contains("2027-01-20"));
    }
}
