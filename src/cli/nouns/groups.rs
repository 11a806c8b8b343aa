//! `doorward groups` and `doorward groups members`: groups, teams and departments, and who is in them.

use super::super::verb::{Column, Flag, Noun, Verb};
use super::{ITEMS, USER};

const ALL: &str = "/v2/organizations/{org}/groups";
const ONE: &str = "/v2/organizations/{org}/groups/{group}";
const MEMBERS: &str = "/v2/organizations/{org}/groups/{group}/members";
const MEMBER: &str = "/v2/organizations/{org}/groups/{group}/members/{user}";

const GROUP: Flag = Flag::text("group", "Its id").of("ID").required();
const KINDS: &[&str] = &["group", "team", "department"];
const KIND: Flag = Flag::one_of("kind", KINDS, "What sort of group");
const DESCRIPTION: Flag = Flag::text("description", "What it is for").of("TEXT");

pub(super) const NOUN: Noun = Noun {
    name: "groups",
    about: "Groups, teams and departments, and who is in them",
    verbs: &[
        Verb::list(ALL, &[
            Column::text("NAME", "name"),
            Column::text("KIND", "kind"),
            Column::when("CREATED", "created_at"),
            Column::whole("ID", "id"),
        ])
        .told("List groups", "groups list --kind team")
        .takes(&[
            Flag::one_of("kind", KINDS, "Of this sort only"),
            Flag::text("query", "Those whose name begins so").of("TEXT"),
            Flag::text("member", "Only those that this person is in: an id or an email address").of("USER"),
        ]),
        Verb::show(ONE).told("Show a group", "groups show --group grp_01kaxw3vd0f1wvj1d2sahtfxyz").takes(&[GROUP]),
        Verb::create(ALL)
            .told("Make a group", "groups create --name \"Rover crew\" --kind team")
            .takes(&[Flag::text("name", "What it is called").required(), KIND, DESCRIPTION])
            .rehearses(),
        Verb::update(ONE)
            .told("Change a group", "groups update --group grp_01kaxw3vd0f1wvj1d2sahtfxyz --name \"Night crew\"")
            .takes(&[GROUP, Flag::text("name", "What it is called"), KIND, DESCRIPTION])
            .rehearses(),
        Verb::delete(ONE, "The group {group} is gone.")
            .told("Delete a group, with what it grants", "groups delete --group grp_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[GROUP])
            .asks_whether("Delete the group {group}? Whoever is in it no longer holds what it grants.")
            .rehearses(),
    ],
    nouns: &[Noun {
        name: "members",
        about: "Who is in a group, and who leads it",
        verbs: &[
            Verb::list(MEMBERS, &[
                Column::text("EMAIL", "user.email"),
                Column::text("NAME", "user.name"),
                Column::text("LEAD", "lead"),
                Column::whole("ID", "user.id"),
            ])
            .told("List who is in a group", "groups members list --group grp_01kaxw3vd0f1wvj1d2sahtfxyz")
            .takes(&[GROUP]),
            Verb::put("add", MEMBER)
                .told(
                    "Put a member into a group, or make them lead it",
                    "groups members add --group grp_01kaxw3vd0f1wvj1d2sahtfxyz --user bob@acme.example --lead true",
                )
                .takes(&[GROUP, USER, Flag::yes_or_no("lead", "Whether they lead it; as before if absent")])
                .rehearses(),
            Verb::delete(MEMBER, "{user} is no longer in the group.")
                .named("remove")
                .told(
                    "Put a member out of a group",
                    "groups members remove --group grp_01kaxw3vd0f1wvj1d2sahtfxyz --user bob@acme.example",
                )
                .takes(&[GROUP, USER])
                .rehearses(),
            Verb::batch("update-many", "/v2/organizations/{org}/groups/{group}/members/batch")
                .told(
                    "Put up to 100 members in or out, each by itself; items as {\"user\":…,\"lead\":…|\"remove\":true}",
                    "groups members update-many --group grp_01kaxw3vd0f1wvj1d2sahtfxyz --file crew.json",
                )
                .takes(&[
                    GROUP,
                    ITEMS,
                ]),
        ],
        nouns: &[],
    }],
};
