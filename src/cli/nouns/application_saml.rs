//! `doorward applications saml`: how applications speak SAML 2.0.

use super::super::flag::{Flag, Takes};
use super::super::verb::{Noun, Verb};
use super::connections::{array, whole_file};

const SAML: &str = "/v2/organizations/{org}/applications/{application}/saml";

const APPLICATION: Flag = Flag::text("application", "Its client_id").of("ID").required();

const REGISTERED: &[Flag] = &[
    Flag::new(
        "metadata-file",
        Takes::Read(whole_file),
        "The file with the application's own metadata",
    )
    .of("FILE")
    .as_field("metadata_xml"),
    Flag::text("entity-id", "What the application is called in messages"),
    Flag::texts(
        "acs-url",
        "Where assertions may go; may be repeated, the first by default",
    )
    .of("URL")
    .as_field("acs_urls"),
    Flag::text("slo-url", "Where sign-outs are sent").of("URL"),
    Flag::new(
        "certificate-file",
        Takes::ReadMany(whole_file),
        "A certificate to verify its signatures with, PEM; may be repeated",
    )
    .of("FILE")
    .as_field("certificates"),
    Flag::yes_or_no(
        "require-signed-requests",
        "Whether only signed requests are answered",
    ),
    Flag::yes_or_no("encrypt-assertions", "Whether assertions are encrypted"),
    Flag::new(
        "encryption-certificate-file",
        Takes::Read(whole_file),
        "The certificate to encrypt them to, PEM",
    )
    .of("FILE")
    .as_field("encryption_certificate"),
    Flag::yes_or_no("sign-assertion", "Whether the assertion is signed"),
    Flag::yes_or_no("sign-response", "Whether the response is signed"),
    Flag::one_of(
        "signature-algorithm",
        &["RSA-SHA256", "ECDSA-SHA256"],
        "What signs",
    ),
    Flag::words(
        "name-id-formats",
        "Kinds of names, by commas: persistent, email, transient",
    )
    .of("KIND"),
    Flag::new(
        "attributes",
        Takes::Read(array),
        "What it is told of people: JSON, or @FILE",
    )
    .of("JSON"),
    Flag::yes_or_no(
        "idp-initiated",
        "Whether people may come to it without its request",
    ),
];

pub(super) const NOUN: Noun = Noun {
    name: "saml",
    about: "How an application speaks SAML 2.0",
    verbs: &[
        Verb::show(SAML)
            .told(
                "Show how it does, and what it needs to know of Doorward",
                "applications saml show --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION]),
        Verb::put("set", SAML)
            .told(
                "Let it speak SAML, all of it at once; what is not said takes its default",
                "applications saml set --application app_01kaxw3vd0f1wvj1d2sahtfxyz --metadata-file wiki.xml",
            )
            .takes(&[APPLICATION])
            .and_takes(REGISTERED),
        Verb::delete(SAML, "The application {application} speaks no SAML.")
            .named("remove")
            .told(
                "Stop it from speaking SAML",
                "applications saml remove --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION])
            .asks_whether("Stop {application} from speaking SAML? Nobody signs in to it so any more."),
    ],
    nouns: &[],
};
