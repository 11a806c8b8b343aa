//! `doorward audit-logs`: who did what. `doorward audit` is another thing: it proves that nobody changed the log.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const COLUMNS: &[Column] = &[
    Column::whole("AT", "at"),
    Column::text("ACTION", "action"),
    Column::text("RESULT", "result"),
    Column::text("ACTOR", "actor"),
    Column::text("TARGET", "target"),
    Column::text("IP", "ip"),
];

const FROM: Flag = Flag::text("from", "From this day (UTC) or moment on, such as 2024-01-01").of("TIME");
const TO: Flag = Flag::text("to", "Up to the end of this day (UTC), or up to this moment").of("TIME");

const WHAT: &[Flag] = &[
    Flag::text("user", "By or to this person: an id or an email address"),
    FROM,
    TO,
    Flag::text("action", "Of this action only, such as member.role_changed"),
    Flag::one_of("result", &["success", "refused"], "With this result only"),
    Flag::text("target", "To this thing only, by its id").of("ID"),
];

pub(super) const NOUN: Noun = Noun {
    name: "audit-logs",
    about: "Who did what, when, and from where",
    verbs: &[
        Verb::list("/v2/organizations/{org}/audit-logs", COLUMNS)
            .told(
                "List what happened, newest first",
                "audit-logs list --user bob@acme.example --from 2024-01-01 --to 2024-01-31",
            )
            .takes(WHAT),
        Verb::list("/v2/organizations/{org}/permission-changes", COLUMNS)
            .named("permission-changes")
            .told(
                "List changes of who may do what",
                "audit-logs permission-changes --from 2024-01-01",
            )
            .takes(&[FROM, TO]),
        Verb::list("/v2/audit-logs", COLUMNS)
            .named("instance")
            .told(
                "List what belongs to no organization; for superusers",
                "audit-logs instance --action user.deleted",
            )
            .takes(WHAT),
        Verb::file("export", "/v2/organizations/{org}/audit-logs/export").told(
            "Write the whole log with its seals, for `doorward audit verify --export`",
            "audit-logs export --organization acme > acme.jsonl",
        ),
        Verb::file("export-instance", "/v2/audit-logs/export").told(
            "The same of what belongs to no organization; for superusers",
            "audit-logs export-instance > instance.jsonl",
        ),
    ],
    nouns: &[],
};

const OF_SIGN_INS: &[Column] = &[
    Column::whole("AT", "at"),
    Column::text("ACTION", "action"),
    Column::text("RESULT", "result"),
    Column::text("IP", "ip"),
    Column::text("USER AGENT", "user_agent"),
];

/// Sign-ins of one person, good and bad.
pub(super) const fn sign_ins(path: &'static str) -> Verb {
    Verb::list(path, OF_SIGN_INS).named("sign-ins")
}

/// When something was.
pub(super) const WHEN: [Flag; 2] = [FROM, TO];
