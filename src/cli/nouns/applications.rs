//! `doorward applications`: downstream clients, by the names of RFC 7591.

use super::super::flag::Flag;
use super::super::verb::{Column, Noun, Verb};
use super::application_saml;

const ALL: &str = "/v2/organizations/{org}/applications";
const ONE: &str = "/v2/organizations/{org}/applications/{application}";

const APPLICATION: Flag = Flag::text("application", "Its client_id").of("ID").required();

const NAME: Flag = Flag::text("name", "What people read").as_field("client_name");
/// What is registered besides the name.
const REGISTERED: &[Flag] = &[
    Flag::texts("redirect-uri", "Where answers may go; may be repeated")
        .of("URL")
        .as_field("redirect_uris"),
    Flag::words(
        "grant-types",
        "Ways to a token, by commas: authorization_code, refresh_token, client_credentials",
    )
    .of("TYPE"),
    Flag::one_of(
        "auth-method",
        &["none", "client_secret_basic", "client_secret_post"],
        "How it proves itself",
    )
    .as_field("token_endpoint_auth_method"),
    Flag::text(
        "scope",
        "The most it may ask for, such as \"openid profile email\"",
    ),
    Flag::one_of(
        "id-token-alg",
        &["RS256", "ES256", "EdDSA"],
        "How its id tokens are signed",
    )
    .as_field("id_token_signed_response_alg"),
    Flag::texts(
        "post-logout-redirect-uri",
        "Where sign-out may lead; may be repeated",
    )
    .of("URL")
    .as_field("post_logout_redirect_uris"),
    Flag::texts(
        "resource",
        "A resource server that it may ask tokens for; may be repeated",
    )
    .of("URL")
    .as_field("resources"),
    Flag::yes_or_no("admin-api", "Whether it may ask tokens for this API"),
    Flag::yes_or_no("id-token-on-refresh", "Whether a refresh answers an id token too"),
    Flag::yes_or_no("require-pkce", "Whether codes need PKCE"),
    Flag::yes_or_no("require-nonce", "Whether requests need a nonce"),
    Flag::yes_or_no("first-party", "Whether nobody is asked for consent"),
    Flag::yes_or_no("active", "Whether it is switched on"),
    Flag::one_of(
        "open-to",
        &["own_members", "every_organization"],
        "Whose members may use it",
    ),
];

pub(super) const NOUN: Noun = Noun {
    name: "applications",
    about: "Downstream clients that people sign in to",
    verbs: &[
        Verb::list(
            ALL,
            &[
                Column::text("NAME", "client_name"),
                Column::text("SIGNS IN BY", "token_endpoint_auth_method"),
                Column::text("ACTIVE", "active"),
                Column::whole("CLIENT ID", "client_id"),
            ],
        )
        .told("List applications", "applications list"),
        Verb::show(ONE)
            .told(
                "Show an application",
                "applications show --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION]),
        Verb::create(ALL)
            .told(
                "Register an application; its secret, if it has one, is alone on standard output",
                "applications create --name \"Acme Fleet\" --redirect-uri https://fleet.example.com/callback",
            )
            .takes(&[NAME.required()])
            .and_takes(REGISTERED)
            .shows_once("client_secret"),
        Verb::update(ONE)
            .told(
                "Change an application; a list is replaced as a whole",
                "applications update --application app_01kaxw3vd0f1wvj1d2sahtfxyz --active false",
            )
            .takes(&[APPLICATION, NAME])
            .and_takes(REGISTERED),
        Verb::create("/v2/organizations/{org}/applications/{application}/secret")
            .named("rotate-secret")
            .told(
                "Give an application a new secret, which is alone on standard output",
                "applications rotate-secret --application app_01kaxw3vd0f1wvj1d2sahtfxyz > secret",
            )
            .takes(&[APPLICATION])
            .asks_whether("Replace the secret of {application}? It can't sign in by the old one any more.")
            .shows_once("client_secret"),
        Verb::delete(ONE, "The application {application} is gone.")
            .told(
                "Delete an application, with its tokens",
                "applications delete --application app_01kaxw3vd0f1wvj1d2sahtfxyz",
            )
            .takes(&[APPLICATION])
            .asks_whether("Delete the application {application}, with its tokens and what people agreed to?"),
    ],
    nouns: &[application_saml::NOUN],
};
