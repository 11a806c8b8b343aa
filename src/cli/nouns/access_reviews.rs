//! `doorward access-reviews` and `doorward access-reviews items`: who holds what, looked at one by one.

use serde_json::{Value, json};

use super::super::verb::{Column, Flag, Noun, Takes, Verb};
use super::ITEMS;

const ALL: &str = "/v2/organizations/{org}/access-reviews";
const ONE: &str = "/v2/organizations/{org}/access-reviews/{review}";
const PEOPLE: &str = "/v2/organizations/{org}/access-reviews/{review}/items";
const ITEM: &str = "/v2/organizations/{org}/access-reviews/{review}/items/{item}";

const REVIEW: Flag = Flag::text("review", "Its id").of("ID").required();
const ITEM_ID: Flag = Flag::text("item", "Its id").of("ID").required();
const REVIEWER: Flag = Flag::text(
    "reviewer",
    "Who decides: an id or an email address [default: you]",
)
.of("USER");
const DUE_AT: Flag = Flag::text(
    "due-at",
    "Until when it is to be completed, such as 2026-12-22T09:30:00Z",
)
.of("TIME");
const EVERY: Flag = Flag::new(
    "every",
    Takes::Read(recurrence),
    "Hold it again by itself, every so often, such as 3months or 90days",
)
.of("TIME")
.as_field("recurrence");

pub(super) const NOUN: Noun = Noun {
    name: "access-reviews",
    about: "Looking at who holds what: keep or revoke, one by one",
    verbs: &[
        Verb::list(ALL, &[
            Column::text("NAME", "name"),
            Column::text("STATE", "state"),
            Column::when("DUE", "due_at"),
            Column::text("PEOPLE", "progress.people"),
            Column::text("UNDECIDED", "progress.undecided"),
            Column::whole("ID", "id"),
        ])
        .told("List reviews", "access-reviews list --state open")
        .takes(&[Flag::one_of("state", &["open", "completed", "cancelled"], "In this state only")]),
        Verb::show(ONE)
            .told("Show a review, and how far it is", "access-reviews show --review rev_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[REVIEW]),
        Verb::create(ALL)
            .told(
                "Start a review: a snapshot of who holds what now",
                "access-reviews create --name \"Autumn review\" --due-at 2026-12-22T09:30:00Z --every 3months",
            )
            .takes(&[
                Flag::text("name", "What you call it").required(),
                DUE_AT.required(),
                Flag::text("group", "Of this group's members only, by id or name"),
                Flag::text("role", "Of the members with this role only, by id or name"),
                REVIEWER,
                Flag::one_of("undecided", &["keep", "revoke"], "What becomes of whoever nobody decides on [default: keep]"),
                Flag::one_of("on-revoke", &["remove", "suspend"], "What a revoked membership comes to [default: remove]"),
                EVERY,
            ]),
        Verb::update(ONE)
            .told(
                "Change a review",
                "access-reviews update --review rev_01kaxw3vd0f1wvj1d2sahtfxyz --reviewer ana@acme.example",
            )
            .takes(&[REVIEW, Flag::text("name", "What you call it"), REVIEWER, DUE_AT, EVERY.nullable()]),
        Verb::create("/v2/organizations/{org}/access-reviews/{review}/complete")
            .named("complete")
            .told(
                "Complete a review: what was revoked ends",
                "access-reviews complete --review rev_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[REVIEW])
            .asks_whether("Complete the review {review}? What was revoked ends now."),
        Verb::delete(ONE, "The review {review} is called off.")
            .named("cancel")
            .told("Call a review off", "access-reviews cancel --review rev_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[REVIEW])
            .asks_whether("Call the review {review} off?"),
    ],
    nouns: &[Noun {
        name: "items",
        about: "The people of a review, and what was decided on each",
        verbs: &[
            Verb::list(PEOPLE, &[
                Column::text("EMAIL", "user.email"),
                Column::text("ROLE", "held.role"),
                Column::text("CHANGED", "changed"),
                Column::text("VERDICT", "verdict"),
                Column::whole("ID", "id"),
            ])
            .told("List the people of a review", "access-reviews items list --review rev_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[
                REVIEW,
                Flag::one_of("verdict", &["keep", "revoke", "undecided"], "With this verdict only"),
                Flag::one_of("outcome", &["kept", "removed", "suspended", "already", "refused"], "With this outcome only"),
            ]),
            Verb::show(ITEM)
                .told(
                    "Show what somebody held when the review began",
                    "access-reviews items show --review rev_01kaxw3vd0f1wvj1d2sahtfxyz --item rvi_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[REVIEW, ITEM_ID]),
            Verb::update(ITEM)
                .named("decide")
                .told(
                    "Decide whether somebody keeps what they hold",
                    "access-reviews items decide --review rev_01kaxw3vd0f1wvj1d2sahtfxyz --item rvi_01kaxw3vd0f1wvj1d2sahtfxyz \
                     --verdict keep",
                )
                .takes(&[
                    REVIEW,
                    ITEM_ID,
                    Flag::one_of("verdict", &["keep", "revoke"], "Whether they keep it").nullable().required(),
                    Flag::text("note", "Why").of("TEXT"),
                ]),
            Verb::batch("decide-many", "/v2/organizations/{org}/access-reviews/{review}/items/batch")
                .told(
                    "Decide on up to 100, each by itself; items as {\"id\":…,\"verdict\":…,\"note\":…}",
                    "access-reviews items decide-many --review rev_01kaxw3vd0f1wvj1d2sahtfxyz --file verdicts.json",
                )
                .takes(&[
                    REVIEW,
                    ITEMS,
                ]),
        ],
        nouns: &[],
    }],
};

/// `3months` as the API says it.
fn recurrence(text: &str) -> Result<Value, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (every, unit) = text.split_at(digits);
    let unit = match unit {
        "days" | "day" | "d" => "days",
        "months" | "month" => "months",
        _ => return Err(format!("{text:?} is no 90days or 3months")),
    };
    let every: u16 = every
        .parse()
        .map_err(|_| format!("{text:?} is no 90days or 3months"))?;
    Ok(json!({ "every": every, "unit": unit }))
}
