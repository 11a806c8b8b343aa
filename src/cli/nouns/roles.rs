//! `doorward roles`: named sets of permissions.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/roles";
const ONE: &str = "/v2/organizations/{org}/roles/{role}";

const ROLE: Flag = Flag::text("role", "Its id or name").required();
const DESCRIPTION: Flag = Flag::text("description", "What it is for").of("TEXT");
const PERMISSIONS: Flag = Flag::words("permissions", "All that it gives, by commas").of("PERMISSION");

pub(super) const NOUN: Noun = Noun {
    name: "roles",
    about: "Named sets of permissions, six of them built in",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::whole("NAME", "name"),
                Column::text("BUILT IN", "built_in"),
                Column::text("PERMISSIONS", "permissions"),
            ],
        )
        .told("List roles", "roles list"),
        Verb::show(ONE)
            .told(
                "Show a role with all that it gives",
                "roles show --role developer",
            )
            .takes(&[ROLE]),
        Verb::create(ALL)
            .told(
                "Make a role",
                "roles create --name night-watch --permissions device:read,deployment:read",
            )
            .takes(&[
                Flag::text(
                    "name",
                    "2 to 63 of a-z, 0-9 and hyphens; the template's if absent",
                ),
                DESCRIPTION,
                PERMISSIONS,
                Flag::text("template", "Make it like this; see `doorward roles templates`"),
            ])
            .rehearses(),
        Verb::update(ONE)
            .told(
                "Change a role, and with it what everybody holds who has it",
                "roles update --role night-watch --permissions device:read",
            )
            .takes(&[
                ROLE,
                Flag::text("new-name", "Another name").of("NAME").as_field("name"),
                DESCRIPTION,
                PERMISSIONS,
            ])
            .rehearses(),
        Verb::delete(ONE, "The role {role} is gone.")
            .told(
                "Delete a role that nobody holds",
                "roles delete --role night-watch",
            )
            .takes(&[ROLE])
            .rehearses(),
        Verb::whole_list(
            "/v2/role-templates",
            &[
                Column::whole("NAME", "name"),
                Column::text("DESCRIPTION", "description"),
                Column::text("PERMISSIONS", "permissions"),
            ],
        )
        .named("templates")
        .told(
            "List roles that many organizations make their own",
            "roles templates",
        ),
    ],
    nouns: &[],
};
