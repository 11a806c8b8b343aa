//! Billing settings, and alerts of what is used.

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::json;

use super::{PRODUCTS, audited};
use crate::harness::{Answer, House, Member, Person, Raw, on_both};

const BILLING: &str = "/v2/organizations/acme/billing";
const USAGE: &str = "/v2/organizations/acme/usage";

async fn report(who: &Member, devices: i64) {
    let report = json!({ "devices": devices });
    Answer::of(who.api.request("PUT", USAGE).json(&report))
        .await
        .found();
}

async fn letters(house: &House) -> i64 {
    Raw::connect(house.storage()).await.count("outbox").await
}

on_both! {
    async fn settings_are_shown_whole_and_changed_in_part(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let none = json!({
            "email": null, "payment_method": null, "payment_reference": null, "usage_alerts": [],
            "outstanding_charges": 0,
        });
        assert_eq!(ana.api.get(BILLING).await.found(), none);
        let change = json!({
            "email": "bills@acme.example", "payment_method": "card", "payment_reference": " pm_1NqX2eKZ ",
            "usage_alerts": [{ "resource": "devices", "threshold_percent": 80 }],
        });
        let changed = ana.api.patch(BILLING, &change).await.found();
        assert_eq!((&changed["payment_reference"], &changed["payment_method"]), (&json!("pm_1NqX2eKZ"), &json!("card")));
        house.wait(std::time::Duration::from_millis(1));
        let taken = json!({ "email": null, "payment_method": null, "payment_reference": null, "usage_alerts": [] });
        assert_eq!(ana.api.patch(BILLING, &taken).await.found(), none);
        let told = audited(&house, "organization.billing_changed").await;
        let fields: Vec<_> = told[1].1["before"].as_object().unwrap().keys().collect();
        assert_eq!(fields, ["email", "payment_method", "payment_reference", "usage_alerts"]);
        assert!(!told[0].1.to_string().contains("pm_1"), "the log needs no reference");
    }

    async fn no_card_number_is_kept_and_none_is_repeated(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        for card in ["4242424242424242", "4242 4242-4242 4242", "visa 4242.4242.4242.4242 12/30"] {
            let refused = ana.api.patch(BILLING, &json!({ "payment_reference": card })).await;
            assert_eq!((refused.status, refused.pointer()), (StatusCode::BAD_REQUEST, "/payment_reference".to_owned()));
            assert!(!refused.body.contains("4242"), "{refused:?}");
        }
    }

    async fn what_makes_no_sense_is_told_by_field(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alert = |resource: &str, percent: i64| json!({ "resource": resource, "threshold_percent": percent });
        let many: Vec<_> = (1..=21).map(|percent| alert("users", percent)).collect();
        for (body, pointer) in [
            (json!({ "email": "nobody" }), "/email"),
            (json!({ "payment_method": "cash" }), "/payment_method"),
            (json!({ "payment_reference": "" }), "/payment_reference"),
            (json!({ "usage_alerts": null }), "/usage_alerts"),
            (json!({ "usage_alerts": [alert("users", 0)] }), "/usage_alerts/0/threshold_percent"),
            (json!({ "usage_alerts": [alert("users", 101)] }), "/usage_alerts/0/threshold_percent"),
            (json!({ "usage_alerts": [alert("users", 9), alert("gold", 9)] }), "/usage_alerts/1/resource"),
            (json!({ "usage_alerts": [alert("users", 9), alert("users", 9)] }), "/usage_alerts/1"),
            (json!({ "usage_alerts": many }), "/usage_alerts"),
            (json!({ "outstanding_charges": 1 }), "/outstanding_charges"),
            (json!({ "outstanding_charges": -1 }), "/outstanding_charges"),
        ] {
            let answer = ana.api.patch(BILLING, &body).await;
            assert_eq!((answer.status, answer.pointer()), (StatusCode::BAD_REQUEST, pointer.to_owned()), "{body}");
        }
        ana.api.patch(BILLING, &json!({ "outstanding_charges": 0 })).await.found();
    }

    async fn what_is_owed_is_a_superusers_to_say(house) {
        let alice = house.in_browser(Person::Alice).await;
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        alice.patch(BILLING, &json!({ "outstanding_charges": 990 })).await.found();
        assert_eq!(ana.api.get(BILLING).await.found()["outstanding_charges"], 990);
        assert_eq!(ana.api.patch(BILLING, &json!({ "outstanding_charges": 0 })).await.pointer(), "/outstanding_charges");
        assert_eq!(alice.patch(BILLING, &json!({ "outstanding_charges": -1 })).await.pointer(), "/outstanding_charges");
    }

    async fn an_alert_goes_out_once_when_its_threshold_is_crossed(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alerts = json!([
            { "resource": "devices", "threshold_percent": 50 },
            { "resource": "devices", "threshold_percent": 80 },
            { "resource": "products", "threshold_percent": 1 },
            { "resource": "users", "threshold_percent": 8 },
        ]);
        ana.api.patch(BILLING, &json!({ "email": "bills@acme.example", "usage_alerts": alerts })).await.found();
        for (devices, sent) in [(4_999, 0), (5_000, 1), (7_000, 1), (7_999, 1), (8_001, 2), (9_000, 2), (100, 2)] {
            report(&ana, devices).await;
            assert_eq!(letters(&house).await, sent, "{devices}");
        }
        let held = json!({ "resource": "devices", "amount": 9_900 });
        ana.api.post(&format!("{USAGE}/reservations"), &held).await.created();
        assert_eq!(letters(&house).await, 3, "both at once are told in one");
        ana.api.post(PRODUCTS, &json!({ "name": "rover" })).await.created();
        assert_eq!(letters(&house).await, 4);
        let invited = json!({ "email": "ivan@acme.example" });
        ana.api.post("/v2/organizations/acme/invitations", &invited).await.created();
        assert_eq!(letters(&house).await, 6, "to Ivan, and of him");
        let told = audited(&house, "usage.alert").await;
        let mut told: Vec<_> = told
            .iter()
            .map(|(_, detail)| (detail["resource"].as_str().unwrap(), detail["threshold_percent"].as_i64().unwrap()))
            .collect();
        told.sort_unstable();
        assert_eq!(told, [("devices", 50), ("devices", 80), ("devices", 80), ("products", 1), ("users", 8)]);
    }

    async fn an_alert_without_a_reader_is_in_the_log(house) {
        let ana = house.employ("ana", BuiltInRole::Admin).await;
        let alerts = json!([{ "resource": "devices", "threshold_percent": 1 }]);
        ana.api.patch(BILLING, &json!({ "usage_alerts": alerts })).await.found();
        report(&ana, 100).await;
        assert_eq!((letters(&house).await, audited(&house, "usage.alert").await.len()), (0, 1));
        ana.api.patch("/v2/organizations/acme", &json!({ "contact_email": "it@acme.example" })).await.found();
        report(&ana, 0).await;
        report(&ana, 100).await;
        assert_eq!((letters(&house).await, audited(&house, "usage.alert").await.len()), (1, 2));
    }
}
