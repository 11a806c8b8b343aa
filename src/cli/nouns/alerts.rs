//! `doorward alerts`: what people were told of their accounts.

use super::super::verb::{Column, Noun, Verb};

/// The columns of alerts.
pub(super) const COLUMNS: &[Column] = &[
    Column::when("WHEN", "created_at"),
    Column::text("WHAT", "kind"),
    Column::text("FROM", "from.address"),
    Column::when("SEEN", "seen_at"),
    Column::whole("ID", "id"),
];

pub(super) const NOUN: Noun = Noun {
    name: "alerts",
    about: "What the people of an organization were told of their accounts",
    verbs: &[Verb::list(
        "/v2/organizations/{org}/alerts",
        &[
            Column::when("WHEN", "created_at"),
            Column::text("WHO", "user.email"),
            Column::text("WHAT", "kind"),
            Column::text("FROM", "from.address"),
            Column::whole("ID", "id"),
        ],
    )
    .told("List alerts, newest first", "alerts list")],
    nouns: &[],
};
