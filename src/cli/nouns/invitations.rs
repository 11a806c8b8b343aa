//! `doorward invitations`: offers of membership by mail.

use super::super::flag::{Flag, Takes};
use super::super::verb::{Column, Noun, Verb};
use serde_json::{Value, json};

use super::ITEMS;

const ALL: &str = "/v2/organizations/{org}/invitations";
const ONE: &str = "/v2/organizations/{org}/invitations/{invitation}";

const INVITATION: Flag = Flag::text("invitation", "Its id").of("ID").required();

const MANY: Flag = Flag::new("invitation", Takes::ReadMany(item), "An id; may be repeated")
    .of("ID")
    .as_field("items")
    .required();

pub(super) const NOUN: Noun = Noun {
    name: "invitations",
    about: "Offers of membership by mail",
    verbs: &[
        Verb::list(ALL, &[
            Column::text("EMAIL", "email"),
            Column::text("ROLE", "role"),
            Column::text("STATE", "state"),
            Column::when("EXPIRES", "expires_at"),
            Column::whole("ID", "id"),
        ])
        .told("List invitations", "invitations list --state pending")
        .takes(&[
            Flag::one_of("state", &["pending", "accepted", "cancelled", "expired"], "In this state only"),
            Flag::text("query", "Those to addresses that begin so").of("TEXT"),
                Flag::text("invited-before", "Those sent before this day (UTC) or moment").of("TIME"),
        ]),
        Verb::show(ONE)
            .told("Show an invitation", "invitations show --invitation inv_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[INVITATION]),
        INVITE
            .named("create")
            .told("Invite somebody", "invitations create --email carol@example.com --group \"Rover crew\""),
        Verb::batch("create-many", "/v2/organizations/{org}/invitations/batch")
            .told(
                "Invite up to 100 people, each for themselves; items as {\"email\":…,\"role\":…,\"groups\":[…]}",
                "invitations create-many --file people.json",
            )
            .takes(&[ITEMS]),
        Verb::create("/v2/organizations/{org}/invitations/{invitation}/resend")
            .named("resend")
            .told("Send an invitation again, with a new link", "invitations resend --invitation inv_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[INVITATION]),
        Verb::batch("resend-many", "/v2/organizations/{org}/invitations/batch/resend")
            .told(
                "Send up to 100 invitations again, each with a new link",
                "invitations resend-many --invitation inv_01kaxw3vd0f1wvj1d2sahtfxyz --invitation inv_01kaxw3vd0f1wvj1d2sahtfxzz",
            )
            .takes(&[MANY]),
        Verb::batch("cancel-many", "/v2/organizations/{org}/invitations/batch/cancel")
            .told(
                "Take up to 100 invitations back",
                "invitations cancel-many --invitation inv_01kaxw3vd0f1wvj1d2sahtfxyz --invitation inv_01kaxw3vd0f1wvj1d2sahtfxzz",
            )
            .takes(&[MANY]),
        Verb::delete(ONE, "The invitation is cancelled.")
            .named("cancel")
            .told("Take an invitation back", "invitations cancel --invitation inv_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[INVITATION]),
    ],
    nouns: &[],
};

/// Invites somebody.
pub(super) const INVITE: Verb = Verb::create(ALL)
    .named("invite")
    .told(
        "Invite somebody to an organization",
        "users invite --email user@example.com --role developer",
    )
    .takes(&[
        Flag::text("email", "Where the letter goes").required(),
        Flag::text("role", "The role to offer; none if absent"),
        Flag::texts("group", "A group to lead into, by id or name; may be repeated").as_field("groups"),
        Flag::text("message", "What to add to the letter").of("TEXT"),
    ]);

#[expect(clippy::unnecessary_wraps, reason = "others find something to refuse")]
fn item(id: &str) -> Result<Value, String> {
    Ok(json!({ "id": id }))
}
