//! `doorward api-keys`: keys for programs.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/api-keys";
const ONE: &str = "/v2/organizations/{org}/api-keys/{key}";

/// The columns of keys.
pub(super) const COLUMNS: &[Column] = &[
    Column::text("NAME", "name"),
    Column::text("OWNER", "owner"),
    Column::when("EXPIRES", "expires_at"),
    Column::when("LAST USED", "last_used_at"),
    Column::whole("ID", "id"),
];

/// A key, by its id.
pub(super) const KEY: Flag = Flag::text("key", "Its id, not the secret").of("ID").required();

pub(super) const NOUN: Noun = Noun {
    name: "api-keys",
    about: "Keys for programs",
    verbs: &[
        Verb::list(ALL, COLUMNS).told("List keys; their secrets are not shown", "api-keys list"),
        Verb::show(ONE)
            .told(
                "Show a key without its secret",
                "api-keys show --key key_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[KEY]),
        Verb::create(ALL)
            .told(
                "Make a key; its secret is alone on standard output, for `> file` or a pipe",
                "api-keys create --name \"CI/CD Pipeline\" --expires-in 90d --scopes read,write",
            )
            .takes(&[
                Flag::text("name", "What you call it").required(),
                Flag::text(
                    "expires-in",
                    "How long it is good: 1d to 365d, and no longer than the key that makes it",
                )
                .of("DAYS")
                .required(),
                Flag::words("scopes", "Permissions by name, read, or write; by commas")
                    .of("SCOPE")
                    .required(),
                Flag::words("products", "Products by id that it is limited to; by commas").of("PRODUCT"),
                Flag::words("ip-allowlist", "Networks that it is used from; by commas").of("CIDR"),
                Flag::one_of(
                    "owner",
                    &["user", "organization"],
                    "Whose it is to be [default: user, you]",
                ),
            ])
            .shows_once("key"),
        Verb::create("/v2/organizations/{org}/api-keys/{key}/rotate")
            .named("rotate")
            .told(
                "Put a new key in the place of one; the old one is good a while beside it",
                "api-keys rotate --key key_01kaxw3vd0f1wvj1d2sahtfxyz --overlap 24h",
            )
            .takes(&[
                KEY,
                Flag::text(
                    "overlap",
                    "How long the old one is still good, 0h to 7d [default: 24h]",
                )
                .of("TIME"),
            ])
            .shows_once("key"),
        Verb::delete(ONE, "The key {key} opens nothing any more.")
            .named("revoke")
            .told(
                "Revoke a key",
                "api-keys revoke --key key_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[KEY])
            .asks_whether("Revoke the key {key}? Whatever uses it stops working at once."),
    ],
    nouns: &[],
};
