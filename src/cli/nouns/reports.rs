//! `doorward reports`: who may do what, and who signed in when.

use super::super::verb::{Column, Noun, Verb};
use super::audit_logs::WHEN;

pub(super) const NOUN: Noun = Noun {
    name: "reports",
    about: "Who may do what, and who signed in when",
    verbs: &[
        Verb::list(
            "/v2/organizations/{org}/reports/access",
            &[
                Column::text("EMAIL", "user.email"),
                Column::text("ROLE", "role"),
                Column::text("STATUS", "status"),
                Column::text("GROUPS", "groups"),
                Column::text("SECOND FACTORS", "second_factors"),
                Column::text("KEYS", "api_keys"),
                Column::when("LAST SIGN-IN", "last_sign_in_at"),
            ],
        )
        .named("access")
        .told(
            "Report who may do what; all of it with --output json",
            "reports access --output json",
        ),
        Verb::show("/v2/organizations/{org}/reports/sign-ins")
            .named("sign-ins")
            .told(
                "Report how often people signed in",
                "reports sign-ins --from 2024-01-01 --to 2024-01-31",
            )
            .takes(&WHEN),
        Verb::whole_list(
            "/v2/users/me/reports/access",
            &[
                Column::text("ORGANIZATION", "organization.name"),
                Column::text("ROLE", "role"),
                Column::text("STATUS", "status"),
                Column::text("GROUPS", "groups"),
                Column::when("LAST SIGN-IN", "last_sign_in_at"),
            ],
        )
        .named("own-access")
        .told(
            "Report what you may do; all of it with --output json",
            "reports own-access --output json",
        ),
        Verb::show("/v2/users/me/reports/sign-ins")
            .named("own-sign-ins")
            .told(
                "Report how often you signed in",
                "reports own-sign-ins --from 2024-01-01",
            )
            .takes(&WHEN),
    ],
    nouns: &[],
};
