//! `doorward sessions` and `doorward users sessions`: sessions, as far as they act for an organization.

use super::super::failure::Failure;
use super::super::flag::Flag;
use super::super::request::Request;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/sessions";
const ONE: &str = "/v2/organizations/{org}/sessions/{session}";

/// One's own, wherever they act.
const OWN: &str = "/v2/users/me/sessions/{session}";

const COLUMNS: &[Column] = &[
    Column::text("USER", "user.email"),
    Column::text("FROM", "address"),
    Column::text("BROWSER", "browser"),
    Column::when("LAST SEEN", "last_seen_at"),
    Column::whole("ID", "id"),
];

const SESSION: Flag = Flag::text(
    "session",
    "Its id: act_… in an organization, ses_… for one of your own",
)
.required();

const LIST: Verb = Verb::list(ALL, COLUMNS)
    .told("List sessions that act for an organization", "sessions list")
    .takes(&[Flag::text(
        "user",
        "Of this person only: an id or an email address",
    )]);

const REVOKE: Verb = Verb::delete(ONE, "The session {session} has ended.")
    .named("revoke")
    .told(
        "End a session, with its tokens",
        "sessions revoke --session act_01kaxw3vd0f1wvj1d2sahtfxyz",
    )
    .takes(&[SESSION])
    .completed_by(own_or_an_organizations);

const REVOKE_ALL: Verb = Verb::delete(
    "/v2/organizations/{org}/members/{user}/sessions",
    "No session of {user} acts for the organization any more.",
)
.named("revoke-all")
.told(
    "End all sessions of somebody, as far as they act for an organization",
    "sessions revoke-all --user bob@acme.example",
)
.takes(&[Flag::text("user", "An id or an email address").required()])
.asks_whether("End every session of {user} there?");

pub(super) const NOUN: Noun = Noun {
    name: "sessions",
    about: "Who is signed in, and from where",
    verbs: &[
        LIST,
        Verb::show(ONE)
            .told(
                "Show a session",
                "sessions show --session act_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[SESSION]),
        REVOKE,
        REVOKE_ALL,
    ],
    nouns: &[],
};

pub(super) const OF_USERS: Noun = Noun {
    name: "sessions",
    about: "A person's sessions, as far as they act for an organization",
    verbs: &[
        LIST.told(
            "List somebody's sessions",
            "users sessions list --user bob@acme.example",
        ),
        REVOKE.told(
            "End a session, with its tokens",
            "users sessions revoke --session act_01kaxw3vd0f1wvj1d2sahtfxyz",
        ),
        REVOKE_ALL.told(
            "End all sessions of somebody, as far as they act for an organization",
            "users sessions revoke-all --user bob@acme.example",
        ),
    ],
    nouns: &[],
};

/// A whole session is one's own; an organization has what acts for it.
#[expect(clippy::unnecessary_wraps, reason = "others find something to refuse")]
fn own_or_an_organizations(request: &mut Request) -> Result<(), Failure> {
    if request
        .parts
        .get("session")
        .is_some_and(|id| id.starts_with("ses_"))
    {
        request.goes_to(OWN);
    }
    Ok(())
}
