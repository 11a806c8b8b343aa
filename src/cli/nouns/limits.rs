//! `doorward limits`: how much of each resource an organization may have.

use super::super::verb::{Flag, Noun, Verb};

const ONE: &str = "/v2/organizations/{org}/limits";

pub(super) const NOUN: Noun = Noun {
    name: "limits",
    about: "How much of each resource an organization may have, and has",
    verbs: &[
        Verb::show(ONE).told("Show limits, and what is used", "limits show"),
        Verb::update(ONE)
            .told(
                "Change limits; above the maximum goes only a superuser",
                "limits update --users 80",
            )
            .takes(&[
                Flag::number("products", "What permissions can be limited to"),
                Flag::number("devices", "What products report and reserve"),
                Flag::number("users", "Members, and those who are invited"),
                Flag::number("api-keys", "Keys that are good"),
                Flag::number("webhooks", "Where events are sent"),
            ]),
    ],
    nouns: &[],
};
