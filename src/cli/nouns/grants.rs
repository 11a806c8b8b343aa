//! `doorward grants`: what members, groups and applications were given beyond a role.

use serde_json::Value;

use super::super::verb::{Column, Flag, Noun, Takes, Verb};

const ALL: &str = "/v2/organizations/{org}/grants";
const ONE: &str = "/v2/organizations/{org}/grants/{grant}";

const GRANT: Flag = Flag::text("grant", "Its id").of("ID").required();
const STARTS_AT: Flag = Flag::text(
    "starts-at",
    "From when on it counts, such as 2026-11-22T09:30:00Z",
)
.of("TIME");
const ENDS_AT: Flag = Flag::text("ends-at", "Until when it counts").of("TIME");
const SCHEDULE: Flag = Flag::new(
    "schedule",
    Takes::Read(json),
    "The hours of the week, as {\"timezone\":…,\"windows\":[{\"days\":[\"mon\"],\"from\":\"08:00\",\"to\":\"18:00\"}]}",
)
.of("JSON");

pub(super) const NOUN: Noun = Noun {
    name: "grants",
    about: "What members, groups and applications were given beyond a role",
    verbs: &[
        Verb::list(ALL, &[
            Column::whole("SUBJECT", "subject"),
            Column::text("ROLE", "role"),
            Column::text("PERMISSIONS", "permissions"),
            Column::text("PRODUCT", "product"),
            Column::text("ENDS", "ends_at"),
            Column::whole("ID", "id"),
        ])
        .told("List grants", "grants list --subject usr_01kaxw3vd0f1wvj1d2sahtfxyz")
        .takes(&[
            Flag::text("subject", "Those of this user, group or application only").of("ID"),
            Flag::text("product", "Those on this product only").of("ID"),
        ]),
        Verb::show(ONE).told("Show a grant", "grants show --grant grt_01kaxw3vd0f1wvj1d2sahtfxyz").takes(&[GRANT]),
        Verb::create(ALL)
            .told(
                "Give a role, or permissions",
                "grants create --subject usr_01kaxw3vd0f1wvj1d2sahtfxyz --role operator --ends-at 2026-12-01T00:00:00Z",
            )
            .takes(&[
                Flag::text("subject", "To whom: the id of a user, a group or an application").of("ID").required(),
                Flag::text("role", "A role, by id or name"),
                Flag::words("permissions", "Permissions in a role's place, by commas").of("PERMISSION"),
                Flag::text("product", "On this product only").of("ID"),
                STARTS_AT,
                ENDS_AT,
                SCHEDULE,
            ])
            .rehearses(),
        Verb::update(ONE)
            .told(
                "Change when a grant counts",
                "grants update --grant grt_01kaxw3vd0f1wvj1d2sahtfxyz --ends-at 2026-12-31T00:00:00Z",
            )
            .takes(&[GRANT, STARTS_AT.nullable(), ENDS_AT.nullable(), SCHEDULE.nullable()])
            .rehearses(),
        Verb::delete(ONE, "The grant {grant} is gone.")
            .told("Take a grant back", "grants delete --grant grt_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[GRANT])
            .asks_whether("Take the grant {grant} back?")
            .rehearses(),
    ],
    nouns: &[],
};

fn json(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))
}
