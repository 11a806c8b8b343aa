//! `doorward access`: why somebody may do something, or may not.

use super::super::verb::{Flag, Noun, Verb};
use super::USER;

pub(super) const NOUN: Noun = Noun {
    name: "access",
    about: "Why somebody may do something, or may not",
    verbs: &[Verb::create("/v2/organizations/{org}/access/explain")
        .named("explain")
        .told(
            "Tell the decision and every reason for it",
            "access explain --user bob@acme.example --permission device:write",
        )
        .takes(&[
            USER,
            Flag::text("permission", "What they would do, such as device:write").required(),
            Flag::text("product", "With this product").of("ID"),
            Flag::text("at", "At this time, such as 2026-11-22T09:30:00Z [default: now]").of("TIME"),
            Flag::text("ip", "From this address").of("ADDRESS"),
        ])],
    nouns: &[],
};
