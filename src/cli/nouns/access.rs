//! `doorward access`: why somebody may do something, or may not.

use serde_json::json;

use super::super::failure::Failure;
use super::super::request::Request;
use super::super::verb::{Flag, Noun, Verb};

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
            Flag::text("permission", "What they would do, such as device:write").required(),
            Flag::text("user", "Who: an id or an email address [default: you]"),
            Flag::text(
                "application",
                "An application in a person's place, by its client_id",
            )
            .of("ID"),
            Flag::text("api-key", "A key in a person's place, by its id").of("ID"),
            Flag::text("product", "With this product, by id or name"),
            Flag::text("at", "At this time, such as 2026-11-22T09:30:00Z [default: now]").of("TIME"),
            Flag::text("ip", "From this address").of("ADDRESS"),
        ])
        .completed_by(about_oneself)],
    nouns: &[],
};

/// Whoever names nobody asks about themselves.
#[expect(clippy::unnecessary_wraps, reason = "others find something to refuse")]
fn about_oneself(request: &mut Request) -> Result<(), Failure> {
    let named = ["user", "application", "api_key"]
        .iter()
        .any(|name| request.said(name).is_some());
    if !named {
        request.say("user", json!("me"));
    }
    Ok(())
}
