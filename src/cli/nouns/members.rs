//! `doorward members`: who belongs to an organization, and as what. `doorward users` has the same by the names that
//! people know.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};
use super::{ITEMS, ROLE, USER, audit_logs};

const ALL: &str = "/v2/organizations/{org}/members";
const ONE: &str = "/v2/organizations/{org}/members/{user}";

const COLUMNS: &[Column] = &[
    Column::text("EMAIL", "user.email"),
    Column::text("NAME", "user.name"),
    Column::text("ROLE", "role"),
    Column::text("STATUS", "status"),
    Column::when("LAST SIGN-IN", "last_sign_in_at"),
];

const STATUSES: &[&str] = &["active", "inactive", "suspended"];
const REASON: Flag = Flag::text("reason", "Why the status changes; the audit log keeps it").of("TEXT");

pub(super) const NOUN: Noun = Noun {
    name: "members",
    about: "Who belongs to an organization, and as what",
    verbs: &[
        Verb::list(ALL, COLUMNS)
            .told("List members", "members list --role developer --status active")
            .takes(&[
                Flag::text("query", "Beginnings of an address or of words of a name").of("TEXT"),
                Flag::one_of("status", STATUSES, "Of this status only"),
                Flag::text("role", "Of this role only"),
                Flag::text("not-signed-in-for", "Those who have not signed in for so long, such as 90d").of("DAYS"),
                Flag::text("inactive-for", "Those who have been inactive for so long, such as 30d").of("DAYS"),
            ]),
        Verb::show(ONE)
            .told("Show a member", "members show --user bob@acme.example")
            .takes(&[USER]),
        Verb::update(ONE)
            .told("Change a member's role or status", "members update --user bob@acme.example --role manager")
            .takes(&[USER, ROLE, Flag::one_of("status", STATUSES, "Whether they may act"), REASON])
            .rehearses(),
        REMOVE,
        SEND_PASSWORD_RESET,
        Verb::delete(
            "/v2/organizations/{org}/members/{user}/second-factors",
            "{user} signs in by password alone, and sets up another second factor.",
        )
        .named("remove-second-factors")
        .told(
            "Take the second factors away of a member who lost theirs",
            "members remove-second-factors --user bob@acme.example",
        )
        .takes(&[USER])
        .asks_whether("Take all second factors of {user} away? Be sure that it is they who asked."),
        audit_logs::sign_ins("/v2/organizations/{org}/members/{user}/sign-ins")
            .told("List a member's sign-ins, good and bad", "members sign-ins --user bob@acme.example")
            .takes(&[USER, audit_logs::WHEN[0], audit_logs::WHEN[1]]),
        Verb::batch("update-many", "/v2/organizations/{org}/members/batch")
            .told(
                "Change or remove up to 100 members, each by itself; items as {\"user\":…,\"role\":…|\"status\":…|\"remove\":true}",
                "members update-many --file leaving.json",
            )
            .takes(&[ITEMS]),
    ],
    nouns: &[],
};

/// Removes a member.
pub(super) const REMOVE: Verb = Verb::delete(ONE, "{user} no longer belongs to {org}.")
    .named("remove")
    .told(
        "Remove somebody, with their sessions and keys there",
        "members remove --user bob@acme.example",
    )
    .takes(&[USER])
    .asks_whether("Remove {user} from {org}, with their sessions, tokens and keys there?")
    .rehearses();

/// Sends a member a link to another password.
pub(super) const SEND_PASSWORD_RESET: Verb = Verb::act(
    "send-password-reset",
    "/v2/organizations/{org}/members/{user}/password-reset",
    "A letter with a link to another password is on its way to {user}.",
)
.told(
    "Send somebody whom the organization manages a link to another password",
    "members send-password-reset --user bob@acme.example",
)
.takes(&[
    USER,
    Flag::yes_or_no(
        "force",
        "Whether their present password opens nothing any more but a change of it",
    ),
]);

/// Gives a member another role.
pub(super) const UPDATE_ROLE: Verb = Verb::update(ONE)
    .named("update-role")
    .told(
        "Give a member another role",
        "users update-role --user bob@acme.example --role manager",
    )
    .takes(&[USER, ROLE.required()])
    .rehearses();

/// Stops a member.
pub(super) const SUSPEND: Verb = Verb::update(ONE)
    .named("suspend")
    .told(
        "Stop a member from acting in an organization; all of theirs is kept",
        "users suspend --user bob@acme.example --reason \"Security policy violation\"",
    )
    .takes(&[USER, REASON])
    .says(&[("status", "suspended")])
    .rehearses();

/// Puts a member to rest.
pub(super) const DEACTIVATE: Verb = SUSPEND.says(&[("status", "inactive")]).named("deactivate").told(
    "Put a member to rest; all of theirs is kept",
    "users deactivate --user bob@acme.example",
);

/// Lets a member act again.
pub(super) const REACTIVATE: Verb = SUSPEND.says(&[("status", "active")]).named("reactivate").told(
    "Let a suspended or inactive member act again",
    "users reactivate --user bob@acme.example",
);
