//! `doorward connections`: upstream providers that an organization's people come by.

use std::fs;

use serde_json::Value;

use super::super::flag::{Flag, Takes};
use super::super::verb::{Column, Noun, Verb};

const ALL: &str = "/v2/organizations/{org}/connections";
const ONE: &str = "/v2/organizations/{org}/connections/{connection}";

const CONNECTION: Flag = Flag::text("connection", "Its id").of("ID").required();

const NAME: Flag = Flag::text("name", "What people read");

/// What both protocols have, beside the name.
const OF_BOTH: &[Flag] = &[
    Flag::new(
        "mapping",
        Takes::Read(object),
        "Which attributes say what, and what groups' values give: JSON, or @FILE",
    )
    .of("JSON"),
    Flag::yes_or_no("creates-members", "Whether whoever comes by it becomes a member"),
    Flag::yes_or_no("trusts-mfa", "Whether its word on a second factor counts"),
    Flag::text("issuer", "Of an OpenID provider: iss, exactly").of("URL"),
    Flag::text("client-id", "Of an OpenID provider: what we are called there"),
    Flag::one_of(
        "authentication",
        &["client_secret_basic", "client_secret_post", "private_key_jwt"],
        "Of an OpenID provider: how we prove ourselves",
    ),
    Flag::words(
        "scopes",
        "Of an OpenID provider: what to ask for besides openid, by commas",
    )
    .of("SCOPE"),
    Flag::new(
        "metadata-file",
        Takes::Read(whole_file),
        "Of a SAML provider: the file with its metadata",
    )
    .of("FILE")
    .as_field("metadata_xml"),
    Flag::yes_or_no(
        "signs-requests",
        "Of a SAML provider: whether our requests are signed",
    ),
    Flag::yes_or_no(
        "idp-initiated",
        "Of a SAML provider: whether it may send people who did not start here",
    ),
];

const SECRET: Flag = Flag::new(
    "client-secret-file",
    Takes::Read(one_line_of_file),
    "Of an OpenID provider: the file with the secret that it gave",
)
.of("FILE")
.as_field("client_secret");
const METADATA_URL: Flag = Flag::text(
    "metadata-url",
    "Of a SAML provider: where its metadata is read from, now and every day",
)
.of("URL");
const FINGERPRINT: Flag = Flag::text(
    "metadata-fingerprint",
    "Of a SAML provider: SHA-256 of the certificate that has to sign its metadata",
)
.of("HEX");

pub(super) const NOUN: Noun = Noun {
    name: "connections",
    about: "Upstream SAML and OpenID providers that people come by",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("NAME", "name"),
                Column::text("KIND", "kind"),
                Column::text("STATUS", "status"),
                Column::whole("ID", "id"),
            ],
        )
        .told("List connections", "connections list"),
        Verb::show(ONE)
            .told(
                "Show a connection: what to register at its provider, and what it lacks",
                "connections show --connection con_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[CONNECTION]),
        Verb::create(ALL)
            .told(
                "Make a connection, as a draft that nobody comes by yet",
                "connections create --kind oidc --issuer https://login.acme.example --client-id doorward",
            )
            .takes(&[
                Flag::one_of("kind", &["oidc", "saml"], "The protocol").required(),
                NAME,
                SECRET,
                METADATA_URL,
                FINGERPRINT,
            ])
            .and_takes(OF_BOTH),
        Verb::update(ONE)
            .told(
                "Change a connection",
                "connections update --connection con_01kaxw3vd0f1wvj1d2sahtfxyz --trusts-mfa true",
            )
            .takes(&[
                CONNECTION,
                NAME,
                SECRET.nullable(),
                METADATA_URL.nullable(),
                FINGERPRINT.nullable(),
                Flag::one_of("status", &["enabled", "disabled"], "Whether people come by it"),
            ])
            .and_takes(OF_BOTH),
        Verb::update(ONE)
            .named("enable")
            .told(
                "Let people come by a connection",
                "connections enable --connection con_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[CONNECTION])
            .says(&[("status", "enabled")]),
        Verb::update(ONE)
            .named("disable")
            .told(
                "Let nobody come by a connection any more",
                "connections disable --connection con_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[CONNECTION])
            .says(&[("status", "disabled")])
            .asks_whether("Disable {connection}? Whoever came by it has to sign in another way, at once."),
        Verb::list(
            "/v2/organizations/{org}/connections/{connection}/attempts",
            &[
                Column::when("WHEN", "at"),
                Column::whole("REFERENCE", "reference"),
                Column::text("STAGE", "stage"),
                Column::text("REFUSED", "refusal"),
                Column::text("WHY", "detail"),
            ],
        )
        .named("attempts")
        .told(
            "List attempts to come by a connection, the newest first, and why they failed",
            "connections attempts --connection con_01kaxw3vd0f1wvj1d2sahtfxyz",
        )
        .takes(&[CONNECTION]),
        Verb::delete(ONE, "The connection {connection} is gone.")
            .told(
                "Delete a connection; nobody comes by it any more",
                "connections delete --connection con_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[CONNECTION])
            .asks_whether("Delete {connection}? Whoever came by it has to be linked anew by another."),
    ],
    nouns: &[],
};

/// JSON as it is, or the file that holds it.
fn object(text: &str) -> Result<Value, String> {
    let value = json(text)?;
    let is_one = value.is_object();
    is_one
        .then_some(value)
        .ok_or_else(|| "it must be a JSON object".to_owned())
}

pub(super) fn array(text: &str) -> Result<Value, String> {
    let value = json(text)?;
    let is_one = value.is_array();
    is_one
        .then_some(value)
        .ok_or_else(|| "it must be a JSON array".to_owned())
}

/// JSON as it stands, or of the file that an `@` names.
fn json(text: &str) -> Result<Value, String> {
    let written = match text.strip_prefix('@') {
        Some(path) => read(path)?,
        None => text.to_owned(),
    };
    serde_json::from_str(&written).map_err(|error| format!("it is no JSON: {error}"))
}

pub(super) fn whole_file(path: &str) -> Result<Value, String> {
    read(path).map(Value::String)
}

fn one_line_of_file(path: &str) -> Result<Value, String> {
    Ok(read(path)?.trim_end_matches(['\r', '\n']).into())
}

fn read(path: &str) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("can't read {path}: {error}"))
}
