//! `doorward users`: people. As members of an organization they are invited, suspended and removed; as persons of the
//! installation superusers and the managing organization change them.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};
use super::{USER, invitations, members, sessions};

const ALL: &str = "/v2/users";
const ONE: &str = "/v2/users/{user}";

pub(super) const NOUN: Noun = Noun {
    name: "users",
    about: "People: invite, suspend or remove them, or change the person",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("EMAIL", "email"),
                Column::text("NAME", "name"),
                Column::text("STATUS", "status"),
                Column::text("SUPERUSER", "superuser"),
                Column::when("LAST SIGN-IN", "last_sign_in_at"),
            ],
        )
        .told(
            "List the people of the installation; for superusers",
            "users list --query ali",
        )
        .takes(&[Flag::text("query", "Beginnings of an address or of words of a name").of("TEXT")]),
        Verb::show(ONE)
            .told(
                "Show a person; for superusers and who manages them",
                "users show --user alice@acme.example",
            )
            .takes(&[USER]),
        Verb::update(ONE)
            .told(
                "Change a person; for superusers and who manages them",
                "users update --user alice@acme.example --name \"Alice Archer\"",
            )
            .takes(&[
                USER,
                Flag::text("name", "What they are called"),
                Flag::text("email", "Another address; the old one is told"),
                Flag::text("timezone", "An IANA name").nullable(),
                Flag::text("language", "A BCP 47 tag").nullable(),
                Flag::text("phone", "As E.164 has it").nullable(),
                Flag::text("address", "Where they are found").nullable(),
                Flag::one_of(
                    "status",
                    &["active", "suspended"],
                    "Whether the account may be used anywhere",
                ),
                Flag::text("reason", "Why the status changes").of("TEXT"),
                Flag::yes_or_no("superuser", "Whether they stand above organizations"),
            ]),
        Verb::delete(ONE, "{user} is deleted.")
            .told(
                "Delete a person everywhere; for superusers and who manages them",
                "users delete --user bob@acme.example",
            )
            .takes(&[USER])
            .asks_for(
                "email",
                "This deletes {user} everywhere, for good. The audit log stays.",
            )
            .and_sends_it_as("confirm"),
        invitations::INVITE,
        members::UPDATE_ROLE,
        members::SUSPEND,
        members::DEACTIVATE,
        members::REACTIVATE,
        members::SEND_PASSWORD_RESET.told(
            "Send somebody whom the organization manages a link to another password",
            "users send-password-reset --user bob@acme.example",
        ),
        members::REMOVE.told(
            "Remove somebody from an organization",
            "users remove --user bob@acme.example",
        ),
    ],
    nouns: &[sessions::OF_USERS],
};
