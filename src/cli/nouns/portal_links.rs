//! `doorward portal-links`: links by which a tenant's own IT sets a connection up.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/portal-links";
const ONE: &str = "/v2/organizations/{org}/portal-links/{link}";

const LINK: Flag = Flag::text("link", "Its id").of("ID").required();

pub(super) const NOUN: Noun = Noun {
    name: "portal-links",
    about: "Links by which a tenant sets its connection up",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::when("MADE", "created_at"),
                Column::when("ENDS", "expires_at"),
                Column::when("REVOKED", "revoked_at"),
                Column::whole("ID", "id"),
            ],
        )
        .told("List set-up links", "portal-links list"),
        Verb::show(ONE)
            .told(
                "Show a set-up link, without what opens it",
                "portal-links show --link plk_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[LINK]),
        Verb::create(ALL)
            .told(
                "Make a set-up link, which is alone on standard output",
                "portal-links create --expires-in 24h > link",
            )
            .takes(&[Flag::text("expires-in", "How long it is good, 1h to 168h, or 1d to 7d").of("TIME")])
            .shows_once("url"),
        Verb::delete(ONE, "The link {link} opens nothing any more.")
            .named("revoke")
            .told(
                "Take back a set-up link; what was set up by it stays",
                "portal-links revoke --link plk_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[LINK]),
    ],
    nouns: &[],
};
