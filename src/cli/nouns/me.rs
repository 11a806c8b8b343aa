//! `doorward me`: oneself, as the key knows one.

use serde_json::Value;

use super::super::flag::{Flag, Takes};
use super::super::verb::{Column, Noun, Verb};
use super::{alerts, api_keys, audit_logs};

const ONE: &str = "/v2/users/me";

pub(super) const NOUN: Noun = Noun {
    name: "me",
    about: "Yourself, as the key knows you, and what is your own",
    verbs: &[
        Verb::show(ONE).told("Show whose key it is, and where it acts", "me show"),
        Verb::update(ONE)
            .told(
                "Change your profile",
                "me update --name \"Alice Archer\" --timezone Europe/Berlin",
            )
            .takes(&[
                Flag::text("name", "What you are called"),
                Flag::text("timezone", "An IANA name").nullable(),
                Flag::text("language", "A BCP 47 tag").nullable(),
                Flag::text("phone", "As E.164 has it").nullable(),
                Flag::text("address", "Where you are found").nullable(),
                Flag::new("preferences", Takes::Read(object), "A merge patch of its own").of("JSON"),
                Flag::text("default-organization", "Where you act unless you say otherwise")
                    .of("ORGANIZATION")
                    .nullable(),
            ]),
        audit_logs::sign_ins("/v2/users/me/sign-ins")
            .told(
                "List your sign-ins, good and bad",
                "me sign-ins --from 2024-01-01",
            )
            .takes(&audit_logs::WHEN),
        Verb::put("set-avatar", "/v2/users/me/avatar")
            .told(
                "Take a picture in place of the earlier one",
                "me set-avatar --file alice.png",
            )
            .takes(&[Flag::new("file", Takes::Picture, "PNG, JPEG or WebP, at most 256 KiB").required()]),
        Verb::delete("/v2/users/me/avatar", "There is no picture any more.")
            .named("remove-avatar")
            .told("Take your picture away", "me remove-avatar"),
        Verb::show("/v2/users/me/totp")
            .named("totp")
            .told("Show whether you have an authenticator app", "me totp"),
        Verb::show("/v2/users/me/recovery-codes")
            .named("recovery-codes")
            .told("Show how many recovery codes you have left", "me recovery-codes"),
        Verb::show("/v2/users/me/phone")
            .named("phone")
            .told("Show the phone that your codes are sent to", "me phone"),
        Verb::delete("/v2/users/me/memberships/{org}", "You no longer belong to {org}.")
            .named("leave")
            .told("Leave an organization, for good", "me leave --organization acme")
            .asks_whether("Leave {org}, with your sessions, tokens and keys there?"),
    ],
    nouns: &[
        Noun {
            name: "sessions",
            about: "Your own sessions",
            verbs: &[
                Verb::list(
                    "/v2/users/me/sessions",
                    &[
                        Column::text("FROM", "address"),
                        Column::text("PLACE", "place"),
                        Column::text("BROWSER", "browser"),
                        Column::when("LAST SEEN", "last_seen_at"),
                        Column::whole("ID", "id"),
                    ],
                )
                .told("List your sessions", "me sessions list"),
                Verb::delete(
                    "/v2/users/me/sessions/{session}",
                    "The session {session} has ended.",
                )
                .named("revoke")
                .told(
                    "End one of your sessions",
                    "me sessions revoke --session ses_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[Flag::text("session", "Its id").of("ID").required()]),
                Verb::delete("/v2/users/me/sessions", "None of your sessions is open any more.")
                    .named("revoke-all")
                    .told("End all of your sessions", "me sessions revoke-all")
                    .asks_whether("End all of your sessions?"),
            ],
            nouns: &[],
        },
        Noun {
            name: "passkeys",
            about: "Your own passkeys and security keys",
            verbs: &[
                Verb::list(
                    "/v2/users/me/passkeys",
                    &[
                        Column::text("NAME", "name"),
                        Column::text("KIND", "kind"),
                        Column::when("LAST USED", "last_used_at"),
                        Column::whole("ID", "id"),
                    ],
                )
                .told("List your passkeys and security keys", "me passkeys list"),
                Verb::show("/v2/users/me/passkeys/{passkey}")
                    .told(
                        "Show one of them",
                        "me passkeys show --passkey crd_01kaxw3vd0f1wvj1d2sahtfxyz",
                    )
                    .takes(&[Flag::text("passkey", "Its id").of("ID").required()]),
                Verb::update("/v2/users/me/passkeys/{passkey}")
                    .named("rename")
                    .told(
                        "Give one another name",
                        "me passkeys rename --passkey crd_01kaxw3vd0f1wvj1d2sahtfxyz --name \"Key ring\"",
                    )
                    .takes(&[
                        Flag::text("passkey", "Its id").of("ID").required(),
                        Flag::text("name", "What you call it").required(),
                    ]),
            ],
            nouns: &[],
        },
        Noun {
            name: "api-keys",
            about: "Your own keys",
            verbs: &[
                Verb::list("/v2/users/me/api-keys", api_keys::COLUMNS)
                    .told("List your keys", "me api-keys list"),
                Verb::show("/v2/users/me/api-keys/{key}")
                    .told(
                        "Show one of your keys",
                        "me api-keys show --key key_01kaxw3vd0f1wvj1d2sahtfxyz",
                    )
                    .takes(&[api_keys::KEY]),
                Verb::delete(
                    "/v2/users/me/api-keys/{key}",
                    "The key {key} opens nothing any more.",
                )
                .named("revoke")
                .told(
                    "Revoke one of your keys",
                    "me api-keys revoke --key key_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[api_keys::KEY])
                .asks_whether("Revoke the key {key}? Whatever uses it stops working at once."),
            ],
            nouns: &[],
        },
        Noun {
            name: "alerts",
            about: "What you were told of your account",
            verbs: &[
                Verb::list("/v2/users/me/alerts", alerts::COLUMNS)
                    .told("List your alerts, newest first", "me alerts list --unseen true")
                    .takes(&[Flag::one_of(
                        "unseen",
                        &["true", "false"],
                        "Only those that you did not see yet",
                    )]),
                Verb::update("/v2/users/me/alerts/{alert}")
                    .named("update")
                    .told(
                        "Mark an alert as seen, or not",
                        "me alerts update --alert alr_01kaxw3vd0f1wvj1d2sahtfxyz --seen true",
                    )
                    .takes(&[
                        Flag::text("alert", "Its id").of("ID").required(),
                        Flag::yes_or_no("seen", "Whether you saw it").required(),
                    ]),
                Verb::put("see-all", "/v2/users/me/alerts/seen")
                    .told("Mark all of your alerts as seen", "me alerts see-all"),
            ],
            nouns: &[],
        },
        Noun {
            name: "identities",
            about: "Your accounts at organizations' providers",
            verbs: &[Verb::list(
                "/v2/users/me/identities",
                &[
                    Column::text("CONNECTION", "connection.name"),
                    Column::text("ORGANIZATION", "organization.name"),
                    Column::text("SUBJECT", "subject"),
                    Column::when("LAST USED", "last_used_at"),
                    Column::whole("ID", "id"),
                ],
            )
            .told("List the identities linked to you", "me identities list")],
            nouns: &[],
        },
        Noun {
            name: "consents",
            about: "What you let applications do",
            verbs: &[
                Verb::list(
                    "/v2/users/me/consents",
                    &[
                        Column::text("APPLICATION", "application.name"),
                        Column::text("ORGANIZATION", "organization.name"),
                        Column::text("SCOPE", "scope"),
                        Column::when("AGREED", "agreed_at"),
                        Column::whole("ID", "application.id"),
                    ],
                )
                .told("List what you agreed to", "me consents list"),
                Verb::delete(
                    "/v2/users/me/consents/{org}/{application}",
                    "The application {application} has to ask again.",
                )
                .named("revoke")
                .told(
                    "Take a consent back",
                    "me consents revoke --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
                )
                .takes(&[Flag::text("application", "Its client_id").of("ID").required()])
                .asks_whether("Take back what you agreed to for {application}?"),
            ],
            nouns: &[],
        },
    ],
};

fn object(text: &str) -> Result<Value, String> {
    let read: Result<serde_json::Map<String, Value>, _> = serde_json::from_str(text);
    read.map(Value::Object)
        .map_err(|error| format!("it is no JSON object: {error}"))
}
