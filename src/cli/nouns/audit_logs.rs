//! `doorward audit-logs`: who did what.

use super::super::verb::{Column, Flag, Noun, Verb};

pub(super) const NOUN: Noun = Noun {
    name: "audit-logs",
    about: "Who did what, when, and from where",
    verbs: &[Verb::list(
        "/v2/organizations/{org}/audit-logs",
        &[
            Column::whole("AT", "at"),
            Column::text("ACTION", "action"),
            Column::text("RESULT", "result"),
            Column::text("ACTOR", "actor"),
            Column::text("TARGET", "target"),
            Column::text("FROM", "ip"),
        ],
    )
    .told(
        "List audit events, newest first",
        "audit-logs list --user bob@acme.example --from 2024-01-01 --to 2024-01-31",
    )
    .takes(&[
        Flag::text("user", "By or on this person: an id or an email address"),
        Flag::text("from", "From this day or moment on (UTC), such as 2024-01-01").of("TIME"),
        Flag::text("to", "Until this day or moment, the whole day").of("TIME"),
        Flag::text("action", "Of this action only, such as member.updated"),
        Flag::text("result", "With this result only"),
        Flag::text("target", "On this thing only, by its id").of("ID"),
    ])],
    nouns: &[],
};
