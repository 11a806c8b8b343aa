//! `doorward billing`: what the billing system needs to know.

use serde_json::{Value, json};

use super::super::verb::{Flag, Noun, Takes, Verb};

const ONE: &str = "/v2/organizations/{org}/billing";

pub(super) const NOUN: Noun = Noun {
    name: "billing",
    about: "What the billing system needs to know",
    verbs: &[
        Verb::show(ONE).told("Show the settings", "billing show"),
        Verb::update(ONE)
            .told(
                "Change settings",
                "billing update --email bills@acme.example --usage-alert devices=80",
            )
            .takes(&[
                Flag::text("email", "Where bills and alerts go").nullable(),
                Flag::one_of(
                    "payment-method",
                    &["card", "invoice"],
                    "How the organization pays",
                )
                .nullable(),
                Flag::text("payment-reference", "What the payment provider calls it").nullable(),
                Flag::new(
                    "usage-alert",
                    Takes::ReadMany(alert),
                    "Tell when so much of a limit is used; may be repeated, '' for none",
                )
                .of("RESOURCE=PERCENT")
                .as_field("usage_alerts"),
                Flag::number(
                    "outstanding-charges",
                    "What it owes, in the smallest unit; for superusers",
                ),
            ]),
    ],
    nouns: &[],
};

fn alert(text: &str) -> Result<Value, String> {
    let read = |text: &str| {
        let (resource, percent) = text.split_once('=')?;
        let percent: u8 = percent.trim_end_matches('%').parse().ok()?;
        Some(json!({ "resource": resource, "threshold_percent": percent }))
    };
    read(text).ok_or_else(|| format!("{text:?} is no RESOURCE=PERCENT, such as devices=80"))
}
