//! `doorward scim-tokens`: tokens for an organization's own directory.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/scim-tokens";
const ONE: &str = "/v2/organizations/{org}/scim-tokens/{token}";

const TOKEN: Flag = Flag::text("token", "Its id, not the secret").of("ID").required();

pub(super) const NOUN: Noun = Noun {
    name: "scim-tokens",
    about: "Tokens for a directory that provisions over SCIM",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("NAME", "name"),
                Column::when("EXPIRES", "expires_at"),
                Column::when("LAST USED", "last_used_at"),
                Column::whole("ID", "id"),
            ],
        )
        .told("List tokens; their secrets are not shown", "scim-tokens list"),
        Verb::show(ONE)
            .told(
                "Show a token without its secret",
                "scim-tokens show --token sct_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[TOKEN]),
        Verb::create(ALL)
            .told(
                "Make a token; its secret is alone on standard output, for `> file` or a pipe",
                "scim-tokens create --name Okta --expires-in 365d",
            )
            .takes(&[
                Flag::text("name", "What you call it").required(),
                Flag::text(
                    "expires-in",
                    "How long it is good: 1d to 730d, and no longer than the key that makes it [default: 365d]",
                )
                .of("DAYS"),
            ])
            .shows_once("token"),
        Verb::delete(ONE, "The token {token} opens nothing any more.")
            .named("revoke")
            .told(
                "Revoke a token",
                "scim-tokens revoke --token sct_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[TOKEN])
            .asks_whether("Revoke the token {token}? The directory that uses it stops provisioning at once."),
    ],
    nouns: &[],
};
